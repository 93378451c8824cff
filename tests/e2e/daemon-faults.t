#!/bin/bash
# The daemon is stopped, killed, hangs, crashes in a loop; somebody or something else sits at its
# socket. A support login is refused with a sentence, within the 2 s that the PAM module waits; what
# is open still ends, on time and when root says so; local users notice nothing.
. "${0%/*}/story.sh" || exit
machine db1
make -s B="$B" "$B/tests/host/fake_daemon" || bail "fake_daemon does not build"
vendor_and_customer
control=/run/supportaccess/control.sock
wait_ms=2000 margin_ms=1500 # a login by itself takes some hundred, on a busy machine more

ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

fastest_local() { # [BOUND-MS]: sets $fastest, of five logins of dan; of more while none is below it
	local start took n
	fastest=999999
	for n in {1..20}; do # on a busy machine a few are slow for other reasons
		start=$(ms)
		as dan ssh -o BatchMode=yes dan@db1 true || { fastest=999999 && return; }
		took=$(($(ms) - start))
		[ "$took" -ge "$fastest" ] || fastest=$took
		if [ "$n" -ge 5 ] && [ "$fastest" -le "${1:-999999}" ]; then return; fi
	done
}

refused_in_time() { # NAME REGEXP
	local start took
	start=$(ms)
	keeps_out "$1: ana is refused, and told why" ana "$2"
	took=$(($(ms) - start))
	is "... within $wait_ms ms and $margin_ms ms for the rest ($took ms)" \
		"$((took <= wait_ms + margin_ms))" 1
	fastest_local $((before * 3 / 2 + 20))
	is "... and local logins take as long as ever ($fastest ms, before $before ms)" \
		"$((fastest <= before * 3 / 2 + 20))" 1
}

session_of() { # AGENT MARK: two processes that sleep MARK seconds; sets $client
	as "$1" ssh -o BatchMode=yes "support-$1@db1" \
		"setsid nohup sleep $2 >/dev/null 2>&1 & exec sleep $2" >"/var/log/$1.log" 2>&1 </dev/null &
	client=$!
	wait_until 10 runs_two "$2" || bail "$1 has no session: $(cat "/var/log/$1.log")"
}
runs_two() { [ "$(pgrep -c -x -f "sleep $1")" = 2 ]; }
is_over() { ! pgrep -x -f "sleep $1"; }

approved_for() { # AGENT LENGTH
	agent_asks "$1" --scope read-only --for 3d
	approver_approves carol --for "$2"
}

fastest_local
before=$fastest
approved_for ana 4h
anas=$id
lets_in "before: ana is let in" ana
is "... and a local login takes some time" "$((before < 5000))" 1

# --- asked in another version ---------------------------------------------------------------------

asked_in() { # VERSION: what STATUS is answered with: magic, version and operation; nothing: not at all
	perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die; alarm 10;
		connect($s, sockaddr_un($ARGV[1])) or die $!;
		send($s, pack("LSS", 0x53415731, $ARGV[0], 11), 0) or die $!;
		defined recv($s, my $answer, 65536, 0) or die $!;
		printf "%x %d %d", unpack("LSS", $answer) if length $answer' "$1" "$control"
}
is "a question in the daemon's version is answered in it" "$(asked_in 1)" '53415731 1 11'
is "... in one before the first, not at all" "$(asked_in 0)" ""
is "... nor in a later one" "$(asked_in 2)" ""

# --- gone -----------------------------------------------------------------------------------------

stop daemon
refused_in_time "stopped" 'cannot check approvals now \(its supportaccess is not running\).*SA-BROKEN'
start_daemon
lets_in "started again, ana is let in" ana

stop daemon KILL
check "killed, it leaves its socket behind" test -S $control
refused_in_time "killed" 'not running.*SA-BROKEN'

rm $control
refused_in_time "the socket is missing" 'not running.*SA-BROKEN'

# --- in a loop ------------------------------------------------------------------------------------

echo 'max_scope = everything' >/etc/supportaccess/conf.d/broken.conf
crash_loop() { while :; do supportaccessd; echo "ended with $?"; sleep 0.1; done; } # RestartSec= is 1 s
start loop crash_loop
crashed() { [ "$(grep -c '^ended' /var/log/loop.log)" -ge "$1" ]; }
check "it crashes in a loop" wait_until 20 crashed 3
refused_in_time "crashing in a loop" 'not running.*SA-BROKEN'
check "... which it did all the time" wait_until 20 crashed $(($(grep -c '^ended' /var/log/loop.log) + 1))
stop loop KILL
like "... and says why in its log" "$(cat /var/log/loop.log)" 'broken.conf.*max_scope'
rm /etc/supportaccess/conf.d/broken.conf

