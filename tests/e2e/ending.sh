# shellcheck shell=bash
# Helpers for tests of ending: ana's processes are everywhere, ben's and dan's are bystanders.
# Sourced after story.sh and vendor_and_customer.
#
#	ana_has_access --scope read-only; opens_session ana "$everywhere"
#	... nothing_is_left; told 'revoked: enough' 'root@db1'
#	nobody_else_noticed

# --- whose processes ------------------------------------------------------------------------------

alive() { pgrep -c -x -f "sleep $1"; } # NUMBER: how many; 4701 are ana's, 4702 ben's, 4703 dan's
over() { [ "$(alive "$1")" = 0 ]; }
has_run() { [ "$(alive "$1")" -ge "$2" ]; } # NUMBER AT-LEAST
of_uid() { ps -o pid,ppid,stat,args -U "$1" 2>/dev/null | tail -n +2; }
keepers() { pgrep -c -f '^keeper '; }
namespaces() { readlink /proc/[0-9]*/ns/"$1" | sort -u | wc -l; }
session_field() { supportaccess sessions --all --json | jq -r ".sessions[-1].$1"; }

# Wherever a shell can put them: behind it, detached, orphaned, deaf, stopped, and a hundred.
everywhere='
	sleep 4701 &
	setsid nohup sleep 4701 >/dev/null 2>&1 &
	(setsid sh -c "setsid sleep 4701 & exit" &)
	(trap "" TERM HUP INT QUIT; exec sleep 4701) &
	sleep 4701 & stopped=$!
	for i in $(seq 100); do sleep 4701 & done
	kill -STOP $stopped
	exec sleep 4701'
processes=106 # and the half of sshd that has her uid

ana_has_access() { # OPTIONS...: of the request
	agent_asks ana "$@"
	approver_approves carol --for 1h
}

# Everything that has to hold once ana's last session has ended.
nothing_is_left() {
	is "... nothing of it is alive" "$(of_uid support-ana)" ""
	is "... nor any process that it started" "$(alive 4701)" 0
	client_returns "... her ssh client has returned"
	is "... and says that the connection was closed" "$status" 255
	check "... her keeper is gone, ben's is not" wait_until 5 eval '[ "$(keepers)" = 1 ]'
	fails "... her home is gone" test -e /home/support-ana
	is "... nothing of it is left in /run" "$(find /run/supportaccess/sessions -type f ! -name .generation | wc -l)" 1
	is "... nor in the cgroups" "$(find /sys/fs/cgroup/supportaccess -mindepth 1 -maxdepth 1 -type d | wc -l)" 1
	unlike "... nobody of hers is logged in" "$(who)" 'support-ana'
	is "... ben's session goes on" "$(alive 4702)" 2
	is "... and so does what dan runs" "$(alive 4703)" 2
}

told() { # CAUSE BY: what the chain says of the last session that ended, below a signed head
	local last
	last=$(sqlite3 /var/lib/supportaccess/store.db "SELECT bytes FROM events
		WHERE json_extract(bytes, '$.kind') = 'ended' ORDER BY seq DESC LIMIT 1")
	like "... the chain tells why" "$last" "\"text\":\"$1"
	like "... and by whom" "$last" "\"by\":\"$2\""
	head_is_signed() {
		[ "$(sqlite3 /var/lib/supportaccess/store.db 'SELECT max(seq) FROM events')" = \
			"$(sqlite3 /var/lib/supportaccess/store.db 'SELECT max(seq) FROM heads')" ]
	}
	check "... under a head that db1 has signed" wait_until 5 head_is_signed
}

# --- the bystanders -------------------------------------------------------------------------------

agent_asks ben --scope read-write --for 8h
approver_approves carol --for 1h
opens_session ben 'setsid nohup sleep 4702 >/dev/null 2>&1 & exec sleep 4702'
ben_client=$client
as dan ssh -o BatchMode=yes dan@db1 'setsid nohup sleep 4703 >/dev/null 2>&1 & exec sleep 4703' \
	>/dev/null 2>&1 </dev/null &
dan_client=$!
check "ben and dan have sessions of their own" wait_until 10 eval 'has_run 4702 2 && has_run 4703 2'

nobody_else_noticed() {
	is "ben and dan never noticed" "$(alive 4702) $(alive 4703)" '2 2'
	check "... nor did their clients" kill -0 "$ben_client" "$dan_client"
	local_user_logs_in
	check "the chain holds" supportaccess audit verify
}
