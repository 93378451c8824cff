#!/bin/bash
# Agents whom nobody vouches for, with names that no agent may have, and accounts of other sources
# that have the name or the number of ours: none of them gets an account that is not theirs.
. "${0%/*}/story.sh" || exit
machine db1
mkdir -p /var/lib/extrausers
: >/var/lib/extrausers/passwd
sed -i 's/^passwd: .*/passwd: files extrausers systemd/' /etc/nsswitch.conf
other_source() { printf '%s\n' "$@" >/var/lib/extrausers/passwd; } # LINE...: of the other source
other_source 'dbadmin:x:70004:100::/nonexistent:/bin/sh'
vendor_and_customer
. "$here/tests/e2e/hostile.sh"
ssh-keygen -q -t ed25519 -N '' -f /root/other-ca

certify_as() { # AGENT PRINCIPAL [AUTHORITY [SSH-KEYGEN-OPTIONS...]]: the agent's key, by that authority
	must_run ssh-keygen -q -s "/root/${3:-ca}" -I "$2" -n "$2" "${@:4}" "/home/$1/.ssh/id_ed25519.pub"
	chown "$1:" "/home/$1/.ssh/id_ed25519-cert.pub"
}

in_store() { sqlite3 /var/lib/supportaccess/store.db "$1"; }

no_account() { # NAME LOGIN: nothing was made for it
	is "$1: no account" "$(getent passwd "support-$2"; in_store "SELECT login FROM accounts WHERE login = '$2'")" ""
	is "... no uid" "$(in_store "SELECT value FROM facts WHERE name = 'next_uid'")" "$next_uid"
	fails "... no key file" test -e "/run/supportaccess/keys/support-$2"
}
next_uid=$(in_store "SELECT value FROM facts WHERE name = 'next_uid'")

# --- nobody vouches for them ---
new_request ana '.agent.login = "mallory"'; no_signature
refused "an agent whom central invents" 'mallory has no signature'; no_account "invented" mallory
new_request ana '.agent.login = "mallory"'; sign ana request@supportaccess
refused "an invented agent with a key but no certificate" 'mallory does not hold'; no_account "invented" mallory
like "explain says why" "$(supportaccess explain mallory)" 'refused before .*mallory does not hold'
certify_as ana ana other-ca
new_request ana; sign_request ana
refused "a certificate of another authority" 'ana does not hold'; no_account "other authority" ana
certify_as ana ana ca -V 20200101:20210101
new_request ana; sign_request ana
refused "an expired certificate" 'certificate that signed had expired'; no_account "expired" ana
certify_as ana ana ca -V +1d:+2d
new_request ana; sign_request ana
refused "a certificate that is not valid yet" 'not yet valid'; no_account "not yet valid" ana
certify ben
new_request ben '.agent.login = "ana"'; sign_request ben
refused "another's name" 'certificate that signed is in another name'; no_account "another's name" ana
certify ana
new_request ben '.agent.login = "ana"'; sign_request ana
refused "a certificate for another key than the request names" 'another key than it names'; no_account "another key" ana

# --- names that no agent may have ---
certify_as ben root
new_request ben '.agent.login = "root"'; sign_request ben
refused "an agent called root" 'cannot be called root'; no_account "called root" root
long=l23456789012345678901234 # one more than a login may have
certify_as ben "$long"
new_request ben ".agent.login = \"$long\""; sign_request ben
refused "an agent with a login of 24 bytes" 'agent.login.* has 24 bytes, at most 23'; no_account "too long" "$long"
for name in 'a/b' '../x' 'a:b' 'a\nb' 'a b' 'Ana' '-a' '0a' 'a,b' 'a$' '' 'é'; do
	new_request ben ".agent.login = \"$name\""; sign_request ben
	refused "an agent called \"$name\"" 'agent.login'
