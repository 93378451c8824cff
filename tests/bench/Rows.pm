# Rows of results.md, and the statistics in them.
package Rows;
use strict;
use warnings;
use parent 'Exporter';
our @EXPORT = qw(median percentile interval row note);

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

# WHAT, ours, against, ratio, promised, whether it was kept (undef: nothing was promised)
sub row {
	my ($what, $ours, $against, $ratio, $promised, $kept) = @_;
	printf "| %s | %s | %s | %s | %s | %s |\n", $what, $ours, $against,
		$ratio =~ /^[\d.]+$/ ? sprintf('%.2f', $ratio) : $ratio, $promised,
		!defined $kept ? '' : $kept ? 'yes' : '**missed**';
}

sub note { print "\n@_\n" }

1;
