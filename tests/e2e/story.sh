# Helpers by which an end-to-end test reads like a story. Sourced by tests/e2e/*.t and tests/demo.
#
#	. "${0%/*}/story.sh" || exit	# else what follows would run on the real machine
#	machine db1			# from here on in a fresh throwaway machine
#	vendor_and_customer		# central, acme, carol, dan, ana, ben; db1 enrolled and enabled
#	agent_asks ana --scope read-only; approver_approves carol --for 4h
#	expect_login ana "id -un" support-ana
#	done_testing
#
# Output is TAP. Every helper that fails says why as a diagnostic and counts as a failed test.

set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=${B:-build}
tests=0 failures=0 id=
central_url=http://127.0.0.1:8480
central_options=(--listen 127.0.0.1:8480)
central_ca= # whose certificates central has; empty: it speaks plain HTTP

# --- TAP ------------------------------------------------------------------------------------------

ok() { # NAME: what was promised holds
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

not_ok() { # NAME [OUTPUT]
	tests=$((tests + 1)) failures=$((failures + 1))
	echo "not ok $tests - $1"
	[ -z "${2:-}" ] || sed 's/^/# /' <<<"$2"
}

bail() {
	echo "Bail out! $*"
	exit 1
}

check() { # NAME COMMAND...: it succeeds
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "exit $? of: $*"$'\n'"$out"; fi
}

fails() { # NAME COMMAND...: it fails
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then not_ok "$name" "succeeded: $*"$'\n'"$out"; else ok "$name"; fi
}

is() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got:    $2"$'\n'"wanted: $3"; fi
}

like() { # NAME TEXT EXTENDED-REGEXP
	if grep -Eq -- "$3" <<<"$2"; then ok "$1"; else not_ok "$1" "no match for: $3"$'\n'"$2"; fi
}

unlike() { # NAME TEXT EXTENDED-REGEXP
	if grep -Eq -- "$3" <<<"$2"; then not_ok "$1" "matches: $3"$'\n'"$2"; else ok "$1"; fi
}

done_testing() {
	echo "1..$tests"
	[ "$failures" = 0 ]
	exit
}

# Looks often at first and then less, so that what is waited for has the processor.
wait_until() { # SECONDS COMMAND...: until it succeeds; fails when the time is up
	local end=$((SECONDS + $1)) ms=20 pause
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		printf -v pause '0.%03d' "$ms"
		sleep "$pause"
		ms=$((ms < 200 ? ms * 3 / 2 : 300))
	done
}

# --- the machine ----------------------------------------------------------------------------------

machine() { # NAME: go on in a fresh machine of that name, with what the build made installed
	if [ "${MACHINE:-}" != "$1" ]; then
		exec "$here/tests/machine" run "$1" "$(readlink -f "$0")"
	fi
	cd "$here" || bail "no folder $here"
	make -s B="$B" install >/var/log/make-install.log 2>&1 ||
		bail "make install failed: $(tail -n 5 /var/log/make-install.log)"
}

as() { # USER COMMAND...: as that local user, with a clean environment and their home
	local user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --init-groups --reset-env \
		env -C "/home/$user" LANG=C.UTF-8 TERM=dumb "$@"
}

add_person() { # USER: an account on this machine that stands for their laptop, with an ssh key
	useradd --create-home --shell /bin/bash "$1" 2>/dev/null
	as "$1" mkdir -m 700 .ssh
	as "$1" ssh-keygen -q -t ed25519 -N '' -C "$1" -f .ssh/id_ed25519
}

start_sshd() {
	ssh-keygen -A >/dev/null
	/usr/sbin/sshd -E /var/log/sshd.log || bail "sshd does not start"
	wait_until 5 test -s /run/sshd.pid || bail "sshd did not start: $(cat /var/log/sshd.log)"
}

# Starts a program in the background; its process id is in $pid_NAME, its output in /var/log/NAME.log.
start() { # NAME COMMAND...
	local name=$1
	shift
	"$@" >>"/var/log/$name.log" 2>&1 &
	declare -g "pid_$name=$!"
}

stop() { # NAME [SIGNAL]: and waits until it is gone
	local pid=pid_$1
	kill "-${2:-TERM}" "${!pid}" 2>/dev/null
	wait "${!pid}" 2>/dev/null
}

start_central() {
	start central supportaccess-central serve "${central_options[@]}"
	wait_until 5 curl -sf ${central_ca:+--cacert "$central_ca"} "$central_url/healthz" || bail "central: $(cat /var/log/central.log)"
}

start_daemon() {
	start daemon supportaccessd
	wait_until 5 test -S /run/supportaccess/control.sock || bail "daemon: $(cat /var/log/daemon.log)"
}

lock_store() { # until `stop lock`: somebody else writes and does not come to an end
	mkfifo /root/orders
	sqlite3 /var/lib/supportaccess/store.db <>/root/orders >/var/log/lock.log 2>&1 &
	pid_lock=$!
	printf '.timeout 5000\nBEGIN IMMEDIATE;\nSELECT 4715;\n' >/root/orders
	wait_until 10 grep -qx 4715 /var/log/lock.log || bail "no lock: $(cat /var/log/lock.log)"
	rm /root/orders
}

start_courier() {
	start courier setpriv --reuid=_supportaccess --regid=_supportaccess --init-groups \
		--no-new-privs /usr/libexec/supportaccess/supportaccess-courier
}

# --- the cast -------------------------------------------------------------------------------------

code_in() { grep -oE '\b[0-9A-Z]{5}(-[0-9A-Z]{5}){3,}\b' <<<"$1" | head -n 1; } # a one-time code
id_in() { grep -oE '\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b' <<<"$1" | head -n 1; } # a short id

