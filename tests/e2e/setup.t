#!/bin/bash
# Installing, enabling and taking back: what is laid down, what is changed, and that all of it goes.
. "${0%/*}/story.sh" || exit
machine db1

state() { # of everything that configures the machine: paths, modes, owners, contents
	(cd / && find etc usr/share/pam-configs usr/lib/systemd usr/lib/supportaccess \
		! -path etc/passwd- ! -path etc/group- ! -path etc/shadow- ! -path etc/gshadow- ! -path 'etc/.pwd.lock' \
		-printf '%p %m %u:%g %l\n' 2>/dev/null | sort
	find etc -type f ! -name '*-' ! -name .pwd.lock -exec sha256sum {} + 2>/dev/null | sort -k2)
}
differ() { diff <(echo "$1") <(echo "$2"); }

# --- make install, which `machine` has done --------------------------------------------------------

fresh=$(mktemp -d)
check "make install honours DESTDIR" make -s B="$B" install DESTDIR="$fresh"
is "... lays down what a machine gets, and nothing besides" \
	"$(cd "$fresh" && find . -type f -printf '%P %m\n' | sort)" \
	"$(cd / && (cd "$fresh" && find . -type f -printf '%P\n') | xargs -I{} find {} -maxdepth 0 -printf '%p %m\n' | sort)"
is "... nothing in /etc, /var or /run" "$(cd "$fresh" && ls)" usr
check "make uninstall" make -s B="$B" uninstall DESTDIR="$fresh"
is "... takes every file away" "$(find "$fresh" ! -type d)" ""
check "another prefix" make -s B="$B" install DESTDIR="$fresh" prefix=/opt/sa
check "... is used" test -x "$fresh/opt/sa/bin/supportaccess"
is "the login shell can be run, not read" "$(stat -c %a /usr/libexec/supportaccess/supportaccess-shell)" 711

# --- enable and disable ----------------------------------------------------------------------------

add_person dan
as dan sh -c 'cat .ssh/id_ed25519.pub >.ssh/authorized_keys'
start_sshd
as dan sh -c 'ssh-keyscan -t ed25519 db1 2>/dev/null >.ssh/known_hosts'
out=$(supportaccess enable 2>&1)
is "a host that is not enrolled is not enabled" $? 3
like "... and says what is first" "$out" 'first supportaccess enroll URL'
start_central
must_run supportaccess-central customer add acme
certify dan # makes the agent authority
rm /home/dan/.ssh/id_ed25519-cert.pub
enrol # makes users and folders, which stay by design
before=$(state)

check "enable" supportaccess enable
enabled=$(state)
like "... the machine is another" "$(differ "$before" "$enabled")" 'nsswitch.conf'
local_user_logs_in "... a local user logs in as ever"
check "enable again changes nothing" supportaccess enable
is "... indeed" "$(differ "$enabled" "$(state)")" ""
check "disable" supportaccess disable
is "... undoes exactly that" "$(differ "$before" "$(state)")" ""
check "disable again changes nothing" supportaccess disable
is "... indeed" "$(differ "$before" "$(state)")" ""
local_user_logs_in "... a local user logs in as ever"

# --- what the customer had before ------------------------------------------------------------------

sed -i -E 's/^(passwd:.*)$/\1 # ours/; s/^group: +files/group: files [SUCCESS=merge] files/' /etc/nsswitch.conf
echo 'session optional pam_echo.so file=/dev/null' >>/etc/pam.d/common-session
customs=$(state)
check "enable, where somebody edited both files" supportaccess enable
check "... and disable" supportaccess disable
is "... leaves the edits as they were" "$(differ "$customs" "$(state)")" ""

# --- what may not be taken away yet -----------------------------------------------------------------

check "enabled" supportaccess enable
out=$(make -s B="$B" uninstall 2>&1)
is "make uninstall on a host that is enabled is refused" $? 2
like "... and says what is first" "$out" 'First: supportaccess disable'
check "... nothing is gone" test -e /usr/lib/*/security/pam_supportaccess.so
cp /etc/pam.d/common-account /root/
sed -i 's/new_authtok_reqd=done //' /etc/pam.d/common-account
out=$(supportaccess disable 2>&1)
is "a PAM file that was changed by hand: disable fails" $? 1
like "... and names it" "$out" '/etc/pam.d/common-account'
check "... so the module is still there" make -s B="$B" uninstall DESTDIR="$fresh"
fails "... and stays" make -s B="$B" uninstall
local_user_logs_in "... a local user logs in as ever"
cp /root/common-account /etc/pam.d/
check "taken back: disable" supportaccess disable
check "... then make uninstall" make -s B="$B" uninstall
local_user_logs_in "... a local user logs in as ever"
check "... and make install again" make -s B="$B" install

# --- a group of that name ---------------------------------------------------------------------------

groupadd supportaccess
usermod -aG supportaccess dan
out=$(supportaccess enable 2>&1)
is "a local group is called supportaccess: enable fails" $? 4
like "... and names it" "$out" 'another source has the group supportaccess \([0-9]+\)'
groupdel supportaccess
check "enable, when it is gone" supportaccess enable
echo 'supportaccess:x:1777:dan' >>/etc/group # somebody makes it later
local_user_logs_in "it is made later: a local user in it logs in as ever"
like "... doctor finds it" "$(supportaccess doctor 2>&1)" '^fault .*another source has the group supportaccess'
sed -i '/^supportaccess:/d' /etc/group
check "disable" supportaccess disable

# --- what fails half-way ---------------------------------------------------------------------------

echo 'NoSuchOption yes' >/etc/ssh/sshd_config.d/50-broken.conf
broken=$(state)
out=$(supportaccess enable 2>&1)
is "sshd's configuration is broken: enable fails" $? 1
like "... says why" "$out" 'NoSuchOption'
is "... and has taken everything back" "$(differ "$broken" "$(state)")" ""
rm /etc/ssh/sshd_config.d/50-broken.conf
mount --bind /etc/nsswitch.conf /etc/nsswitch.conf # cannot be replaced
unbroken=$(state)
out=$(supportaccess enable 2>&1)
is "a file that cannot be replaced: enable fails" $? 1
like "... and names it" "$out" '/etc/nsswitch.conf'
is "... and has taken everything back" "$(differ "$unbroken" "$(state)")" ""
umount /etc/nsswitch.conf
local_user_logs_in "a local user logs in as ever"
check "and enable works again" supportaccess enable
done_testing