# --- somebody else at the socket ------------------------------------------------------------------

for way in "dies:not running" "later-version:of another version" "garbage:another version" \
	"nobodys:socket is not root" "hangs:does not answer" "deaf:does not answer"; do
	start fake "$B/tests/host/fake_daemon" $control "${way%%:*}"
	wait_until 5 test -S $control
	refused_in_time "one who \"${way%%:*}\" at the socket" "${way#*:}.*SA-BROKEN"
	stop fake KILL
	rm -f $control
done

# --- a minute for ben, which is over at the end of this test ----------------------------------------

start_daemon
approved_for ben 1m
session_of ben 4723
bens=$client
until=$(date -d "$(supportaccess sessions --json | jq -r '.sessions[0].until')" +%s)

# --- it hangs -------------------------------------------------------------------------------------

lets_in "the right one again: ana is let in" ana
kill -STOP "$pid_daemon"
refused_in_time "hanging" 'does not answer.*SA-BROKEN'
check "... and root at the console looks up anybody" timeout 1 getent passwd support-ana dan root
kill -CONT "$pid_daemon"
lets_in "it goes on, and ana is let in" ana

# --- what is open still ends ----------------------------------------------------------------------

session_of ana 4721
kill -STOP "$pid_daemon"
start=$(ms)
out=$(supportaccess revoke "$anas" --reason "it hangs" --yes 2>&1)
is "with the daemon hanging, root's revoke says that it is over" "$?" 0
like "... how many processes in how many ms" "$out" 'db1: ended, nothing is alive: [1-9][0-9]* process(es)? in [0-9]+ ms'
like "... and that nobody answered" "$out" 'supportaccessd does not answer'
check "... and it is" is_over 4721
check "... her client returns" timeout 5 tail --pid=$client -f /dev/null
kill -CONT "$pid_daemon"
keeps_out "the daemon goes on, and it stays ended" ana 'it hangs.*SA-REVOKED'

approved_for ana 4h
session_of ana 4722
stop daemon KILL
check "with the daemon killed, her session goes on" runs_two 4722
out=$(supportaccess revoke "$id" --reason "it is dead" --yes 2>&1)
is "root's revoke ends it" "$?" 0
like "... and says so" "$out" 'db1: ended, nothing is alive: [1-9]'
check "... and it is" is_over 4722
keeps_out "a new login is refused" ana 'SA-BROKEN|not available'
start_daemon
keeps_out "the daemon starts, and it stays ended" ana 'it is dead.*SA-REVOKED'

stop daemon KILL
check "ben's session is open still, and the daemon dead" runs_two 4723
check "it ends when his time is over" wait_until 70 is_over 4723
late=$(($(date +%s) - until))
is "... to the second, and within 2 s at most ($late s)" "$((late >= -1 && late <= 2))" 1
check "... his client returns" timeout 5 tail --pid=$bens -f /dev/null
start_daemon
keeps_out "the daemon starts, and it is over" ben 'SA-EXPIRED'
cause() { supportaccess history --agent ben --json | jq -r '.history[0].sessions[0] | .ended_by + ": " + .cause'; }
is "history tells who ended it, and why" "$(cause)" 'keeper: its time was over'

# --- its settings are broken while it runs --------------------------------------------------------

approved_for ana 4h
session_of ana 4724
: >/var/log/daemon.log
echo 'max_scope = everything' >/etc/supportaccess/conf.d/broken.conf
check "settings that are broken do not come into force, and the log says why" \
	wait_until 10 grep -q 'old settings stay in force: .*broken.conf' /var/log/daemon.log
declare -A what=([round]='does the rounds' [intake]='judges documents')
for worker in "${!what[@]}"; do
	worker_runs() { pgrep -P "$pid_daemon" -f -- "--$worker"; }
	check "the $worker's process runs, and is killed" wait_until 10 worker_runs
	kill -KILL "$(worker_runs)"
	check "... which is seen" \
		wait_until 10 grep -Eq "${what[$worker]} ended by signal 9" /var/log/daemon.log
done
out=$(as carol supportaccess revoke "$id" --reason "broken settings" --yes 2>&1)
is "carol revokes, and hears that it is over" "$?" 0
like "... here" "$out" 'db1: ended, nothing is alive: [1-9]'
check "... and it is" is_over 4724
keeps_out "ana is told why" ana 'broken settings.*SA-REVOKED'
rm /etc/supportaccess/conf.d/broken.conf
local_user_logs_in
done_testing
