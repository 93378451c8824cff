#!/bin/bash
# What people and programs read from the two command lines: screens to the letter, JSON by its
# fields, exit codes.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer

# What differs from run to run becomes a word; the rest must be to the letter.
plainly() {
	sed -E -e "s/${id:-none yet}/ID/g" -e 's/[0-9]+ ms/N ms/; s/[0-9]+ events/N events/' -e 's/SHA256:[A-Za-z0-9+\/]{43}/FINGERPRINT/g' \
		-e 's/(today|tomorrow|yesterday|[A-Z][a-z]{2} [0-9]+ [A-Z][a-z]{2}) [0-9]{2}:[0-9]{2} (UTC|[+]00:00)(, (now|in [^,]*[0-9] (s|min|h|d)|[^,]* ago))?/TIME/g' \
		-e 's/\bh[0-9a-z]{26}\b/HOST-ID/g' -e 's/ +$//'
}

screen() { screen_of 0 "$@"; } # NAME COMMAND...: prints exactly standard input; the exit status is 0

screen_of() { # STATUS NAME COMMAND...: likewise with that exit status
	local status=$1 name=$2 wanted got out
	shift 2
	wanted=$(cat)
	out=$("$@" 2>&1)
	got=$?
	[ "$got" = "$status" ] || not_ok "$name: exit $got instead of $status" "$out"
	is "$name" "$(plainly <<<"$out")" "$wanted"
}

exits() { # STATUS NAME REGEXP COMMAND...: fails with this status and says so on standard error alone
	local status=$1 name=$2 said=$3 out err got
	shift 3
	err=$(mktemp)
	out=$("$@" 2>"$err" </dev/null)
	got=$?
	is "$name: exit $status" "$got" "$status"
	like "$name: says why" "$(cat "$err")" "$said"
	is "$name: nothing on standard output" "$out" ""
}

fields() { # NAME JQ-CONDITION COMMAND...
	local name=$1 condition=$2 out
	shift 2
	out=$("$@" 2>&1)
	if jq -e ".schema == 1 and ($condition)" <<<"$out" >/dev/null; then ok "$name"; else not_ok "$name" "$out"; fi
}

staff=supportaccess-staff

# --- before anybody asked ---------------------------------------------------------------------------

