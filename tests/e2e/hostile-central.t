#!/bin/bash
# A central that turned hostile, or a courier that someone took over: it can hand the daemon
# whatever it likes. Nothing of it opens anything, and the record says what was tried.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer
agent_asks ana --scope read-only --for 3d
must_run supportaccess-central customer add other
join_central supportaccess dan approver add dan --customer other
. "$here/tests/e2e/hostile.sh"
request=$(supportaccess show "$id" --json | jq -r .digest)
ana_asked=$request

# --- who signed it ---
decision; no_signature; refused "a decision without signature" 'has no signature'
decision; sign ben; refused "a decision signed by a key that is not in approvers" 'does not hold'
decision '.approver = "ana"'; sign ana; refused "a decision by the agent herself" 'by who asked|does not hold'
decision '.approver = "dan"'; sign dan; refused "a decision by another customer's approver" 'dan does not hold'
decision '.approver = "dan"'; sign carol; refused "a decision in another's name" 'dan does not hold'
decision; sign carol request@supportaccess; refused "a decision signed in another namespace" 'carol does not hold'
decision '.approver = "root@db1"'; no_signature; refused "a decision in root's name" 'never through central'
decision; sign carol; sed -i 's/14400/14401/' "$work/document"
refused "a decision with one byte changed" 'carol does not hold'
new_request ben; other=$request; request=$ana_asked
decision ".request = \"$other\""; sign carol; sed -i "s/$other/$ana_asked/" "$work/document"
refused "a decision over another request, put over hers," 'carol does not hold'
decision ".request = \"$other\""; sign carol; taken "a decision over a request that is not there waits for it"
keeps_out "and ana still waits" ana 'SA-PENDING'

# --- what it says ---
decision '.hosts = ["h" + "0" * 26]'; sign carol; refused "a decision for another host id" 'was not asked for'
decision '.scope = "read-write"'; sign carol; refused "a decision wider than the request" 'wider scope'
decision '.length = 259201'; sign carol; refused "a decision longer than the request" 'longer than was asked'
decision '.decided = 1000000000'; sign carol; refused "a decision from before the store's epoch" 'before the epoch'
decision '.decided = ($now + 86400)'; sign carol; refused "a decision from the future" 'from the future'
decision '.latest_end = ($now - 1)'; sign carol; refused "a decision that has expired" 'latest end has passed'

# --- its form ---
decision '.version = 2'; sign carol; refused "a decision of an unknown version" 'version'
decision '.type = "permission"'; sign carol; refused "a document of an unknown type" 'type'
decision '.extra = 1'; sign carol; refused "a decision with an unknown field" 'extra.* is not a field'
decision 'del(.comment)'; sign carol; refused "a decision with a missing field" 'comment.* is missing'
decision; printf ' ' >>"$work/document"; sign carol; refused "a decision with white space" 'canonical|same bytes|exact'
decision; sed -i 's/"comment":""/"comment":"","comment":""/' "$work/document"; sign carol
refused "a decision with a duplicate key" '.'
decision; sed -i 's/14400/14400.0/' "$work/document"; sign carol
refused "a decision with a number that is not whole" '.'
decision '.comment = ("x" * 17000)'; sign carol; refused "17 KiB" '16384|16 KiB'
{ printf '[%.0s' {1..100}; printf ']%.0s' {1..100}; } >"$work/document"; sign carol
refused "100 levels deep" 'deep|nest'
decision '.comment = "@"'; sed -i 's/@/\xff/' "$work/document"; sign carol
refused "a decision that is not UTF-8" 'UTF-8'
decision '.comment = "\u001b[2J"'; sign carol; refused "a decision with an escape sequence" 'control characters'
decision '.comment = "@"'; sed -i 's/@/\x1b[2J/' "$work/document"; sign carol
refused "a decision with a raw escape sequence" '.'
decision '.comment = "\u009b2J"'; sign carol; refused "a decision with a C1 control character" 'control characters'
decision '.comment = "\u202egnp.exe"'; sign carol; refused "a decision that turns the direction of text" 'control characters'
decision '.["\u001b[2Jfield"] = 1'; sign carol; refused "a field named by an escape sequence" 'field'
decision '.type = "\u001b[2Jtype"'; sign carol; refused "a type named by an escape sequence" 'type'
decision '.approver = "carol\u001b[2J"'; sign carol; refused "an approver named by an escape sequence" '.'
decision; printf '\033[2J\n' >"$work/signature"; refused "a signature that is an escape sequence" 'no signature of ssh|does not hold'
decision; sign carol; yes '# padding' | head -c 9000 >>"$work/signature"
refused "a signature that is longer than 8 KiB" 'longer than 8192'
is_shut "after all that ana's account is shut" ana
keeps_out "and ana still waits" ana 'SA-PENDING'
like "explain shows what was refused, and why" "$(supportaccess explain ana)" \
	'refused before +the signature is longer than 8192'

