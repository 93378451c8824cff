# shellcheck shell=bash
# Helpers for tests in which central is hostile, or somebody took over the courier: whatever they
# like is handed to the daemon. Sourced after story.sh and vendor_and_customer.
#
#	decision '.length = 60'; sign carol; refused "a decision that ..." 'why, as an event says'

stop courier
stop central
work=/root/hostile
mkdir -p "$work"
chmod 755 /root "$work"
host_id=$(supportaccess status --json | jq -r .id)
now=$(date +%s)
nonce=0

new_request() { # AGENT [JQ-EDIT]: in $work/document, not signed yet; $request is its digest
	nonce=$((nonce + 1))
	jq -cjn --arg agent "$1" --arg host "$host_id" --argjson now "$now" \
		--arg key "$(cut -d' ' -f1,2 "/home/$1/.ssh/id_ed25519.pub")" \
		--arg nonce "$(printf '%026d' $nonce)" \
		'{type: "request", version: 1, customer: "acme",
		agent: {login: $agent, name: "Somebody", team: "", key: $key},
		hosts: [{id: $host, name: "db1"}], scope: "read-only", length: 259200, start: 0,
		reason: "Index rebuild", ticket: "", tried: "", created: $now,
		pending_until: ($now + 86400), repeats: "", nonce: $nonce} | '"${2:-.}" >"$work/document"
	request=$(sha256sum <"$work/document" | cut -d' ' -f1)
}

decision() { # [JQ-EDIT]: over $request, in $work/document
	jq -cjn --arg request "$request" --arg host "$host_id" --argjson now "$now" \
		'{type: "decision", version: 1, request: $request, verdict: "approve", scope: "read-only",
		hosts: [$host], start: 0, length: 14400, latest_end: ($now + 86400), approver: "carol",
		decided: $now, comment: ""} | '"${1:-.}" >"$work/document"
}

revocation() { # [JQ-EDIT]
	jq -cjn --arg request "$request" --argjson now "$now" '{type: "revocation", version: 1,
		request: $request, hosts: [], by: "carol", revoked: $now, reason: "done"} | '"${1:-.}" \
		>"$work/document"
}

sign() { # PERSON [NAMESPACE [KEY]]: what is in $work/document
	chmod 644 "$work/document"
	as "$1" ssh-keygen -q -Y sign -f ".ssh/${3:-id_ed25519}" -n "${2:-decision@supportaccess}" \
		<"$work/document" >"$work/signature" 2>/dev/null || bail "$1 cannot sign"
}

sign_request() { # AGENT: with the certificate
	sign "$1" request@supportaccess id_ed25519-cert.pub
}

no_signature() { : >"$work/signature"; }

deliver() { # what is in $work, as the courier: sets $out to "RESULT SENTENCE"
	chmod 644 "$work"/*
	out=$(setpriv --reuid=_supportaccess --regid=_supportaccess --init-groups \
		"$here/$B/tests/host/deliver" "$work/document" "$work/signature" 2>&1)
}

taken() { # NAME: it is accepted
	deliver
	like "$1" "$out" '^0'
}

last_event() { supportaccess audit export | tail -n 1 | jq -r '.kind + " " + .text'; }

refused() { # NAME EXTENDED-REGEXP [KIND]: refused for good, and an event says why
	deliver
	like "$1 is refused" "$out" "^2 .*($2)"
	like "... with an event" "$(last_event)" "^${3:-refused-document} .*($2)"
}

is_shut() { # NAME AGENT: neither key line nor view let the agent in
	like "$1" "$(cat "/run/supportaccess/keys/support-$2" 2>&1; getent passwd "support-$2")" \
		'^restrict,command="/usr/sbin/nologin".*|No such file'
	unlike "... and no shell" "$(cat "/run/supportaccess/keys/support-$2" 2>&1
		getent passwd "support-$2")" 'supportaccess-shell'
}

restart_daemon() {
	stop daemon
	start_daemon
}
