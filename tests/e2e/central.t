#!/usr/bin/perl
# Central as central/openapi.yaml has it: every path and method with real documents, every answer
# held against the contract, every promised status seen.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
use Test::More;

my $here;
BEGIN { $here = abs_path(dirname(abs_path($0)) . '/../..') }
use lib "$here/tests/contract";
use Cast;
use Contract;

unless (($ENV{MACHINE} // '') eq 'vendor') {
	exec "$here/tests/machine", 'run', 'vendor', abs_path($0) or die "tests/machine: $!\n";
}
chdir $here or BAIL_OUT("no folder $here");

my $B = $ENV{B} // 'build';
my $program = "$here/$B/supportaccess-central";
my $database = '/root/central.db';
$Cast::folder = '/root';
my $contract = Contract->new('central/openapi.yaml', 'http://127.0.0.1:8480');

# --- helpers ----------------------------------------------------------------------------------------

sub admin { # an admin's verb: its standard output
	my @arguments = @_;
	open my $pipe, '-|', "$program @arguments --database $database 2>>/root/admin.log"
		or BAIL_OUT("supportaccess-central: $!");
	local $/;
	my $output = <$pipe>;
	close $pipe or BAIL_OUT("supportaccess-central @arguments: exit " . ($? >> 8));
	$output =~ s{\s+\z}{};
	return $output;
}

sub wait_until { # SECONDS CODE
	my ($seconds, $code) = @_;
	my $end = time + $seconds;
	until ($code->()) {
		return 0 if time >= $end;
		sleep 0.02;
	}
	return 1;
}

sub serve { # PORT OPTIONS: the process, once it answers
	my ($port, @options) = @_;
	my $pid = fork;
	if (!$pid) {
		open STDERR, '>>', '/root/serve.log';
		exec $program, 'serve', '--listen', "127.0.0.1:$port", '--database', $database, @options;
	}
	my $probe = HTTP::Tiny->new(timeout => 1);
	wait_until(10, sub { $probe->get("http://127.0.0.1:$port/healthz")->{status} != 599 })
		or BAIL_OUT("central does not start on port $port");
	return $pid;
}

my $urn = 'urn:supportaccess:';

# Asks, and checks status, contract and kind of problem.
sub answers { # NAME STATUS[:KIND] METHOD TARGET WITH...
	my ($name, $wanted, $method, $target, %with) = @_;
	my ($status, $kind) = split /:/, $wanted;
	my $answer = $contract->ask($method, $target, %with);
	my $is = ref $answer->{json} ? $answer->{json}{type} // '' : '';
	my $good = $answer->{status} == $status && !$answer->{broken}
		&& (!$kind || $is eq "$urn$kind");
	ok($good, $name) or diag("wanted $wanted, got $answer->{status} $is\n$answer->{broken}\n"
		. substr $answer->{text}, 0, 500);
	return $answer->{json} // {};
}

# --- the contract and the table of routes say the same -----------------------------------------------

{
	open my $file, '<', 'central/routes.c' or BAIL_OUT("central/routes.c: $!");
	my %routes;
	while (<$file>) {
		my ($method, $path, $query) =
			/^\t\{ "([A-Z]+)",\s+"([^"]+)",.*?,\s+(?:NULL|"([^"]*)"), \w+ \},/ or next;
		$path =~ s/\{\}/{id}/;
		$routes{"$method $path"} = join ' ', sort split / /, $query // '';
	}
	is_deeply([ sort keys %routes ], [ sort $contract->operations ],
		'every route is in openapi.yaml, and the other way round');
	for my $name (sort keys %routes) {
		is(join(' ', $contract->parameters(split / /, $name)), $routes{$name},
			"$name has the parameters that openapi.yaml says");
	}
}

# --- the cast -----------------------------------------------------------------------------------------

