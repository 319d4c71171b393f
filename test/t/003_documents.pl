# The documents are true: their examples give what they say, and every
# function, column and parameter is in the reference.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = $ENV{SKILLS_TOP};
my $database = 'mydb';

# All documents are bytes in UTF-8, as psql's output is.
sub read_document
{
	my ($path) = @_;
	return slurp_file("$top/$path");
}

# The fenced blocks of a document: language, first line's number, text.
sub blocks
{
	my ($document) = @_;
	my (@blocks, $block);
	my $number = 0;
	for my $line (split /^/, $document)
	{
		$number++;
		if ($line !~ /^```/) { $block->{text} .= $line if $block; }
		elsif ($block) { push @blocks, { %$block, last => $number }; undef $block; }
		elsif ($line =~ /^```(\w*)$/)
		{
			$block = { language => $1, line => $number + 1, text => '' };
		}
	}
	return @blocks;
}

# The SQL blocks, each with the output that the document shows, if it does.
sub examples
{
	my ($document) = @_;
	my @blocks = blocks($document);
	my @examples;
	for my $i (0 .. $#blocks)
	{
		next unless $blocks[$i]{language} eq 'sql';
		my $next = $i < $#blocks ? $blocks[ $i + 1 ] : { language => '' };
		my $follows = $next->{language} eq 'text'
		  && $next->{line} - $blocks[$i]{last} <= 2;
		push @examples, { %{ $blocks[$i] }, shown => $follows ? $next : undef };
	}
	return @examples;
}

sub normalize
{
	my ($output) = @_;
	$output =~ s/\bsk_[0-9A-HJKMNP-TV-Z]{26}\b/sk_\xE2\x80\xA6/g;
	$output =~ s/[ \t]+$//mg;
	$output =~ s/\n+\z//;
	return $output;
}

# Runs the examples in one psql session; gives the output of each.
sub outputs
{
	my ($node, @examples) = @_;
	my $mark = '-- next example --';
	my $input = "\\set SHOW_CONTEXT never\n" . join '',
	  map { "\\echo $mark\n$_->{text}" } @examples;
	my $output;
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	# Files that the examples write go with the test.
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my @psql = ('psql', '--no-psqlrc', '--dbname', $node->connstr($database) . ' user=postgres');
	IPC::Run::run \@psql, '<', \$input, '>', \$output, '2>&1', init => sub { chdir $folder };
	my (undef, @outputs) = split /^\Q$mark\E\n/m, $output, -1;
	return map { normalize($_) } @outputs;
}

# Every document has a database of its own, of the name that the examples show.
sub run_examples
{
	my ($node, $path) = @_;
	my @examples = examples(read_document($path));
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $database");
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my @outputs = outputs($node, @examples);
	is(scalar @outputs, scalar @examples, "$path: every example ran");
	for my $i (0 .. $#examples)
	{
		my $name = "$path, line $examples[$i]{line}";
		my $shown = $examples[$i]{shown};
		my $output = $outputs[$i] // '';
		if ($shown) { is($output, normalize($shown->{text}), "$name: gives what is shown"); }
		else { unlike($output, qr/^(ERROR|FATAL|WARNING|psql:)/m, "$name: runs"); }
	}
	return @examples;
}

# The text under a heading, up to the next one.
sub section
{
	my ($document, $heading) = @_;
	return $document =~ /^#+ \Q$heading\E\n(.*?)(?=^#+ |\z)/ms ? $1 : '';
}

sub check_functions
{
	my ($node, $reference) = @_;
	my $flat = $reference =~ s/\s+/ /gr;
	my @named = $reference =~ /^(?:- )?`skills\.(\w+)\([^`]*\) \xE2\x86\x92 /mg;
	my @functions = split /\n/, $node->safe_psql($database, <<~'SQL');
		SELECT p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)
		FROM pg_proc AS p WHERE p.pronamespace = 'skills'::regnamespace ORDER BY 1
		SQL
	my @existing;
	for (@functions)
	{
		my ($name, $arguments, $result) = split /\|/;
		push @existing, $name;
		$arguments =~ s/::(text|integer|boolean|jsonb)(\[\])?//g;
		# The columns of the summary, which stand under its own heading.
		$result = 'TABLE' if $name eq 'list_skills';
		ok(index($flat, "`skills.$name($arguments) \xE2\x86\x92 $result`") >= 0,
			"the reference has $name($arguments), giving $result");
	}
	is_deeply([ sort @named ], [ sort @existing ], 'the reference has no other function');
}

