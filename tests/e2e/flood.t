#!/bin/bash
# 100,000 documents at once, from a courier that someone took over: garbage, bad signatures in one
# name and in many, requests and decisions that are well signed. The caps hold, nobody waits.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer
agent_asks ben --scope read-only --for 3d
approver_approves carol --for 4h
agent_asks ana --scope read-only --for 3d
. "$here/tests/e2e/hostile.sh"
ana_asked=$(supportaccess show "$id" --json | jq -r .digest)
count=100000
flood=$work/flood
mkdir -p "$flood"

add() { # NAME: what is in $work belongs to the flood
	cp "$work/document" "$flood/$1.json"
	cp "$work/signature" "$flood/$1.sig"
}

# --- what it is made of: each file is sent many times, with numbers in place of @ -------------------
wrong() { # SIGN-COMMAND...: signs something else, so that the signature is well-formed and wrong
	local keep
	keep=$(cat "$work/document")
	echo "something else" >"$work/document"
	"$@"
	printf %s "$keep" >"$work/document"
}
head -c 2000 /dev/urandom >"$work/document"; no_signature; add garbage
head -c 40000 /dev/zero >"$work/document"; add long
{ printf '[%.0s' {1..5000}; } >"$work/document"; add deep
new_request ana '.nonce = "@" * 26'; wrong sign_request ana; add ana-wrong
new_request ben '.nonce = "@" * 26'; no_signature; add ben-unsigned
new_request ana '.nonce = "@" * 26 | .agent.login = "m@@@@@@@"'; wrong sign_request ana; add invented
request=$ana_asked
decision '.comment = "@@@@@@@@" | .approver = "mallory"'; wrong sign carol; add mallory-decides
decision '.comment = "@@@@@@@@" | .approver = "m@@@@@@@" | .request = "@" * 64'; no_signature
add nobody-decides
revocation '.request = "@" * 64'; no_signature; add central-revokes
for n in {1..30}; do new_request ana; sign_request ana; add "ana-asks-$n"; done
for f in "$flood"/*.json; do files+=("$f" "${f%.json}.sig"); done
for n in {1..60}; do files+=("$flood/garbage.json" "$flood/garbage.sig"); done

# --- it begins ----------------------------------------------------------------------------------------
chmod -R a+rX "$work"
flood_it() {
	setpriv --reuid=_supportaccess --regid=_supportaccess --init-groups \
		"$here/$B/tests/host/flood" "$count" 32 "${files[@]}"
}
begun=$SECONDS
start flood flood_it
wait_until 20 grep -q . /var/log/flood.log || bail "the flood does not begin"

# ben is refused if the daemon does not answer the PAM module within its 2 s.
failed=0
goes_on() { # WHAT COMMAND...
	local what=$1
	shift
	if ! "$@" >/dev/null 2>&1; then
		failed=$((failed + 1))
		echo "# $what failed"
	fi
}

request=$ana_asked
decision; sign carol
is_taken() { deliver; grep -q '^[01] ' <<<"$out"; }
check "a true decision is taken in the midst of it" wait_until 65 is_taken
lets_in "and ana is let in" ana
for round in {1..8}; do
	goes_on "dan's login" as dan ssh -o BatchMode=yes dan@db1 true
	goes_on "ben's login" as ben ssh -o BatchMode=yes support-ben@db1 true
	for verb in status requests sessions history; do goes_on "$verb" supportaccess "$verb"; done
	goes_on show supportaccess show "$id"
	goes_on explain supportaccess explain ana
done
is "logins and root's verbs go on meanwhile" "$failed" 0
check "all that was in the midst of the flood" kill -0 "$pid_flood"
wait "$pid_flood"
is "every document was answered" "$? $(wc -l </var/log/flood.log)" "0 $count"
took=$((SECONDS - begun))
echo "# $count documents in $took s"
said=$(sed -E 's/ m[0-9]{7}/ somebody/; s/in [0-9]+ s$/in a while/' /var/log/flood.log | sort | uniq -c)
sed 's/^/# /' <<<"$said"

# --- the caps ----------------------------------------------------------------------------------------
answers() { grep -Ec -- "$1" /var/log/flood.log; }
tries=$((64 * 8 * (took / 60 + 2))) # BUDGET_PLACES, BUDGET_TRIES
verified=$(answers '^2 .*does not hold')
check "bad signatures were looked at" test "$verified" -gt 64
check "... but no more than the budget allows, $verified of $tries" test "$verified" -le "$tries"
like "then it is said that no more are looked at, and until when" "$said" \
	' 3 8 times within 60 s a decision in the name of mallory did not hold: the next one is looked at in a while'
is "one agent's requests stop at her share" \
	"$(supportaccess requests --json | jq '[.requests[] | select(.agent == "ana")] | length <= 25')" true
like "... with a sentence that names the limit" "$said" \
	" 3 25 requests of ana wait already, that is one agent's share \(max_pending"
like "central's word on what nobody saw has a limit" "$said" ' 3 central revoked 1000 requests'
fails "invented agents have no account" grep -q 'support-m0' /run/supportaccess/keys -r
is "no account but ana's and ben's" "$(getent -s supportaccess passwd | wc -l)" 2
refusals=$(supportaccess audit export | jq -r .kind | grep -c refused-document)
check "the record of refusals has a limit too: $refusals" test "$refusals" -le 121 # 60 an hour
check "the log has" test "$(wc -l </var/log/daemon.log)" -le $((40 * (took / 60 + 2)))

# --- size --------------------------------------------------------------------------------------------
kib() { du -sk --apparent-size "$@" | awk '{ n += $1 } END { print n }'; }
most_memory() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status"; }
check "the store stays small: $(kib /var/lib/supportaccess) KiB" test "$(kib /var/lib/supportaccess)" -lt 16384
check "the daemon stays small: $(most_memory "$pid_daemon") KiB" test "$(most_memory "$pid_daemon")" -lt 65536
for child in $(pgrep -P "$pid_daemon"); do
	check "so does what judges: $(most_memory "$child") KiB" test "$(most_memory "$child")" -lt 65536
done

# --- afterwards ---------------------------------------------------------------------------------------
request=$(supportaccess requests --json |
	jq -r '[.requests[] | select(.agent == "ana" and .state == "waiting")][0].digest')
decision '.comment = "after the flood"'; sign carol
check "a true decision that comes after it is taken" wait_until 65 is_taken
is "and stands there" "$(supportaccess show "${request}" --json | jq -r '.decisions[0].comment' 2>&1)" "after the flood"
judge=$(pgrep -P "$pid_daemon" -f -- --intake)
check "what judges is killed" kill -KILL "$judge"
revocation; no_signature
check "an ending is taken, by a new one" wait_until 5 is_taken
is "and stands there" "$(supportaccess show "$request" --json | jq -r .state)" revoked
local_user_logs_in
check "the chain holds" supportaccess audit verify
done_testing
