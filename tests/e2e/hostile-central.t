#!/bin/bash
# A central that turned hostile, or a courier that someone took over: it can hand the daemon
# whatever it likes. Nothing of it opens anything.
. "${0%/*}/story.sh"
machine db1
vendor_and_customer
agent_asks ana --scope read-only --for 3d
stop courier
stop central
work=$(mktemp -d)
chmod 755 "$work"
host_id=$(supportaccess status --json | jq -r .host)
request=$(supportaccess show "$id" --json | jq -r .digest)
now=$(date +%s)

decision() { # JQ-EDIT: a decision over ana's request, changed
	jq -cjn --arg request "$request" --arg host "$host_id" --argjson now "$now" \
		'{type: "decision", version: 1, request: $request, verdict: "approve", scope: "read-only",
		hosts: [$host], start: 0, length: 14400, latest_end: ($now + 86400), approver: "carol",
		decided: $now, comment: ""}'" | ${1:-.}" >"$work/document"
}

sign() { # PERSON [NAMESPACE]
	chmod 644 "$work/document"
	as "$1" ssh-keygen -q -Y sign -f .ssh/id_ed25519 -n "${2:-decision@supportaccess}" \
		<"$work/document" >"$work/signature" 2>/dev/null
}

deliver() {
	setpriv --reuid=_supportaccess --regid=_supportaccess --init-groups \
		"$here/$B/tests/host/deliver" "$@" 2>&1
}

refused() { # NAME: what is in $work opens nothing, leaves an event, and ana is told to wait
	local before after
	before=$(supportaccess audit export --json 2>/dev/null | grep -c '"refused-document"')
	out=$(deliver "$work/document" ${signature-"$work/signature"})
	after=$(supportaccess audit export --json 2>/dev/null | grep -c '"refused-document"')
	if [ "$after" -gt "$before" ]; then ok "$1: an event says why"; else not_ok "$1: an event says why" "$out"; fi
	keeps_out "$1: refused" ana 'SA-PENDING'
}

decision; signature="" refused "a decision without a signature"
unset signature
decision; sign dan; refused "a decision signed by a key that is not in approvers"
decision '.approver = "dan"'; sign dan; refused "a decision by somebody who is no approver"
decision '.approver = "dan"'; sign carol; refused "a decision in another's name"
decision; sign carol request@supportaccess; refused "a decision signed in another namespace"
decision; sign carol; sed -i 's/14400/14401/' "$work/document"; refused "a decision with one byte changed"
decision '.hosts = ["h00000000000000000000000000"]'; sign carol; refused "a decision for another host"
decision '.request = ("0" * 64)'; sign carol; refused "a decision over another request"
decision '.scope = "read-write"'; sign carol; refused "a decision wider than the request"
decision '.length = 345600'; sign carol; refused "a decision longer than the request"
decision '.decided = 1000000000'; sign carol; refused "a decision from before the store's epoch"
decision '.decided = ($now + 86400)'; sign carol; refused "a decision from the future"
decision '.version = 2'; sign carol; refused "a decision of an unknown version"
decision '.type = "permission"'; sign carol; refused "a document of an unknown type"
decision '.extra = 1'; sign carol; refused "a decision with an unknown field"
decision 'del(.comment)'; sign carol; refused "a decision with a missing field"
decision '.comment = "\u001b[2J"'; sign carol; refused "a decision with control characters"
decision; printf ' ' >>"$work/document"; sign carol; refused "a decision with white space"
decision; sed -i 's/"comment":""/"comment":"","comment":""/' "$work/document"; sign carol
refused "a decision with a duplicate key"
decision; printf '{"type":"decision","version":1,"x":"%017000d"}' 0 >"$work/document"; sign carol
refused "17 KiB"
printf '[%.0s' {1..100} >"$work/document"; sign carol; refused "100 levels deep"
printf '{"type":"decision\xff"}' >"$work/document"; sign carol; refused "bytes that are no UTF-8"
like "explain shows what was refused" "$(supportaccess explain support-ana 2>&1)" 'refused'
unlike "nothing raw reaches the terminal" "$(supportaccess history 2>&1; supportaccess audit export 2>&1)" $'\e\\[2J'

jq -cjn --arg host "$host_id" --argjson now "$now" --arg key "$(cut -d' ' -f1,2 /home/ben/.ssh/id_ed25519.pub)" \
	'{type: "request", version: 1, customer: "acme", agent: {login: "stranger", name: "M", team: "", key: $key},
	hosts: [{id: $host, name: "db1"}], scope: "read-only", length: 3600, start: 0, reason: "x", ticket: "",
	tried: "", created: $now, pending_until: ($now + 3600), repeats: "", nonce: ("0" * 26)}' >"$work/document"
sign ben request@supportaccess
deliver "$work/document" "$work/signature" >/dev/null
fails "an agent whom central invents gets no account" getent passwd support-stranger
fails "... and no key file" test -e /run/supportaccess/keys/support-stranger

decision; sign carol
like "carol's true decision is taken" "$(deliver "$work/document" "$work/signature")" '^0'
lets_in "and ana is let in" ana
like "the same again changes nothing" "$(deliver "$work/document" "$work/signature")" '^0'
is "it is there once" "$(supportaccess show "$id" --json | jq '.decisions | length')" 1
jq -cjn --arg request "$request" --argjson now "$now" '{type: "revocation", version: 1, request: $request,
	hosts: [], by: "carol", revoked: $now, reason: "done"}' >"$work/document"
like "a revocation needs no signature" "$(deliver "$work/document")" '^0'
keeps_out "ana is out" ana 'SA-REVOKED'
decision '.comment = "again"'; sign carol; deliver "$work/document" "$work/signature" >/dev/null
keeps_out "a decision after a revocation opens nothing" ana 'SA-REVOKED'
local_user_logs_in
check "the chain holds" supportaccess audit verify
done_testing
