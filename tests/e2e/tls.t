#!/bin/bash
# Central with a certificate of its own; clients that trust exactly that; and what stands between.
. "${0%/*}/story.sh" || exit
machine db1

new_authority() { # NAME
	must_run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj "/CN=$1" -keyout "/root/$1.key" -out "/etc/ssl/$1.pem"
}

issue() { # FILE AUTHORITY NAME [OPENSSL-X509-OPTIONS...]
	must_run openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj "/CN=$3" -keyout "/root/$1.key" -out "/root/$1.csr"
	printf 'subjectAltName=DNS:%s\n' "$3" >/root/extensions
	must_run openssl x509 -req -in "/root/$1.csr" -CA "/etc/ssl/$2.pem" -CAkey "/root/$2.key" \
		-CAcreateserial -extfile /root/extensions -out "/root/$1.pem" "${@:4}"
}

refuses() { # NAME EXIT-CODE EXTENDED-REGEXP COMMAND...
	out=$("${@:4}" 2>&1 <<<"$spare")
	status=$?
	if [ "$status" = "$2" ]; then like "$1" "$out" "$3"; else not_ok "$1" "exit $status: $out"; fi
}

serve_with() { # CERTIFICATE
	central_options=(--listen 10.7.0.1:8443 --certificate "/root/$1.pem" --key "/root/$1.key")
}

name=central.vendor.example
ip address add 10.7.0.1/32 dev lo
echo "10.7.0.1 $name" >>/etc/hosts
new_authority vendor-ca
new_authority other-ca
issue right vendor-ca "$name" -days 1
issue foreign other-ca "$name" -days 1
issue misnamed vendor-ca other.example -days 1
issue ended vendor-ca "$name" -days 0
central_url=https://$name:8443
central_ca=/etc/ssl/vendor-ca.pem
serve_with right

# --- what is refused before anything is sent -----------------------------------------------------
spare=
refuses "central speaks plain HTTP on loopback only" 2 'not loopback: tokens would travel in clear' \
	supportaccess-central serve --listen 10.7.0.1:8480
refuses "a certificate without a key" 2 'belong together' \
	supportaccess-central serve --listen 10.7.0.1:8443 --certificate /root/right.pem
refuses "a key of another certificate" 2 'PEM files that belong together' \
	supportaccess-central serve --listen 10.7.0.1:8443 --certificate /root/right.pem \
	--key /root/foreign.key
refuses "a certificate that is not there" 3 '/root/none.pem: cannot be read' \
	supportaccess-central serve --listen 10.7.0.1:8443 --certificate /root/none.pem --key /root/right.key

vendor_and_customer
must_run supportaccess-central agent code ben
spare=$(code_in "$out")
refuses "an agent's program speaks plain HTTP to this machine only" 2 'only https:// is safe' \
	as ben supportaccess-staff login "http://$name:8480"
refuses "an approver's does likewise" 2 'only https:// is safe' \
	as ben supportaccess login "http://$name:8480"
refuses "a certificate of an unknown authority is refused" 4 'its certificate does not hold' \
	as ben supportaccess-staff login "$central_url"
refuses "... by an approver's program" 4 'its certificate does not hold' \
	as ben supportaccess login "$central_url"
refuses "the wrong file of authorities is refused" 4 'its certificate does not hold' \
	as ben supportaccess-staff login "$central_url" --ca-file /etc/ssl/other-ca.pem
refuses "a file of authorities that is not there is said" 3 '/etc/ssl/none.pem: No such file' \
	as ben supportaccess-staff login "$central_url" --ca-file /etc/ssl/none.pem
refuses "the code was not sent to any of them" 0 . \
	as ben supportaccess-staff login "$central_url" --ca-file "$central_ca"
is "an old TLS is refused" "$(curl -s -o /dev/null --cacert "$central_ca" --tls-max 1.1 \
	--ciphers DEFAULT@SECLEVEL=0 -w '%{http_code}' "$central_url/healthz")" 000

# --- the whole way over TLS ------------------------------------------------------------------------
agent_asks ana --scope read-only --for 3d
approver_approves carol --for 4h
lets_in "over TLS ana asks, carol approves, and ana is let in" ana
check "... doctor knows until when the certificate holds" sh -c \
	"supportaccess doctor --plain | grep -q 'its certificate ends'"

# --- another certificate ---------------------------------------------------------------------------
agent_asks ben --scope read-only --for 1h
waits=$id
for wrong in foreign misnamed ended; do
	stop central
	serve_with "$wrong"
	start central supportaccess-central serve "${central_options[@]}"
	wait_until 5 curl -sfk "$central_url/healthz" || bail "central: $(cat /var/log/central.log)"
	: >/var/log/courier.log
	stop courier
	start_courier
	check "a certificate that is $wrong: the courier refuses it" \
		wait_until 20 grep -q 'its certificate does not hold' /var/log/courier.log
	refuses "a certificate that is $wrong: ana's program refuses it" 4 'its certificate does not hold' \
		as ana supportaccess-staff list
	lets_in "a certificate that is $wrong: what is open stays open" ana
	local_user_logs_in "a certificate that is $wrong: a local user logs in as ever"
done
check "root approves meanwhile" supportaccess approve "$waits" --for 30m --yes
lets_in "... and ben is let in" ben
stop central
serve_with right
start_central
central_says() { as ben supportaccess-staff show "$waits" --json | jq -e ".state == \"$1\""; }
check "with its own again, central hears of it" wait_until 90 central_says open

# --- a proxy that cuts what is silent for 5 s --------------------------------------------------------
waits_total() { curl -s --cacert "$central_ca" "$central_url/metrics" | sed -n 's/^supportaccess_waits_total //p'; }
more_waits() { [ "$(waits_total)" -ge "$wanted" ]; }
cuts() { grep -c cut /var/log/faulty.log; }
start faulty tests/e2e/faulty cut 3128 5
wait_until 5 grep -q ready /var/log/faulty.log || bail "no proxy"
echo 'proxy = http://127.0.0.1:3128' >/etc/supportaccess/conf.d/proxy.conf
: >/var/log/courier.log
stop courier
start_courier
check "the courier goes through the proxy" wait_until 10 grep -q "$name:8443" /var/log/faulty.log
check "the proxy cuts a poll that is silent" wait_until 30 grep -q cut /var/log/faulty.log
agent_asks ana --scope read-only --for 2h
ok "a request arrives after the cut"
wanted=$(($(waits_total) + 4))
check "polls go on" wait_until 40 more_waits
before=$(cuts)
wanted=$(($(waits_total) + 3))
check "... and on" wait_until 30 more_waits
is "... short enough to be cut no more" "$(cuts)" "$before"
is "none of it is a trouble" "$(cat /var/log/courier.log)" ""
approver_approves carol --for 1h
lets_in "an approval arrives through the proxy" ana
done_testing