# --- ceilings of the host, which no signature lifts ---
new_request ben '.scope = "admin" | .length = 864000'; ben_asked=$request
sign_request ben; taken "ben asks for more than the host allows"
decision '.scope = "admin"'; sign carol
refused "a decision wider than the host's max_scope" 'at most read-write \(max_scope'
decision '.scope = "read-write" | .length = 28801'; sign carol
refused "a decision longer than the host's longest" 'at most 8 h of read-write \(max_length'
printf 'max_scope = read-only\nmax_length = 1h\n' >/etc/supportaccess/conf.d/low.conf
restart_daemon
decision '.scope = "read-write" | .length = 3600'; sign carol
refused "a decision wider than the max_scope that root set" 'at most read-only \(max_scope'
decision '.length = 3601'; sign carol
refused "a decision longer than the max_length that root set" 'at most 1 h of read-only \(max_length'
is_shut "ben's account is shut" ben
decision '.length = 3600'; sign carol; taken "one second less is taken"
lets_in "and ben is let in" ben
rm /etc/supportaccess/conf.d/low.conf
restart_daemon

# --- what is final, in either order ---
new_request ana '.reason = "denied, then approved"'; sign_request ana; taken "ana asks again"
decision '.verdict = "deny" | .comment = "no"'; sign carol; taken "carol denies"
decision; sign carol; refused "an approval after a denial" 'denied for good'
new_request ana '.reason = "approved, then denied"'; sign_request ana; taken "ana asks again"
decision; sign carol; taken "carol approves"
lets_in "and ana is let in" ana
decision '.verdict = "deny"'; sign carol; taken "carol changes her mind and denies"
keeps_out "ana is out" ana 'SA-(DENIED|PENDING)'
new_request ana '.reason = "denied before it came"'
decision '.verdict = "deny"'; sign carol; cp "$work/document" "$work/denial"
taken "a denial that comes before its request"
decision '.comment = "hidden until now"'; sign carol
refused "an approval after that denial, before the request," 'denied for good'
new_request ana '.reason = "revoked, then approved"'; sign_request ana; taken "ana asks again"
revocation; no_signature; taken "a revocation needs no signature"
decision; sign carol; refused "an approval after a revocation" 'revoked for good'
new_request ana '.reason = "approved, then revoked"'; sign_request ana
cp "$work/document" "$work/asked"; cp "$work/signature" "$work/asked.sig"
revocation; sign carol; taken "a revocation that comes before its request"
cp "$work/asked" "$work/document"; cp "$work/asked.sig" "$work/signature"
taken "its request comes"
decision; sign carol; refused "an approval after both" 'revoked for good'
keeps_out "ana is out" ana 'SA-(REVOKED|DENIED|PENDING)'
is_shut "her account is shut" ana

# --- central swaps the request ---
new_request ana '.reason = "harmless"'
cp "$work/document" "$work/asked"
decision; sign carol; taken "carol approves a request that central holds back"
sed 's/harmless/harmful!/' "$work/asked" >"$work/document"; sign_request ana
taken "central hands over another request instead"
keeps_out "which nobody approved" ana 'SA-(PENDING|REVOKED|DENIED)'
is_shut "her account is shut" ana

last_by() { # KIND: who, and what was said, in the last event of that kind
	supportaccess audit export | jq -r "select(.kind == \"$1\") | .by + \": \" + .text" | tail -n 1
}