sub check_columns
{
	my ($node, $reference) = @_;
	my @relations = split /\n/, $node->safe_psql($database, <<~'SQL');
		SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, NULL), ',' ORDER BY a.attnum)
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'skills'::regnamespace AND c.relkind IN ('r', 'v', 'p', 'm')
			AND a.attnum > 0 AND NOT a.attisdropped
		GROUP BY 1 ORDER BY 1
		SQL
	for (@relations)
	{
		my ($name, $columns) = split /\|/;
		$columns =~ s/timestamp with time zone/timestamptz/g;
		my %described = section($reference, "skills.$name") =~ /^\| `(\w+)` \| (\S+) \|/mg;
		my @described = section($reference, "skills.$name") =~ /^\| `(\w+)` \|/mg;
		is(join(',', map { "$_ " . ($described{$_} // 'without a type') } @described),
			$columns, "the reference has the columns of skills.$name");
	}
}

sub check_parameters
{
	my ($node, $reference) = @_;
	my $parameters = $node->safe_psql($database, <<~'SQL');
		LOAD 'skills';
		SELECT name FROM pg_settings WHERE name LIKE 'skills.%' ORDER BY name DESC
		SQL
	my @described = section($reference, 'Parameters') =~ /^\| `([\w.]+)` \|/mg;
	is(join("\n", @described), $parameters, 'the reference has the parameters');
}

# The anchor of a heading, as code hosts make it.
sub anchors
{
	my ($document) = @_;
	$document =~ s/^```.*?^```$//msg;
	return map { lc =~ s/`//gr =~ s/[^\w -]//gr =~ s/ /-/gr } $document =~ /^#+ (.*)$/mg;
}

# Every link of a document leads to a file that is there, and to a heading in it.
sub check_links
{
	my ($path) = @_;
	my $document = read_document($path) =~ s/^```.*?^```$//msgr;
	my $folder = $path =~ m{^(.*/)} ? $1 : '';
	my @broken;
	while ($document =~ /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)
	{
		my ($file, $anchor) = ($1 eq '' ? $path : "$folder$1", $2);
		my $there = -e "$top/$file"
		  && (!defined $anchor || grep { $_ eq $anchor } anchors(read_document($file)));
		push @broken, "$file" . (defined $anchor ? "#$anchor" : '') unless $there;
	}
	is_deeply(\@broken, [], "$path: its links lead somewhere");
}

sub documents
{
	return map { s{^\Q$top\E/}{}r } map { glob "$top/$_" }
	  qw(*.md doc/*.md examples/*.md examples/*/README.md test/*/README.md bench/*.md);
}

# The version is written in skills.control, which is what the server says.
sub check_version
{
	my ($node) = @_;
	my $version = $node->safe_psql('postgres',
		"SELECT default_version FROM pg_available_extensions WHERE name = 'skills'");
	my $meta = decode_json(read_document('META.json'));
	is($meta->{version}, $version, 'META.json has the version of skills.control');
	is($meta->{provides}{skills}{version}, $version, 'and so has what it provides');
	my ($latest) = read_document('CHANGELOG.md') =~ /^## (\S+)/m;
	is($latest, $version, 'CHANGELOG.md begins with the version of skills.control');
}

my $node = PostgreSQL::Test::Cluster->new('documents');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->start;
# The superuser of the examples; if it is there already, so much the better.
$node->psql('postgres', 'CREATE ROLE postgres SUPERUSER LOGIN');

my ($first) = run_examples($node, 'README.md');
ok($first->{shown}, 'README.md shows the result of its first example');
cmp_ok($first->{shown}{last}, '<=', 40, 'which stands within the first 40 lines');
cmp_ok(($first->{text} =~ tr/\n//), '<=', 6, 'and takes at most six lines of SQL');

run_examples($node, 'doc/tutorial.md');
run_examples($node, 'doc/pools.md');

my $reference = read_document('doc/reference.md');
my @examples = run_examples($node, 'doc/reference.md');
is_deeply([ map { $_->{line} } grep { !$_->{shown} } @examples ],
	[], 'every example of the reference shows its output');
run_examples($node, 'doc/operation.md');
check_functions($node, $reference);
check_columns($node, $reference);
check_parameters($node, $reference);
check_version($node);
check_links($_) for documents();

$node->stop;
done_testing();