done
new_request ben '.agent.name = "Ben:0:0:root:/root:/bin/sh"'; sign_request ben
refused "an agent whose full name has a colon" 'agent.name.* without a colon'
is "none of them has a uid" "$(in_store "SELECT value FROM facts WHERE name = 'next_uid'")" "$next_uid"
is "none has a key file" "$(ls /run/supportaccess/keys)" ""
is "nor an account" "$(getent -s supportaccess passwd)" ""
long=${long%?}
certify_as ben "$long"
new_request ben ".agent.login = \"$long\""; sign_request ben; taken "an agent with a login of 23 bytes is taken"
like "and has an account" "$(getent passwd "support-$long")" "^support-$long:\*:70005:70000:"
decision; sign carol; taken "carol approves"
is "that can log in" "$(as ben ssh -o BatchMode=yes "support-$long@db1" id -un 2>/dev/null)" "support-$long"
certify ben

# --- another source has the number before ours does ---
like "the number that another source has was passed over" "$(getent passwd 70004)" '^dbadmin:'
like "doctor says that it is there" "$(supportaccess doctor)" 'warning +accounts +another source has dbadmin with the number 70004'

# --- ... or the name ---
useradd --create-home --shell /bin/bash support-ben
mkdir -m 700 /home/support-ben/.ssh
cp /home/dan/.ssh/id_ed25519.pub /home/support-ben/.ssh/authorized_keys
chown -R support-ben: /home/support-ben/.ssh
theirs=$(getent passwd support-ben)
next_uid=$(in_store "SELECT value FROM facts WHERE name = 'next_uid'")
new_request ben; sign_request ben
refused "an agent whose account's name a local user has" 'another source of this machine has support-ben'
is "theirs stays" "$(getent passwd support-ben)" "$theirs"
is "ours is not made" "$(in_store "SELECT count(*) FROM accounts WHERE login = 'ben'")" 0
fails "... nor its key file" test -e /run/supportaccess/keys/support-ben
check "theirs logs in as any local user" as dan ssh -o BatchMode=yes support-ben@db1 true
like "explain says so" "$(supportaccess explain ben)" 'other sources +refused +another source .* has support-ben'
like "so does doctor" "$(supportaccess doctor)" 'warning +accounts +another source has support-ben'
userdel -r support-ben 2>/dev/null
new_request ben; sign_request ben; taken "once it is gone, ben is taken"

# --- another source gets the number after ours ---
new_request ana; sign_request ana; ana_asked=$request; taken "ana asks"
decision; sign carol; taken "carol approves"
uid=$(getent passwd support-ana | cut -d: -f3)
as ana sh -c 'ssh -o BatchMode=yes support-ana@db1 "echo in; exec sleep 1000" >session 2>&1' &
session=$!
wait_until 10 grep -qx in /home/ana/session || bail "ana is not let in: $(cat /home/ana/session)"
other_source 'dbadmin:x:70004:100::/nonexistent:/bin/sh' "backup2:x:$uid:100::/nonexistent:/bin/sh"
setpriv --reuid="$uid" --regid=100 --clear-groups sleep 1000 &
their_process=$!
kill -HUP "$pid_daemon"
withdrawn() { supportaccess audit export | grep -q 'another source has support-ana or uid'; }
check "an event says that ours is withdrawn" wait_until 10 withdrawn
not_published() { ! getent -s supportaccess passwd support-ana && [ ! -e /run/supportaccess/keys/support-ana ]; }
check "the account and its keys are gone" wait_until 10 not_published
gone() { ! kill -0 "$session"; }
check "her session has ended" wait_until 10 gone
check "their process has not" kill -0 "$their_process"
keeps_out "ana is not let in" ana 'Permission denied|refused|SA-'
is "the number is theirs" "$(getent passwd "$uid" | cut -d: -f1)" backup2
like "explain says so" "$(supportaccess explain ana)" "other sources +refused +another source .* has the number $uid"
like "so does doctor" "$(supportaccess doctor)" "fault +accounts +support-ana is withdrawn: another source has its name or its number $uid"
request=$ana_asked
new_request ana; sign_request ana
refused "what ana asks now" 'another source of this machine has support-ana or its uid'
kill "$their_process"
other_source 'dbadmin:x:70004:100::/nonexistent:/bin/sh'
kill -HUP "$pid_daemon"
published() { getent -s supportaccess passwd support-ana; }
check "when theirs is gone, ours comes back" wait_until 10 published
lets_in "and ana is let in" ana

