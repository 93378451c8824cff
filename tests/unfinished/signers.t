#!/bin/bash
# Who may sign changes while a grant is open: everything is judged again at once.
. "${0%/*}/story.sh"
machine db1
vendor_and_customer

opened() { # a session of ana's that stays; sets $client
	as ana ssh -o BatchMode=yes support-ana@db1 'exec sleep 4713' >/dev/null 2>&1 </dev/null &
	client=$!
	wait_until 10 pgrep -f '[s]leep 4713' >/dev/null || not_ok "ana has a session"
}
over() { ! pgrep -f '[s]leep 4713' >/dev/null; }
approved_session() {
	agent_asks ana --scope read-only --for 3d
	approver_approves carol --for 4h
	opened
}

approved_session
check "an approver is removed" supportaccess approvers remove carol --yes
check "... the session that she approved ends at once" wait_until 5 over
wait "$client"
keeps_out "... and ana is told that the approval no longer counts" ana 'SA-UNBACKED'

check "she is added again" supportaccess approvers add carol --key /home/carol/.ssh/id_ed25519.pub
approved_session
ssh-keygen -q -k -f /etc/supportaccess/revoked_keys /home/carol/.ssh/id_ed25519.pub
check "her key is put on the list of revoked keys: the session ends" wait_until 5 over
wait "$client"
keeps_out "... and ana is out" ana 'SA-UNBACKED'
rm /etc/supportaccess/revoked_keys

approved_session
printf 'max_length = 1h\n' >/etc/supportaccess/conf.d/90-test.conf
touch /etc/supportaccess/conf.d/90-test.conf
check "a lower ceiling shortens what is open" \
	wait_until 5 sh -c 'supportaccess sessions --json | jq -e ".sessions[0].until | fromdate < now + 3700"'
printf 'max_scope = none\n' >/etc/supportaccess/conf.d/90-test.conf
check "a configuration with a mistake is said, and changes nothing" pgrep -f '[s]leep 4713'
fails "... config check names it" supportaccess config check
rm /etc/supportaccess/conf.d/90-test.conf
check "the agent authority is taken away: the session ends" \
	sh -c ': >/etc/supportaccess/agents'
check "... at once" wait_until 5 over
wait "$client"
keeps_out "... and ana is out" ana
like "history tells why" "$(supportaccess history 2>&1)" 'no longer'
local_user_logs_in
check "the chain holds" supportaccess audit verify
done_testing
