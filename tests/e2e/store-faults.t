#!/bin/bash
# The store, its disk and the view break. Support accounts are refused with a sentence, what is
# open still ends, and nobody else notices.
. "${0%/*}/story.sh" || exit
machine db1
state=/var/lib/supportaccess
view=/run/supportaccess/view/accounts
vendor_and_customer

approved() {
	agent_asks ana --scope read-only --for 3d
	approver_approves carol --for 4h
}
session_of_ana() { # MARK; sets $client
	as ana ssh -o BatchMode=yes support-ana@db1 "exec sleep $1" >/var/log/ana.log 2>&1 </dev/null &
	client=$!
	wait_until 10 pgrep -x -f "sleep $1" || bail "ana has no session: $(cat /var/log/ana.log)"
}
is_shut() { # NAME MARK: disabled
	check "$1" is_over "$2"
	wait "$client"
	fails "... nobody knows ana" getent passwd support-ana
	fails "... nor does sshd" test -e /etc/ssh/sshd_config.d/00-supportaccess.conf
	keeps_out "... and she is kept out" ana 'Permission denied'
	local_user_logs_in
}
is_over() { ! pgrep -x -f "sleep $1"; }
keeps_in() { login ana 'echo in' && grep -qx in <<<"$out"; }

approved
lets_in "before: ana is let in" ana

# --- the view -------------------------------------------------------------------------------------

# The daemon mends it whenever it looks; here it must not look.
kill -STOP "$pid_daemon"
cp "$view" /root/view
flip() { # OFFSET: in place
	local byte
	byte=$(dd if="$view" bs=1 skip="$1" count=1 status=none | od -An -tu1)
	printf "\\x$(printf %x $((byte ^ 255)))" | dd of="$view" bs=1 seek="$1" conv=notrunc status=none
}
flip_all() { local n; for ((n = 0; n < $(stat -c %s "$view"); n += 7)); do flip "$n"; done; }
name_at=$(grep -abo support-ana "$view" | head -n 1 | cut -d: -f1)
for damage in "missing:rm $view" "empty:: >/root/new; mv /root/new $view" \
	"truncated:head -c 100 /root/view >/root/new; mv /root/new $view" \
	"random:head -c 4096 /dev/urandom >/root/new; mv /root/new $view" \
	"flipped in its header:flip 8" "flipped in a name:flip $name_at" \
	"flipped in a shell:flip $(($(grep -abo supportaccess-shell "$view" | head -n 1 | cut -d: -f1) + 3))" \
	"flipped all over:flip_all"; do
	eval "${damage#*:}"
	fails "a view that is ${damage%%:*} names nobody" getent passwd support-ana
	keeps_out "... and lets nobody in" ana 'Permission denied'
	local_user_logs_in "... and a local user logs in as ever"
	check "... and id of a local user is as ever" id dan
	cp /root/view /root/new && mv /root/new "$view"
done
rm "$view"
kill -CONT "$pid_daemon"
kill -HUP "$pid_daemon"
check "it is published anew" wait_until 5 getent passwd support-ana
lets_in "and ana is let in again" ana

# --- nscd with old answers ------------------------------------------------------------------------

mkdir -p /run/nscd
nscd
wait_until 5 nscd --statistics || bail "nscd did not start"
fails "nobody knows ben, and nscd keeps that in mind" getent passwd support-ben
mine=$id
agent_asks ben --scope read-only --for 3d
check "he asks, and nscd is told that there is one now" wait_until 5 getent passwd support-ben
id=$mine
like "nscd knows ana's shell" "$(getent passwd support-ana)" 'supportaccess-shell$'
mount --bind /bin/true /usr/sbin/nscd # so that nobody tells it
must_run supportaccess revoke "$id" --yes
like "revoked, and nscd has the old answer" "$(getent passwd support-ana)" 'supportaccess-shell$'
keeps_out "... with which ana is kept out all the same" ana 'SA-REVOKED'
local_user_logs_in
umount /usr/sbin/nscd
nscd --shutdown

# --- the disk is full -----------------------------------------------------------------------------

mount -t tmpfs -o size=4m small /mnt
stop courier
stop daemon
cp -a "$state/." /mnt && mount --bind /mnt "$state"
start_daemon
start_courier
approved
session_of_ana 4714
dd if=/dev/zero of="$state/fill" bs=64k >/dev/null 2>&1
keeps_out "a full disk: a new login is refused, because it could not be recorded" ana 'SA-BROKEN'
local_user_logs_in
supportaccess revoke "$id" --yes >/root/revoke.log 2>&1
check "revoke ends what is open, full disk or not" wait_until 5 is_over 4714
wait "$client"
rm "$state/fill"
keeps_out "and it stays ended when there is room again" ana 'SA-REVOKED'

approved
session_of_ana 4719
dd if=/dev/zero of="$state/fill" bs=64k >/dev/null 2>&1
out=$(supportaccess off 2>&1)
is "a full disk: off fails" "$?" 1
like "... says that what was open is ended" "$out" 'Every session is ended, but support access is not off'
check "... which is so" is_over 4719
wait "$client"
rm "$state/fill"
lets_in "... and with room again what is approved counts, since nothing was switched" ana
session_of_ana 4720
dd if=/dev/zero of="$state/fill" bs=64k >/dev/null 2>&1
check "a full disk: disable shuts the doors all the same" supportaccess disable
is_shut "... what was open is over" 4720
rm "$state/fill"
must_run supportaccess enable
kill -HUP "$(cat /run/sshd.pid)"
check "with room again, and enabled: ana is let in" wait_until 10 keeps_in
must_run supportaccess revoke "$id" --yes