must_run() { # COMMAND...: sets $out; a story cannot go on without it
	out=$("$@" 2>&1) || bail "exit $? of: $* -- $out"
}

certify() { # AGENT [SSH-KEYGEN OPTIONS...]: by the vendor's agent authority
	local agent=$1
	shift
	[ -f /root/ca ] || ssh-keygen -q -t ed25519 -N '' -C 'agent authority' -f /root/ca
	must_run ssh-keygen -q -s /root/ca -I "$agent" -n "$agent" "$@" "/home/$agent/.ssh/id_ed25519.pub"
	chown "$agent:" "/home/$agent/.ssh/id_ed25519-cert.pub"
}

join_central() { # PROGRAM USER SUPPORTACCESS-CENTRAL-ARGUMENTS...: add somebody, log in with the code
	local program=$1 user=$2
	shift 2
	must_run supportaccess-central "$@"
	must_run as "$user" sh -c 'echo "$1" | "$2" login "$3" ${4:+--ca-file "$4"}' sh \
		"$(code_in "$out")" "$program" "$central_url" "$central_ca"
}

enrol() { # db1 at this machine's central; sets $code
	must_run supportaccess-central host code --customer acme --authority /root/ca.pub
	code=$(code_in "$out")
	must_run sh -c 'echo "$1" | supportaccess enroll "$2" - --name db1 --address db1 \
		--authority-fingerprint "$3" ${4:+--ca-file "$4"}' sh "$code" "$central_url" \
		"$(ssh-keygen -l -f /root/ca.pub | cut -d' ' -f2)" "$central_ca"
}

vendor_and_customer() { # everything up to where a story begins
	local person
	for person in ana ben carol dan; do add_person "$person"; done
	as dan sh -c 'cat .ssh/id_ed25519.pub >.ssh/authorized_keys'
	certify ana
	certify ben
	start_sshd
	for person in ana ben dan; do
		as "$person" sh -c 'ssh-keyscan -t ed25519 db1 2>/dev/null >.ssh/known_hosts'
	done
	start_central
	must_run supportaccess-central customer add acme
	join_central supportaccess-staff ana agent add ana --name 'Ana Sousa' --team product-support
	join_central supportaccess-staff ben agent add ben --name Ben --team product-support
	join_central supportaccess carol approver add carol --customer acme
	enrol
	must_run supportaccess approvers add carol --key /home/carol/.ssh/id_ed25519.pub
	must_run supportaccess enable
	start_daemon
	start_courier
}

# The kernel counts a uid's processes over all machines that run at once: ana has the same one in each,
# and would share one session's limit with herself.
more_processes() {
	mkdir -p /etc/supportaccess/conf.d
	echo 'max_processes = 2000' >/etc/supportaccess/conf.d/90-machines.conf
}

host_has() { supportaccess show "$1" --json | jq -e "$2" >/dev/null; } # ID JQ-CONDITION

agent_asks() { # AGENT OPTIONS...: sets $id; returns when the host has the request
	local agent=$1
	shift
	must_run as "$agent" supportaccess-staff request --customer acme --host db1 \
		--reason "Index rebuild fails after 9.4 upgrade" --ticket 4711 "$@"
	id=$(id_in "$out")
	wait_until 10 supportaccess show "$id" || bail "request $id did not reach db1"
}

approver_approves() { # APPROVER OPTIONS...: the request in $id; returns when the host has it
	local approver=$1
	shift
	must_run as "$approver" supportaccess approve "$id" --key .ssh/id_ed25519 --yes "$@"
	wait_until 10 host_has "$id" '.decisions | length > 0' || bail "the approval of $id did not reach db1"
}

login() { # AGENT COMMAND...: over ssh, as their support account; sets $out and $status
	local agent=$1
	shift
	out=$(as "$agent" ssh -o BatchMode=yes "support-$agent@db1" "$@" 2>&1 </dev/null)
	status=$?
}

# A session that stays, in the background: its client is $client, its output in $client_log. Returns
# when the command runs.
opens_session() { # AGENT COMMAND [SSH-OPTIONS...]
	local agent=$1 command=$2
	shift 2
	client_log=$(mktemp /tmp/client.XXXXXX)
	as "$agent" ssh -o BatchMode=yes "$@" "support-$agent@db1" "echo session-is-open; $command" \
		>"$client_log" 2>&1 </dev/null &
	client=$!
	wait_until 10 grep -q session-is-open "$client_log" ||
		bail "$agent gets no session: $(cat "$client_log")"
}

has_ended() { ! kill -0 "$1"; } # PID

client_returns() { # NAME [PID]: that ssh client, within 5 s; its exit status is in $status
	local pid=${2:-$client}
	if wait_until 5 has_ended "$pid"; then
		wait "$pid" 2>/dev/null
		status=$?
		ok "$1"
	else
		not_ok "$1" "still there: $(ps -o pid,stat,wchan:20,args -p "$pid")"
		kill -9 "$pid"
	fi
}

lets_in() { # NAME AGENT
	login "$2" 'echo in'
	if [ "$status" = 0 ] && grep -qx in <<<"$out"; then ok "$1"; else not_ok "$1" "exit $status: $out"; fi
}

keeps_out() { # NAME AGENT [EXTENDED-REGEXP]: and says why
	login "$2" 'echo in'
	if grep -qx in <<<"$out"; then
		not_ok "$1" "was let in: $out"
	else
		like "$1" "$out" "${3:-.}"
	fi
}

listens() { ss -Hltn "sport = :$1" | grep -q .; } # PORT

local_user_logs_in() { # [NAME]: what must hold whatever happens to us
	wait_until 10 listens 22 # not for a moment while sshd takes new settings
	check "${1:-a local user logs in as ever}" as dan ssh -o BatchMode=yes dan@db1 true
}
