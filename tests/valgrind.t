#!/bin/bash
# The modules in a host program under valgrind: no error, nothing left in memory.
. "${0%/*}/e2e/story.sh" || exit
[ -n "${MACHINE:-}" ] || exec "$here/tests/machine" run db1 "$(readlink -f "$0")"
cd "$here" || bail "no folder $here"

host=$B/tests/host/nss_host
view=/run/supportaccess/view/accounts
make -s B="$B" "$B/libnss_supportaccess.so.2" "$host" || bail "the module does not build"
install -m 0644 "$B/libnss_supportaccess.so.2" "/usr/lib/$(gcc -print-multiarch)/"
mkdir -p "${view%/*}"
sed -i -E 's/^(passwd|group):.*/\1: files supportaccess/' /etc/nsswitch.conf

clean() { # COMMAND...
	valgrind --quiet --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect "$@"
}

"$host" publish "$view" 30 || bail "cannot publish"
check "look-ups through glibc" clean "$host" ask
is "no descriptor is left open" \
	"$(valgrind --track-fds=yes "$host" ask 2>&1 | grep -c "Open file descriptor.*${view%/*}")" 0
head -c 4096 /dev/urandom >"$view"
out=$(clean "$host" name support-agent7 2>&1)
is "a look-up in random bytes ends in not found" "$? $out" "1 nss_host: not found"
rm "$view"
out=$(clean "$host" name support-agent7 2>&1)
is "a look-up without a view ends in not found" "$? $out" "1 nss_host: not found"
done_testing
