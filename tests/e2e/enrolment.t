#!/bin/bash
# Enrolment, and central being away: what is done twice, with a wrong token, or without central.
. "${0%/*}/story.sh"
machine db1
vendor_and_customer

must_run supportaccess-central host code --customer acme --authority /root/ca.pub
code=$(code_in "$out")
out=$(echo "$code" | supportaccess enroll "$central_url" - --name db2 --address db2 --yes 2>&1)
is "an enrolled host is not enrolled over" $? 4
like "... and is told to leave first" "$out" 'supportaccess leave'
like "an unknown code is refused" \
	"$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer 00000-00000-00000-00000-00000' "$central_url/v1/enrolment")" 401
token=$(cat /var/lib/supportaccess-courier/token)
like "the host's token reads the host's feed" \
	"$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$central_url/v1/feed?after=0&wait=0")" 200
like "... and nothing of the approvers'" \
	"$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$central_url/v1/requests")" 403
like "a wrong token reads nothing" \
	"$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer x$token" "$central_url/v1/feed?after=0&wait=0")" 401

agent_asks ana --scope read-only --for 3d
stop central KILL
check "central is away: root approves on the host" supportaccess approve "$id" --for 1h --yes
lets_in "... and ana is let in" ana
check "... root revokes" supportaccess revoke "$id" --yes
keeps_out "... and ana is out" ana 'SA-REVOKED'
local_user_logs_in
start_central
check "central is back: the courier tells it what happened" wait_until 60 sh -c \
	"su - ana -c 'supportaccess-staff show $id --json' | jq -e '.state == \"revoked\"'"
agent_asks ana --scope read-only --for 2h
approver_approves carol --for 1h
lets_in "and the next approval arrives" ana

cat /proc/sys/kernel/random/uuid | tr -d - >/etc/machine-id
kill -HUP "$pid_daemon"
keeps_out "a copied machine admits nobody" ana 'SA-COPIED'
like "... and says what to do" "$out" 'enrol it again'
local_user_logs_in
done_testing
