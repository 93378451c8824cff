#!/bin/bash
# The throwaway machine itself: what it promises to the tests that run in it, and to this machine.
. "${0%/*}/e2e/story.sh" || exit

before=$(cat /proc/self/mountinfo)
in_machine() { "$here/tests/machine" run db1 "$@"; }

is "it has the name that was asked for" "$(in_machine hostname)" db1
is "its first process is its own" "$(in_machine sh -c 'cat /proc/1/comm')" machine
in_machine touch /etc/from-the-machine /usr/from-the-machine
fails "what it writes does not reach this machine" test -e /etc/from-the-machine
check "sshd is there, and only there" in_machine test -x /usr/sbin/sshd
is "only loopback is there" "$(in_machine sh -c 'ls /sys/class/net')" lo
in_machine sh -c 'exit 7'
is "the exit status is the command's" $? 7
is "input reaches the command" "$(echo hello | in_machine cat)" hello
check "/run can be trusted by sshd" in_machine sh -c 'test "$(stat -c %a:%u /run)" = 755:0'

"$here/tests/machine" run db1 sleep 601 &
outer=$!
check "a machine starts in the background" wait_until 10 pgrep -x -f 'sleep 601'
kill -KILL "$outer"
wait "$outer" 2>/dev/null
gone() { ! pgrep -f 'sleep 601$'; }
check "killing the script ends what runs in it" wait_until 10 gone
in_machine true
is "no mount is left" "$(cat /proc/self/mountinfo)" "$before"
done_testing
