#!/bin/bash
# The verbs of who runs central: what they change, what they say, how they end.
. "${0%/*}/story.sh" || exit
machine vendor

db=/var/lib/supportaccess-central/central.db
central() { # sets $out (standard output), $err and $status
	out=$(supportaccess-central "$@" 2>/root/err </dev/null)
	status=$?
	err=$(cat /root/err)
}

ends() { # NAME EXIT-CODE EXTENDED-REGEXP ARGUMENTS...: of what it says
	central "${@:4}"
	if [ "$status" = "$2" ]; then like "$1" "$out$err" "$3"; else not_ok "$1" "exit $status: $out$err"; fi
}

json() { # NAME JQ-CONDITION ARGUMENTS...: with --json, one object with its schema on standard output
	central "${@:3}" --json
	check "$1" jq -e ".schema == 1 and ($2)" <<<"$out"
}

ssh-keygen -q -t ed25519 -N '' -C 'agent authority' -f /root/ca

# --- help and usage --------------------------------------------------------------------------------
ends "it explains itself" 0 'Usage: supportaccess-central' --help
for verb in serve customer 'customer add' 'customer list' 'customer remove' 'agent add' 'agent code' \
	'agent list' 'agent lock' 'agent remove' 'approver add' 'approver code' 'approver list' \
	'approver remove' 'host code' 'host list' 'host remove' 'token add' 'token list' 'token revoke' \
	'epoch new' 'epoch show' backup; do
	# shellcheck disable=SC2086
	ends "$verb explains itself" 0 "Usage: supportaccess-central $verb" $verb --help
done
ends "an unknown verb" 2 'no verb "nothing"|no command|nothing' nothing
ends "an unknown option" 2 'no option "--nothing"' customer list --nothing
ends "a name is missing" 2 . customer add
ends "a name too much" 2 . customer add acme other
ends "no database" 3 'no database there; .supportaccess-central customer add. makes one' customer list
ends "a database that is none" 1 'cannot be used as central' customer list --database /etc/passwd

# --- customers -------------------------------------------------------------------------------------
ends "a customer is added" 0 'acme is a customer' customer add acme --title 'Acme Ltd'
is "... in a database that is nobody else's to read" "$(stat -c %a "$db")" 600
ends "... again: nothing changes" 0 'Nothing changed' customer add acme
json "... which JSON says too" '.changed == false' customer add acme
json "customers are listed" '.customers | map([.name, .title, .hosts]) == [["acme", "Acme Ltd", 0]]' \
	customer list
longest=$(printf 'a%.0s' {1..32})
ends "a name of 32 letters" 0 'is a customer' customer add "$longest"
ends "a name of 33" 2 'cannot be the name of a customer' customer add "a$longest"
for name in Acme a_b -- 'a b' $'a\e[2J' ../x; do
	ends "no customer is called $(printf %q "$name")" 2 'cannot be the name|missing|wants' customer add -- "$name"
done
ends "a customer is removed" 0 'no customer any more' customer remove "$longest"
ends "... again: nothing changes" 0 'Nothing changed' customer remove "$longest"
ends "... and its name is never given again" 4 'a name is never given twice' customer add "$longest"
ends "an unknown customer" 3 'no customer nobody' customer remove nobody

# --- agents ----------------------------------------------------------------------------------------
ends "an agent without a name" 2 '--name is missing' agent add ana
ends "an agent is added" 0 'ana is now an agent' agent add ana --name 'Ana Sousa' --team product-support
code=$(code_in "$out")
is "... with a code alone on standard output" "$out" "$code"
unlike "... which is nowhere else" "$err" "$code"
ends "... again: nothing changes, no second code" 0 \
	'already; .supportaccess-central agent code ana. makes a new code' agent add ana --name 'Ana Sousa'
is "... really none" "$(code_in "$out$err")" ""
json "a new code" '.changed and (.code | test("^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$")) and (.ends | test("Z$"))' \
	agent code ana
json "agents are listed" \
	'.agents | map([.name, .full_name, .team, .state]) == [["ana", "Ana Sousa", "product-support", "active"]]' \
	agent list
ends "a code for nobody" 3 'no code for nobody' agent code nobody
ends "a code that ends in no length" 2 'no length' agent code ana --for never
login=a$(printf 'b%.0s' {1..22})
ends "a login of 23 letters" 0 'is now an agent' agent add "$login" --name Long
ends "a login of 24" 2 "cannot be an agent's login" agent add "${login}b" --name Long
for name in Ana 'a b' a/b a:b $'a\nb' 1a; do
	ends "no agent is called $(printf %q "$name")" 2 "cannot be an agent's login" \
		agent add "$name" --name X
done
ends "a full name with a control character" 2 'without control characters' \
	agent add eve --name $'Eve\e[31m'

# --- approvers -------------------------------------------------------------------------------------
ends "an approver without a customer" 2 '--customer is missing' approver add carol
ends "an approver of nobody" 3 'no customer nobody' approver add carol --customer nobody
ends "an approver is added" 0 'carol is now an approver' approver add carol --customer acme
ends "... again: nothing changes" 0 'Nothing changed' approver add carol --customer acme
json "approvers are listed" '.approvers | map([.name, .customer]) == [["carol", "acme"]]' approver list
ends "an approver is removed" 0 'can send no decisions' approver remove carol --customer acme
ends "... again: nothing changes" 0 'Nothing changed' approver remove carol --customer acme
ends "... and the name is never given again" 4 'never given twice' approver add carol --customer acme
ends "... nor a code" 3 'no code for carol' approver code carol --customer acme
ends "an unknown approver" 3 'no approver nobody' approver remove nobody --customer acme