# --- the store is locked --------------------------------------------------------------------------

approved
session_of_ana 4715
lock_store
start=$SECONDS
keeps_out "a store that another process has locked: a new login is refused" ana 'SA-BROKEN'
is "... within 8 s" "$((SECONDS - start <= 8))" 1
local_user_logs_in
supportaccess revoke "$id" --yes >/root/revoke.log 2>&1
check "revoke ends what is open, lock or not" wait_until 5 is_over 4715
wait "$client"
keeps_out "... and ana is kept out" ana 'SA-REVOKED'
stop lock
kill -HUP "$pid_daemon"
check "unlocked: it is written down" wait_until 5 sh -c "! ls /run/supportaccess/sessions/revoked-*"
keeps_out "and it stays ended" ana 'SA-REVOKED'

# --- the store is read-only -----------------------------------------------------------------------

approved
session_of_ana 4716
stop daemon # or the kernel says that it is busy
must_run mount -o remount,ro,bind "$state"
start_daemon
keeps_out "a store that cannot be written: a new login is refused" ana 'SA-BROKEN'
local_user_logs_in
supportaccess revoke "$id" --yes >/root/revoke.log 2>&1
check "revoke ends what is open, read-only or not" wait_until 5 is_over 4716
wait "$client"
keeps_out "... and ana is kept out" ana 'SA-REVOKED'
mount -o remount,rw,bind "$state"
kill -HUP "$pid_daemon"
check "writable again: it is written down" wait_until 5 sh -c "! ls /run/supportaccess/sessions/revoked-*"
keeps_out "and it stays ended" ana 'SA-REVOKED'

# --- the store is damaged -------------------------------------------------------------------------

# Without its log, which may be there still and would mend it.
damage_store() {
	sqlite3 "$state/store.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f "$state"/store.db-wal "$state"/store.db-shm
	dd if=/dev/urandom of="$state/store.db" bs=512 count=8 conv=notrunc >/dev/null 2>&1
}

# Damage that only the full check sees: an index that is not its table's.
approved
session_of_ana 4717
stop daemon
sqlite3 "$state/store.db" '.dbconfig defensive off' "PRAGMA writable_schema = ON;
	UPDATE sqlite_schema SET sql = replace(sql, '(login, over, seq)', '(login, seq, over)')
	WHERE name = 'requests_of_login'" >/dev/null
is "a quick check does not see that an index is damaged" "$(sqlite3 "$state/store.db" 'PRAGMA quick_check')" ok
start_daemon
check "the full check does: what is open ends" wait_until 10 is_over 4717
wait "$client"
keeps_out "... and nobody is let in" ana 'its store is damaged.*SA-BROKEN'
like "... the log says why" "$(cat /var/log/daemon.log)" 'store.db is closed: its full check found damage'
like "... doctor, too" "$(supportaccess doctor 2>&1)" 'fault +store .*damaged'
local_user_logs_in
sqlite3 "$state/store.db" '.dbconfig defensive off' "PRAGMA writable_schema = ON;
	UPDATE sqlite_schema SET sql = replace(sql, '(login, seq, over)', '(login, over, seq)')
	WHERE name = 'requests_of_login'" >/dev/null
stop daemon
start_daemon
check "mended, and started again: ana is let in" wait_until 10 keeps_in

session_of_ana 4718
stop courier
sqlite3 "$state/store.db" ".backup /root/store.db"
stop daemon
damage_store
damaged=$(sha256sum <"$state/store.db")
start_daemon
keeps_out "a damaged store opens nothing" ana 'its store is damaged.*SA-BROKEN'
fails "... doctor finds it" supportaccess doctor
like "... and says what to do" "$(supportaccess doctor 2>&1)" 'store.*is damaged.*Keep the file, put back a copy'
out=$(supportaccess revoke "$id" --yes 2>&1)
is "... revoke cannot tell whose session is whose" "$?" 1
like "... but names the way that is left" "$out" 'supportaccess revoke --all'
out=$(supportaccess revoke --all --yes 2>&1)
is "... by which root ends all of them" "$?" 0
like "... and is told" "$out" '1 session ended, nothing is alive: [1-9][0-9]* process(es)? in [0-9]+ ms'
check "... what was open is over" is_over 4718
check "... her client returns" timeout 5 tail --pid="$client" -f /dev/null
is "... it is not deleted or changed" "$(sha256sum <"$state/store.db")" "$damaged"
local_user_logs_in

damage_again() { # MARK: ana has a session, and the store breaks
	stop daemon
	rm -f "$state"/store.db-wal "$state"/store.db-shm
	cp /root/store.db "$state/store.db"
	must_run supportaccess clock epoch --yes
	start_daemon
	start_courier
	agent_asks ana --scope read-only --for 3d
	must_run supportaccess approve "$id" --for 4h --yes # central takes no events of an older store
	session_of_ana "$1"
	stop courier
	stop daemon
	damage_store
}
damage_again 4721
out=$(supportaccess kill "$(find /run/supportaccess/sessions -type f ! -name '*.ended' ! -name '.*' -printf '%f\n' | head -n 1)" 2>&1)
is "a damaged store: kill fails" "$?" 1
like "... and names the way that is left" "$out" 'To end every session without it: supportaccess revoke --all'
out=$(supportaccess off 2>&1)
is "... off ends every session, and cannot be undone by on" "$?" 7
like "... which it says" "$out" 'nobody is let in until the store is mended and root says: supportaccess clock epoch'
check "... what was open is over" is_over 4721
wait "$client"
damage_again 4722
check "a damaged store: disable shuts the doors all the same" supportaccess disable
is_shut "... what was open is over" 4722
done_testing
