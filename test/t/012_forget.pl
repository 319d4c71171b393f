# A DBA's functions at scale: a popular skill passes on, users and an org are
# forgotten, in an org of 10,000 rows, or of 1,000,000 with LONG=1. Nothing is
# left behind, the other org stays as it is to the byte, memory stays flat.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $rows = $ENV{LONG} ? 1_000_000 : 10_000;
my $skills = $rows / 50;
my $popular = $rows / 10;
# What a backend may take beyond what a session that did nothing has.
my $memory_limit = 16 * 1024;

my $node = PostgreSQL::Test::Cluster->new('forget');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "max_wal_size = 4GB\nautovacuum = off");
$node->start;

# As a restore writes them, a tenth of it for the org that stays: one skill in
# four private, of five authors, two versions each, every tenth with a file.
sub fill
{
	my ($org, $nskills, $nsubscriptions, $nsubscribers) = @_;
	$node->safe_psql('postgres', <<~"SQL");
		SET session_replication_role = replica;
		INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by, modified_by)
		SELECT '$org', 'sk_' || lpad(n::text, 26, '0'), 'skill' || n, CASE WHEN n % 4 = 1 THEN 'private' ELSE 'org-editable' END,
			'author' || n % 5, 'author' || n % 5 FROM generate_series(0, $nskills - 1) AS n;
		INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by, modified_by)
		SELECT org_id, skill_id, v, 'When', repeat('What ', 20), created_by, accessibility,
			CASE WHEN v = 2 AND accessibility <> 'private' THEN 'author1' ELSE created_by END, created_by
		FROM skills.skill, generate_series(1, 2) AS v WHERE org_id = '$org';
		INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, size, sha256, author, accessibility, created_by)
		SELECT org_id, skill_id, version, 'a', 'b', 1, encode(sha256('b'), 'hex'), author, accessibility, created_by
		FROM skills.skill_version WHERE org_id = '$org' AND right(skill_id, 1) = '0';
		INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
		SELECT org_id, created_by, skill_id, 1 FROM skills.skill WHERE org_id = '$org';
		INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
		SELECT '$org', 'subscriber' || n, 'sk_' || lpad('0', 26, '0'), 1 FROM generate_series(1, $nsubscribers) AS n;
		INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
		SELECT '$org', 'user' || n / $nskills, 'sk_' || lpad((n % $nskills)::text, 26, '0'), 1 + n % 2
		FROM generate_series(0, ($nsubscriptions * 4) / 3) AS n WHERE (n % $nskills) % 4 <> 1;
		SQL
	return;
}

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# All rows of an org, each as a text, in one number.
sub fingerprint
{
	my ($org) = @_;
	return join ' ', map {
		query("SELECT count(*) || ':' || coalesce(bit_xor(('x' || md5(t::text))::bit(64)::bigint), 0) FROM skills.$_ AS t WHERE org_id = '$org'")
	} qw(skill skill_version skill_file skill_subscription);
}

sub rows_of
{
	my ($org) = @_;
	my $sum = 0;
	$sum += $_ for map { /^(\d+):/ } split / /, fingerprint($org);
	return $sum;
}

sub sum_of
{
	my ($counts) = @_;
	my $sum = 0;
	$sum += $_ for split /\|/, $counts;
	return $sum;
}

# Every text column of every table.
sub places_of
{
	my ($org, $user) = @_;
	my @columns = split /\n/, query(q{SELECT attrelid::regclass || ' ' || attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = attrelid
		WHERE relnamespace = 'skills'::regnamespace AND relkind = 'r' AND attnum > 0 AND atttypid = 'text'::regtype});
	return join ' ', grep {
		my ($table, $column) = split / /;
		query("SELECT EXISTS (SELECT FROM $table WHERE org_id = '$org' AND $column = '$user')") eq 't';
	} @columns;
}

# Anonymous memory of a process in kB.
sub memory_of
{
	my ($pid) = @_;
	return slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m ? $1 : 0;
}

# Runs a statement: what it gave, the seconds, and by how much the backend grew at most.
sub measure
{
	my ($name, $sql) = @_;
	my ($in, $out, $err) = ("SELECT pg_backend_pid();\n", '', '');
	my $psql = IPC::Run::start [ 'psql', '-XAtq', '-d', $node->connstr('postgres') ],
	  '<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(1800);
	$psql->pump until $out =~ /^(\d+)\n/;
	my $pid = $1;
	my ($before, $most, $start) = (memory_of($pid), 0, time);
	$in .= "$sql;\n\\echo done\n";
	while ($out !~ /^done$/m && $err eq '')
	{
		$psql->pump_nb;
		my $now = memory_of($pid);
		$most = $now if $now > $most;
		sleep 0.01;
	}
	my $seconds = time - $start;
	$in .= "\\q\n";
	$psql->finish;
	is($err, '', "$name: no error");
	my ($result) = $out =~ /^\d+\n(.*)\ndone/s;
	my $grown = $most - $before;
	note(sprintf '%s: %s in %.2f s, %d kB more memory', $name, $result, $seconds, $grown);
	cmp_ok($grown, '<', $memory_limit, "$name: memory stays flat") if -r '/proc/self/status';
	return ($result, $seconds);
}

query('CREATE EXTENSION skills');
fill('stays', $skills / 10, $rows / 10 - 3.2 * $skills / 10 - $popular / 10, $popular / 10);
fill('goes', $skills, $rows - 4.2 * $skills - $popular, $popular);
query('ANALYZE');
my $stays = fingerprint('stays');
my $filled = rows_of('goes');
note("$filled rows");
cmp_ok($filled, '>', 0.8 * $rows, 'the org is as large as it should be');

# At its full size, and taken back.
my ($all, $elapsed) = measure('forget_org of all', q{BEGIN; SELECT * FROM skills.forget_org('goes'); ROLLBACK});
is(sum_of($all), $filled, 'forget_org deletes every row');
note(sprintf '%d rows a second', $filled / $elapsed);

# The skill with most subscribers: none of their rows is written.
my ($author) = measure("transfer with $popular subscribers",
	q{SELECT created_by FROM skills.transfer_skill('goes', 'sk_00000000000000000000000000', 'author2')});
is($author, 'author2', 'the popular skill has another author');
is(query(q{SELECT count(DISTINCT author) || ' ' || min(author) FROM skills.skill_version WHERE skill_id = 'sk_00000000000000000000000000' AND org_id = 'goes'}),
	'1 author2', 'and so have its versions');

# One who wrote in every shared skill, with an heir; one whose skills go.
my ($counts) = measure('forget_user with an heir', q{SELECT * FROM skills.forget_user('goes', 'author1', 'author2')});
is(places_of('goes', 'author1'), '', 'nothing names who is forgotten');
isnt(places_of('stays', 'author1'), '', 'who is another user of that id in the other org');
is(query(q{SELECT count(*) FROM skills.skill AS s JOIN skills.skill_version AS v USING (org_id, skill_id)
	WHERE (author, v.accessibility) <> (s.created_by, s.accessibility)}), '0', 'every version is as its skill');
($counts) = measure('forget_user without an heir', q{SELECT * FROM skills.forget_user('goes', 'author2', NULL)});
is(places_of('goes', 'author2'), '', 'nothing names who is forgotten without an heir');

my $left = rows_of('goes');
($counts) = measure('forget_org of what is left', q{SELECT * FROM skills.forget_org('goes')});
is(sum_of($counts), $left, 'forget_org counts every row');
is(rows_of('goes'), 0, 'and leaves none');
is(fingerprint('stays'), $stays, 'the other org is as it was, to the byte');

$node->stop;
done_testing();