# --- over one document ssh-keygen crashes, and then it is missing ---
mv /usr/bin/ssh-keygen /usr/bin/ssh-keygen.real
cat >/usr/bin/ssh-keygen <<'END'
#!/bin/sh
[ "$2" = verify ] || exec /usr/bin/ssh-keygen.real "$@"
document=$(cat)
case $document in *CRASH*) kill -SEGV $$ ;; *SLOW*) [ ! -e /root/busy ] || exec sleep 60 ;; esac
printf %s "$document" | /usr/bin/ssh-keygen.real "$@"
END
chmod 755 /usr/bin/ssh-keygen
new_request ana '.reason = "after a crash"'; sign_request ana; taken "ana asks again"
decision '.comment = "CRASH"'; sign carol
refused "a decision over which ssh-keygen crashes" 'by carol cannot be judged: ssh-keygen failed with status 139'
decision; sign carol; taken "the next one is taken"
lets_in "and ana is let in" ana
revocation '.reason = "CRASH"'; sign carol; taken "what ends access does so whatever its signature does"
keeps_out "and ana is out" ana 'SA-(REVOKED|PENDING|DENIED)'
new_request ana '.reason = "while all is slow"'; sign_request ana; taken "ana asks again"
decision '.comment = "SLOW"'; sign carol
touch /root/busy
chmod 711 /root
before=$(last_event)
deliver; like "a decision that cannot be verified in time is to be brought again" "$out" '^-[0-9]+ .*took more than'
is "... and not told as refused" "$(last_event)" "$before"
rm /root/busy
taken "... and is taken, then"
lets_in "... and ana is let in" ana
decision '.verdict = "deny" | .comment = "SLOW denial"'; sign carol
touch /root/busy
deliver; like "a denial that cannot be verified in time is to be brought again" "$out" '^-[0-9]+ .*took more than'
deliver; like "... and again" "$out" '^-[0-9]+ .*took more than'
taken "... and then ends access, since that needs nobody's signature"
rm /root/busy
is "... as central's, for nobody knows whether carol signed it" "$(last_by revoked)" 'central: SLOW denial'
is "... and it is over" "$(supportaccess show "$request" --json | jq -r .state)" revoked
keeps_out "... so ana is out" ana 'SA-(REVOKED|PENDING)' # of another request nobody decided
new_request ana '.reason = "before it is missing"'; sign_request ana; taken "ana asks again"
decision; sign carol
mv /usr/bin/ssh-keygen /usr/bin/ssh-keygen.away
before=$(last_event)
deliver; like "without an ssh-keygen nothing is thrown away" "$out" '^-[0-9]+ .*ssh-keygen'
is "... nor told as refused" "$(last_event)" "$before"
mv /usr/bin/ssh-keygen.real /usr/bin/ssh-keygen
taken "when there is one again the same decision is taken"
lets_in "and ana is let in" ana
revocation; no_signature; taken "central ends it"

# --- and the true one still counts ---
request=$ana_asked
decision '.hosts = [$host]'; sign carol; taken "carol's true decision is taken"
lets_in "and ana is let in" ana
deliver; like "the same again changes nothing" "$out" '^1'
is "it is there once" "$(supportaccess show "$id" --json | jq '.decisions | length')" 1
revocation; no_signature; taken "central ends what it cannot open"
decision '.comment = "again"'; sign carol; refused "a decision after the end" 'revoked for good'
is_shut "her account is shut" ana

# --- nothing raw reaches a terminal or a log ---
everything=$(cat /var/log/daemon.log; supportaccess history; supportaccess audit export
	supportaccess requests; supportaccess show "$id"; supportaccess explain ana
	supportaccess doctor; supportaccess status)
like "what was sent can be read" "$everything" '\\x1b\[2J'
is "but no control character is among it" "$(tr -d '\n\t\040-\176\200-\377' <<<"$everything" | od -c)" 0000000
check "... nor anything that is not UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null <<<"$everything"
is "... nor what is a control character beyond ASCII" \
	"$(LC_ALL=C grep -Ec $'\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]' <<<"$everything")" 0
local_user_logs_in
check "the chain holds" supportaccess audit verify
done_testing
