# Documents as the programs make them, for a test that wants them also wrong: ordered members,
# canonical form, signed by ssh-keygen.
package Cast;
use strict;
use warnings;
use Digest::SHA qw(sha256 sha256_hex);
use Exporter 'import';
use JSON::PP;
use MIME::Base64;

our @EXPORT = qw(document envelope sign new_key host_id short_id digest nonce request enrolment event
	head decision revocation closing);

my $json = JSON::PP->new->utf8->allow_nonref;
our $folder = '.'; # where keys are

# Pairs in their order: [type => 'request', version => 1, agent => [login => 'ana', ...], ...].
# \@list is an array.
sub document {
	my ($value) = @_;
	return $json->encode($value) unless ref $value;
	return '[' . join(',', map { document($_) } @$$value) . ']' if ref $value eq 'REF';
	my @members;
	for (my $i = 0; $i < @$value; $i += 2) {
		push @members, $json->encode($value->[$i]) . ':' . document($value->[ $i + 1 ]);
	}
	return '{' . join(',', @members) . '}';
}

sub envelope {
	my ($bytes, $signature) = @_;
	return document([ document => $bytes, signature => $signature // '' ]);
}

sub digest { return sha256_hex($_[0]) }

sub base32 {
	my ($bytes, $characters) = @_;
	my @alphabet = split //, '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
	my $bits = unpack 'B*', $bytes;
	return join '', map { $alphabet[ oct '0b' . substr $bits, 5 * $_, 5 ] } 0 .. $characters - 1;
}

sub short_id {
	my $id = base32(sha256($_[0]), 10);
	return substr($id, 0, 5) . '-' . substr($id, 5);
}

my $nonces = 0;
sub nonce { return base32(sha256("$$ " . $nonces++), 26) }

sub run {
	my ($input, @command) = @_;
	open my $pipe, '|-', @command or die "$command[0]: $!\n";
	print $pipe $input;
	close $pipe or die "@command: exit $?\n";
}

sub new_key { # NAME: the public half, "type base64"
	my ($name) = @_;
	run('', 'ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', "$folder/$name");
	open my $file, '<', "$folder/$name.pub" or die "$name.pub: $!\n";
	my ($key) = <$file> =~ /^(\S+ \S+)/;
	return $key;
}

sub host_id {
	my ($key) = @_;
	return 'h' . lc base32(sha256(decode_base64((split ' ', $key)[1])), 26);
}

sub sign { # NAME TYPE BYTES
	my ($name, $type, $bytes) = @_;
	my $path = "$folder/signed.$$";
	open my $file, '>', $path or die "$path: $!\n";
	print $file $bytes;
	close $file;
	unlink "$path.sig";
	system("ssh-keygen -q -Y sign -f $folder/$name -n $type\@supportaccess $path 2>/dev/null") == 0
		or die "ssh-keygen -Y sign: exit $?\n";
	open my $signature, '<', "$path.sig" or die "$path.sig: $!\n";
	local $/;
	return <$signature>;
}

# --- the types of docs/documents.md; every member can be given ------------------------------------

sub fill {
	my ($with, @members) = @_;
	my @all;
	while (my ($name, $value) = splice @members, 0, 2) {
		push @all, $name => exists $with->{$name} ? $with->{$name} : $value;
	}
	return document(\@all);
}

sub request { # agent => [...], hosts => [[id, name], ...], ...
	my %with = @_;
	$with{hosts} = \[ map { [ id => $_->[0], name => $_->[1] ] } @{ $with{hosts} } ];
	my $now = time;
	return fill(\%with, type => 'request', version => 1, customer => 'acme', agent => undef,
		hosts => undef, scope => 'read-only', length => 3600, start => 0,
		reason => 'Index rebuild fails after 9.4 upgrade', ticket => '4711', tried => '',
		created => $now, pending_until => $now + 3600, repeats => '', nonce => nonce());
}

sub decision {
	my %with = @_;
	return fill(\%with, type => 'decision', version => 1, request => undef, verdict => 'approve',
		scope => 'read-only', hosts => undef, start => 0, length => 3600,
		latest_end => time + 7200, approver => 'carol', decided => time, comment => '');
}

sub revocation {
	my %with = @_;
	return fill(\%with, type => 'revocation', version => 1, request => undef, hosts => \[],
		by => 'carol', revoked => time, reason => 'done, thank you');
}

sub closing {
	my %with = @_;
	return fill(\%with, type => 'closing', version => 1, request => undef, agent => 'ana',
		closed => time, summary => 'Rebuilt the index.');
}

sub enrolment {
	my %with = @_;
	return fill(\%with, type => 'enrolment', version => 1, customer => 'acme', host => undef,
		key => undef, address => 'db1.acme.example', port => 22, host_keys => \[ $with{key} ],
		authority => '', documents => \[1], software => 'supportaccess/0', created => time);
}

sub event {
	my %with = @_;
	return fill(\%with, type => 'event', version => 1, host => undef, seq => 1,
		previous => '0' x 64, time => time, kind => 'started', agent => '', request => '',
		session => '', by => 'supportaccessd', scope => '', until => 0, count => 0, ms => 0,
		text => '');
}

sub head {
	my %with = @_;
	return fill(\%with, type => 'head', version => 1, host => undef, seq => undef, event => undef,
		time => time);
}

1;
