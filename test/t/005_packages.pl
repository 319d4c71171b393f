# Real packages go in as any packer makes them, come out byte for byte, and are
# loaded step by step; the scripts do the same from a shell; bad ones take no
# memory, and a cancel ends the reading.
use strict;
use warnings;

use File::Find;
use File::Path qw(make_path);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Psql;
use Test::More;
use Time::HiRes qw(time);

my $top = $ENV{SKILLS_TOP};
my $work = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('packages');
# The locale C: the names of files are not the locale's business.
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION skills;
	CREATE ROLE app LOGIN;
	SELECT skills.grant_usage('app', true);
	CREATE ROLE ann LOGIN;
	SELECT skills.grant_usage('ann');
	ALTER ROLE ann SET skills.user_id = 'ann';
	ALTER ROLE ann SET skills.org_id = 'shell';
	CREATE TABLE sample (name text, content bytea);
	GRANT SELECT ON sample TO app;
});

# Every folder with a SKILL.md: the corpus, if it is there, and the samples.
sub packages_below
{
	my @packages;
	find({ no_chdir => 1, wanted => sub { push @packages, $File::Find::dir if $_ =~ m{/SKILL\.md\z}; } }, @_);
	return sort @packages;
}

# The files of a folder: path, content, executable.
sub files_of
{
	my ($folder) = @_;
	my %files;
	find({ no_chdir => 1, wanted => sub {
		return unless -f $_;
		my $path = substr $_, length($folder) + 1;
		$files{$path} = { content => slurp_file($_), executable => (-x $_ ? 1 : 0) };
	} }, $folder);
	return \%files;
}

sub has
{
	my ($program) = @_;
	return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

sub output_of
{
	my (@command) = @_;
	my ($output, $errors);
	IPC::Run::run(\@command, '>', \$output, '2>', \$errors) or die "@command: $errors";
	return $output;
}

# A package as different packers pack it.
sub archives
{
	my ($folder) = @_;
	my ($parent, $name) = $folder =~ m{(.*)/([^/]+)\z};
	my %archives = (
		'tar' => output_of('tar', '-C', $parent, '-cf', '-', $name),
		'tar, pax' => output_of('tar', '--format=pax', '-C', $parent, '-cf', '-', $name),
		'tar, ustar' => output_of('tar', '--format=ustar', '-C', $parent, '-cf', '-', "./$name"),
		'tar.gz' => output_of('tar', '-C', $parent, '-czf', '-', $name),
		'tar without a folder' => output_of('tar', '-C', $folder, '-cf', '-', '.'),
	);
	if (has('zip'))
	{
		unlink "$work/a.zip";
		output_of('sh', '-c', 'cd "$1" && zip -q -r "$2" "$3"', 'sh', $parent, "$work/a.zip", $name);
		$archives{zip} = slurp_file("$work/a.zip");
		$archives{'zip, streamed'} = output_of('sh', '-c', 'cd "$1" && zip -q -r - . | cat', 'sh', $folder);
	}
	if (has('python3'))
	{
		output_of('python3', '-c', 'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2], sys.argv[3])',
			"$work/python", $parent, $name);
		$archives{'zip, by Python'} = slurp_file("$work/python.zip");
	}
	return %archives;
}

sub as_ann
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', "BEGIN;\nSELECT skills.set_identity('ann', 'acme') IS NULL;\n$sql\nCOMMIT;", extra_params => [ '-U', 'app' ]) =~ s/\Af\n?//r;
}

sub store
{
	my ($name, $content) = @_;
	$node->safe_psql('postgres', "INSERT INTO sample VALUES ('$name', '\\x" . unpack('H*', $content) . "');");
	return;
}

# What comes out of the database, unpacked by somebody else's program.
sub unpacked
{
	my ($skill_id, $format) = @_;
	my $out = "$work/out";
	my $archive = pack 'H*', as_ann("SELECT encode(skills.export_package('$skill_id', NULL, '$format'), 'hex');");
	system('rm', '-rf', $out);
	make_path($out);
	append_to_file("$out.archive", '');
	open my $file, '>:raw', "$out.archive" or die $!;
	print $file $archive;
	close $file;
	if ($format eq 'zip') { output_of('python3', '-c', <<~'PYTHON', "$out.archive", $out); }
		import os, sys, zipfile
		with zipfile.ZipFile(sys.argv[1]) as archive:
		    assert archive.testzip() is None
		    for item in archive.infolist():
		        os.chmod(archive.extract(item, sys.argv[2]), item.external_attr >> 16 & 0o777)
		PYTHON
	else { output_of('tar', '-C', $out, '-xf', "$out.archive"); }
	return $out;
}

