# shellcheck shell=bash
# Documents made by hand and signed before the clock starts. Sourced behind tests/e2e/story.sh.
work=/run/bench
mkdir -p "$work" && chmod 755 "$work"

sign() { # PERSON TYPE FILE...: FILE.sig beside each
	local person=$1 type=$2 file
	shift 2
	chmod 644 "$@"
	for file in "$@"; do
		as "$person" ssh-keygen -q -Y sign -f .ssh/id_ed25519 -n "$type@supportaccess" \
			<"$file" >"$file.sig" 2>/dev/null || bail "$person cannot sign"
	done
}

make_decision() { # DIGEST SCOPE FILE: carol's, for 4 hours
	jq -cjn --arg request "$1" --arg scope "$2" --arg host "$host_id" --argjson now "$(date +%s)" \
		'{type: "decision", version: 1, request: $request, verdict: "approve", scope: $scope,
		hosts: [$host], start: 0, length: 14400, latest_end: ($now + 86400), approver: "carol",
		decided: $now, comment: ""}' >"$3"
}
