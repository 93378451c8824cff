#!/bin/bash
# `make demo` itself, twice: the story goes as told, and nothing is left behind.
. "${0%/*}/story.sh" || exit
cd "$here" || bail "no folder $here"
stamp=$(mktemp)
trap 'rm -f "$stamp"' EXIT

# In a pid namespace of its own, so that whatever is alive when it returns was left by it.
check "the demo tells the story, and leaves no process" unshare --pid --fork --kill-child --mount-proc bash -c '
	tests/demo || exit
	left=$(ps -e -o pid=,args= | grep -vE "^ *(1|$$) |ps -e|grep -vE")
	[ -z "$left" ] || { echo "left: $left"; exit 1; }'
before=$(cat /proc/self/mountinfo)
check "and again" tests/demo
is "no mount is left" "$(cat /proc/self/mountinfo)" "$before"
is "no file is left" "$(find /etc /usr /home /run/supportaccess /var/lib/supportaccess* -newer "$stamp" 2>/dev/null)" ""
# A machine that another test starts right now has an empty group for a moment, too.
no_group() { ! find /sys/fs/cgroup -maxdepth 3 -name 'supportaccess-machine.*' -exec grep -l 'populated 0' {}/cgroup.events \; 2>/dev/null | grep -q .; }
check "no group of processes is left" wait_until 20 no_group
out=$(env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS setpriv --reuid=65534 --regid=65534 --clear-groups make demo 2>&1)
like "without root it says one clear sentence" "$out" '\*\*\* make demo needs root.*: sudo make demo\.'
is "... and no more" "$(wc -l <<<"$out")" 1
done_testing
