# Helpers by which an end-to-end test reads like a story. Sourced by tests/e2e/*.t and tests/demo.
#
#	. "${0%/*}/story.sh"
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

wait_until() { # SECONDS COMMAND...: until it succeeds; fails when the time is up
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
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
	start central supportaccess-central serve --database /var/lib/central.db --listen 127.0.0.1:8480
	wait_until 5 curl -sf "$central_url/healthz" || bail "central: $(cat /var/log/central.log)"
}

start_daemon() {
	start daemon supportaccessd
	wait_until 5 test -S /run/supportaccess/control.sock || bail "daemon: $(cat /var/log/daemon.log)"
}

start_courier() {
	start courier setpriv --reuid=_supportaccess --regid=_supportaccess --init-groups \
		--no-new-privs /usr/libexec/supportaccess/supportaccess-courier
}
