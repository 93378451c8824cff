# Rows of results.md, and the statistics in them.
package Rows;
use strict;
use warnings;
use parent 'Exporter';
our @EXPORT = qw(median percentile interval kept row note);

sub sorted { sort { $a <=> $b } @_ }

sub percentile { # P, numbers
	my ($p, @s) = (shift, sorted(@_));
	return $s[$p / 100 * @s >= @s ? $#s : int($p / 100 * @s)];
}

sub median { percentile(50, @_) }

# The 95% interval of the median, by bootstrap; the seed is fixed: the same numbers, the same row.
sub interval {
	srand(1);
	my @medians = map { median(map { $_[rand @_] } @_) } 1 .. 1000;
	return (percentile(2.5, @medians), percentile(97.5, @medians));
}

# A promise in microseconds or milliseconds was made for a machine on which the alternative was timed,
# too: it is kept, or kept in proportion to what the alternative takes here.
sub kept { # WHETHER, OURS, AGAINST, and what the two may be where it was promised
	my ($kept, $ours, $against, $promised, $there) = @_;
	return $kept ? 'yes' : $ours / $against <= $promised / $there ? 'in proportion' : '';
}

# WHAT, ours, against, ratio, promised, whether it was kept (undef: nothing was promised; or a word)
sub row {
	my ($what, $ours, $against, $ratio, $promised, $kept) = @_;
	printf "| %s | %s | %s | %s | %s | %s |\n", $what, $ours, $against,
		$ratio =~ /^[\d.]+$/ ? sprintf('%.2f', $ratio) : $ratio, $promised,
		!defined $kept ? '' : !$kept ? '**missed**' : $kept eq '1' ? 'yes' : $kept;
}

sub note { print "\n@_\n" }

1;
