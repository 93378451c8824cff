#!/bin/bash
# Over means over, also with the daemon dead: it finds open sessions again when it comes back; until
# then the session's keeper ends it on time, and whoever revokes it.
. "${0%/*}/story.sh" || exit
machine db1
more_processes
vendor_and_customer
. tests/e2e/ending.sh

# --- the daemon comes back, and the shortest grant of all runs out ---------------------------------

agent_asks ana --scope read-only
approver_approves carol --for 1m
opens_session ana "$everywhere"
until=$(date -d "$(session_field until)" +%s)
check "ana's minute has begun" wait_until 10 has_run 4701 "$processes"
stop daemon KILL
start_daemon
check "a daemon that was killed finds the open sessions again" \
	wait_until 5 eval '[ "$(supportaccess sessions --json | jq ".sessions | length")" = 2 ]'
is "... and lets them go on" "$(alive 4701) $(alive 4702)" "$processes 2"
check "... until they are over" wait_until 65 over 4701
check "... not before their time" [ "$(date +%s)" -ge "$until" ]
check "... and within a second of it" [ "$(date +%s)" -le "$((until + 1))" ]
written_down() { [ "$(session_field ended)" != null ]; }
check "... which is written down" wait_until 5 written_down
nothing_is_left
told 'its time was over' '.*'
keeps_out "ana reads that it ended as approved" ana 'SA-EXPIRED'

# --- and is dead ----------------------------------------------------------------------------------

ana_has_access --scope read-write
opens_session ana "$everywhere"
wait_until 10 has_run 4701 "$processes" || not_ok "ana runs $processes processes"
stop daemon KILL
must_run supportaccess revoke "$id" --yes
is "with the daemon dead, revoke ends it all the same" "$(alive 4701)" 0
nothing_is_left
start_daemon

for scope in read-only read-write; do
	ana_has_access --scope "$scope"
	opens_session ana "$everywhere"
	wait_until 10 has_run 4701 "$processes" || not_ok "$scope: ana runs $processes processes"
	stop daemon KILL
	if [ "$scope" = read-write ]; then # as cron would: in no cgroup and no audit session of hers
		setpriv --reuid=support-ana --regid=supportaccess --clear-groups sleep 4701 &
		wait_until 5 has_run 4701 $((processes + 1)) || not_ok "she has a cron job"
	fi
	# The end that the daemon would have moved to two seconds from now: it writes this file so.
	file=/run/supportaccess/sessions/$(session_field session)
	until=$(($(date +%s) + 2))
	echo "$(cut -d' ' -f1 "$file") $until" >"$file.new" && mv "$file.new" "$file"
	check "$scope, with the daemon dead: the keeper ends it" wait_until 7 over 4701
	check "... not before its time" [ "$(date +%s)" -ge "$until" ]
	check "... and within a second of it" [ "$(date +%s)" -le "$((until + 1))" ]
	client_returns "... her ssh client has returned"
	start_daemon
	check "... a new daemon writes it down" wait_until 5 written_down
	must_run supportaccess revoke "$id" --yes
	nothing_is_left
	told 'its time was over' 'keeper'
done

nobody_else_noticed

# --- support access is disabled, and ana comes back while it is ------------------------------------

# An sshd that goes on with the settings it was started with is one that is slow to take the new.
must_run /usr/sbin/sshd -p 2222 -o PidFile=/run/sshd-slow.pid
ana_has_access --scope read-write
opens_session ana 'exec sleep 4701'
cp /usr/sbin/pam-auth-update /root/pam-auth-update
cat >/root/ana-comes-back <<'END'
#!/bin/sh
runuser -u ana -- ssh -p 2222 -o BatchMode=yes -o StrictHostKeyChecking=no support-ana@db1 \
	'exec sleep 4704' >/dev/null 2>&1 </dev/null &
for i in $(seq 100); do
	pgrep -x -f 'sleep 4704' >/run/ana-was-back && break
	sleep 0.1
done
exec /root/pam-auth-update "$@"
END
chmod 755 /root/ana-comes-back
mount --bind /root/ana-comes-back /usr/sbin/pam-auth-update
check "disable" supportaccess disable
check "... during which ana was let in once more" test -s /run/ana-was-back
is "... leaves no session, neither the one before nor that" "$(alive 4701) $(alive 4704)" "0 0"
is "... of nobody" "$(of_uid support-ana)$(alive 4702)" "0"
is "... dan goes on" "$(alive 4703)" 2
done_testing
