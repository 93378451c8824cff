#!/bin/bash
# Three locks, each of which alone keeps a support account out that nobody approved: the account
# check, the key line, the login shell. Each is tried with the other two taken away. Then what goes
# wrong with PAM and sshd in practice: there is no support session that was not opened, and local
# users log in through all of it.
. "${0%/*}/story.sh" || exit
machine db1
make -s B="$B" "$B/tests/host/view_shell" || bail "view_shell does not build"
vendor_and_customer
view=/run/supportaccess/view/accounts
keys=/run/supportaccess/keys
shell=/usr/libexec/supportaccess/supportaccess-shell
cp -a /etc/pam.d /root/pam.d

agent_asks ana --scope read-only --for 3d

# --- taking locks away, and putting them back -----------------------------------------------------

# A module's line is changed in the stacks that sshd includes: "account" or "session".
without_module() { sed -i '/pam_supportaccess.so/d' "/etc/pam.d/common-$1"; }
with_control() { sed -i -E "s/^($1\s+).*(pam_supportaccess.so)/\1$2 \2/" "/etc/pam.d/common-$1"; }
# Keys and view are changed in a copy, which then hides the daemon's own (hold): what was taken away
# stays away whatever is published meanwhile.
held=/root/held
copy() { rm -rf $held && mkdir -m 755 $held && cp -a $keys "${view%/*}" $held; }
key_opens() { echo "${2:+restrict,pty,command=\"$2\" }$(cat "/home/$1/.ssh/id_ed25519.pub")" >"$held/keys/support-$1"; }
shell_is() { "$B/tests/host/view_shell" $held/view/accounts "support-$1" "$2" || bail "cannot change the shell"; }
hold() {
	must_run mount --bind $held/keys "$keys"
	must_run mount --bind $held/view "${view%/*}"
	must_run mount -o remount,ro,bind "$keys"
	must_run mount -o remount,ro,bind "${view%/*}"
}

reload_sshd() { # and wait until the new one listens
	local old
	old=$(cat /run/sshd.pid)
	kill "$old"
	wait_until 5 sh -c "! test -d /proc/$old" || bail "sshd does not stop"
	rm -f /run/sshd.pid
	/usr/sbin/sshd -E /var/log/sshd.log || bail "sshd does not start"
	wait_until 5 test -s /run/sshd.pid || bail "sshd did not start"
}

restore_pam() { cp -a /root/pam.d/. /etc/pam.d; }

restore() {
	umount "$keys" "${view%/*}"
	restore_pam
}

# --- each alone, without a grant ------------------------------------------------------------------

keeps_out "all three: ana is kept out, since nobody approved" ana 'SA-PENDING'
local_user_logs_in

copy
key_opens ana
shell_is ana /bin/bash
hold
is "two are gone: her key runs anything" "$(grep -c command= $keys/support-ana)" 0
is "... and her shell is a real one" "$(getent passwd support-ana | cut -d: -f7)" /bin/bash
without_module session
keeps_out "the account check alone keeps her out" ana 'SA-PENDING'
local_user_logs_in
restore

without_module account
without_module session
copy
shell_is ana /bin/bash
hold
like "the key line is the only one left" "$(cat $keys/support-ana)" '^restrict,command="/usr/sbin/nologin" '
keeps_out "the key line alone keeps her out" ana 'account is currently not available'
out=$(as ana sh -c 'echo pwd | sftp -o BatchMode=yes -b - support-ana@db1' 2>&1)
unlike "... from sftp, too" "$out" 'Remote working directory'
out=$(as ana ssh -o BatchMode=yes -o ExitOnForwardFailure=yes -W 127.0.0.1:22 support-ana@db1 2>&1 </dev/null)
unlike "... and from what is behind the host" "$out" 'SSH-2.0'
local_user_logs_in
restore

without_module account
without_module session
copy
key_opens ana
hold
is "the login shell is the only one left" "$(getent passwd support-ana | cut -d: -f7)" /usr/sbin/nologin
keeps_out "the login shell alone keeps her out" ana 'account is currently not available'
out=$(as ana sh -c 'echo pwd | sftp -o BatchMode=yes -b - support-ana@db1' 2>&1)
unlike "... from sftp, too" "$out" 'Remote working directory'
local_user_logs_in
restore

without_module account
without_module session
copy
key_opens ana "$shell"
shell_is ana "$shell"
hold
keeps_out "the support shell itself opens to nobody outside an open session" ana \
	'no shell outside an open support session'
local_user_logs_in
restore

# --- PAM and sshd as they are in practice, without a grant ----------------------------------------

for what in "the module is missing from the account stack:without_module account" \
	"default=ignore stands in the account stack:with_control account '[success=ok ignore=ignore default=ignore]'" \
	"the module is missing from the session stack:without_module session" \
	"default=ignore stands in the session stack:with_control session '[success=ok ignore=ignore default=ignore]'" \
	"both are ignored:with_control account optional; with_control session optional"; do
	eval "${what#*:}"
	keeps_out "${what%%:*}: ana is kept out" ana
	local_user_logs_in "... and a local user logs in as ever"
	restore_pam
done

# --- and with one: there is no session that was not opened ----------------------------------------

approver_approves carol --for 4h
wait_until 5 grep -q supportaccess-shell "$keys/support-ana"
lets_in "carol approves: ana is let in" ana

without_module session
keeps_out "without the module in the session stack there is no session" ana \
	'no shell outside an open support session'
local_user_logs_in
restore_pam

without_module account
keeps_out "without the module in the account stack there is none" ana \
	'whom its PAM account stack did not check.*SA-BROKEN'
local_user_logs_in
restore_pam
lets_in "with both she is let in again" ana

stop daemon
with_control account '[success=ok ignore=ignore default=ignore]'
with_control session '[success=ok ignore=ignore default=ignore]'
keeps_out "what could not be checked is no session, though PAM ignores it" ana 'SA-BROKEN'
local_user_logs_in
restore_pam
start_daemon

usermod -p '*' dan # as useradd leaves it, sshd itself shuts out whom no PAM vouches for
sed -i -E 's/^UsePAM.*/UsePAM no/' /etc/ssh/sshd_config
reload_sshd
keeps_out "with UsePAM no there is no session" ana 'no shell outside an open support session'
local_user_logs_in
out=$(supportaccess doctor 2>&1)
like "... and doctor finds it" "$out" 'usepam yes'
sed -i -E 's/^UsePAM.*/UsePAM yes/' /etc/ssh/sshd_config

sed -i -E 's/^(Include .*sshd_config.d)/#\1/' /etc/ssh/sshd_config
reload_sshd
keeps_out "without our file in sshd's configuration there is none" ana 'Permission denied'
local_user_logs_in
fails "... and doctor finds it" supportaccess doctor
sed -i -E 's/^#(Include .*sshd_config.d)/\1/' /etc/ssh/sshd_config

reload_sshd
lets_in "all as it should be: ana is let in" ana
done_testing
