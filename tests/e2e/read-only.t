#!/bin/bash
# What the namespaces of a read-only session promise, tried over ssh: the host's files cannot be
# written, what is private or hidden is not there, nothing becomes root, sshd's own abilities are
# shut, and what sshd records of a support login reads like a local one.
. "${0%/*}/story.sh" || exit
machine db1
touch /var/log/wtmp /var/log/lastlog
vendor_and_customer

# --- the host -------------------------------------------------------------------------------------

mkdir -m 1777 /srv/open
mkdir -p /srv/secret /srv/later /run/product
echo inside >/srv/secret/file
echo secret >/srv/secret-file
echo theirs >/tmp/theirs
echo theirs >/var/tmp/theirs
echo theirs >/dev/shm/theirs
echo theirs >/srv/open/file
echo socket >/run/product/socket
chmod 666 /srv/open/file
as dan sh -c 'echo notes >notes; chmod 755 .; chmod 644 notes'
cp /usr/bin/id /usr/local/bin/id-of-root
chmod 4755 /usr/local/bin/id-of-root
printf 'hide = /srv/secret /srv/secret-file\nscratch_size = 2M\nmax_processes = 2000\n' >/etc/supportaccess/conf.d/test.conf
kill -HUP "$pid_daemon"

# A system log, at the place where journald has its own.
mkdir -p /run/systemd/journal
cat >/root/syslog.pl <<'END'
use IO::Socket::UNIX; $| = 1;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
while (defined $s->recv(my $line, 8192)) { print "$line\n" }
END
start syslog perl /root/syslog.pl /run/systemd/journal/dev-log
wait_until 5 test -S /run/systemd/journal/dev-log || bail "no system log"
chmod 666 /run/systemd/journal/dev-log
ln -sf /run/systemd/journal/dev-log /dev/log
kill "$(cat /run/sshd.pid)"
wait_until 5 sh -c '! pgrep -x sshd' || bail "sshd does not stop"
rm -f /run/sshd.pid
/usr/sbin/sshd
wait_until 5 test -s /run/sshd.pid || bail "sshd does not start again"

agent_asks ana --scope read-only
approver_approves carol --for 1h
lets_in "ana is let in" ana

# Each line is tried by dan, for whom it works, and by ana, for whom it does not.
refuses() { # NAME COMMAND [EXTENDED-REGEXP]
	check "dan can: $1" as dan ssh -o BatchMode=yes dan@db1 "$2"
	login ana "($2) && echo it-was-done"
	unlike "... ana cannot" "$out" 'it-was-done'
	like "... and reads why" "$out" "${3:-Read-only file system}"
}
cannot() { # NAME COMMAND [EXTENDED-REGEXP]: nor can dan
	login ana "($2) && echo it-was-done"
	unlike "ana cannot: $1" "$out" 'it-was-done'
	like "... and reads why" "$out" "${3:-.}"
}

# --- files ----------------------------------------------------------------------------------------

nothing='Read-only file system|Permission denied'
refuses "write in a folder that all may write in" 'touch /srv/open/$$' "$nothing"
refuses "write to a file that all may write to" 'echo mine >>/srv/open/file' "$nothing"
refuses "empty it" ': >/srv/open/file' "$nothing"
refuses "make a link there" 'ln -s /etc /srv/open/link$$' "$nothing"
cannot "write to /etc" 'touch /etc/x' "$nothing"
cannot "write to /usr" 'touch /usr/x' "$nothing"
cannot "write to /var/lib" 'touch /var/lib/x' "$nothing"
cannot "write to /run" 'touch /run/x' "$nothing"
cannot "write to /dev" 'touch /dev/x' "$nothing"
cannot "change a setting of the kernel" 'echo x >/proc/sys/kernel/hostname' "$nothing"
cannot "mount" 'unshare -rm mount -t tmpfs x /srv/open && touch /srv/open/y' "$nothing|not permitted|denied"

# --- scratch --------------------------------------------------------------------------------------

scratch='/tmp /var/tmp /dev/shm $HOME'
login ana 'for d in '"$scratch"'; do cat $d/theirs 2>/dev/null; echo mine >$d/mine && cat $d/mine; done'
is "her /tmp, /var/tmp, /dev/shm and home are hers alone" "$out" $'mine\nmine\nmine\nmine'
for folder in /tmp /var/tmp /dev/shm /home; do
	check "... nothing of it is in the host's $folder" test ! -e $folder/mine -a ! -e /home/support-ana