my %key = map { $_ => new_key($_) } qw(ca ana ben carol db1 other1);
admin('customer', 'add', $_) for qw(acme other);
my %code = (
	ana => admin('agent', 'add', 'ana', '--name', "'Ana Sousa'", '--team', 'product-support'),
	ben => admin('agent', 'add', 'ben', '--name', 'Ben'),
	carol => admin('approver', 'add', 'carol', '--customer', 'acme'),
	erin => admin('approver', 'add', 'erin', '--customer', 'other'),
	db1 => admin('host', 'code', '--customer', 'acme', '--authority', '/root/ca.pub', '--vendor',
		'vendor.example'),
	other1 => admin('host', 'code', '--customer', 'other', '--authority', '/root/ca.pub'),
);
my %token = (olga => admin('token', 'add', 'olga'));
my $central = serve(8480, '--token-rate', 0, '--address-rate', 0);

# --- who is asking --------------------------------------------------------------------------------------

answers('it is healthy', 200, 'GET', '/healthz');
answers('it has numbers', 200, 'GET', '/metrics');
answers('an unknown path', '404:not-found', 'GET', '/v1/nothing');
answers('another method', '405:method', 'PUT', '/v1/whoami');
answers('an unknown parameter', '400:malformed', 'GET', '/v1/hosts?x=1', token => $token{olga});
answers('a parameter twice', '400:malformed', 'GET', '/v1/feed?after=1&after=2');
answers('a slash that is smuggled in', '400:malformed', 'GET', '/v1/requests/a%2Fb');
answers('a target that is too long', '400:malformed', 'GET', '/v1/' . 'x' x 1100);

for my $who (qw(ana ben carol erin)) {
	my $answer = answers("$who logs in", 200, 'POST', '/v1/login', token => $code{$who}, body => '');
	is($answer->{name}, $who, "... and is $who");
	$token{$who} = $answer->{token};
}
answers('a code works once', '409:code-used', 'POST', '/v1/login', token => $code{ana}, body => '');
answers('an unknown code', '401:code', 'POST', '/v1/login', token => '00000-' x 4 . '00000',
	body => '');
