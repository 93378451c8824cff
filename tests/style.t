#!/bin/bash
# What `make check-style` finds is a failed test, a step at a time. `make test` has compiled with
# gcc's warnings as errors before it came here.
. "${0%/*}/e2e/story.sh" || exit
for step in clang clang-format cppcheck clang-tidy shellcheck mandoc; do
	check "$step has nothing to say" "$here/tests/style" "$step"
done
done_testing