done
login ana 'for d in '"$scratch"'; do head -c 8M /dev/zero >$d/big; [ $(stat -c %s $d/big) -le 2097152 ] && echo limited; done'
is "... and limited, as scratch_size says" "$(grep -c '^limited' <<<"$out")" 4
is "... the writer reads why" "$(grep -c 'No space left' <<<"$out")" 4
login ana 'ls /tmp /var/tmp /dev/shm'
unlike "another session finds nothing of the first" "$out" 'mine|big'
cannot "change what sshd and PAM read in her home" 'touch ~/.ssh/rc || echo x >~/.pam_environment || mv ~/.ssh ~/old' "$nothing|busy"

# --- what is not there ----------------------------------------------------------------------------

login ana 'ls /home'
is "of all homes there is hers" "$out" support-ana
refuses "read another's home" 'cat /home/dan/notes' 'No such file'
refuses "read what is hidden" 'cat /srv/secret/file' 'Permission denied|No such file'
refuses "read a hidden file" 'cat /srv/secret-file' 'Permission denied'
refuses "see what other programs have in /run" 'cat /run/product/socket' 'No such file'
login ana 'cd /run && find . -type f -o -type s | sort'
is "/run has what logging in needs" "$(grep -vE '^\./(utmp|nscd/|sshd)|^find:' <<<"$out")" \
	"$(printf './%s\n' supportaccess/.empty supportaccess/.hidden supportaccess/session.sock supportaccess/view/accounts supportaccess/view/accounts.lock \
		systemd/journal/dev-log)"
cannot "read the host's ssh keys" 'cat /etc/ssh/ssh_host_ed25519_key' 'Permission denied'
cannot "look into our store" 'ls /var/lib/supportaccess' 'Permission denied'
cannot "read shadow" 'cat /etc/shadow' 'Permission denied'

# --- processes and privileges ---------------------------------------------------------------------

login ana 'cat /proc/[0-9]*/comm'
like "/proc shows the host's processes" "$out" '^supportaccessd$'
cannot "signal them" "kill -0 $pid_daemon; kill -0 $pid_central" 'No such process|not permitted'
is "a set-user-id program is root for dan" "$(as dan ssh -o BatchMode=yes dan@db1 'id-of-root -u')" 0
login ana 'ulimit -Su; ulimit -Hu'
is "she may have as many processes as max_processes says" "$out" $'2000\n2000'
login ana 'id-of-root -u; grep NoNewPrivs /proc/self/status; id -u'
like "... and nobody else for ana" "$(head -n 1 <<<"$out")" "^$(id -u support-ana)\$"
like "... who can gain none" "$out" 'NoNewPrivs:.*1'
cannot "use sudo" 'sudo -n true' 'no new privileges|must be owned|setuid'

# --- sshd's own abilities -------------------------------------------------------------------------

