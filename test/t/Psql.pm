# What a client of psql is told: for the tests that talk to the server as one.
package Psql;
use strict;
use warnings;

use Exporter 'import';
use File::Temp;
use IPC::Run;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(run_psql);

# Runs the lines in one session with such settings of psql's; an error ends none. Gives what came out,
# without the last end of line, and the errors, without their places in the input.
sub run_psql
{
	my ($connection, $lines, @settings) = @_;
	# By files: a psql that is not let in does not read its input, and the pipe of it would break; and what
	# comes out may be much.
	my ($input, $output) = (File::Temp->new, File::Temp->new);
	print $input $lines;
	$input->flush;
	IPC::Run::run([ 'psql', '-XAtq', (map { ('-v', $_) } @settings), '-d', $connection ],
		'<', $input->filename, '>', $output->filename, '2>', \my $err);
	my $out = slurp_file($output->filename);
	$err =~ s/^psql:<stdin>:\d+: //mg;
	chomp $out;
	return ($out, $err);
}

1;
