#!/bin/bash
# Look-ups as the programs of a customer's host make them, through the distribution's own glibc.
. "${0%/*}/story.sh" || exit
[ -n "${MACHINE:-}" ] || exec "$here/tests/machine" run db1 "$(readlink -f "$0")"
cd "$here" || bail "no folder $here"

host=$B/tests/host/nss_host
view=/run/supportaccess/view/accounts
library=/usr/lib/$(gcc -print-multiarch)/libnss_supportaccess.so.2
make -s B="$B" "$B/libnss_supportaccess.so.2" "$host" || bail "the module does not build"
install -m 0644 "$B/libnss_supportaccess.so.2" "$library"
mkdir -p "${view%/*}"
sed -i -E 's/^(passwd|group):.*/\1: files supportaccess/' /etc/nsswitch.conf
publish() { "$host" publish "$view" "$1" || bail "cannot publish"; }
publish 30

ana='support-agent7:\*:70007:70000:Ana Example:/home/support-agent7:/usr/libexec/supportaccess/supportaccess-shell'
like "an account is found by its name" "$(getent passwd support-agent7)" "^$ana\$"
like "and by its uid" "$(getent passwd 70007)" "^$ana\$"
is "it has its groups" "$(id support-agent7)" \
	"uid=70007(support-agent7) gid=70000(supportaccess) groups=70000(supportaccess),4(adm),70001(supportaccess-readonly)"
like "a group lists its members" "$(getent group 70001)" \
	'^supportaccess-readonly:\*:70001:support-agent0,support-agent1,.*,support-agent29$'
is "all are listed" "$(getent passwd | grep -c '^support-agent')" 30
is "all groups are listed" "$(getent group | grep -c '^supportaccess')" 4
check "every question has its answer" "$host" ask
check "in the module, no look-up after the first makes a system call" "$host" silent "$library"

# Programs of other kinds.
check "a static program finds it" sh -c "gcc -static -w -D_GNU_SOURCE -I. -o /tmp/static tests/host/nss_host.c \
	$B/lib.a 2>/dev/null && /tmp/static name support-agent7"
install -m 4755 "$host" /usr/bin/set-uid-host
check "a set-uid program finds it" setpriv --reuid=nobody --clear-groups /usr/bin/set-uid-host name support-agent7
mkdir -p /run/nscd
nscd
wait_until 5 nscd --statistics || bail "nscd did not start"
like "nscd finds it" "$(getent passwd support-agent7)" "^$ana\$"
mv "$view" "$view.away"
like "that was nscd's answer: it has it without a view" "$(getent passwd support-agent7)" "^$ana\$"
check "a static program finds it through nscd" /tmp/static name support-agent7
mv "$view.away" "$view"
nscd --shutdown

# An account of another source wins.
echo 'support-agent3:x:1203:1203:Local:/home/local:/bin/sh' >>/etc/passwd
echo 'local:x:70004:70004:Local:/home/local:/bin/sh' >>/etc/passwd
is "a local account of that name is the one that is found" "$(id -u support-agent3)" 1203
is "a local account of that uid is the one that is found" "$(id -un 70004)" local
sed -i '/:Local:/d' /etc/passwd

# What happens to the view.
publish 31
is "a new view is seen" "$(id -u support-agent30)" 70030
before=$(getent passwd root; id daemon)
for damage in "rm $view" ": >$view" "head -c 4096 /dev/urandom >$view" "truncate -s 1000 $view" \
	"truncate -s +1 $view" "chown nobody $view" "chmod 666 $view" "rm $view; ln -s /etc/passwd $view" \
	"rm -f $view; mkfifo $view" "printf '\\002' | dd of=$view bs=1 seek=8 conv=notrunc status=none"; do
	rm -rf "$view"
	publish 30
	getent passwd support-agent7 >/dev/null || not_ok "the view is whole before: $damage"
	sh -c "$damage"
	timeout 5 getent passwd support-agent7
	is "not found after: $damage" "$?" 2
	is "local users as before after: $damage" "$(getent passwd root; id daemon)" "$before"
done
rm -rf "$view"
publish 30
check "and found again when it is published again" getent passwd support-agent7
done_testing
