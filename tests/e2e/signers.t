#!/bin/bash
# Who may sign changes while a grant is open: everything is judged again at once.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer

over() { ! pgrep -f '^sleep 4713'; }
approved_session() { # of ana's, which stays until it is ended
	agent_asks ana --scope read-only --for 3d
	approver_approves carol --for 4h
	opens_session ana 'exec sleep 4713'
}
ends_at_once() { # NAME: and lets the client go
	check "$1" wait_until 5 over
	client_returns "... and her ssh client returns"
}

approved_session
check "an approver is removed" supportaccess approvers remove carol
ends_at_once "... the session that she approved ends at once"
keeps_out "... and ana is told that the approval no longer counts" ana 'SA-UNBACKED'
local_user_logs_in

check "she is added again" supportaccess approvers add carol --key /home/carol/.ssh/id_ed25519.pub
keeps_out "... which brings nothing back" ana 'SA-UNBACKED'
approved_session
ssh-keygen -q -k -f /etc/supportaccess/revoked_keys /home/carol/.ssh/id_ed25519.pub
ends_at_once "her key is put on the list of revoked keys: the session ends"
keeps_out "... and ana is out" ana 'SA-UNBACKED'
rm /etc/supportaccess/revoked_keys

# --- ceilings -------------------------------------------------------------------------------------

agent_asks ana --scope read-write --for 8h
approver_approves carol --for 4h
opens_session ana 'exec sleep 4713'
printf 'max_scope = sideways\n' >/etc/supportaccess/conf.d/90-test.conf
fails "a configuration with a mistake: config check names it" supportaccess config check
check "... the daemon says so" wait_until 5 grep -q 'the old settings stay in force' /var/log/daemon.log
check "... and it changes nothing" pgrep -f '^sleep 4713'
printf 'max_length = 1h\n' >/etc/supportaccess/conf.d/90-test.conf
ends_within_the_hour() {
	supportaccess sessions --json | jq -e '.sessions[0].until | fromdate | . > now and . < now + 3700'
}
check "a lower ceiling of the length shortens what is open" wait_until 5 ends_within_the_hour
check "... and lets it go on until then" pgrep -f '^sleep 4713'
printf 'max_scope = read-only\n' >/etc/supportaccess/conf.d/90-test.conf
ends_at_once "a ceiling below its scope ends it"
login ana 'id -Gn; touch /opt/x'
like "... what is left of the grant is read-only" "$out" 'supportaccess-readonly'
like "... and no more" "$out" 'Read-only file system'
must_run supportaccess revoke "$id" --yes
keeps_out "who revoked is not named to her" ana 'supportaccess: acme ended your access'
printf 'show_approvers = yes\n' >/etc/supportaccess/conf.d/90-test.conf
is_named() { login ana true; grep -q 'root@db1 of acme ended your access' <<<"$out"; }
check "... but where the host says so" wait_until 5 is_named
rm /etc/supportaccess/conf.d/90-test.conf

# --- a key that was lost --------------------------------------------------------------------------

# Configuration management vouches for the same key in a file of its own: that alone would keep
# what she approved.
mkdir -p /etc/supportaccess/approvers.d
cp /etc/supportaccess/approvers /etc/supportaccess/approvers.d/managed
agent_asks ben --scope read-only --for 3d
approver_approves carol --for 4h
lets_in "ben was approved before the key was lost" ben
lost=$(date -d '+1 second' '+%Y-%m-%d %H:%M:%S')
wait_until 5 sh -c "[ \$(date +%s) -ge $(date -d "$lost" +%s) ]"
approved_session
fails "a time that is none is refused" supportaccess approvers remove carol --lost-since whenever
check "... and nothing was removed" grep -q '^carol ' /etc/supportaccess/approvers
check "the key is said to be lost since then" supportaccess approvers remove carol --lost-since "$lost"
ends_at_once "what it decided since then ends at once"
keeps_out "... and ana is out" ana 'SA-UNBACKED'
lets_in "what it decided before goes on, as managed/ still vouches for it" ben
rm /etc/supportaccess/approvers.d/managed
kept_out() { login ben 'echo in' && ! grep -qx in <<<"$out"; }
check "... and ends with that file" wait_until 5 kept_out

# --- not judged yet, or not to be judged ------------------------------------------------------------

approvers=/etc/supportaccess/approvers
must_run supportaccess approvers add carol --key /home/carol/.ssh/id_ed25519.pub
approved_session
stop daemon KILL
sed -i '/^carol /d' $approvers
lock_store # so that what is found out cannot be written
start_daemon
keeps_out "carol is removed while the daemon is dead: ana is refused before anything else" ana 'SA-UNBACKED'
check "... what could not be written is said" wait_until 30 grep -q 'cannot judge signers anew' /var/log/daemon.log
keeps_out "... ana is still refused" ana 'SA-UNBACKED'
stop lock
check "... and the minute's round ends her session" wait_until 70 over
client_returns "... her ssh client returns"

must_run supportaccess approvers add carol --key /home/carol/.ssh/id_ed25519.pub
approved_session
echo 'carol namespaces="decision@supportaccess" no-key' >>$approvers
keeps_out "a damaged file of approvers: nobody is let in on its word" ana 'cannot check now who signed.*SA-BROKEN'
like "... doctor names the line" "$(supportaccess doctor 2>&1)" '^fault .*approvers:[0-9]+: '
check "... what is open goes on" pgrep -f '^sleep 4713'
sed -i '$d' $approvers
is_let_in() { login ana 'echo in' && grep -qx in <<<"$out"; }
check "... mended, it lets her in" wait_until 70 is_let_in
must_run supportaccess revoke "$id" --yes
client_returns "... and out"

# --- who says who an agent is ---------------------------------------------------------------------

approved_session
: >/etc/supportaccess/agents
ends_at_once "the agent authority is taken away: the session ends"
keeps_out "... and ana is out" ana
like "history tells why" "$(supportaccess history 2>&1)" 'no longer counts'
local_user_logs_in
check "the chain holds" supportaccess audit verify
done_testing