sub check_package
{
	my ($folder) = @_;
	my ($name) = $folder =~ m{([^/]+)\z};
	my $expected = files_of($folder);
	my %archives = archives($folder);
	$node->safe_psql('postgres', 'TRUNCATE sample');
	store($_, $archives{$_}) for sort keys %archives;
	is(as_ann(q{SELECT name, message FROM sample, skills.validate_package(content) WHERE severity = 'error';}), '', "$name: no errors");
	my @imported = split /\n/, as_ann('SELECT name, version, added, skill_id FROM sample, skills.import_package(content) ORDER BY name;');
	is((join ' ', map { (split /\|/)[1] } @imported), join(' ', (1) x keys %archives), "$name: one version, however it was packed");
	is(scalar(grep { /\|t\|/ } @imported), 1, "$name: which is added once");
	my $skill_id = (split /\|/, $imported[0])[3];
	for my $format ('tar', 'tar.gz', has('python3') ? 'zip' : ())
	{
		my $out = unpacked($skill_id, $format);
		is_deeply([ glob("$out/*") ], ["$out/$name"], "$name: $format: one folder");
		is_deeply(files_of("$out/$name"), $expected, "$name: $format: the same files, byte for byte");
	}

	# Step by step, as a model does.
	is(as_ann("SELECT count(*) FROM skills.ai_registry() WHERE name = '$name';"), '1', "$name: is offered");
	my $body = pack 'H*', as_ann("SELECT encode(convert_to(body, 'UTF8'), 'hex') FROM skills.load_skill('$name');");
	my ($expected_body) = $expected->{'SKILL.md'}{content} =~ /\A(?:\xEF\xBB\xBF)?---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\z)(.*)\z/ms;
	ok($body eq $expected_body, "$name: its body is loaded");
	my %loaded = map { my ($path, $executable, $content) = split /\|/; $path => { content => pack('H*', $content // ''), executable => $executable eq 't' ? 1 : 0 } }
	  split /\n/, as_ann("SELECT f.path, f.executable, encode(f.content, 'hex') FROM skills.load_skill('$name') AS l, unnest(l.files) AS path, skills.load_skill_file('$name', path) AS f;");
	delete $expected->{'SKILL.md'};
	is_deeply(\%loaded, $expected, "$name: so is each file");
	return;
}

my @folders = ("$top/examples/skills", $ENV{SKILLS_CORPUS} ? $ENV{SKILLS_CORPUS} : ());
my @packages = packages_below(@folders);
cmp_ok(scalar @packages, '>=', 9, 'there are packages');
check_package($_) for @packages;

# From a shell.
sub run_script
{
	my ($script, @arguments) = @_;
	my ($out, $err) = ('', '');
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', PGUSER => 'ann');
	IPC::Run::run([ $script, @arguments ], '>', \$out, '2>', \$err);
	my $status = $? >> 8;
	$out =~ s/\bsk_[0-9A-HJKMNP-TV-Z]{26}\b/sk_/g;
	$out =~ s/\Q$work\E/WORK/g;
	return ($status, $out, $err);
}

my $count = @packages;
my ($status, $out, $err) = run_script('skills-import', @folders);
is($status, 0, 'skills-import: status') or diag($out, $err);
like($out, qr/^ *1\/$count  added      \S+ version 1  sk_\n/, 'skills-import: progress');
like($out, qr/^$count packages: $count added, 0 unchanged, 0 refused\n\z/m, 'skills-import: summary');
is($err, '', 'skills-import: nothing else');
($status, $out) = run_script('skills-import', '--tag', 'a "b", c', '--tag', 'd\\e', '--accessibility', 'org', @folders);
is($status, 0, 'skills-import: again');
like($out, qr/^$count packages: 0 added, $count unchanged, 0 refused\n\z/m, 'skills-import: nothing is added again');
is($node->safe_psql('postgres', q{SELECT DISTINCT accessibility, tags FROM skills.skill WHERE org_id = 'shell'}),
	'org|{"a \\"b\\", c","d\\\\e"}', 'skills-import: but tags and accessibility are set');

make_path("$work/exported", "$work/more/good/sub", "$work/more/bad one", "$work/none");
my @names = map { m{([^/]+)\z} } @packages;
($status, $out, $err) = run_script('skills-export', '--to', "$work/exported", @names);
is($status, 0, 'skills-export: status') or diag($err);
is_deeply(files_of("$work/exported/$names[$_]"), files_of($packages[$_]), "skills-export: $names[$_], byte for byte") for 0 .. $#names;
($status, $out) = run_script('skills-export', '--to', "$work/exported", $names[0], 'nothing', "$names[1]\@v9", "$names[1]\@v1");
is($status, 1, 'skills-export: not all can be');
is($out, "refused   $names[0]: WORK/exported/$names[0] is there already\nrefused   nothing: skill \"nothing\" does not exist\n"
	  . "refused   $names[1]\@v9: version 9 of skill \"sk_\" does not exist\n"
	  . "refused   $names[1]\@v1: WORK/exported/$names[1] is there already\n", 'skills-export: says why');
($status, $out) = run_script('skills-export', '--to', $work, '--format', 'zip', $names[0]);
is($out, "exported  $names[0] version 1  WORK/$names[0].zip\n", 'skills-export: an archive');
($status, $out) = run_script('skills-import', '--name', 'again', "$work/$names[0].zip");
is($out, "1/1  added      again version 1  sk_\n1 package: 1 added, 0 unchanged, 0 refused\n", 'skills-import: of an archive, under another name');

append_to_file("$work/more/good/SKILL.md", "---\nname: good\ndescription: d\n---\n");
append_to_file("$work/more/good/sub/SKILL.md", 'This is a file like any other.');
append_to_file("$work/more/bad one/SKILL.md", "---\nname: [\n---\n");
symlink '/etc/passwd', "$work/more/good/link" or die $!;
($status, $out) = run_script('skills-import', "$work/more");
is($status, 1, 'skills-import: some are refused');
is($out, <<~'TEXT', 'skills-import: says why, and goes on');
	1/2  refused    WORK/more/bad one
	      ERROR: invalid SKILL.md at line 2, column 7: "name" must be a text
	2/2  refused    WORK/more/good
	      ERROR: invalid package: "good/link" is a link
	2 packages: 0 added, 0 unchanged, 2 refused
	  WORK/more/bad one: invalid SKILL.md at line 2, column 7: "name" must be a text
	  WORK/more/good: invalid package: "good/link" is a link
	TEXT
unlink "$work/more/good/link";
($status, $out) = run_script('skills-import', '--check', "$work/more");
is($status, 1, 'skills-import --check: status');
is($out, <<~'TEXT', 'skills-import --check: what is wrong');
	1/2  refused    WORK/more/bad one
	      error: SKILL.md, line 2: "name" must be a text (column 7)
	2/2  good       WORK/more/good
	2 packages: 1 good, 1 refused
	  WORK/more/bad one
	TEXT
is($node->safe_psql('postgres', q{SELECT count(*) FROM skills.skill WHERE name = 'good'}), '0', 'skills-import --check: nothing is written');
($status, $out) = run_script('skills-import', "$work/more/good");
is($status, 0, 'skills-import: one folder');
($status, $out, $err) = run_script('skills-import', '--user', 'bob', '--org', 'shell', "$work/more/good");
like($out, qr/ERROR: permission denied to set parameter "skills\.user_id"/, 'skills-import: nobody else than the role may be');
($status, $out, $err) = do { local %ENV = (%ENV, SKILLS_USER => 'ann'); run_script('skills-import', "$work/more/good") };
is("$status $err", "2 skills-import: --user and --org go together\n", 'skills-import: half an identity');

# Names that find, cd and tar read otherwise, in a folder with such settings, whatever the language.
{
	my $odd = "$work/odd";
	make_path(map { "$odd/$_" } '-name', '(', '!', 'back\\slash', '-to');
	append_to_file("$odd/$_->[0]/SKILL.md", "---\nname: $_->[1]\ndescription: d\n---\n")
	  for [ '-name', 'dash' ], [ '(', 'bracket' ], [ '!', 'bang' ], [ 'back\\slash', 'backslash' ];
	local %ENV = (%ENV, CDPATH => $work, TAR_OPTIONS => '--exclude=SKILL.md');
	my $in_odd = sub { my ($script, @arguments) = @_; return run_script('sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', $odd, $script, @arguments) };
	($status, $out, $err) = $in_odd->('skills-import', '--', '-name', '(', '!', 'back\\slash');
	is("$status $err", '0 ', 'skills-import: odd names');
	like($out, qr/^4 packages: 4 added, 0 unchanged, 0 refused\n\z/m, 'go in');
	($status, $out, $err) = $in_odd->('skills-export', '--to', '-to', '--format', 'tar', 'dash');
	is("$status $out$err", "0 exported  dash version 1  ./-to/dash.tar\n", 'and out');
}
# A server that speaks another language, and goes away after so many times.
my $fake = "$work/fake";
make_path($fake);
append_to_file("$fake/psql", <<~'SHELL');
	#!/bin/sh
	count=$(cat "$FAKE/count" 2>/dev/null || echo 0)
	echo $((count + 1)) >"$FAKE/count"
	[ "$count" -lt "$FAKE_GOES" ] || PGHOST=/absent
	PATH=$FAKE_PATH; export PATH PGHOST
	psql "$@" 2>"$FAKE/err"
	status=$?
	sed 's/ERROR:/ERREUR :/' "$FAKE/err" >&2
	exit $status
	SHELL
chmod 0755, "$fake/psql";
sub with_fake
{
	my ($goes, @command) = @_;
	unlink "$fake/count";
	local %ENV = (%ENV, FAKE => $fake, FAKE_GOES => $goes, FAKE_PATH => $ENV{PATH}, PATH => "$fake:$ENV{PATH}");
	return run_script(@command);
}
($status, $out) = with_fake(9, 'skills-import', "$work/more/bad one");
is("$status $out", "1 1/1  refused    WORK/more/bad one\n      ERREUR : invalid SKILL.md at line 2, column 7: \"name\" must be a text\n"
	  . "1 package: 0 added, 0 unchanged, 1 refused\n  WORK/more/bad one: invalid SKILL.md at line 2, column 7: \"name\" must be a text\n", 'skills-import: the reason, in any language');
($status, $out) = with_fake(9, 'skills-export', '--to', "$work/exported", 'nothing');
is("$status $out", "1 refused   nothing: skill \"nothing\" does not exist\n", 'skills-export: the same');
($status, $out) = with_fake(1, 'skills-import', "$work/more/good", "$work/more/good", "$work/more/good");
is($status, 1, 'skills-import: the server goes away');
like($out, qr/^3 packages: 0 added, 1 unchanged, 1 refused\n  not tried: 1\n  WORK\/more\/good: the connection to the database is lost\n\z/m, 'which the summary says');
for my $wrong ([ 'skills-import' ], [ 'skills-import', "$work/none" ], [ 'skills-import', "$work/absent" ], [ 'skills-import', '--what', $work ],
	[ 'skills-import', '--name' ], [ 'skills-import', '--name', 'x', "$work/more" ], ['skills-export'], [ 'skills-export', '--to', "$work/absent", 'x' ])
{
	($status, $out, $err) = run_script(@$wrong);
	is($status, 2, "@{$wrong}[0 .. ($#$wrong > 1 ? 1 : $#$wrong)]: wrong") or diag($out);
	like($err, qr/\Askills-(im|ex)port: .+\n\z/, 'in one line');
}
{
	no warnings 'redefine';
	local *PostgreSQL::Test::Cluster::port = sub { return 1 };
	($status, $out, $err) = run_script('skills-import', "$work/more/good");
	is($status, 2, 'skills-import: no server');
	like($err, qr/^skills-import: there is no connection to the database\n\z/m, 'says so');
}
like((run_script($_, '--help'))[1], qr/\AUsage: $_ /, "$_ --help") for 'skills-import', 'skills-export';

# Bad archives and a bad SKILL.md, many times over: the backend does not grow.
$node->safe_psql('postgres', 'TRUNCATE sample');
for my $file (glob "$top/test/packages/refused_*")
{
	my ($name) = $file =~ m{([^/]+)\z};
	store($name, slurp_file($file));
}
$node->safe_psql('postgres', q{INSERT INTO sample SELECT 'yaml ' || i, skills.write_archive('', 'tar', ARRAY[octet_length(y) || ' f SKILL.md'], y)
	FROM (VALUES (1, E'---\nname: [\n---\n'::bytea), (2, E'---\nname: "\n---\n'), (3, E'---\nname: &a b\n---\n'), (4, E'---\na: 1\na: 2\n---\n')) AS bad (i, y)});
my $bad = $node->safe_psql('postgres', 'SELECT count(*) FROM sample');
my $resident = q{SELECT 'resident ' || substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\s+(\d+)');} . "\n";
SKIP:
{
	skip 'there is no /proc here', 2 unless -r '/proc/self/status';
	skip 'ASan holds back what is freed', 2 if ($ENV{SANITIZE} // '') =~ /address/;
	my $round = join '', map { sprintf "SELECT skills.import_package(s.content) FROM (SELECT content FROM sample ORDER BY name OFFSET %d LIMIT 1) AS s;\n", $_ } 0 .. $bad - 1;
	my $rounds = int(10000 / $bad) + 1;
	my $input = "\\set QUIET 1\nSELECT set_config('skills.user_id', 'ann', false), set_config('skills.org_id', 'memory', false);\n"
	  . $round x 10 . $resident . $round x $rounds . $resident;
	my ($output, $errors) = run_psql($node->connstr('postgres'), $input, 'VERBOSITY=terse');
	my $failures = () = $errors =~ /ERROR:  /g;
	cmp_ok($failures, '>=', 10000, 'ten thousand imports are refused');
	my ($before, $after) = $output =~ /^resident (\d+)$/mg;
	cmp_ok($after - $before, '<', 1024, "which took no memory: $before kB before, $after kB after");
}

# A cancel ends the reading of an archive, not what follows it.
my $limits = "LOAD 'skills'; SET skills.max_package_size = '1GB'; SET skills.max_package_ratio = 1000000;";
my $validate = 'SELECT count(*) FROM sample, skills.validate_package(content);';
$node->safe_psql('postgres', q{
	TRUNCATE sample;
	INSERT INTO sample SELECT 'zeros', skills.write_archive('a', 'tar.gz', ARRAY['100000000 f zeros'], convert_to(repeat('0', 100000000), 'UTF8'));
});
my $started = time;
is($node->safe_psql('postgres', "$limits $validate"), '1', 'an archive that takes its time');
my $whole = time - $started;
my $timeout = int($whole * 1000 / 4);
$started = time;
(undef, undef, $err) = $node->psql('postgres', "$limits SET statement_timeout = '${timeout}ms'; $validate");
my $cancelled = time - $started;
like($err, qr/canceling statement due to statement timeout/, 'reading it can be cancelled');
cmp_ok($cancelled, '<', $whole * 0.8, "at once: after $cancelled s, not $whole s");


# The writing of a SKILL.md ends, too.
$node->safe_psql('postgres', q{CREATE TABLE deep AS SELECT (repeat('{"a":', 15) || jsonb_agg('b'::text) || repeat('}', 15))::jsonb AS frontmatter FROM generate_series(1, 1000000)});
my $write = q{SELECT length(skills.write_skill_md('a', 'b', frontmatter, '')) FROM deep;};
$started = time;
is($node->safe_psql('postgres', $write), '32000286', 'a SKILL.md that takes its time');
$whole = time - $started;
$timeout = int($whole * 1000 / 4);
$started = time;
(undef, undef, $err) = $node->psql('postgres', "SET statement_timeout = '${timeout}ms'; $write");
$cancelled = time - $started;
like($err, qr/canceling statement due to statement timeout/, 'writing it can be cancelled');
cmp_ok($cancelled, '<', $whole * 0.8, "at once: after $cancelled s, not $whole s");

$node->stop;
done_testing();
