#!/bin/bash
# The store, its disk and the view break. Support accounts are refused with a sentence, what is
# open still ends, and nobody else notices.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer
state=/var/lib/supportaccess
agent_asks ana --scope read-only --for 3d
approver_approves carol --for 4h
lets_in "before: ana is let in" ana

# --- the view -------------------------------------------------------------------------------------

view=/run/supportaccess/view/accounts
cp "$view" /root/view
for damage in "missing:rm $view" "empty:: >/root/new; mv /root/new $view" \
	"truncated:head -c 100 /root/view >/root/new; mv /root/new $view" \
	"random:head -c 4096 /dev/urandom >/root/new; mv /root/new $view"; do
	bash -c "${damage#*:}"
	fails "a view that is ${damage%%:*} names nobody" getent passwd support-ana
	login ana 'echo in'
	unlike "... and lets nobody in" "$out" '^in$'
	local_user_logs_in "... and a local user logs in as ever"
	check "... and id of a local user is as ever" id dan
done
kill -HUP "$pid_daemon"
check "it is published anew" wait_until 5 getent passwd support-ana
lets_in "and ana is let in again" ana

# --- the disk is full -----------------------------------------------------------------------------

mount -t tmpfs -o size=4m small /mnt
stop courier
stop daemon
cp -a "$state/." /mnt && mount --bind /mnt "$state"
start_daemon
as ana ssh -o BatchMode=yes support-ana@db1 'exec sleep 4714' >/dev/null 2>&1 </dev/null &
client=$!
check "ana has a session when the disk fills up" wait_until 10 pgrep -f '[s]leep 4714'
dd if=/dev/zero of="$state/fill" bs=64k >/dev/null 2>&1
keeps_out "a new login is refused, because it could not be recorded" ana 'SA-BROKEN'
check "a local user logs in as ever" as dan ssh -o BatchMode=yes dan@db1 true
supportaccess revoke "$id" --yes >/root/revoke.log 2>&1
over() { ! pgrep -f '[s]leep 4714'; }
check "revoke ends what is open, full disk or not" wait_until 5 over
wait "$client"
rm "$state/fill"
keeps_out "and it stays ended when there is room again" ana 'SA-REVOKED'

# --- the store is damaged -------------------------------------------------------------------------

stop daemon
before=$(sha256sum <"$state/store.db")
dd if=/dev/urandom of="$state/store.db" bs=512 count=8 conv=notrunc >/dev/null 2>&1
damaged=$(sha256sum <"$state/store.db")
start daemon supportaccessd
wait_until 5 test -S /run/supportaccess/control.sock
keeps_out "a damaged store opens nothing" ana 'SA-|Permission denied'
is "... and is not deleted or changed" "$(sha256sum <"$state/store.db")" "$damaged"
fails "... doctor finds it" supportaccess doctor
like "... and says what to do" "$(supportaccess doctor 2>&1)" 'store'
local_user_logs_in
done_testing
