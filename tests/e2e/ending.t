#!/bin/bash
# Over means over: however access ends and wherever its processes went, nothing of them is left, and
# nobody else's is touched.
. "${0%/*}/story.sh" || exit
machine db1
more_processes
vendor_and_customer
. tests/e2e/ending.sh

mounts=$(namespaces mnt)

# --- each scope, each cause -----------------------------------------------------------------------

for scope in read-only read-write; do
	ana_has_access --scope "$scope"
	opens_session ana "$everywhere"
	check "$scope: ana runs $processes processes" wait_until 60 has_run 4701 "$processes"
	must_run supportaccess revoke "$id" --yes --reason 'enough'
	is "$scope: when root's revoke has answered, nothing is alive" "$(alive 4701)" 0
	like "... it says how many, in how many ms" "$out" "db1: ended, nothing is alive: $((processes + 1)) processes in [0-9]+ ms"
	nothing_is_left
	told 'revoked: enough' 'root@db1'

	ana_has_access --scope "$scope"
	opens_session ana "$everywhere"
	wait_until 60 has_run 4701 "$processes" || not_ok "$scope: ana runs $processes processes"
	must_run as carol supportaccess revoke "$id" --yes --reason 'done, thank you' --key .ssh/id_ed25519
	is "$scope: when carol's revoke through central has answered, nothing is alive" "$(alive 4701)" 0
	like "... it says what db1 has confirmed" "$out" "db1: ended, nothing is alive: $((processes + 1)) processes in [0-9]+ ms"
	nothing_is_left
	told 'revoked: done, thank you' 'carol'

	ana_has_access --scope "$scope"
	opens_session ana "$everywhere"
	wait_until 60 has_run 4701 "$processes" || not_ok "$scope: ana runs $processes processes"
	must_run as ana supportaccess-staff close "$id" --summary 'rebuilt the index'
	check "$scope: ana closes her request herself" wait_until 10 over 4701
	nothing_is_left
	told 'closed by the agent: rebuilt the index' 'ana'

	# sshd's monitor alone: nobody closes the PAM session, and sshd's other half lives on.
	ana_has_access --scope "$scope"
	opens_session ana "$everywhere"
	wait_until 60 has_run 4701 "$processes" || not_ok "$scope: ana runs $processes processes"
	kill -9 "$(pgrep -f '^sshd: support-ana \[priv\]')"
	check "$scope: sshd's monitor is killed: the rest goes, too" wait_until 5 over 4701
	wait_until 5 eval '[ -z "$(of_uid support-ana)" ]'
	nothing_is_left
	told 'the connection was closed' '(ana|keeper)'

	opens_session ana "$everywhere"
	wait_until 60 has_run 4701 "$processes" || not_ok "$scope: ana runs $processes processes"
	kill "$(pgrep -P "$client")" # ssh itself
	check "$scope: her client goes away: what she detached goes, too" wait_until 5 over 4701
	must_run supportaccess revoke "$id" --yes
	wait "$client" 2>/dev/null
done
check "no mount namespace of hers is left" wait_until 5 eval '[ "$(namespaces mnt)" = "$mounts" ]'
is "nor any pid namespace" "$(namespaces pid)" 1

# --- ways in --------------------------------------------------------------------------------------

ana_has_access --scope read-only
mkfifo /tmp/keyboard
as ana ssh -tt -o BatchMode=yes support-ana@db1 </tmp/keyboard >/tmp/screen 2>&1 &
client=$!
exec 8>/tmp/keyboard
echo 'sleep 4701 & echo on-the-$((1))-terminal' >&8
check "ana has an interactive shell" wait_until 10 grep -q on-the-1-terminal /tmp/screen
like "... and is in who" "$(who)" 'support-ana'
interactive=$client
opens_session ana 'exec sleep 4701' -o ControlMaster=yes -o ControlPath=/tmp/ana-master
master=$client
as ana ssh -o BatchMode=yes -o ControlPath=/tmp/ana-master support-ana@db1 \
	'setsid nohup sleep 4701 >/dev/null 2>&1 & exec sleep 4701' >/dev/null 2>&1 </dev/null &
second=$!
check "... and a connection with two channels" wait_until 60 has_run 4701 4
must_run supportaccess revoke "$id" --yes
is "all of it ends at once" "$(alive 4701)" 0
client_returns "... the interactive client returns" "$interactive"
client_returns "... the second channel's, too" "$second"
client=$master
nothing_is_left
exec 8>&-
login ana 'echo in' -o ControlPath=/tmp/ana-master
unlike "... and nothing new opens" "$out" '^in$'

# --- one session alone ----------------------------------------------------------------------------

ana_has_access --scope read-write
opens_session ana 'exec sleep 4704'
first=$(session_field session) first_client=$client
opens_session ana 'setsid nohup sleep 4701 >/dev/null 2>&1 & exec sleep 4701'
check "root kills one of two sessions" supportaccess kill "$first" --reason 'too loud'
is "... it is over" "$(alive 4704)" 0
is "... the other goes on, though it is of the same uid" "$(alive 4701)" 2
told 'too loud' 'root@db1'
client_returns "... its ssh client returns" "$first_client"
check "... ana's home is still there" test -d /home/support-ana
must_run supportaccess revoke "$id" --yes
nothing_is_left
nobody_else_noticed
done_testing
