#!/bin/bash
# The modules in a host program under valgrind: no error, nothing left in memory.
. "${0%/*}/e2e/story.sh" || exit
[ -n "${MACHINE:-}" ] || exec "$here/tests/machine" run db1 "$(readlink -f "$0")"
cd "$here" || bail "no folder $here"

host=$B/tests/host/nss_host
view=/run/supportaccess/view/accounts
make -s B="$B" "$B/libnss_supportaccess.so.2" "$host" || bail "the module does not build"
install -m 0644 "$B/libnss_supportaccess.so.2" "/usr/lib/$(gcc -print-multiarch)/"
mkdir -p "${view%/*}"
sed -i -E 's/^(passwd|group):.*/\1: files supportaccess/' /etc/nsswitch.conf

clean() { # COMMAND...
	valgrind --quiet --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect "$@"
}

"$host" publish "$view" 30 || bail "cannot publish"
check "look-ups through glibc" clean "$host" ask
is "no descriptor is left open" \
	"$(valgrind --track-fds=yes "$host" ask 2>&1 | grep -c "Open file descriptor.*${view%/*}")" 0
head -c 4096 /dev/urandom >"$view"
out=$(clean "$host" name support-agent7 2>&1)
is "a look-up in random bytes ends in not found" "$? $out" "1 nss_host: not found"
mv "$view" "$view.random"
out=$(clean "$host" name support-agent7 2>&1)
is "a look-up without a view ends in not found" "$? $out" "1 nss_host: not found"

# --- PAM ------------------------------------------------------------------------------------------

pam=$B/tests/host/pam_host fake=$B/tests/host/fake_daemon
make -s B="$B" "$B/pam_supportaccess.so" "$pam" "$fake" || bail "the module does not build"
install -m 0644 "$B/pam_supportaccess.so" "/usr/lib/$(gcc -print-multiarch)/security/"
"$host" publish "$view" 30 || bail "cannot publish"
mkdir -p /run/pam
for type in account session; do
	echo "$type required pam_supportaccess.so debug socket=/run/control.sock timeout=1000"
	echo "$type required pam_permit.so"
done >/run/pam/sshd

asks() { # NAME USER WANTED: of account, open_session and close_session, without an error or a leak
	out=$(clean "$pam" /run/pam sshd "$2" 2>&1)
	is "$1" "$? $(grep -xE '[0-9]+' <<<"$out" | xargs)" "0 $3"
	unlike "... valgrind has nothing to say" "$out" '^=='
}
asks "somebody else is let pass" root '0 0 0'
asks "a support account without a daemon is refused" support-agent7 '7 14 6'
for way in hangs dies garbage later-version answers; do
	case $way in answers) wanted='0 0 0' ;; *) wanted='7 14 6' ;; esac
	start fake "$fake" /run/control.sock "$way"
	wait_until 5 test -S /run/control.sock
	asks "a daemon in its place: $way" support-agent7 "$wanted"
	stop fake
	rm -f /run/control.sock
done
mv "$view.random" "$view"
asks "the view is random bytes" support-agent7 '10 14 6'
done_testing
