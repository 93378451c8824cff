#!/bin/bash
# `make demo` itself, twice: the story goes as told, and nothing is left behind.
. "${0%/*}/story.sh"
before=$(cat /proc/self/mountinfo)
check "the demo tells the story" "$here/tests/demo"
check "and again" "$here/tests/demo"
is "no mount is left" "$(cat /proc/self/mountinfo)" "$before"
fails "no process is left" pgrep -f 'supportaccess(d|-courier|-central serve)|[m]achine boot'
like "without root it says one clear sentence" \
	"$(setpriv --reuid=65534 --regid=65534 --clear-groups bash "$here/tests/demo" 2>&1)" '^make demo: needs root .* sudo make demo$'
done_testing
