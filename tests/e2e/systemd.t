#!/bin/bash
# Under a real systemd: `enable` starts the units, the daemon works in its sandbox, whoever asks
# starts it again, and a session survives its restart.
. "${0%/*}/story.sh" || exit
machine db1

# systemd as the first process of a pid namespace in this machine; `inside` is a process beside it.
boot_systemd() {
	local entry
	unshare --pid --mount --cgroup --fork --mount-proc env -i container=machine PATH="$PATH" bash -c '
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		exec /lib/systemd/systemd --system --unit=basic.target' >/var/log/systemd.log 2>&1 &
	entry=$!
	wait_until 10 pgrep --parent "$entry" || bail "systemd does not start: $(cat /var/log/systemd.log)"
	init=$(pgrep --parent "$entry")
	wait_until 30 inside sh -c 'systemctl is-active basic.target' ||
		bail "systemd does not come up: $(inside systemctl --failed 2>&1; cat /var/log/systemd.log)"
}
inside() { nsenter --target "$init" --pid --mount --cgroup "$@"; }

for person in ana carol dan; do add_person "$person"; done
as dan sh -c 'cat .ssh/id_ed25519.pub >.ssh/authorized_keys'
certify ana
boot_systemd
ssh-keygen -A >/dev/null
must_run inside systemctl start ssh systemd-user-sessions
for person in ana dan; do
	wait_until 5 as "$person" sh -c 'ssh-keyscan -t ed25519 db1 2>/dev/null >.ssh/known_hosts && test -s .ssh/known_hosts'
done
start_central
must_run supportaccess-central customer add acme
join_central supportaccess-staff ana agent add ana --name 'Ana Sousa' --team product-support
join_central supportaccess carol approver add carol --customer acme

for unit in /usr/lib/systemd/system/supportaccess*; do
	is "${unit##*/} has no mistake" "$(inside systemd-analyze verify --man=no "$unit" 2>&1)" ""
done
enrol
must_run inside supportaccess approvers add carol --key /home/carol/.ssh/id_ed25519.pub
out=$(inside supportaccess enable 2>&1)
is "enable succeeds" $? 0
like "... and has started the units" "$out" '^units +done'
unlike "... and says nothing of starting them by hand" "$out" 'by hand'
for unit in supportaccessd.service supportaccess-courier.service supportaccessd-{control,session,courier}.socket; do
	check "$unit is active" inside systemctl is-active "$unit"
	check "$unit starts at boot" inside systemctl is-enabled "$unit"
done
check "the courier reaches central" wait_until 10 sh -c 'supportaccess status --json | grep -q "\"contact\": *\"20"'
check "doctor is all green" inside supportaccess doctor

# --- in its sandbox, it does all that it does --------------------------------------------------------

agent_asks ana --scope read-only --for 3d
approver_approves carol --for 4h
lets_in "ana is let in" ana
login ana "touch /etc/x; findmnt -rno TARGET,FSTYPE,OPTIONS | sort"
like "... and cannot write" "$out" 'Read-only file system'
mounts() { grep -v -e touch -e '^/run/user/' <<<"$out"; } # logind's, which are covered, come and go
sandboxed=$(mounts)
login ana 'ls -ld ~; id -Gn'
like "... has a home and groups" "$out" 'drwx------ .* support-ana .*'
like "the log has the session's fields" \
	"$(inside journalctl -u supportaccessd -o json --no-pager)" '"SUPPORTACCESS_AGENT":"ana"'

as ana ssh -o BatchMode=yes support-ana@db1 'exec sleep 4715' >/dev/null 2>&1 </dev/null &
client=$!
sleeps() { pgrep -f '^sleep 4715' >/dev/null; }
over() { ! sleeps; }
check "ana has a session" wait_until 10 sleeps
main() { inside systemctl show -P MainPID supportaccessd; }
before=$(main)
inside kill -9 "$before"
restarted() { [ "$(main)" != "$before" ] && [ "$(main)" != 0 ]; }
lets_in "the daemon is killed: who asks starts it again" ana
check "... it is another process" restarted
check "... the session lives on" sleeps
before=$(main)
check "the daemon is restarted" inside systemctl restart supportaccessd
check "... it is another process" restarted
check "... the session lives on" sleeps
before=$(main)
check "the daemon is told to reload" inside systemctl reload supportaccessd
is "... and is the same process" "$(main)" "$before"
local_user_logs_in
as carol supportaccess revoke "$id" --key .ssh/id_ed25519 --yes >/tmp/revoke.log 2>&1
is "carol revokes: db1 confirms" $? 0
like "... that processes were ended" "$(cat /tmp/revoke.log)" 'db1: ended, nothing is alive: [1-9][0-9]* process'
check "... the session is over" wait_until 5 over
wait "$client"
keeps_out "... and ana is out" ana 'SA-REVOKED'

# --- without the unit it is the same ------------------------------------------------------------------

agent_asks ana --scope read-only --for 2d
approver_approves carol --for 1h
inside systemctl stop supportaccessd.service supportaccessd-{control,session,courier}.socket
inside systemd-run --quiet --unit=plain --property=KillMode=process /usr/sbin/supportaccessd
wait_until 10 test -S /run/supportaccess/control.sock
login ana "touch /etc/x; findmnt -rno TARGET,FSTYPE,OPTIONS | sort"
is "a session has the same mounts when the daemon runs plainly" "$(mounts)" "$sandboxed"
inside systemctl stop plain

out=$(inside supportaccess disable 2>&1)
is "disable succeeds" $? 0
for unit in supportaccessd.service supportaccess-courier.service supportaccessd-control.socket; do
	fails "$unit is not active any more" inside systemctl is-active "$unit"
	fails "$unit does not start at boot any more" inside systemctl is-enabled "$unit"
done
local_user_logs_in
done_testing
