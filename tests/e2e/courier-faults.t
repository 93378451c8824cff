#!/bin/bash
# Whatever central answers, or does not: grants go on, root on the host opens and ends access, local
# users notice nothing; and when central is back, everything arrives, once.
. "${0%/*}/story.sh" || exit
machine db1
vendor_and_customer

faults=(down 500 302 page garbage nonsense endless silent)
declare -A ids

# What the courier must say of each, and how many questions a fault may see in a second: two paces,
# each at least 100 ms.
declare -A words=(
	[down]='no connection'
	[500]='answers 500, not in central.s words'
	[302]='sends us elsewhere \(302, to http://login.example/\), and we do not follow'
	[page]='answers, but not as central would'
	[garbage]='http://127.0.0.1:8480: '
	[nonsense]="central.s feed is not in order"
	[endless]='the answer is larger than 4 MiB'
	[silent]='no answer in time'
)
per_second_max=20

begin_fault() { # MODE
	stop central
	: >/var/log/courier.log
	: >"/var/log/faulty.log"
	[ "$1" = down ] || start faulty tests/e2e/faulty "$1" 8480
	[ "$1" = down ] || wait_until 5 grep -q ready /var/log/faulty.log || bail "no faulty server"
	stop courier KILL # a new one has backed off from nothing yet
	begun=$(date +%s%3N)
	start_courier
}

end_fault() { # MODE
	[ "$1" = down ] || stop faulty
	start_central
}

has_backed_off() { # it does not ask as often as it can
	local questions milliseconds
	milliseconds=$(($(date +%s%3N) - begun))
	questions=$(grep -c '^[0-9]' /var/log/faulty.log)
	[ $((questions * 1000)) -le $((per_second_max * milliseconds + 2000)) ]
}

trouble_is() { # EXTENDED-REGEXP
	grep -Eq "$1" /var/log/courier.log &&
		supportaccess status --json | jq -e --arg words "$1" ".contact_problem | test(\$words)"
}

central_says() { # ID STATE
	as ben supportaccess-staff show "$1" --json | jq -e ".state == \"$2\""
}

# ana's grant lasts through all of it; ben has a request that nobody answered for each fault.
agent_asks ana --scope read-only --for 3d
approver_approves carol --for 8h
lets_in "before: ana is let in" ana
for fault in "${faults[@]}"; do
	agent_asks ben --scope read-only --for 1h
	ids[$fault]=$id
done
printf 'poll_wait = 1\n' >/etc/supportaccess/conf.d/test.conf # so that silence is noticed sooner

for fault in "${faults[@]}"; do
	begin_fault "$fault"
	lets_in "central $fault: ana's grant goes on" ana
	check "central $fault: root approves" supportaccess approve "${ids[$fault]}" --for 30m --yes
	lets_in "central $fault: ben is let in" ben
	check "central $fault: root revokes" supportaccess revoke "${ids[$fault]}" --yes
	keeps_out "central $fault: ben is out" ben "SA-(REVOKED|PENDING)"
	local_user_logs_in "central $fault: a local user logs in as ever"
	check "central $fault: the courier says so, and the daemon knows" \
		wait_until 40 trouble_is "${words[$fault]}"
	check "central $fault: ... and is in no hurry" has_backed_off
	end_fault "$fault"
	check "central $fault: when it is back it hears what happened" \
		wait_until 90 central_says "${ids[$fault]}" revoked
done

# --- central has too much to do -------------------------------------------------------------------
polls() { grep -c 'GET /v1/feed' /var/log/faulty.log; }
enough_polls() { [ "$(polls)" -ge 3 ]; }
least_pause() { # milliseconds between two polls
	awk '/GET \/v1\/feed/ { if (n++ && (n == 2 || $1 - last < least)) least = $1 - last; last = $1 }
		END { printf "%d", least * 1000 }' /var/log/faulty.log
}
begin_fault busy
check "central asks for 3 s without us, and is asked again" wait_until 40 enough_polls
check "... but not before" [ "$(least_pause)" -ge 3000 ]
end_fault busy

# --- everything arrived once ----------------------------------------------------------------------
db=/var/lib/supportaccess-central/central.db
is "no event is missing, none is there twice" \
	"$(sqlite3 "$db" 'SELECT count(*) = max(seq) AND count(DISTINCT digest) = count(*) FROM events')" 1
own_last() { sqlite3 /var/lib/supportaccess/store.db 'SELECT max(seq) FROM events'; }
central_has_all() { [ "$(sqlite3 "$db" 'SELECT max(seq) FROM events')" = "$(own_last)" ]; }
check "central has the chain up to its end" wait_until 70 central_has_all
is "each request was revoked once" "$(sqlite3 "$db" \
	"SELECT count(*) FROM events WHERE kind = 'revoked'")" "${#faults[@]}"
check "the chain is whole" supportaccess audit verify

# --- central is restored from an old backup -------------------------------------------------------
approve_by_carol() { as carol supportaccess approve "$1" --key .ssh/id_ed25519 --yes --for 1h; }
agent_asks ben --scope read-only --for 1h
approver_approves carol --for 1h
before=$id
lets_in "ben is let in before the backup" ben
check "central is backed up while it runs" supportaccess-central backup /root/backup.db
check "then carol revokes" as carol supportaccess revoke "$before" --yes
keeps_out "... and ben is out" ben SA-REVOKED
agent_asks ben --scope read-only --for 1h
approver_approves carol --for 1h
after=$id
lets_in "then ben is let in by another request" ben
check "... which carol revokes" as carol supportaccess revoke "$after" --yes
wait_until 70 central_has_all
old_epoch=$(supportaccess-central epoch show)
last=$(own_last)

stop central KILL
rm -f "$db" "$db-wal" "$db-shm"
mv /root/backup.db "$db"
start_central
fails "a restored backup has another epoch" [ "$(supportaccess-central epoch show)" = "$old_epoch" ]
check "the host sends again what the backup lacks" wait_until 60 sh -c \
	"[ \"\$(sqlite3 $db 'SELECT max(seq) FROM events')\" -ge $last ]"
check "... so that central knows what had ended" wait_until 10 central_says "$before" revoked
has_read_all() { # the feed, from its start
	[ "$(sqlite3 /var/lib/supportaccess/store.db "SELECT value FROM facts WHERE name = 'feed_cursor'")" = \
		"$(sqlite3 "$db" 'SELECT max(cursor) FROM feed')" ]
}
check "the host reads the feed from its start" wait_until 30 has_read_all
keeps_out "what has ended stays ended" ben SA-REVOKED
lets_in "what is open stays open" ana
agent_asks ben --scope read-only --for 1h
approver_approves carol --for 1h
lets_in "and the next approval arrives" ben
check "the chain is still whole" supportaccess audit verify
local_user_logs_in
done_testing