# --- hosts, tokens, epoch, backup --------------------------------------------------------------------
ends "a code for a host" 0 "Agent authority $(ssh-keygen -l -f /root/ca.pub | cut -d' ' -f2 | sed 's/+/\\+/g')" \
	host code --customer acme --authority /root/ca.pub
host_code=$(code_in "$out")
ends "... for a host of nobody" 3 'no customer nobody' host code --customer nobody --authority /root/ca.pub
ends "... with what is no key" 2 'no ssh public key' host code --customer acme --authority /etc/passwd
ends "... with a key that is not there" 3 'cannot be read' host code --customer acme --authority /none
json "no host is an empty list" '.hosts == []' host list
ends "a host that is not there is removed" 0 'Nothing changed' host remove db1 --customer acme
ends "a token for an operator" 0 'who may look at all and revoke' token add olga --for 1d
token=$out
json "tokens are listed" '.tokens | map([.role, .name]) == [["operator", "olga"]]' token list
unlike "... without the token" "$out" "$token"
token_id=$(jq -r '.tokens[0].id' <<<"$out")
epoch=$(supportaccess-central epoch show)
json "a new epoch" ".changed and .epoch != \"$epoch\"" epoch new
ends "a backup" 0 'is a whole copy' backup /root/backup.db
is "... is nobody else's to read" "$(stat -c %a /root/backup.db)" 600
ends "... is never written over another file" 4 'cannot be made' backup /root/backup.db
ends "... nor where it cannot be" 3 'cannot be made' backup /none/backup.db

# --- while the server runs ---------------------------------------------------------------------------
start_central
answers() { # METHOD PATH SECRET
	curl -s -o /root/answer -w '%{http_code}' -X "$1" -H "Authorization: Bearer $3" "$central_url$2"
}
is "an operator's token works" "$(answers GET /v1/whoami "$token")" 200
ends "it is revoked" 0 'is revoked' token revoke "$token_id"
is "... and the server knows at once" "$(answers GET /v1/whoami "$token")" 401
ends "... again: nothing changes" 0 'Nothing changed' token revoke "$token_id"
ends "an unknown token" 3 'no token' token revoke 0000000000000000
is "a code makes a token" "$(answers POST /v1/login "$code")" 200
ana=$(jq -r .token /root/answer)
is "... once" "$(answers POST /v1/login "$code")" 409
lower=$(tr 'A-Z' 'a-z' <<<"$host_code" | tr -d -)
is "a code may be typed in small letters without dashes" "$(answers GET /v1/enrolment "$lower")" 200
central host code --customer acme --authority /root/ca.pub --for 1s
short=$out
has_ended() { [ "$(answers GET /v1/enrolment "$short")" = 401 ]; }
check "a code ends when it was said" wait_until 10 has_ended
like "... and says so" "$(cat /root/answer)" 'the code has ended; ask the vendor for a new one'
central agent code ana
spare=$out
ends "ana is locked" 0 'ana is locked. 0 requests were revoked; no host is left to confirm' agent lock ana
is "... her token has ended" "$(answers GET /v1/whoami "$ana")" 401
is "... and her codes" "$(answers POST /v1/login "$spare")" 401
ends "... again: nothing changes" 0 'locked already, and nothing changed' agent lock ana
json "... she is listed as locked" '.agents[] | select(.name == "ana") | .state == "locked"' agent list
ends "... and gets no code" 3 'or it is locked' agent code ana
ends "... her name is never given again" 4 'never given twice' agent add ana --name 'Ana Other'
ends "ana is removed" 0 . agent remove ana
json "... and listed no more" '[.agents[].name] | index("ana") | not' agent list
ends "... her name is still never given again" 4 'never given twice' agent add ana --name 'Ana Other'
ends "an unknown agent" 3 'no agent nobody' agent lock nobody
ends "a customer that still has codes is removed" 0 . customer remove acme
is "... and they end" "$(answers GET /v1/enrolment "$host_code")" 401
ends "the port is taken" 1 'cannot listen: Address already in use' serve
ends "an address that is none" 2 'no ADDRESS:PORT' serve --listen localhost:8480
ends "a rate that is none" 2 'no number of requests a second' serve --token-rate -1
ends "a rate beyond the limit" 2 'no number of requests a second' serve --token-rate 1000001
stop central
is "it stops when it is told" $? 0

# --- secrets ------------------------------------------------------------------------------------------
for secret in "$token" "$ana" "$code" "${code//-/}" "$host_code" "${host_code//-/}" "$spare"; do
	fails "no secret is in the database or the log" grep -aqF -- "$secret" "$db" "$db-wal" \
		/root/backup.db /var/log/central.log
done
is "... but as a hash" "$(sqlite3 "$db" "SELECT count(*) FROM tokens WHERE hash = \
	'$(printf %s "$token" | sha256sum | cut -d' ' -f1)'")" 1
done_testing
