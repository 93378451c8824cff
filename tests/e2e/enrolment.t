#!/bin/bash
# Enrolment: what is done twice, with a used code, with a wrong token, by a copied machine; and what
# goes on while central is away.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer

new_code() { # sets $code
	must_run supportaccess-central host code --customer acme --authority /root/ca.pub
	code=$(code_in "$out")
}

enroll_with() { # CODE [OPTIONS...]: sets $out and $status
	out=$(supportaccess enroll "$central_url" - --address db1 --authority-fingerprint \
		"$(ssh-keygen -l -f /root/ca.pub | cut -d' ' -f2)" "${@:2}" 2>&1 <<<"$1")
	status=$?
}

answers() { # PATH [TOKEN]: the status of central's answer
	curl -s -o /dev/null -w '%{http_code}' ${2:+-H "Authorization: Bearer $2"} "$central_url$1"
}

restart_host() {
	stop courier
	stop daemon
	start_daemon
	start_courier
}

# --- twice, and with what is not right ----------------------------------------------------------
used=$code
new_code
enroll_with "$code" --name db2
is "an enrolled host is not enrolled over" "$status" 4
like "... and is told to leave first" "$out" 'supportaccess leave'
is "... and the code was not used up" "$(answers /v1/enrolment "$code")" 200
is "a used code is told from an unknown one" "$(answers /v1/enrolment "$used")" 409
is "an unknown code is refused" "$(answers /v1/enrolment 00000-00000-00000-00000-00000)" 401

token=$(cat /var/lib/supportaccess-courier/token)
is "the host's token reads the host's feed" "$(answers '/v1/feed?after=0&wait=0' "$token")" 200
is "... and no other's: nothing in the question says whose" \
	"$(answers '/v1/feed?after=0&customer=other' "$token")" 400
is "... and nothing of the approvers'" "$(answers /v1/requests "$token")" 403
is "a wrong token reads nothing" "$(answers '/v1/feed?after=0&wait=0' "x$token")" 401

# --- central is away ----------------------------------------------------------------------------
agent_asks ana --scope read-only --for 3d
stop central KILL
check "central is away: root approves on the host" supportaccess approve "$id" --for 1h --yes
lets_in "... and ana is let in" ana
check "... root revokes" supportaccess revoke "$id" --yes
keeps_out "... and ana is out" ana 'SA-REVOKED'
local_user_logs_in
start_central
central_says() { as ana supportaccess-staff show "$id" --json | jq -e ".state == \"$1\""; }
check "central is back: the courier tells it what happened" wait_until 90 central_says revoked
agent_asks ana --scope read-only --for 2h
approver_approves carol --for 1h
lets_in "and the next approval arrives" ana

# --- leave, and come back -----------------------------------------------------------------------
host_id=$(supportaccess-central host list --json | jq -r '.hosts[0].id')
opens_session ana 'exec sleep 4731'
mount --bind /bin/false /usr/bin/ssh-keygen # nothing can be judged, nothing signed
out=$(supportaccess leave --yes 2>&1)
is "db1 leaves, and ssh-keygen is broken: leave fails" "$?" 1
check "... what was open is over all the same" wait_until 5 sh -c '! pgrep -x -f "sleep 4731"'
keeps_out "... and so is what was approved" ana
umount /usr/bin/ssh-keygen
check "once it is mended, db1 leaves" supportaccess leave --yes
is "... its token has ended" "$(answers '/v1/feed?after=0&wait=0' "$token")" 401
is "... central lists it no more" "$(supportaccess-central host list --json | jq -c .hosts)" '[]'
keeps_out "... what was approved is over" ana
local_user_logs_in
enroll_with "$used" --name db1
is "a second enrolment with a used code is refused" "$status" 4
like "... and says why" "$out" 'a code enrols one host; ask the vendor for a new one'
enroll_with "$code" --name db1
is "with a new code db1 is enrolled again" "$status" 0
is "... as the same host, since its key is the same" \
	"$(supportaccess-central host list --json | jq -r '.hosts[0].id')" "$host_id"
restart_host
agent_asks ana --scope read-only --for 2h
approver_approves carol --for 1h
lets_in "and ana is let in" ana
check "its chain goes on from the first enrolment" supportaccess audit verify

# --- a copied machine ---------------------------------------------------------------------------
token=$(cat /var/lib/supportaccess-courier/token)
cat /proc/sys/kernel/random/uuid | tr -d - >/etc/machine-id
kill -HUP "$pid_daemon"
keeps_out "a copied machine admits nobody" ana 'SA-COPIED'
like "... and says what to do" "$out" 'this machine was copied from db1; enrol it again'
local_user_logs_in
new_code
enroll_with "$code" --name db1-copy
is "the copy is enrolled without leaving in the original's name" "$status" 0
like "... and says what becomes of it" "$out" 'copied from db1 and becomes a host of its own'
is "... the original is still enrolled" "$(answers '/v1/feed?after=0&wait=0' "$token")" 200
is "... and the copy is another host" \
	"$(supportaccess-central host list --json | jq -r '.hosts[] | select(.name == "db1-copy") | .id' |
		grep -cvx "$host_id")" 1
restart_host
keeps_out "what was approved for the original is not approved on the copy" ana
must_run as ana supportaccess-staff request --customer acme --host db1-copy --scope read-only \
	--for 2h --reason 'look at the copy'
id=$(id_in "$out")
check "a request for the copy arrives" wait_until 10 supportaccess show "$id"
approver_approves carol --for 1h
lets_in "... and ana is let in once it is approved" ana
check "its chain is its own" supportaccess audit verify

cat /proc/sys/kernel/random/uuid | tr -d - >/etc/machine-id
token=$(cat /var/lib/supportaccess-courier/token)
check "a copy that leaves" supportaccess leave --yes
is "... does not take the original along" "$(answers '/v1/feed?after=0&wait=0' "$token")" 200
done_testing
