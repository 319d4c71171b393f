#!/usr/bin/perl
# Prints src/fold_table.h: simple case folding (Unicode's CaseFolding.txt,
# status C and S), by ranges, of what canonical decomposition leaves whole.
#
# The table is printed once and kept. Paths are indexed by it, so a later
# Unicode must not change it: that would need a REINDEX.
use strict;
use warnings;
use Unicode::Normalize qw(NFD);
use Unicode::UCD qw(casefold);

my @ranges;
for my $character (0x80 .. 0xD7FF, 0xE000 .. 0x1FFFF)
{
	my $fold = casefold($character);
	next if !$fold || $fold->{simple} eq '' || NFD(chr $character) ne chr $character;
	my $delta = hex($fold->{simple}) - $character;
	my $range = $ranges[-1];
	my $step = $range ? $character - $range->{last} : 0;
	if ($range && $range->{delta} == $delta && ($range->{step} == $step || (!$range->{step} && $step <= 2)))
	{
		@$range{qw(last step)} = ($character, $step);
	}
	else { push @ranges, { first => $character, last => $character, step => 0, delta => $delta }; }
}

printf "/*\n * fold_table.h\n *\t\tSimple case folding of Unicode %s, printed by fold_table.pl.\n */\n", Unicode::UCD::UnicodeVersion();
print "static const FoldRange folds[] = {\n";
my @printed = map { sprintf '{0x%04x, 0x%04x, %d, %d},', @$_{qw(first last)}, $_->{step} || 1, $_->{delta} } @ranges;
print "\t", join(' ', splice @printed, 0, 3), "\n" while @printed;
print "};\n";
