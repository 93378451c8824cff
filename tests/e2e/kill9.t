#!/bin/bash
# Daemon and courier are killed with -9 at random points while central hands documents in. Then the
# state is as without: nothing is lost, nothing applied twice, and who was approved is let in.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer

kills_min=50    # at least so many, and on until all documents were sent
requests=14     # each is approved or denied, and half of the approved end again
pause_max=250   # ms from a start to the next kill
RANDOM=4711     # the points are the same in each run, as far as the machine is
store=/var/lib/supportaccess/store.db
sent=/root/sent # a line for each request: ID AGENT STATE-IN-THE-END

# --- what central is given meanwhile --------------------------------------------------------------

# On the agent's and the approver's side alone: what the host has not confirmed yet is well.
carol_sends() { # VERB ID OPTIONS...
	as carol supportaccess "$@" --key .ssh/id_ed25519 --yes
	case $? in 0 | 7) ;; *) return 1 ;; esac
}

send_one() { # NUMBER
	local agent=ana request state=approved
	[ $(($1 % 2)) = 0 ] || agent=ben
	out=$(as "$agent" supportaccess-staff request --customer acme --host db1 --scope read-only \
		--reason "number $1") || return
	request=$(id_in "$out")
	if [ $(($1 % 7)) = 3 ]; then
		carol_sends deny "$request" --comment 'not this one' || return
		state=denied
	else
		carol_sends approve "$request" --for 1h || return
	fi
	if [ "$state" = approved ] && [ $(($1 % 4)) = 1 ]; then
		as "$agent" supportaccess-staff close "$request" --summary 'was nothing' || return
		state=ended
	elif [ "$state" = approved ] && [ $(($1 % 4)) = 2 ]; then
		carol_sends revoke "$request" --reason 'enough' || return
		state=revoked
	fi
	echo "$request $agent $state" >>$sent
}

send_all() {
	local n
	for n in $(seq "$requests"); do send_one "$n" || echo "number $n: exit $?"; done
	touch /root/all-sent
}

# --- kills ----------------------------------------------------------------------------------------

restart() { # PROGRAM...
	local program
	for program; do stop "$program" KILL; done
	for program; do "start_$program"; done
}

: >$sent
start sender send_all
kills=0
until [ "$kills" -ge "$kills_min" ] && [ -e /root/all-sent ]; do
	[ "$SECONDS" -lt 300 ] || bail "not all was sent: $(tail -n 3 /var/log/sender.log)"
	sleep "$(printf '0.%03d' $((RANDOM % pause_max)))" # what is tried is the point in time
	case $((RANDOM % 3)) in
	0) restart daemon ;;
	1) restart courier ;;
	2) restart courier daemon ;;
	esac
	kills=$((kills + 1))
	if ((kills % 10 == 0)); then local_user_logs_in "after $kills kills a local user logs in as ever"; fi
done
is "all $requests requests were sent" "$(wc -l <$sent)" "$requests"

# --- the same state as without --------------------------------------------------------------------

host_state() { supportaccess show "$1" --json | jq -r .state; }
# What the host has approved is "open" for central.
central_state() { as carol supportaccess show "$1" --json | jq -r 'if .state == "open" then "approved" else .state end'; }
all_are() { # WHERE
	local request agent state
	while read -r request agent state; do
		[ "$("$1" "$request")" = "$state" ] || return
	done <$sent
}
check "the host has each in its state" wait_until 15 all_are host_state

count() { sqlite3 $store "SELECT count(*) FROM events WHERE json_extract(bytes, '\$.kind') = '$1'"; }
wanted() { grep -c " $1\$" $sent; }
is "each request was taken in once" "$(count requested)" "$requests"
is "... each approval once" "$(count approved)" "$((requests - $(wanted denied)))"
is "... each denial once" "$(count denied)" "$(wanted denied)"
is "... each revocation once" "$(count revoked)" "$(wanted revoked)"
is "... each closing once" "$(count closed)" "$(wanted ended)"
all_confirmed() { [ "$(count confirmed)" = "$(($(wanted revoked) + $(wanted ended)))" ]; }
check "... and each end was confirmed once" wait_until 10 all_confirmed
is "nothing was refused" "$(count refused-document)" 0
is "no document is there twice" \
	"$(sqlite3 $store 'SELECT count(*) - count(DISTINCT digest) FROM documents')" 0
check "the chain holds" supportaccess audit verify
check "the store is whole" test "$(sqlite3 $store 'PRAGMA integrity_check')" = ok

check "central has heard of each end" wait_until 15 all_are central_state

for agent in ana ben; do
	is "$agent has a key line that opens" "$(grep -c supportaccess-shell "/run/supportaccess/keys/support-$agent")" 1
	lets_in "... and is let in" "$agent"
done
while read -r request _ state; do
	[ "$state" != approved ] || must_run supportaccess revoke "$request" --yes
done <$sent
keeps_out "all is revoked: ana is out" ana 'SA-(REVOKED|CLOSED|DENIED)'
keeps_out "... and ben" ben 'SA-(REVOKED|CLOSED|DENIED)'
local_user_logs_in
done_testing