# --- ... and a session ends while nobody has noticed yet ---
theirs_runs() { # sets $their_process: another source's account with ana's number, and a process of its
	other_source 'dbadmin:x:70004:100::/nonexistent:/bin/sh' "backup2:x:$uid:100::/nonexistent:/bin/sh"
	setpriv --reuid="$uid" --regid=100 --clear-groups sleep 1000 &
	their_process=$!
	wait_until 5 grep -Eq "^Uid:.$uid" "/proc/$their_process/status" || bail "backup2 runs nothing"
}
theirs_goes_on() { # NAME: and all that was ana's is gone
	check "$1" wait_until 10 sh -c '! pgrep -x -f "sleep 4721"'
	check "... the process of the other source's account goes on" kill -0 "$their_process"
	kill "$their_process"
	other_source 'dbadmin:x:70004:100::/nonexistent:/bin/sh'
}
ana_works='setsid nohup sleep 4721 >/dev/null 2>&1 & exec sleep 4721'
written_down() { [ "$(supportaccess sessions --all --json | jq -r '.sessions[-1].ended')" != null ]; }

new_request ana '.scope = "read-write"'; sign_request ana; taken "ana asks to change things"
decision '.scope = "read-write"'; sign carol; taken "carol approves"
opens_session ana "$ana_works"
stop daemon KILL
theirs_runs
pkill -u ana -x ssh
keeper_is_gone() { ! pgrep -f '^keeper '; }
check "with the daemon dead, ana hangs up: her keeper ends her session" wait_until 10 keeper_is_gone
theirs_goes_on "... all of it"
start_daemon
check "a new daemon writes it down" wait_until 10 written_down

opens_session ana "$ana_works"
theirs_runs
must_run supportaccess kill "$(supportaccess sessions --json | jq -r '.sessions[-1].session')"
theirs_goes_on "root ends her session"

# --- another source gets the name after ours ---
other_source "support-ana:x:1999:100::/home/dan:/bin/sh"
kill -HUP "$pid_daemon"
check "the account is withdrawn for its name, too" wait_until 10 not_published
like "theirs wins" "$(getent passwd support-ana)" '^support-ana:x:1999:'
like "explain says so" "$(supportaccess explain ana)" 'other sources +refused +another source .* has support-ana'
other_source
kill -HUP "$pid_daemon"
check "and when that is gone, ours comes back" wait_until 10 published
stop daemon
other_source "support-ana:x:1999:100::/home/dan:/bin/sh"
start_daemon
check "a daemon that starts sees what came while it was dead" wait_until 10 not_published
local_user_logs_in
check "the chain holds" supportaccess audit verify

# --- ... and with a store that cannot be read ---
other_source
kill -HUP "$pid_daemon"
check "ours comes back once more" wait_until 10 published
opens_session ana "$ana_works"
stop daemon KILL
sqlite3 /var/lib/supportaccess/store.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null # or the log mends it
rm -f /var/lib/supportaccess/store.db-wal /var/lib/supportaccess/store.db-shm
dd if=/dev/urandom of=/var/lib/supportaccess/store.db bs=512 count=8 conv=notrunc 2>/dev/null
theirs_runs
must_run supportaccess revoke --all --yes
like "revoke --all says what it ended" "$out" '1 session ended, nothing is alive: [2-9] processes'
theirs_goes_on "... all that was hers"
like "... and its tombstone why" "$(cat /run/supportaccess/sessions/*.ended)" 'revoked by root'
done_testing
