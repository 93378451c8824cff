#!/bin/bash
# The clock is set, the machine boots, an old store is put back: no grant lives longer than its end,
# and what was ended stays ended, or the store is closed until root begins a new epoch.
#
# The machine's clock is everybody's and is not touched. What looks at it for support access, daemon
# and root's command line, see another one (tests/e2e/other_clock.c).
. "${0%/*}/story.sh" || exit
machine db1
state=/var/lib/supportaccess
day=86400 year=$((365 * 86400))
export OTHER_CLOCK=/run/clock
library=/usr/local/lib/other_clock.so
gcc -shared -fPIC -O -o $library tests/e2e/other_clock.c || bail "other_clock does not build"
set_clock() { echo "$1" >/run/clock.new && mv /run/clock.new /run/clock; } # SECONDS from the true one
set_clock 0

start_daemon() { # whose clock is /run/clock's
	start daemon env LD_PRELOAD="$library" supportaccessd
	wait_until 5 test -S /run/supportaccess/control.sock || bail "daemon: $(cat /var/log/daemon.log)"
}
root_says() { env LD_PRELOAD="$library" supportaccess "$@"; } # by the same clock
clock_is() { # SECONDS: set, and the daemon told, as the kernel tells it when the clock is set
	set_clock "$1"
	kill -HUP "$pid_daemon"
}
reboot_daemon() { # the machine boots: another boot id, and /run is empty
	stop daemon
	cat /proc/sys/kernel/random/uuid >/root/boot_id
	umount /proc/sys/kernel/random/boot_id 2>/dev/null
	must_run mount --bind /root/boot_id /proc/sys/kernel/random/boot_id
	rm -rf /run/supportaccess
	start_daemon
}

session_of_ana() { # MARK; sets $client
	as ana ssh -o BatchMode=yes support-ana@db1 "exec sleep $1" >/var/log/ana.log 2>&1 </dev/null &
	client=$!
	wait_until 10 pgrep -x -f "sleep $1" || bail "ana has no session: $(cat /var/log/ana.log)"
}
is_over() { ! pgrep -x -f "sleep $1"; }
approved_for() { # LENGTH
	agent_asks ana --scope read-only --for 3d
	approver_approves carol --for "$1"
}
vendor_and_customer
approved_for 4h
lets_in "before: ana is let in" ana

# --- a day back -----------------------------------------------------------------------------------

session_of_ana 4731
clock_is -$day
check "the clock is set back a day: her session ends" wait_until 10 is_over 4731
keeps_out "... and she is kept out, and told why" ana 'the clock of db1 is behind.*SA-CLOCK'
local_user_logs_in
like "... doctor finds it, and says what to do" "$(root_says doctor 2>&1)" \
	'fault +clock .*behind'
like "... so does explain" "$(root_says explain ana)" 'clock +refused +behind what it was before'
clock_is 0
keeps_in() { login ana 'echo in' && grep -qx in <<<"$out"; }
check "the clock is right again: ana is let in" wait_until 10 keeps_in

# --- a year forward, and back ---------------------------------------------------------------------

session_of_ana 4732
clock_is $year
check "a year forward: her session ends" wait_until 10 is_over 4732
keeps_out "... and she is kept out" ana 'SA-(CLOCK|EXPIRED)'
local_user_logs_in
is "... accepting that without a word does nothing" "$(root_says clock accept </dev/null >/dev/null 2>&1; echo $?)" 4
out=$(root_says clock accept --yes --json)
is "root accepts it" "$?" 0
is "... and programs are told" "$(jq -c '[.schema, .changed]' <<<"$out")" '[1,true]'
keeps_out "her time is over" ana 'SA-EXPIRED'
clock_is 0
keeps_out "a year back: it was over, and now the clock is behind" ana 'SA-(EXPIRED|CLOCK)'
root_says clock accept --yes >/dev/null
keeps_out "root accepts that, too: what was over stays over" ana 'SA-EXPIRED'

# --- a reboot -------------------------------------------------------------------------------------

approved_for 4h
lets_in "a new grant: ana is let in" ana
used() { sqlite3 $state/store.db "SELECT used FROM requests ORDER BY seq DESC LIMIT 1"; }
sqlite3 $state/store.db "UPDATE requests SET used = 14400 - 90 WHERE seq = (SELECT max(seq) FROM requests)"
reboot_daemon
check "the machine boots, and her grant goes on" wait_until 10 keeps_in
is "... what it had used is kept" "$(($(used) >= 14310))" 1
sqlite3 $state/store.db "UPDATE requests SET used = 14400 WHERE seq = (SELECT max(seq) FROM requests)"
keeps_out "when it was open for 4 h by the boot clock it is over, whatever the wall clock says" ana \
	'SA-EXPIRED'