answers('an enrolment code is no login', '401:code', 'POST', '/v1/login', token => $code{db1},
	body => '');
{
	my $short = admin(qw(host code --customer acme --authority /root/ca.pub --for 1s));
	ok(wait_until(10, sub {
		($contract->ask('GET', '/v1/enrolment', token => $short)->{json}{detail} // '') =~ /has ended/
	}), 'a code ends');
	answers('... and enrols nothing then', '401:code', 'POST', '/v1/enrolment', token => $short,
		body => '{}');
}
answers('whose token this is', 200, 'GET', '/v1/whoami', token => $token{carol});
answers('without a token', '401:token', 'GET', '/v1/whoami');
answers('with an unknown token', '401:token', 'GET', '/v1/whoami', token => 'f' x 64);
answers('with what is no token', '401:token', 'GET', '/v1/whoami', token => '../../etc');

# --- enrolment ------------------------------------------------------------------------------------------

my %id = map { $_ => host_id($key{$_}) } qw(db1 other1);

sub enrol_body { # NAME WITH...
	my ($name, %with) = @_;
	my $document = enrolment(key => $key{$name}, host => [ id => $id{$name}, name => $name ], %with);
	return envelope($document, sign($name, 'enrolment', $document));
}

my @enrol = ('POST', '/v1/enrolment', token => $code{db1}, body =>);
my $offer = answers('what a code is for', 200, 'GET', '/v1/enrolment', token => $code{db1});
is_deeply([ @$offer{qw(customer vendor authority)} ], [ 'acme', 'vendor.example', $key{ca} ],
	'... customer, vendor and agent authority');
answers('of an unknown code', '401:code', 'GET', '/v1/enrolment', token => '0' x 25);
answers('an enrolment without a code', '401:code', 'POST', '/v1/enrolment', body => '{}');
answers('that is no JSON', '400:malformed', @enrol, '{');
answers('that is no JSON type', '415:media-type', @enrol, '{}', headers =>
	{ 'Content-Type' => 'text/plain' });
answers('that is larger than may be', '413:too-large', @enrol, 'x' x (64 * 1024 + 1));
answers('whose document is larger than may be', '413:too-large', @enrol, envelope('x' x 16385));
answers('for another customer', '403:not-yours', @enrol, enrol_body('db1', customer => 'other'));
answers('whose id is not that of the key', '422:document', @enrol,
	enrol_body('db1', host => [ id => $id{other1}, name => 'db1' ]));
{
	my $document = enrolment(key => $key{db1}, host => [ id => $id{db1}, name => 'db1' ]);
	answers('signed by another key', '422:document', @enrol,
		envelope($document, sign('other1', 'enrolment', $document)));
	answers('signed in another namespace', '422:document', @enrol,
		envelope($document, sign('db1', 'head', $document)));
	answers('with a member twice', '400:malformed', @enrol,
		'{"document":"a","document":"b","signature":""}');
}
my $enrolled = answers('db1 is enrolled', 201, @enrol, enrol_body('db1'));
is($enrolled->{host}, $id{db1}, '... under the id of its key');
$token{db1} = $enrolled->{token};
answers('a second enrolment with a used code', '409:code-used', @enrol, enrol_body('db1'));
answers('what a used code is for', '409:code-used', 'GET', '/v1/enrolment', token => $code{db1});
$token{other1} = answers('another customer has a host', 201, 'POST', '/v1/enrolment',
	token => $code{other1}, body => enrol_body('other1', customer => 'other'))->{token};
{
	$key{thief} = new_key('thief');
	$id{thief} = host_id($key{thief});
	my $code = admin('host', 'code', '--customer', 'acme', '--authority', '/root/ca.pub');
	answers('another key under the name of a host', '409:host-name', 'POST', '/v1/enrolment',
		token => $code, body => enrol_body('thief', host => [ id => $id{thief}, name => 'db1' ]));
}
answers('a person does not leave', '403:role', 'DELETE', '/v1/enrolment', token => $token{ana});
answers('nobody does not leave', '401:token', 'DELETE', '/v1/enrolment');

# --- hosts ------------------------------------------------------------------------------------------------

my $hosts = answers('ana sees the hosts of acme', 200, 'GET', '/v1/hosts?customer=acme',
	token => $token{ana});
is_deeply([ map { $_->{name} } @{ $hosts->{hosts} } ], ['db1'], '... db1');
is(@{ answers('carol sees those of her customer', 200, 'GET', '/v1/hosts', token => $token{carol})
	->{hosts} }, 1, '... one');
is(@{ answers('olga sees all', 200, 'GET', '/v1/hosts', token => $token{olga})->{hosts} }, 2,
	'... two');
answers("carol does not see another customer's", '403:not-yours', 'GET', '/v1/hosts?customer=other',
	token => $token{carol});
answers('a host sees no hosts', '403:role', 'GET', '/v1/hosts', token => $token{db1});
answers('nobody sees hosts', '401:token', 'GET', '/v1/hosts');

# --- requests ---------------------------------------------------------------------------------------------

my $ana = [ login => 'ana', name => 'Ana Sousa', team => 'product-support', key => $key{ana} ];
my @db1 = ([ $id{db1}, 'db1' ]);
my $asked = request(agent => $ana, hosts => \@db1);
my $armour = sign('ana', 'request', $asked); # central looks at its shape alone

sub post { # NAME STATUS PATH WHO BYTES [SIGNATURE]
	my ($name, $status, $path, $who, $bytes, $signature) = @_;
	return answers($name, $status, 'POST', $path, token => $token{$who},
		body => envelope($bytes, $signature // $armour));
}

my $kept = post('ana asks', 201, '/v1/requests', 'ana', $asked);
is_deeply([ @$kept{qw(digest id)} ], [ digest($asked), short_id($asked) ],
	'... her request is named by its digest');
post('again: nothing happens twice', 200, '/v1/requests', 'ana', $asked);
post("in ben's name", '403:not-yours', '/v1/requests', 'ben', $asked);
post('under another full name', '403:not-yours', '/v1/requests', 'ana', request(agent =>
	[ login => 'ana', name => 'Root', team => 'product-support', key => $key{ana} ], hosts => \@db1));
post('for a host of another customer', '422:document', '/v1/requests', 'ana',
	request(agent => $ana, hosts => [ [ $id{other1}, 'other1' ] ]));
post('for a host by another name', '422:document', '/v1/requests', 'ana',
	request(agent => $ana, hosts => [ [ $id{db1}, 'db2' ] ]));
{
	my $twin = request(agent => $ana, hosts => \@db1);
	my $old = request(agent => $ana, hosts => \@db1);
	post('ana asks for a twin', 201, '/v1/requests', 'ana', $old);
	my ($digest, $id) = (digest($old), short_id($twin));
	system('sqlite3', $database, "UPDATE documents SET short_id = '$id' WHERE digest = '$digest'");
	post('another document with the short id of one', '409:short-id', '/v1/requests', 'ana', $twin);
}
my $closed = request(agent => $ana, hosts => \@db1);
post('ana asks once more', 201, '/v1/requests', 'ana', $closed);

my %about = (
	'/v1/decisions' => [ 'carol', 'approver', \&decision, hosts => \[ $id{db1} ] ],
	'/v1/revocations' => [ 'carol', 'by', \&revocation ],
	'/v1/closings' => [ 'ana', 'agent', \&closing ],
);
my $request_digest = digest($asked);
my %good = ('/v1/requests' => $asked);
for my $path (sort keys %about) {
	my ($who, $field, $make, @members) = @{ $about{$path} };
	my $good = $make->(request => $request_digest, @members);
	$good{$path} = $good;
	post("$path: by $who", 201, $path, $who, $good);
	post("$path: the same again", 200, $path, $who, $good);
	post("$path: in another's name", '403:not-yours', $path, $who,
		$make->(request => $request_digest, @members, $field => 'dan'));
	post("$path: about an unknown request", '404:not-found', $path, $who,
		$make->(request => digest('nothing'), @members));
	my $other = $who eq 'carol' ? 'erin' : 'ben';
	post("$path: about a request of others", '404:not-found', $path, $other,
		$make->(request => $request_digest, @members, $field => $other));
	my $twin = $make->(request => $request_digest, @members, ($path =~ /decisions/ ? 'comment' :
		$path =~ /closings/ ? 'summary' : 'reason') => 'twin');
	my ($digest, $id) = (digest($good), short_id($twin));
	system('sqlite3', $database, "UPDATE documents SET short_id = '$id' WHERE digest = '$digest'");
	post("$path: with the short id of another", '409:short-id', $path, $who, $twin);
}
post('a revocation needs no signature', 201, '/v1/revocations', 'carol',
	revocation(request => digest($closed)), '');
post('an operator revokes', 201, '/v1/revocations', 'olga',
	revocation(request => digest($closed), by => 'olga'), '');

# What holds for every path that takes a document.
my %sender = ('/v1/requests' => 'ana', map { $_ => $about{$_}[0] } keys %about);
for my $path (sort keys %sender) {
	my @ask = ('POST', $path, token => $token{ $sender{$path} }, body =>);
	my ($other) = grep { $path ne $_ } sort keys %sender;
	my $good = $good{$path};
	(my $spaced = $good) =~ s/,/, /;
	answers("$path: no JSON", '400:malformed', @ask, 'nonsense');
	answers("$path: a list", '400:malformed', @ask, '[]');
	answers("$path: a member too much", '400:malformed', @ask,
		document([ document => $good, signature => $armour, more => 1 ]));
	answers("$path: a NUL in a text", '400:malformed', @ask,
		'{"document":"a\u0000b","signature":""}');
	answers("$path: without a token", '401:token', 'POST', $path, body => '{}');
	answers("$path: by a host", '403:role', 'POST', $path, token => $token{db1}, body => '{}');
	answers("$path: no JSON type", '415:media-type', @ask, '{}', headers =>
		{ 'Content-Type' => 'application/x-www-form-urlencoded' });
	answers("$path: a body of 64 KiB and 1", '413:too-large', @ask, 'x' x (64 * 1024 + 1));
	answers("$path: a document of 16 KiB and 1", '413:too-large', @ask, envelope('x' x 16385));
	answers("$path: a document of 16 KiB is looked at", '422:document', @ask, envelope('x' x 16384));
	answers("$path: a signature of 8 KiB and 1", '413:too-large', @ask,
		envelope($good, 'x' x 8193));
	answers("$path: what is no signature", '422:document', @ask, envelope($good, 'x' x 8192));
	answers("$path: a document of another type", '422:document', @ask,
		envelope($good{$other}, $armour));
	answers("$path: a document with white space", '422:document', @ask, envelope($spaced, $armour));
	answers("$path: a document with a control character", '422:document', @ask,
		envelope($good =~ s/acme|approve|done|Rebuilt/\e[2J/r, $armour));
}

# --- reading requests -------------------------------------------------------------------------------------

my $state = answers('ana reads her request', 200, 'GET', '/v1/requests/' . digest($asked),
	token => $token{ana});
is($state->{document}, $asked, '... its exact bytes');
is($state->{signature}, $armour, '... and their signature');
is($state->{decisions}[0]{document}, $good{'/v1/decisions'}, '... the decision about it');
is($state->{state}, 'approved', '... and what central believes');
my $id = $kept->{id};
(my $typed = lc $id) =~ s/-//;
is(answers('by its short id as people type it', 200, 'GET', "/v1/requests/$typed",
	token => $token{carol})->{digest}, digest($asked), '... it is the same');
answers("ben does not see ana's", '404:not-found', 'GET', "/v1/requests/$id", token => $token{ben});
answers("erin does not see another customer's", '404:not-found', 'GET', "/v1/requests/$id",
	token => $token{erin});
answers('an unknown one', '404:not-found', 'GET', '/v1/requests/' . '0' x 64, token => $token{ana});
answers('what is no id', '400:malformed', 'GET', '/v1/requests/UUU', token => $token{ana});
answers('a host reads none', '403:role', 'GET', "/v1/requests/$id", token => $token{db1});
answers('nobody reads one', '401:token', 'GET', "/v1/requests/$id");
answers('a host lists none', '403:role', 'GET', '/v1/requests', token => $token{db1});
answers('nobody lists', '401:token', 'GET', '/v1/requests');
answers("carol lists no other customer's", '403:not-yours', 'GET', '/v1/requests?customer=other',
	token => $token{carol});
answers("ana lists no other's", '403:not-yours', 'GET', '/v1/requests?agent=ben',
	token => $token{ana});
answers('after what is no number', '400:malformed', 'GET', '/v1/requests?after=-1',
	token => $token{ana});
is(@{ answers('erin lists', 200, 'GET', '/v1/requests', token => $token{erin})->{requests} }, 0,
	'... nothing');

# --- pages --------------------------------------------------------------------------------------------------

sub pages { # NAME TARGET NOUN WHO: all items, and how many pages
	my ($name, $target, $noun, $who) = @_;
	my ($next, $pages, @all) = ('', 0);
	do {
		my $page = answers("$name, page " . ++$pages, 200, 'GET', $target . $next,
			token => $token{$who});
		push @all, @{ $page->{$noun} };
		$next = $page->{next} ? ($target =~ /\?/ ? '&' : '?') . "after=$page->{next}" : '';
	} while ($next && $pages < 10);
	return ($pages, @all);
}

my $before = 3;
my $more = 105;
my $failed = grep {
	$contract->ask('POST', '/v1/requests', token => $token{ana},
		body => envelope(request(agent => $ana, hosts => \@db1), $armour))->{status} != 201
} 1 .. $more;
is($failed, 0, "$more more requests");
my ($pages, @all) = pages('requests', '/v1/requests', 'requests', 'ana');
is(@all, $before + $more, 'every request is on one page');
cmp_ok($pages, '>', 1, '... of several');
is(keys %{ { map { $_->{digest} => 1 } @all } }, @all, '... and on one only');
(undef, @all) = pages('requests that wait', '/v1/requests?state=waiting', 'requests', 'ana');
is(@all, 1 + $more, 'pages of one state: one that was revoked before anybody approved it waits no longer');
(undef, @all) = pages('requests that are revoked', '/v1/requests?state=revoked', 'requests', 'ana');
is(@all, 1, '... it is revoked');

system('sqlite3', $database, <<'SQL'); # 101 real enrolments would take 20 s
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 101)
	INSERT INTO hosts SELECT printf('h%026d', i), customer, 'web' || i, key, enrolment, documents,
		enrolled, contact, 0 FROM hosts, n WHERE name = 'other1';
SQL
($pages, @all) = pages('hosts', '/v1/hosts?customer=other', 'hosts', 'olga');
is("$pages " . @all, '2 102', '102 hosts on two pages');

# --- the feed -----------------------------------------------------------------------------------------------

my $feed = answers('db1 reads its feed', 200, 'GET', '/v1/feed', token => $token{db1});
my $epoch = $feed->{epoch};
is(@{ $feed->{items} }, 100, '... a page of it');
is($feed->{items}[0]{document}, $asked, '... from the first document, byte for byte');
my $rest = answers('and the rest', 200, 'GET', "/v1/feed?after=$feed->{cursor}&epoch=$epoch",
	token => $token{db1});
is(@{ $rest->{items} }, $before + $more + 5 - 100, '... which ends');
is(answers('with another epoch all comes again', 200, 'GET',
	"/v1/feed?after=$rest->{cursor}&epoch=another&wait=20", token => $token{db1})->{items}[0]{cursor},
	$feed->{items}[0]{cursor}, '... at once, from the first');
is(@{ answers("another customer's host reads its own", 200, 'GET', '/v1/feed',
	token => $token{other1})->{items} }, 0, '... where there is nothing of acme');
answers('nobody can name another host', '400:malformed', 'GET', "/v1/feed?host=$id{db1}",
	token => $token{other1});
answers('a person has no feed', '403:role', 'GET', '/v1/feed', token => $token{ana});
answers('nobody has one', '401:token', 'GET', '/v1/feed');
answers('a cursor that is no number', '400:malformed', 'GET', '/v1/feed?after=x',
	token => $token{db1});
answers('a wait that is too long', '400:malformed', 'GET', '/v1/feed?wait=3601',
	token => $token{db1});

my $poll = "/v1/feed?after=$rest->{cursor}&epoch=$epoch&wait=";
my ($took, $status, $got) = Contract::finish($contract->begin('GET', $poll . 1, token => $token{db1}));
ok($took >= 0.9 && $took < 5 && $status == 200 && !@{ $got->{items} },
	'a poll without news is answered at the end of its wait') or diag("$took s, $status");
is($got->{cursor}, $rest->{cursor}, '... with the cursor that it had');

my $waiting = $contract->begin('GET', $poll . 30, token => $token{db1});
ok(wait_until(10, sub { $contract->metric('connections_waiting') == 1 }), 'a poll waits');
post('then ana asks', 201, '/v1/requests', 'ana', my $news = request(agent => $ana, hosts => \@db1));
($took, $status, $got) = Contract::finish($waiting);
ok($took < 5 && @{ $got->{items} } == 1 && $got->{items}[0]{document} eq $news,
	'... and it is answered at once') or diag("$took s");

my @held;
for my $n (1 .. 5) { # one after the other, so that the first is the oldest
	push @held, $contract->begin('GET', "/v1/feed?after=$got->{cursor}&epoch=$epoch&wait=30",
		token => $token{db1});
	wait_until(10, sub { $contract->metric('waits_total') == 2 + $n });
}
($took) = Contract::finish(shift @held);
cmp_ok($took, '<', 10, 'one token may hold four polls: the oldest is answered');
post('then something comes', 201, '/v1/requests', 'ana', request(agent => $ana, hosts => \@db1));
Contract::finish($_) for @held;

# --- events ---------------------------------------------------------------------------------------------------

my @events;
sub grow { # N WITH...: the chain of db1
	my ($n, %with) = @_;
	for (1 .. $n) {
		push @events, event(host => $id{db1}, seq => @events + 1,
			previous => @events ? digest($events[-1]) : '0' x 64, %with);
	}
}

sub report { # FROM: events from there, under a signed head
	my ($from, %with) = @_;
	my $signer = $with{signer} // 'db1';
	my @chain = @{ $with{chain} // \@events };
	my $head = head(host => $id{db1}, seq => scalar @chain, event => digest($chain[-1]));
	return document([ events => \[ @chain[ $from .. $#chain ] ], head => $head,
		signature => sign($signer, 'head', $head) ]);
}

my @report = ('POST', '/v1/events', token => $token{db1}, body =>);
grow(3);
grow(1, kind => 'approved', request => digest($asked), agent => 'ana');
is(answers('db1 reports', 200, @report, report(0))->{last}, 4, '... four events');
is(answers('again', 200, @report, report(0))->{last}, 4, '... and still four');
grow(3);
is(answers('with a gap', '409:chain-gap', @report, report(5))->{last}, 4,
	'... central says what it knows');
{
	my @other = @events;
	$other[3] = event(host => $id{db1}, seq => 4, previous => digest($events[2]), text => 'other');
	is(answers('other events with known numbers', '409:chain-fork', @report, report(3, chain => \@other))->{last},
		4, '... central says what it knows');
}
answers('a head by another key', '422:document', @report, report(4, signer => 'other1'));
answers("in another host's name", '403:not-yours', 'POST', '/v1/events', token => $token{other1},
	body => report(4));
answers('no JSON', '400:malformed', @report, '{]');
answers('without a token', '401:token', 'POST', '/v1/events', body => report(4));
answers('by a person', '403:role', 'POST', '/v1/events', token => $token{ana}, body => report(4));
answers('no JSON type', '415:media-type', @report, report(4), headers =>
	{ 'Content-Type' => 'text/json' });
answers('a report of 256 KiB and 1', '413:too-large', @report, 'x' x (256 * 1024 + 1));
answers('more than 512 events', '400:malformed', @report,
	document([ events => \[ ('x') x 513 ], head => '', signature => '' ]));
answers('what is no event', '422:document', @report,
	document([ events => \[ $asked ], head => '', signature => '' ]));
grow(106);
is(answers('a long report', 200, @report, report(4))->{last}, 113, '... is kept whole');

is(answers('ana reads what concerns her request', 200, 'GET', '/v1/events?request=' . digest($asked),
	token => $token{ana})->{events}[0], $events[3], '... byte for byte');
my $read = answers('carol reads all of her customer', 200, 'GET', "/v1/events?host=$id{db1}",
	token => $token{carol});
is(@{ $read->{events} }, 100, '... a page of it');
is(@{ $read->{heads} }, 2, '... with the heads that vouch for it');
$read = answers('and the rest', 200, 'GET', "/v1/events?after=$read->{next}",
	token => $token{carol});
is(@{ $read->{events} }, 13, '... of it');
is(@{ answers('erin reads', 200, 'GET', '/v1/events', token => $token{erin})->{events} }, 0,
	'... nothing of another customer');
is(@{ answers('ben reads', 200, 'GET', '/v1/events', token => $token{ben})->{events} }, 0,
	"... nothing of ana's");
answers('a host reads no events', '403:role', 'GET', '/v1/events', token => $token{db1});
answers('nobody reads events', '401:token', 'GET', '/v1/events');
answers('after what is no number', '400:malformed', 'GET', '/v1/events?after=',
	token => $token{carol});
$waiting = $contract->begin('GET', "/v1/events?after=$read->{next}&wait=30", token => $token{carol});
ok(wait_until(10, sub { $contract->metric('connections_waiting') == 1 }), 'carol waits for events');
grow(1, kind => 'confirmed', request => digest($asked));
answers('db1 reports something new', 200, @report, report(113));
($took, $status, $got) = Contract::finish($waiting);
ok($took < 5 && $got->{events}[0] eq $events[-1], '... and she hears of it at once')
	or diag("$took s");
is(answers('the request is over', 200, 'GET', "/v1/requests/$id", token => $token{ana})->{state},
	'revoked', '... since the host has said so, and carol had revoked it');

# --- others at the same database --------------------------------------------------------------------------------

my $cursor = answers('db1 reads on', 200, 'GET', "/v1/feed?after=$rest->{cursor}&epoch=$epoch",
	token => $token{db1})->{cursor};
$waiting = $contract->begin('GET', "/v1/feed?after=$cursor&epoch=$epoch&wait=30", token => $token{db1});
ok(wait_until(10, sub { $contract->metric('connections_waiting') == 1 }), 'db1 waits for its feed');
system("$program agent lock ana --wait 1s --database $database >/dev/null 2>&1");
is($? >> 8, 7, 'an admin locks ana; db1 has not confirmed yet');
($took, $status, $got) = Contract::finish($waiting);
ok($took < 8 && @{ $got->{items} } > 0 && $got->{items}[0]{document} =~ /"type":"revocation"/,
	'... and db1 hears of it at once') or diag("$took s");
answers('... and her token has ended', '401:token', 'GET', '/v1/whoami', token => $token{ana});

my $old = $epoch;
admin('epoch', 'new');
ok(wait_until(5, sub { $contract->ask('GET', "/v1/feed?after=$got->{cursor}&epoch=$old&wait=0",
	token => $token{db1})->{json}{epoch} ne $old }), 'a new epoch is told while the server runs');

{
	open my $lock, '|-', "sqlite3 $database >/root/lock.log 2>&1" or BAIL_OUT("sqlite3: $!");
	$lock->autoflush(1);
	print $lock "BEGIN IMMEDIATE;\nSELECT 'locked';\n";
	wait_until(5, sub { -s '/root/lock.log' });
	my $answer = $contract->ask('POST', '/v1/decisions', token => $token{carol},
		body => envelope(decision(request => digest($asked), hosts => \[ $id{db1} ],
			comment => 'busy'), $armour));
	is($answer->{status}, 503, 'a database that another holds is 503') or diag($answer->{text});
	ok($answer->{headers}{'retry-after'} && $answer->{json}{type} eq "${urn}busy" &&
		!$answer->{broken}, '... and says when to try again') or diag($answer->{broken});
	close $lock;
}

# --- leaving, and the end ---------------------------------------------------------------------------------------

answers('other1 leaves', 204, 'DELETE', '/v1/enrolment', token => $token{other1});
answers('... and its token has ended', '401:token', 'GET', '/v1/feed', token => $token{other1});

$waiting = $contract->begin('GET', "/v1/feed?after=100000&epoch=" . admin('epoch', 'show') . '&wait=30',
	token => $token{db1});
ok(wait_until(10, sub { $contract->metric('connections_waiting') == 1 }), 'db1 waits once more');
kill TERM => $central;
($took, $status) = Contract::finish($waiting);
waitpid $central, 0;
is("$status $?", '200 0', 'a server that is stopped answers those who wait, and ends well');

# --- too often ----------------------------------------------------------------------------------------------------

$central = serve(8480, '--address-rate', 1, '--token-rate', 0);
for my $operation ($contract->operations) {
	my ($method, $path) = split / /, $operation;
	$path =~ s/\{id\}/$id/;
	my $answer;
	wait_until(10, sub {
		$answer = $contract->ask($method, $path);
		return $answer->{status} == 429;
	});
	ok($answer->{status} == 429 && !$answer->{broken} && $answer->{json}{type} eq "${urn}too-many",
		"$operation too often") or diag("$answer->{status} $answer->{broken}");
}
kill TERM => $central;
waitpid $central, 0;
$central = serve(8480, '--address-rate', 0, '--token-rate', 1);
my @often = map { $contract->ask('GET', '/v1/whoami', token => $token{carol})->{status} } 1 .. 12;
is_deeply([ sort { $a <=> $b } keys %{ { map { $_ => 1 } @often } } ], [ 200, 429 ],
	'one token too often');
is($contract->ask('GET', '/v1/whoami', token => $token{erin})->{status}, 200,
	"... does not slow another's");
kill TERM => $central;
waitpid $central, 0;

is(join("\n", $contract->unseen), '', 'all that openapi.yaml promises was seen');

# --- secrets ------------------------------------------------------------------------------------------------------

my %secrets = (%token, map { ("code of $_" => $code{$_}, "code of $_, plain" => $code{$_} =~ tr/-//dr) }
	keys %code);
my @shown = grep { system('grep', '-qaF', '--', $secrets{$_}, glob("$database*"), '/root/serve.log',
	'/root/admin.log') == 0 } sort keys %secrets;
is("@shown", '', 'no token and no code is in the database or in a log');

done_testing;
