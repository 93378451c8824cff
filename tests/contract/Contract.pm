# central/openapi.yaml as a judge: every answer is held against it, and what it promises and nobody
# asked for is listed.
#
#	my $contract = Contract->new('central/openapi.yaml', 'http://127.0.0.1:8480');
#	my $answer = $contract->ask('GET', '/v1/hosts?customer=acme', token => $token);
#	$answer->{status}, $answer->{json}, $answer->{headers}, $answer->{broken}
package Contract;
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;
use Time::HiRes qw(time);
use YAML::XS;

$YAML::XS::Boolean = 'JSON::PP';

# What the introduction of openapi.yaml says of any path.
my %anywhere = map { $_ => 1 } 400, 404, 405, 429, 500, 503;

sub new {
	my ($class, $file, $url) = @_;
	return bless { api => YAML::XS::LoadFile($file), url => $url, seen => {} }, $class;
}

sub operations { # "GET /v1/hosts", ...
	my ($self) = @_;
	my @all;
	for my $path (sort keys %{ $self->{api}{paths} }) {
		push @all, map { uc($_) . " $path" } sort keys %{ $self->{api}{paths}{$path} };
	}
	return @all;
}

sub operation { # the part of openapi.yaml, for a method and a real path
	my ($self, $method, $target) = @_;
	my ($path) = $target =~ /^([^?]*)/;
	for my $template (keys %{ $self->{api}{paths} }) {
		my $pattern = join '/', map { /^\{/ ? '[^/]+' : quotemeta } split m{/}, $template, -1;
		next unless $path =~ /^$pattern$/;
		my $operation = $self->{api}{paths}{$template}{ lc $method };
		return ($template, $operation) if $operation;
	}
	return;
}

sub parameters { # the names in the query
	my ($self, $method, $target) = @_;
	my (undef, $operation) = $self->operation($method, $target);
	return sort map { $_->{name} } grep { $_->{in} eq 'query' }
		map { $self->resolve($_) } @{ $operation->{parameters} // [] };
}

sub resolve {
	my ($self, $node) = @_;
	while (ref $node eq 'HASH' && $node->{'$ref'}) {
		my $at = $self->{api};
		$at = $at->{$_} for split m{/}, substr $node->{'$ref'}, 2;
		$node = $at // die "openapi.yaml has no $node->{'$ref'}\n";
	}
	return $node;
}

sub ask {
	my ($self, $method, $target, %with) = @_;
	my %headers = (%{ $with{headers} // {} });
	$headers{Authorization} = "Bearer $with{token}" if defined $with{token};
	$headers{'Content-Type'} //= 'application/json' if defined $with{body};
	my %options = (headers => \%headers);
	$options{content} = $with{body} if defined $with{body};
	my $http = HTTP::Tiny->new(timeout => 70, keep_alive => 0, max_redirect => 0);
	my $response = $http->request($method, ($with{url} // $self->{url}) . $target, \%options);
	my %answer = (
		status => $response->{status},
		headers => $response->{headers},
		text => $response->{content},
	);
	my $type = $response->{headers}{'content-type'} // '';
	$answer{json} = eval { JSON::PP->new->utf8->decode($response->{content}) } if $type =~ /json/;
	$answer{broken} = $self->judge($method, $target, \%answer);
	return \%answer;
}

sub judge { # '' or what is not as openapi.yaml has it
	my ($self, $method, $target, $answer) = @_;
	my ($template, $operation) = $self->operation($method, $target);
	my $status = $answer->{status};
	my $response = $operation && $operation->{responses}{$status};
	if ($response) {
		$self->{seen}{"$method $template"}{$status} = 1;
		$response = $self->resolve($response);
	} elsif ($anywhere{$status}) {
		$response = $self->{api}{components}{responses}{Problem};
	} else {
		return "$method $target answers $status, which is not in openapi.yaml";
	}
	my @broken = $self->judge_headers($response, $answer);
	my $content = $response->{content};
	my ($type) = ($answer->{headers}{'content-type'} // '') =~ /^([^; ]*)/;
	if (!$content) {
		push @broken, "a body or type where there is none" if length $answer->{text} || $type;
	} elsif (!$content->{$type}) {
		push @broken, "type $type instead of " . join ', ', keys %$content;
	} elsif ($type =~ /json/) {
		push @broken, $self->fault($content->{$type}{schema}, $answer->{json}, '$');
		push @broken, "status $answer->{json}{status} in the body"
			if $type =~ /problem/ && ($answer->{json}{status} // 0) != $status;
	}
	return join '; ', map { "$method $target $status: $_" } @broken;
}

sub judge_headers {
	my ($self, $response, $answer) = @_;
	my @broken;
	my $headers = $response->{headers} // {};
	for my $name (keys %$headers) {
		push @broken, $self->fault($headers->{$name}{schema},
			($answer->{headers}{ lc $name } // '') =~ /^(\d+)$/ ? $1 + 0 : undef, $name);
	}
	push @broken, 'no WWW-Authenticate'
		if $answer->{status} == 401 && !$answer->{headers}{'www-authenticate'};
	push @broken, 'no Allow' if $answer->{status} == 405 && !$answer->{headers}{allow};
	return @broken;
}

# --- JSON schema, as far as openapi.yaml uses it; an answer has no member that is not in it --------

my $number = qr/^-?(?:0|[1-9][0-9]*)$/;

sub is_number { # as JSON has it, not as perl would take it
	my ($value) = @_;
	return defined $value && !ref $value && JSON::PP->new->allow_nonref->encode($value) =~ $number;
}

my %kinds = (
	object => sub { ref $_[0] eq 'HASH' },
	array => sub { ref $_[0] eq 'ARRAY' },
	integer => sub { is_number($_[0]) },
	string => sub { defined $_[0] && !ref $_[0] && !is_number($_[0]) },
);

my %known = map { $_ => 1 } qw(type required properties additionalProperties items maxItems enum const
	pattern maxLength minimum maximum default description);

sub fault {
	my ($self, $schema, $value, $at) = @_;
	$schema = $self->resolve($schema);
	my @unknown = grep { !$known{$_} } keys %$schema;
	return "$at: the checker does not know @unknown" if @unknown;
	my $shown = defined $value ? ref $value || "\"$value\"" : 'nothing';
	return "$at: $shown is no $schema->{type}"
		if $schema->{type} && !$kinds{ $schema->{type} }->($value);
	return "$at: $shown is not $schema->{const}"
		if exists $schema->{const} && (!defined $value || $value ne $schema->{const});
	return "$at: $shown is none of @{ $schema->{enum} }"
		if $schema->{enum} && !grep { defined $value && $_ eq $value } @{ $schema->{enum} };
	return "$at: $shown is not $schema->{pattern}"
		if $schema->{pattern} && $value !~ /$schema->{pattern}/;
	return "$at: $shown is too long"
		if $schema->{maxLength} && length $value > $schema->{maxLength};
	return "$at: $shown is out of range"
		if (defined $schema->{minimum} && $value < $schema->{minimum})
		|| (defined $schema->{maximum} && $value > $schema->{maximum});
	return $self->fault_in_object($schema, $value, $at) if ref $value eq 'HASH';
	return $self->fault_in_list($schema, $value, $at) if ref $value eq 'ARRAY';
	return;
}

sub fault_in_object {
	my ($self, $schema, $value, $at) = @_;
	my $properties = $schema->{properties} // {};
	my @faults = map { "$at: no $_" } grep { !exists $value->{$_} } @{ $schema->{required} // [] };
	for my $name (sort keys %$value) {
		push @faults, $properties->{$name}
			? $self->fault($properties->{$name}, $value->{$name}, "$at.$name")
			: "$at: $name is not in openapi.yaml";
	}
	return @faults;
}

sub fault_in_list {
	my ($self, $schema, $value, $at) = @_;
	return "$at: more than $schema->{maxItems}"
		if defined $schema->{maxItems} && @$value > $schema->{maxItems};
	return map { $self->fault($schema->{items}, $value->[$_], "$at\[$_]") } 0 .. $#$value;
}

sub metric { # a number of /metrics; -1 if it has no such
	my ($self, $name) = @_;
	return $self->ask('GET', '/metrics')->{text} =~ /^supportaccess_$name (\d+)/m ? $1 : -1;
}

# Asks in a child, so that the answer can be waited for later: how long it took, status, JSON.
sub begin { # METHOD TARGET WITH...
	my ($self, @question) = @_;
	my $pid = open(my $pipe, '-|') // die "fork: $!\n";
	if (!$pid) {
		my $began = time;
		my $answer = $self->ask(@question);
		printf "%.3f %s\n%s", time - $began, $answer->{status}, $answer->{text};
		close STDOUT;
		exec '/bin/true'; # without the END blocks of the test
	}
	return $pipe;
}

sub finish {
	my ($pipe) = @_;
	local $/;
	my ($took, $status, $text) = <$pipe> =~ /^(\S+) (\S+)\n(.*)/s;
	close $pipe;
	return ($took, $status, eval { JSON::PP->new->utf8->decode($text) });
}

# What openapi.yaml promises and no answer was: "GET /v1/hosts 403", ...
sub unseen {
	my ($self) = @_;
	my @unseen;
	for my $name ($self->operations) {
		my ($method, $path) = split ' ', $name;
		for my $status (sort keys %{ $self->{api}{paths}{$path}{ lc $method }{responses} }) {
			push @unseen, "$name $status" unless $self->{seen}{$name}{$status};
		}
	}
	return @unseen;
}

1;