screen "no request: a sentence" supportaccess requests <<<"No request waits for a decision. --all lists those that are over, too."
fields "no request: an empty list" '.requests == []' supportaccess requests --json
fields "no session: an empty list" '.sessions == []' supportaccess sessions --json
fields "no history: an empty list" '.history == []' supportaccess history --json
exits 2 "no verb" '^Usage: supportaccess VERB' supportaccess
exits 2 "an unknown verb" 'no verb "shwo".*show' supportaccess shwo
exits 2 "an unknown option" 'no option "--foo"' supportaccess requests --foo
exits 2 "what is no id" 'is no request: requests look like 7K2F9-QXM4T' supportaccess show nonsense
exits 3 "an unknown request" 'there is no request ZZZZZ-ZZZZZ on db1' supportaccess show ZZZZZ-ZZZZZ
exits 3 "nothing to approve" 'no request waits' supportaccess approve --yes
exits 3 "an unknown session" 'there is no session abc' supportaccess kill abc
exits 4 "a verb that needs root" 'needs root on this host: sudo supportaccess doctor' as dan supportaccess doctor
exits 3 "a customer without hosts" 'no such customer' as ana $staff hosts nobody
exits 3 "an unknown host" 'acme has no host db2' as ana $staff request --customer acme --host db2 --reason x
exits 2 "no reason" 'why\? --reason' as ana $staff request --customer acme --host db1
exits 2 "no length" '10y is no length' as ana $staff request --customer acme --host db1 --reason x --for 10y
exits 2 "no scope" 'there are read-only, read-write and admin' as ana $staff request --customer acme --host db1 --reason x --scope root
exits 4 "nobody asked" '\[SA-NONE\]' as ana $staff ssh acme/db1
verbs_of() { "$@" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'; } # PROGRAM [VERB]
has_json() { # PROGRAM VERB...: each verb and each verb below it, but those whose output is not ours to choose
	local below
	case "${*:2}" in ssh | "audit export") return ;; esac # ssh's own; JSON lines already
	below=$(verbs_of "$@")
	if [ -n "$below" ] && [ $# -lt 3 ]; then
		for verb in $below; do has_json "$@" "$verb"; done
	else
		like "$* has --json and --help" "$("$@" --help)" '--json.*print JSON'
	fi
}
for verb in $(verbs_of supportaccess); do has_json supportaccess "$verb"; done
for verb in $(verbs_of "$staff"); do has_json "$staff" "$verb"; done
man=$(MANWIDTH=200 mandoc -T ascii /usr/share/man/man8/supportaccess.8 | sed $'s/.\b//g')
for verb in $(verbs_of supportaccess); do
	like "supportaccess(8) has $verb" "$man" "^ +([a-z]+, )?$verb( |,|\$)"
done

# --- asked -----------------------------------------------------------------------------------------

agent_asks ana --scope read-only --for 3d
screen "requests" sh -c 'supportaccess requests | tr -s " "' <<'END'
REQUEST STATE AGENT SCOPE FOR HOSTS DECIDE BY WHY
ID waiting ana read-only 3 d db1 TIME Index rebuild fails after 9.4 upgrade
END
screen "show" supportaccess show "$id" <<'END'
Request ID             WAITING

  Who       Ana Sousa (ana), team product-support
            key FINGERPRINT
  Why       "Index rebuild fails after 9.4 upgrade"   ticket 4711
  What      read-only: may look, can change nothing; recorded in the audit chain
  Where     db1
  How long  3 d
  Decide by TIME, then nothing is opened

  Only approve if you expect this. Not sure? Call the vendor, on a number that you have.

  supportaccess approve ID --for 4h      supportaccess deny ID
END
is "the laptop shows the same" "$(as carol supportaccess show "$id" | grep -v 'Decide by')" \
	"$(supportaccess show "$id" | grep -v 'Decide by')"
check "an id may be typed in any case" supportaccess show "${id,,}"
fields "show --json" '.state == "waiting" and .agent == "ana" and .length == 259200 and (.pending_until | endswith("Z")) and .decisions == []' \
	supportaccess show "$id" --json
like "show --plain" "$(supportaccess show "$id" --plain)" '^State: waiting$'
screen "the agent's list" as ana $staff list <<'END'
REQUEST      STATE    CUSTOMER  HOSTS  SCOPE      FOR  WHY
ID  waiting  acme      db1    read-only  3 d  Index rebuild fails after 9.4 upgrade
END
screen "the agent's show" as ana $staff show "$id" <<'END'
Request ID             WAITING

  Why        "Index rebuild fails after 9.4 upgrade"   ticket 4711
  What       read-only on db1 of acme, for 3 d
  Decide by  TIME, then nothing is opened
  Hosts      db1           knows of it, TIME

  supportaccess-staff show ID --wait
END
fields "the agent's show --json" '.state == "waiting" and (.hosts[0].time | endswith("Z")) and .decisions == []' as ana $staff show "$id" --json
exits 4 "longer than asked" 'longer than the 3 d that were asked; leave out --for' as carol supportaccess approve "$id" --for 4d --yes
exits 4 "wider than asked" 'only read-only was asked' as carol supportaccess approve "$id" --scope admin --yes
exits 2 "a time that is none" 'no length of time like 4h' as carol supportaccess approve "$id" --for soon --yes
like "nobody can be asked" "$(as carol supportaccess approve "$id" 2>&1 </dev/null)" 'There is no terminal to answer on; --yes answers'
fields "nothing of it changed anything" '.state == "waiting"' supportaccess show "$id" --json
like "explain: waiting" "$(supportaccess explain ana)" '^request +SA-PENDING +'"$id"', read-only'
like "explain: the end of it" "$(supportaccess explain ana | tail -n 1)" '^support-ana would be refused\.$'
like "explain: a user of the host" "$(supportaccess explain root)" 'root itself is a user of this host'

# --- approved --------------------------------------------------------------------------------------

screen "approve" supportaccess approve "$id" --for 1h --yes <<'END'
Approved: request ID of ana, read-only, until TIME
  db1: ana may log in
To end it: supportaccess revoke ID
END
screen "approve again" supportaccess approve "$id" --for 1h --yes <<'END'
Approved already: request ID of ana, read-only, until TIME
  db1: ana may log in
To end it: supportaccess revoke ID
END
fields "... changed nothing" '.decisions | length == 1' supportaccess show "$id" --json
like "explain: let in" "$(supportaccess explain ana | tail -n 1)" '^support-ana would be let in\.$'
lets_in "ana is let in" ana
fields "sessions --all --json" '.sessions[0].agent == "ana" and (.sessions[0].opened | endswith("Z"))' supportaccess sessions --all --json
screen "off" supportaccess off --reason "month's end" <<<"Support access to db1 is off. 0 sessions ended, 0 processes."
screen "off again" supportaccess off <<<"Support access to db1 is already off. 0 sessions ended, 0 processes."
keeps_out "ana is out" ana 'acme has switched support access off on db1\.  \[SA-OFF\]'
screen "on" supportaccess on <<<"Support access to db1 is on: what is approved may log in."
lets_in "ana is in again" ana
screen "doctor is all green" supportaccess doctor <<'END'
ok       configuration  no errors
ok       store          enrolled as db1 of acme; N events, the chain holds
ok       clock          is believed
ok       permissions    as they should be
ok       approvers      /etc/supportaccess/approvers is right
ok       agents         /etc/supportaccess/agents is right
ok       nsswitch.conf  passwd: supportaccess is last in the line
ok       nsswitch.conf  group: supportaccess is last in the line
ok       accounts       no other source has a name of our form, a group of ours or a number from 70000 to 99999
ok       nscd           does not run
ok       view           /run/supportaccess/view/accounts is whole
ok       PAM account    /etc/pam.d/common-account: in its place
ok       PAM session    /etc/pam.d/common-session: in its place
ok       sshd           for support-ana everything is pinned
ok       supportaccessd answers; 0 sessions, 1 grant
ok       supportaccessd the courier reached central TIME
ok       central        http://127.0.0.1:8480 knows this host as HOST-ID
END

# --- over ------------------------------------------------------------------------------------------

screen "revoke" supportaccess revoke "$id" --reason "done, thank you" --yes <<'END'
Revoked: request ID of ana
  db1: ended, nothing is alive: 0 processes in N ms
END
screen "revoke again" supportaccess revoke "$id" --yes <<'END'
Was over already: request ID of ana
  db1: ended, nothing is alive: 0 processes in N ms
END
exits 4 "approve what is over" 'revoked|over|final' supportaccess approve "$id" --yes
fields "history --json" '.history[0] | .outcome == "revoked" and .ended_by == "root@db1" and .cause == "done, thank you" and .deciders == ["root@db1"]' \
	supportaccess history --json
fields "history --since what lies ahead of it" '.history == []' supportaccess history --since 1s --agent ben --json
exits 2 "history --since what is no time" 'neither a time behind us' supportaccess history --since soon
screen "audit verify" sh -c 'supportaccess audit verify | sed "s/[0-9]* signed/N signed/"' <<'END'
The chain of db1 holds: N events, each linked to the one before, and N signed heads.
Whether it is the whole chain tell the heads that left this host: compare with central.
END
fields "approvers add --json" '.changed == true and .principal == "dan"' supportaccess approvers add dan --key /home/dan/.ssh/id_ed25519.pub --json
fields "... again" '.changed == false' supportaccess approvers add dan --key /home/dan/.ssh/id_ed25519.pub --json
exits 2 "a private key is no public one" 'is no public key' supportaccess approvers add dan --key /home/dan/.ssh/id_ed25519
exits 2 "a loss that lies ahead changes nothing" 'neither a time behind us' supportaccess approvers remove dan --lost-since 2100-01-01\ 00:00
like "... dan is there" "$(supportaccess approvers list)" '^dan '
fields "approvers remove --json" '.changed == true and .decisions_lost == 0' supportaccess approvers remove dan --lost-since 1h --json
fields "clock accept --json" '.changed == false' supportaccess clock accept --json

# --- without libcurl --------------------------------------------------------------------------------

libcurl=$(ldconfig -p | awk '$1 == "libcurl.so.4" { print $NF; exit }')
mv "$libcurl" "$libcurl.away"
exits 1 "no libcurl, an agent" 'cannot load libcurl: libcurl.so.4: .*is the package libcurl4 installed\?' as ana $staff list
exits 1 "no libcurl, an approver" 'is the package libcurl4 installed\?' as carol supportaccess requests
fields "root on the host needs none" '.requests == []' supportaccess requests --json
ln -s "$(ldconfig -p | awk '$1 == "libz.so.1" { print $NF; exit }')" "$libcurl"
exits 1 "another library in its place" 'libcurl.so.4 has no curl_easy_cleanup' as ana $staff list
mv "$libcurl.away" "$libcurl"
check "with libcurl again" as ana $staff list

# --- decided on a laptop: what is told of a host is what that host signed ----------------------------

agent_asks ben --scope read-write --for 3d
screen_of 4 "the host allows less" as carol supportaccess approve "$id" --yes <<'END'
Signed, but no host has confirmed it: request ID of ben, read-write, until TIME
  db1: refused: the decision is for longer than this host allows: at most 8 h of read-write (max_length in supportaccess.conf)
END
fields "... and nobody was let in" '.state == "waiting" and .decisions == []' supportaccess show "$id" --json
out=$(as carol supportaccess approve "$id" --yes --json)
is "... in JSON: exit 4" $? 4
fields "... in JSON" '.changed == true and (.hosts[0] | .name == "db1" and .said == "refused" and .confirmed == false and (.text | test("at most 8 h")))' \
	echo "$out"
stop daemon
screen_of 7 "the host does not answer" as carol supportaccess approve "$id" --for 2h --yes <<'END'
Signed, but no host has confirmed it: request ID of ben, read-write, until TIME
  db1: not confirmed yet; last contact TIME. It hears of it when it connects
To end it: supportaccess revoke ID
END
start_daemon
check "the daemon runs again: it takes in what waited" wait_until 30 host_has "$id" '.decisions | length > 0'
screen "then the same says so" as carol supportaccess approve "$id" --for 2h --yes <<'END'
Approved already: request ID of ben, read-write, until TIME
  db1: ben may log in
To end it: supportaccess revoke ID
END
lets_in "... and ben is let in" ben
screen "deny what is open" as carol supportaccess deny "$id" --yes <<'END'
Denied: request ID of ben
  db1: nobody is let in by it
END
keeps_out "... and ben is out" ben SA-DENIED
screen "deny again" as carol supportaccess deny "$id" --yes <<'END'
Denied already: request ID of ben
  db1: nobody is let in by it
END
agent_asks ben --scope read-only --for 1h
like "approve --plain" "$(as carol supportaccess approve "$id" --yes --plain)" '^Hosts: db1: ben may log in$'
agent_asks ana --scope read-only --for 1h
fields "deny --json" '.verdict == "deny" and (.hosts[0] | .confirmed == true and .said == "denied" and (.at | endswith("Z")))' \
	as carol supportaccess deny "$id" --yes --json

stop central
exits 6 "central is away, for an agent" 'http://127.0.0.1:8480' as ana $staff list
exits 6 "... and for an approver" 'http://127.0.0.1:8480' as carol supportaccess requests
out=$(supportaccess leave --yes --json 2>/dev/null)
is "leave without central is done in part" $? 7
fields "... and says so" '.central_told == false' echo "$out"
like "status says that it has left" "$(supportaccess status)" '^Closed because +it has left central: supportaccess enroll URL'
local_user_logs_in
done_testing