approved_for 1h
lets_in "an hour more: ana is let in" ana
clock_is 7200
reboot_daemon
keeps_out "switched off for two hours, it is over" ana 'SA-EXPIRED'
set_clock 0
reboot_daemon
keeps_out "... and no clock that is behind after a boot brings it back" ana 'SA-(EXPIRED|CLOCK)'
root_says clock accept --yes >/dev/null
keeps_out "... nor root who accepts that" ana 'SA-EXPIRED'

# --- an end in which several have a part -----------------------------------------------------------

# A keeper kills first and writes after: its own end and the connection's may be seen before.
events_of_end() {
	sqlite3 $state/store.db "SELECT json_extract(bytes, '\$.text') FROM events
		WHERE json_extract(bytes, '\$.kind') = 'ended'"
}
approved_for 1h
session_of_ana 4734
ends=$(events_of_end | wc -l)
stop daemon KILL
kill -STOP "$(pgrep -f '^keeper ')"
kill -9 "$(pgrep -f '^sshd: support-ana \[priv\]')"
set_clock 3700
start_daemon
check "her connection is gone and her time is over: so is her session" wait_until 10 is_over 4734
check "... which is written down" wait_until 10 eval '[ "$(events_of_end | wc -l)" = "$((ends + 1))" ]'
is "... and said to be since her time was over" "$(events_of_end | tail -n 1)" 'its time was over'
set_clock 0
root_says clock accept --yes >/dev/null

# --- a store that is put back ---------------------------------------------------------------------

closed_until_epoch() { # WHAT: the old store is there, the daemon started
	keeps_out "$1 is put back: she is kept out" ana '\(its store is damaged or was put back\).*SA-BROKEN|SA-REVOKED'
	like "... the log says why, and what to do" "$(cat /var/log/daemon.log)" \
		'store.db is closed: it was put back .*supportaccess clock epoch'
	like "... and doctor" "$(root_says doctor 2>&1)" 'put back.*nobody is let in'
	like "... with the line to paste" "$(root_says doctor 2>&1)" '-> when you know why: supportaccess clock epoch'
	like "... and status" "$(root_says status)" 'supportaccess clock epoch'
	like "... and explain" "$(root_says explain ana)" 'store +refused +it was put back'
	local_user_logs_in
}

stop courier # or central would bring back what it knows, and close it by itself
for what in "the store alone:store.db" "the store with its log:store.db store.db-wal store.db-shm" \
	"the whole folder:." "the whole folder, before a boot,:."; do
	: >/var/log/daemon.log
	start_courier
	approved_for 4h
	stop courier
	wait_until 5 keeps_in || bail "ana is not let in: $out"
	[ "${what#*:}" != store.db ] || sqlite3 $state/store.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -rf /root/old && cp -a $state /root/old
	must_run root_says revoke "$id" --yes
	stop daemon
	rm -f $state/store.db $state/store.db-wal $state/store.db-shm
	for file in ${what#*:}; do
		[ ! -e "/root/old/$file" ] || cp -a "/root/old/$file" $state
	done
	case $what in *boot*) reboot_daemon ;; *) start_daemon ;; esac
	closed_until_epoch "${what%%:*}"
	fails "... a new epoch is not begun without a word" root_says clock epoch </dev/null
	must_run root_says clock epoch --yes --json
	is "root begins a new one" "$(jq -c '[.schema, .changed]' <<<"$out")" '[1,true]'
	keeps_out "... and what had been approved before is void" ana 'SA-(UNBACKED|REVOKED|EXPIRED)'
	check "... the chain says so" sh -c "supportaccess audit export | grep -q 'nothing that was decided before counts; the store was closed: it was put back'"
	check "... and holds" root_says audit verify
done

start_courier
approved_for 4h
check "what is approved from then on counts" wait_until 10 keeps_in
rm -r /var/lib/supportaccess-generation/store.db
reboot_daemon
check "a note that was wiped away locks nobody out" wait_until 10 keeps_in
check "... and is written anew" test -s /var/lib/supportaccess-generation/store.db
mv /var/lib/supportaccess-generation /root
reboot_daemon
check "... nor does its folder" wait_until 10 keeps_in
mv /root/supportaccess-generation /var/lib
session_of_ana 4733
cp -a /root/old/store.db /root/copy.db && chmod 600 /root/copy.db
rm $state/store.db-wal $state/store.db-shm
mv /root/copy.db $state/store.db # under the daemon that has the other one open
kill -HUP "$pid_daemon"
check "an old one that is moved into its place is seen at once: her session ends" wait_until 10 is_over 4733
keeps_out "... and she is kept out" ana 'SA-BROKEN'
local_user_logs_in
done_testing
