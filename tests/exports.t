#!/bin/bash
# What the two modules that are loaded into other programs show of themselves and bring along.
. "${0%/*}/e2e/story.sh" || exit
cd "$here" || bail "no folder $here"

exports() { nm -D --defined-only "$1" | awk '{ print $3 }' | sort; }
needs() { readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\].*/\1/p' | sort | tr '\n' ' '; }
stripped_size() {
	local copy
	copy=$(mktemp)
	strip -o "$copy" "$1"
	stat -c %s "$copy"
	rm -f "$copy"
}
is_below() { # NAME NUMBER LIMIT
	if [ "$2" -lt "$3" ]; then ok "$1 ($2 bytes)"; else not_ok "$1" "it has $2, the limit is $3"; fi
}

nss=$B/libnss_supportaccess.so.2
pam=$B/pam_supportaccess.so
prefix=_nss_supportaccess_

is "the NSS module shows its interface and nothing else" "$(exports "$nss")" \
	"$(printf "$prefix%s\n" endgrent endpwent getgrent_r getgrgid_r getgrnam_r getpwent_r \
		getpwnam_r getpwuid_r initgroups_dyn setgrent setpwent)"
is "the PAM module shows its interface and nothing else" "$(exports "$pam")" \
	"$(printf 'pam_sm_%s\n' acct_mgmt authenticate close_session open_session setcred)"
is "the NSS module needs libc alone" "$(needs "$nss")" "libc.so.6 "
is "the PAM module needs libpam and libc alone" "$(needs "$pam")" "libc.so.6 libpam.so.0 "
is_below "the NSS module is below 64 KiB" "$(stripped_size "$nss")" 65536
is_below "the PAM module is below 64 KiB" "$(stripped_size "$pam")" 65536
for module in "$nss" "$pam"; do
	unlike "$(basename "$module") asks no environment variable" "$(nm -D --undefined-only "$module")" \
		'(secure_)?getenv'
	unlike "$(basename "$module") changes no signal" "$(nm -D --undefined-only "$module")" \
		'sigaction|signal|sigprocmask|sigmask|alarm'
	unlike "$(basename "$module") ends nobody's process" "$(nm -D --undefined-only "$module")" \
		' (_?exit|quick_exit|abort|__assert_fail|kill|raise|err|errx|__libc_fatal)(@|$)'
	unlike "$(basename "$module") starts none" "$(nm -D --undefined-only "$module")" \
		' (fork|vfork|clone|posix_spawnp?|exec[a-z]*|system|popen|pthread_create)(@|$)'
done
done_testing
