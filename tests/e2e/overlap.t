#!/bin/bash
# Grants are a set: a session has the widest scope that is granted when it opens, and lives while
# some grant of at least that scope covers it.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer

alive() { pgrep -c -x -f "sleep $1"; } # NUMBER: of processes that sleep so many seconds
over() { [ "$(alive "$1")" = 0 ]; }
session_has() { supportaccess sessions --all --json | jq -r ".sessions[$1].$2"; } # INDEX FIELD
until_is() { [ "$(session_has "$1" until)" = "$2" ]; } # INDEX WHEN
keeper_ends_at() { # INDEX WHEN: as the keeper was told
	[ "$(cut -d' ' -f2 "/run/supportaccess/sessions/$(session_has "$1" session)")" = "$(date -d "$2" +%s)" ]
}

granted() { # SCOPE LENGTH [AGENT]: to ana; $id
	agent_asks "${3:-ana}" --scope "$1"
	approver_approves carol --for "$2"
}

revoke() { must_run supportaccess revoke "$1" --yes --reason "$2"; } # ID WHY

# --- ben's minute runs out while the rest goes on: see the end --------------------------------------

granted read-write 1m ben
minute=$id
opens_session ben 'exec sleep 4811'
bens_client=$client
bens=$(session_has -1 session)
granted read-write 1h ben
hour=$id

# --- two of one scope -----------------------------------------------------------------------------

granted read-only 1h
first=$id
opens_session ana 'exec sleep 4801'
client_of_first=$client
short=$(session_has -1 until)
granted read-only 4h
second=$id
check "a second, longer grant: the session's end moves" wait_until 5 eval '! until_is -1 "$short"'
long=$(session_has -1 until)
is "... by the three hours that it is longer" \
	"$((($(date -d "$long" +%s) - $(date -d "$short" +%s) + 30) / 60))" 180
check "... and its keeper knows" keeper_ends_at -1 "$long"

revoke "$first" 'the first is over'
is "the first is revoked: the session goes on, the second covers it" "$(alive 4801)" 1
lets_in "... and ana is let in" ana
is "... until the second's end" "$(session_has -1 until) $(alive 4801)" "$long 1"
unlike "... root reads that nothing was ended" "$out" '[1-9][0-9]* process'
revoke "$second" 'and so is the second'
is "the second is revoked, too: nothing is alive" "$(alive 4801)" 0
client_returns "... and ssh has returned" "$client_of_first"
keeps_out "... ana is out" ana 'SA-REVOKED'

# --- the longer one ends first --------------------------------------------------------------------

granted read-only 1h
short_id=$id
granted read-only 4h
long_id=$id
opens_session ana 'exec sleep 4802'
long=$(session_has -1 until)
revoke "$long_id" 'not so long'
is "the longer of two is revoked: the session goes on" "$(alive 4802)" 1
check "... to the end of the shorter" wait_until 5 eval '! until_is -1 "$long"'
is "... three hours earlier" \
	"$((($(date -d "$long" +%s) - $(date -d "$(session_has -1 until)" +%s) + 30) / 60))" 180
check "... and its keeper knows" keeper_ends_at -1 "$(session_has -1 until)"
revoke "$short_id" 'over'
is "... and no longer than that one" "$(alive 4802)" 0
client_returns "... and ssh has returned"

# --- two scopes -----------------------------------------------------------------------------------

granted read-only 4h
narrow=$id
opens_session ana 'id -Gn; exec sleep 4803'
narrow_client=$client
check "opened under a read-only grant, it is read-only" wait_until 10 grep -q supportaccess-readonly "$client_log"
granted read-write 1h
wide=$id
is "a wider grant comes: what is open stays as it is" "$(session_has -1 scope)" read-only
opens_session ana 'id -Gn; exec sleep 4804'
wide_client=$client
check "the widest scope wins when a session opens" wait_until 10 grep -q supportaccess-readwrite "$client_log"
is "... and is written down" "$(session_has -1 scope)" read-write
is "... with the end of the grant that covers it, though a narrower one is longer" \
	"$((($(date -d "$(session_has -1 until)" +%s) - $(date +%s) + 59) / 3600))" 1

revoke "$wide" 'no more writing'
is "the wider is revoked: the session that had its scope is over" "$(alive 4804)" 0
client_returns "... its ssh has returned" "$wide_client"
is "... the read-only one goes on" "$(alive 4803)" 1
login ana 'id -Gn'
like "... and what opens now is read-only" "$out" 'supportaccess-readonly'

# --- the narrower one ends ------------------------------------------------------------------------

granted read-write 1h
wide=$id
opens_session ana 'exec sleep 4805'
revoke "$narrow" 'the wide one is enough'
is "the narrower is revoked: the wider covers both sessions" "$(alive 4803) $(alive 4805)" '1 1'
revoke "$wide" 'all over'
is "the wider is revoked: both are over" "$(alive 4803) $(alive 4805)" '0 0'
client_returns "... one ssh has returned" "$narrow_client"
client_returns "... and the other" "$client"
keeps_out "... ana is out" ana 'SA-REVOKED'

# --- closed by the agent --------------------------------------------------------------------------

granted read-only 4h
kept=$id
granted read-only 1h
opens_session ana 'exec sleep 4806'
must_run as ana supportaccess-staff close "$kept" --summary 'the long one is not needed'
an_hour_is_left() { [ "$(date -d "$(session_has -1 until)" +%s)" -le "$(($(date +%s) + 3600))" ]; }
check "ana closes the longer: the session has the hour of the other" wait_until 10 an_hour_is_left
is "... and goes on" "$(alive 4806)" 1
must_run as ana supportaccess-staff close "$id" --summary 'nor is this one'
check "she closes that one, too: the session is over" wait_until 10 over 4806
client_returns "... ssh has returned"

# --- ended by time --------------------------------------------------------------------------------

bens_history() { supportaccess history --agent ben --json; }
has_expired() { bens_history | jq -e ".history[] | select(.id == \"$minute\") | .outcome == \"expired\""; }
check "ben's minute runs out" wait_until 65 has_expired
is "... his session goes on, since the hour covers it" "$(alive 4811)" 1
note() { # ID: what history says of ben's session, below that request
	bens_history | jq -r ".history[] | select(.id == \"$1\") | .sessions[] | select(.session == \"$bens\") | .note"
}
is "... history tells so below the first request" "$(note "$minute")" "goes on under request $hour"
is "... and below the second" "$(note "$hour")" "was open under request $minute until now"
revoke "$hour" 'the hour is over'
is "the hour is revoked: it is over" "$(alive 4811)" 0
client_returns "... his ssh has returned" "$bens_client"
cause=$(bens_history | jq -r ".history[] | select(.id == \"$hour\") | .sessions[] | select(.session == \"$bens\") | .cause")
is "... and the cause is the second's end, not the first's" "$cause" 'revoked: the hour is over'
local_user_logs_in
check "the chain holds" supportaccess audit verify
done_testing