quiet=(-o BatchMode=yes -o ExitOnForwardFailure=yes)
echo mine >/home/ana/mine
chmod 644 /home/ana/mine
for way in "sftp:echo put mine /srv/open/mine | sftp -b - -o BatchMode=yes support-ana@db1" \
	"scp:scp -o BatchMode=yes mine support-ana@db1:/srv/open/mine" \
	"scp -O:scp -O -o BatchMode=yes mine support-ana@db1:/srv/open/mine" \
	"sftp as a command:echo put mine /srv/open/mine | sftp -b - -s /usr/lib/openssh/sftp-server -o BatchMode=yes support-ana@db1"; do
	check "${way%%:*}: dan could" as dan sh -c "cp notes mine; $(sed s/support-ana@/dan@/ <<<"${way#*:}")"
	rm -f /srv/open/mine
	fails "... ana writes nothing with it" as ana sh -c "${way#*:}"
	check "... indeed" test ! -e /srv/open/mine
done
out=$(as ana ssh "${quiet[@]}" -W 127.0.0.1:22 support-ana@db1 2>&1 </dev/null)
unlike "-W does not lead through the host" "$out" 'SSH-2.0'
like "... dan's does" "$(as dan ssh "${quiet[@]}" -W 127.0.0.1:22 dan@db1 </dev/null)" 'SSH-2.0'

leads() { # PORT OPTIONS...: is sshd reached through a forwarding from there?
	local port=$1 agent account answer
	shift
	agent=$1 account=$2
	shift 2
	as "$agent" ssh "${quiet[@]}" -N "$@" "$account@db1" >/dev/null 2>&1 </dev/null &
	forward=$!
	settled() { listens "$port" || has_ended $forward; }
	wait_until 10 settled
	answer=$(as dan sh -c "$reach" 2>/dev/null)
	kill "$(pgrep -P $forward)" 2>/dev/null # ssh itself
	wait $forward 2>/dev/null
	grep -q 'SSH-2.0' <<<"$answer"
}
direct() { reach="timeout 3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$1; head -c 7 <&3'"; }
direct 4722
check "-L leads dan somewhere" leads 4722 dan dan -L 4722:127.0.0.1:22
fails "... and ana nowhere" leads 4722 ana support-ana -L 4722:127.0.0.1:22
direct 4723
check "-R, too" leads 4723 dan dan -R 4723:127.0.0.1:22
fails "... and ana nowhere" leads 4723 ana support-ana -R 4723:127.0.0.1:22
reach='timeout 3 curl -s --http0.9 --socks5 127.0.0.1:4724 http://127.0.0.1:22/ | head -c 7'
check "-D, too" leads 4724 dan dan -D 4724
fails "... and ana nowhere" leads 4724 ana support-ana -D 4724
as ana sh -c 'ssh-agent -a .agent >/dev/null && SSH_AUTH_SOCK=.agent ssh-add -q .ssh/id_ed25519' 2>/dev/null
login ana 'echo "[$SSH_AUTH_SOCK][$DISPLAY]"'
out=$(as ana sh -c 'SSH_AUTH_SOCK=.agent DISPLAY=:7 ssh -A -X -o BatchMode=yes support-ana@db1 "echo [\$SSH_AUTH_SOCK][\$DISPLAY]"' 2>/dev/null </dev/null)
is "neither an ssh agent nor X11 comes along" "$out" '[][]'

# --- the login shell outside ----------------------------------------------------------------------

opens_session ana 'until [ -e /srv/signal ]; do sleep 0.1; done; ls /srv/later; touch /srv/later/x && echo it-was-done; exec sleep 4901'
shell=/usr/libexec/supportaccess/supportaccess-shell
out=$(setpriv --reuid=support-ana --regid=supportaccess --clear-groups "$shell" -c 'echo in' 2>&1)
like "outside the session's connection the login shell refuses, though one is open" "$out" 'no shell outside an open support session'
unlike "... to run anything" "$out" '^in$'
out=$(as dan "$shell" -c 'echo in' 2>&1)
like "... to dan, too" "$out" 'no shell outside an open support session'

# --- mounts that come later -----------------------------------------------------------------------

must_run mount -t tmpfs -o mode=1777 later /srv/later
touch /srv/later/appeared /srv/signal
check "the host mounts something: the session does not get it writable" \
	wait_until 10 grep -Eq "touch: .*($nothing)" "$client_log"
unlike "... nor at all" "$(cat "$client_log")" 'appeared|it-was-done'

# --- what is recorded of a login ------------------------------------------------------------------

# What the host's who says of a session with a terminal. (Inside, who looks for the number of sshd's
# process, which is another there.)
who_on_terminal() { # USER ACCOUNT
	local terminal
	as "$1" ssh -tt -o BatchMode=yes "$2@db1" 'exec sleep 4902' >/dev/null 2>&1 </dev/null &
	terminal=$!
	wait_until 10 pgrep -x -f 'sleep 4902' >/dev/null
	who | grep "^$2 "
	kill "$(pgrep -x -f 'sleep 4902')"
	wait $terminal 2>/dev/null
}
words() { sed -E "s/support-ana|dan/USER/g; s,pts/[0-9]+,pts/N,g; s/[0-9]{4}-[0-9-]+ [0-9:]+/WHEN/; s/ +/ /g" <<<"$1"; }
dans=$(who_on_terminal dan dan)
anas=$(who_on_terminal ana support-ana)
is "who shows her as it shows dan" "$(words "$anas")" "$(words "$dans")"
like "... with her terminal" "$anas" '^support-ana +pts/'
logged_out() { last -w "$1" | head -n 1 | grep -Eq 'pts/.* - [0-9]{2}:[0-9]{2}'; }
check "last has her coming and going" wait_until 5 logged_out support-ana
check "... as it has dan" wait_until 5 logged_out dan
unlike "lastlog knows when she was here" "$(lastlog -u support-ana)" 'Never logged in'
unlike "... nobody is left in who" "$(who)" 'support-'

log_of() { # NAME: of sshd and PAM for one login, without what differs from one to the next
	sed -nE "s/^<[0-9]+>.{15} //; /$1/p" /var/log/syslog.log | grep -vE 'supportaccess' |
		sed -E "s/sshd\[[0-9]+\]/sshd/; s/$1/USER/g; s/port [0-9]+/port N/; s/uid=[0-9]+\)/uid=N)/; s/: ED25519.*/: KEY/" | sort -u
}
is "sshd's log has the same lines of her as of dan" "$(log_of support-ana)" "$(log_of dan)"
like "... that she came" "$(log_of support-ana)" 'Accepted publickey for USER'
like "... and went" "$(log_of support-ana)" 'session closed for user USER'
must_run supportaccess revoke "$id" --yes
client_returns "all is revoked; her client returns"
local_user_logs_in
done_testing
