#!/bin/bash
# Every parser of outside data takes a bounded number of hostile inputs without a complaint of the
# sanitizers. FUZZ_RUNS=10000000 FUZZ_SECONDS=3600 tests/fuzz.t for more.
. "${0%/*}/e2e/story.sh" || exit
cd "$here" || bail "no folder $here"

mapfile -t targets < <(printf '%s\n' tests/fuzz/*_fuzz.c | sed 's/\.c$//')
make -s -j"$(nproc)" SAN=1 B=build-fuzz CC=clang \
	CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' "${targets[@]/#/build-fuzz/}" >/dev/null ||
	bail "the fuzz targets do not build"
for target in "${targets[@]}"; do
	name=$(basename "$target" _fuzz)
	corpus=tests/fuzz/corpus/$name
	[ -d "$corpus" ] || corpus=
	found=build-fuzz/found/$name
	mkdir -p "$found"
	check "$name takes hostile input" "build-fuzz/$target" -runs="${FUZZ_RUNS:-50000}" \
		-max_total_time="${FUZZ_SECONDS:-10}" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
		-artifact_prefix="$found/" "$found" ${corpus:+"$corpus"}
done
done_testing
