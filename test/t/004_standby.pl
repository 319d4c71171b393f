# A hot standby answers every question as its primary does, and writes nothing.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Psql;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->start;
$primary->safe_psql('postgres', q{
	CREATE EXTENSION skills;
	CREATE ROLE app LOGIN;
	SELECT skills.grant_usage('app', true);
	SET ROLE app;
	-- For ann: pinned and not, old and new, private over shared, imported and hidden ones.
	SELECT skills.set_identity('bob', 'acme', false);
	SELECT skills.create_skill('deploy', E'When\n\tünïcode "quotes"', 'Of bob', 'org', '{b,a}', '{t,"u v"}');
	SELECT skills.create_skill('review', 'When to review', repeat('body ', 50000), 'org-editable', '{c}');
	SELECT skills.create_skill('hidden', 'Of bob', 'Hush');
	SELECT skills.create_version(skill_id, 'When 2', 'Two') FROM skills.skill WHERE name <> 'hidden';
	SELECT skills.set_identity('ann', 'acme', false);
	SELECT skills.set_ai_version(skill_id, 1) FROM skills.skill;
	SELECT skills.create_skill('deploy', 'My own', 'Of ann');
	SELECT skills.create_skill('draft', 'Not yet', 'To do');
	SELECT skills.set_identity('bob', 'acme', false);
	INSERT INTO skills.skill_file (skill_id, version, path, content, executable)
	SELECT skill_id, 1, path, repeat(path, 5000)::bytea, path <> 'a.md' FROM skills.skill, unnest('{b/run.sh,a.md}'::text[]) AS path
	WHERE name IN ('review', 'hidden');
	SELECT skills.set_identity('ann', 'acme', false);
	SELECT skills.set_ai_version(skill_id, NULL) FROM skills.skill WHERE name = 'draft';
	UPDATE skills.skill_version SET frontmatter = '{"license": "MIT"}' WHERE body = 'Of ann';
});

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# Runs the statements in one transaction of the app on behalf of ann: what came out, and the errors.
sub as_ann
{
	my ($node, $sql) = @_;
	return run_psql($node->connstr('postgres') . ' user=app', "BEGIN;\nSELECT skills.set_identity('ann', 'acme');\n$sql\nCOMMIT;\n",
		'VERBOSITY=verbose', 'SHOW_CONTEXT=never');
}

sub catch_up
{
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	return;
}

my $frozen = (split /\n/, (as_ann($primary, 'SELECT skills.freeze_registry();'))[0])[-1];
my $shared = $primary->safe_psql('postgres',
	q{SELECT skill_id FROM skills.skill WHERE name = 'review'});
my $message = q{E'/deploy! and /review@v1, /review@v9, /hidden\n/nothing, not `/deploy`\n```\n/deploy\n```'};
my $formats = q{unnest('{anthropic,openai,openai-chat,mcp}'::text[]) AS format};

my %readers = (
	'current_user_id' => 'SELECT skills.current_user_id(), skills.current_org_id();',
	'get_skill' => "SELECT s.* FROM skills.get_skill('$shared') AS s;",
	'get_skill_by_name' => "SELECT s.* FROM skills.get_skill_by_name('deploy') AS s;",
	'get_skill_summary' => "SELECT s.* FROM skills.get_skill_summary('$shared') AS s;",
	'list_skills' => 'SELECT s.* FROM skills.list_skills() AS s;',
	'list_skills, a page' => "SELECT s.* FROM skills.list_skills('org', 1, 'deploy:$shared') AS s;",
	'list_known_tags' => 'SELECT * FROM skills.list_known_tags();',
	'get_version' => "SELECT v.* FROM skills.get_version('$shared') AS v;",
	'get_version, of a number' => "SELECT v.* FROM skills.get_version('$shared', 1) AS v;",
	'find_version' => "SELECT v.* FROM skills.find_version('$shared', '1') AS v;",
	'list_versions' => "SELECT v.* FROM skills.list_versions('$shared') AS v;",
	'resolve_skill' => "SELECT v.* FROM unnest('{deploy,/review,/review\@v1,$shared}'::text[]) AS r, skills.resolve_skill(r) AS v;",
	'ai_registry' => 'SELECT r.* FROM skills.ai_registry() AS r;',
	'ai_registry, of bob' => "SELECT r.* FROM skills.ai_registry('bob', 'acme') AS r;",
	'explain_registry' => 'SELECT r.* FROM skills.explain_registry() AS r;',
	'explain_registry, of bob' => "SELECT r.* FROM skills.explain_registry('bob', 'acme') AS r;",
	'load_skill_tool' => "SELECT format, t.* FROM $formats, skills.load_skill_tool(format) AS t;",
	'load_skill_tool, of bob' => "SELECT t.* FROM skills.load_skill_tool(user_id => 'bob', org_id => 'acme') AS t;",
	'load_skill_tool, with a budget' => "SELECT format, t.* FROM $formats, skills.load_skill_tool(format, 7) AS t;",
	'load_skill_tool, of a frozen registry' => "SELECT format, t.* FROM $formats, skills.load_skill_tool(format, frozen => '$frozen') AS t;",
	'load_skill' => "SELECT l.* FROM skills.load_skill('review') AS l;",
	'load_skill, of a frozen registry' => "SELECT l.* FROM skills.load_skill('deploy', '$frozen') AS l;",
	'load_skill_file' => "SELECT l.* FROM skills.load_skill_file('review', 'b/run.sh') AS l;",
	'load_skill_file, of a frozen registry' => "SELECT l.* FROM skills.load_skill_file('review', 'a.md', '$frozen') AS l;",
	'list_files' => "SELECT f.* FROM skills.list_files('$shared', 1) AS f;",
	'freeze_registry' => 'SELECT skills.freeze_registry();',
	'freeze_registry, of a list' => qq{SELECT skills.freeze_registry('[{"skill_id": "$shared", "version": 1}]');},
	'read_available' => qq{SELECT a.* FROM skills.read_available('[{"skill_id": "$shared"}]') AS a;},
	'find_references' => "SELECT f.* FROM skills.find_references($message) AS f;",
	'parse_references' => "SELECT p.* FROM skills.parse_references($message) AS p;",
	'invocation_messages' => "SELECT format, skills.invocation_messages('{/deploy,/review\@v1}', format, 'turn 7') FROM $formats;",
	'can_see' => "SELECT skills.can_see('bob', 'private'), skills.can_edit('bob', 'org-editable', true), skills.require_caller();",
	'the checks' => q{SELECT skills.check_name('a'), skills.check_accessibility('org'), skills.check_tags('{a,b}'),
		skills.check_description('a', true), skills.check_frontmatter('{}'), skills.check_skill_id('sk_00000000000000000000000000'),
		skills.check_path('a'), skills.path_key('Ä/B'),
		skills.check_revision(1, 1), skills.require_argument('a', true), skills.taken_as_given();},
	'export_package' => "SELECT f, skills.export_package('$shared', 1, f) FROM unnest('{zip,tar,tar.gz}'::text[]) AS f;",
	'export_skill_md' => "SELECT skills.export_skill_md('$shared'), skills.export_skill_md('$shared', 1);",
	'validate_package' => "SELECT v.* FROM skills.validate_package(skills.export_package('$shared') || '\\x00') AS v;",
	'what packages are read and written by' => "SELECT p.* FROM skills.read_package(skills.export_package('$shared'), 'raise') AS p;
		SELECT r.*, skills.name_problems(r.name, 'b'), skills.description_problems(r.description, r.description), skills.key_problems('{\"x\": 1}'),
			skills.write_skill_md(r.name, r.description, r.frontmatter, r.body), skills.skill_md_problems('', 'a'), skills.require_importable_name('new', true),
			skills.is_version('$shared', 1, 'review', skills.write_archive('', 'tar', '{1 f a}', 'a'), false, NULL)
		FROM skills.read_skill_md(convert_to(skills.export_skill_md('$shared'), 'UTF8'), 'raise') AS r;",
	'plain SQL' => 'SELECT s.* FROM skills.skill_summary AS s ORDER BY skill_id; SELECT v.* FROM skills.skill_version AS v ORDER BY skill_id, version;
		SELECT f.* FROM skills.skill_file AS f ORDER BY skill_id, version, path;
		SELECT t.* FROM skills.skill_subscription AS t ORDER BY skill_id;',
);

# The same errors, too.
my %refusals = (
	'get_skill, of a hidden one' => "SELECT skills.get_skill_by_name('hidden');",
	'no_such' => 'SELECT skills.no_such(skills.new_skill_id() IS NULL || \'\', 9);',
	'load_skill, of one that is not offered' => "SELECT * FROM skills.load_skill('draft');",
	'no_such_file' => "SELECT skills.no_such_file('$shared', 1, 'absent');",
	'load_skill_file, of one that is not there' => "SELECT * FROM skills.load_skill_file('review', 'absent');",
	'load_skill_file, of no frozen registry' => "SELECT * FROM skills.load_skill_file('review', 'a.md', '{}');",
	'freeze_registry, of what is no list' => "SELECT skills.freeze_registry('{}');",
	'invocation_messages, of a hidden one' => "SELECT skills.invocation_messages('{/hidden}');",
	'export_package, of what is hidden' => "SELECT skills.export_package('sk_00000000000000000000000000');",
	'read_package, of no archive' => "SELECT * FROM skills.read_package('x', 'raise');",
	'read_skill_md, of none' => "SELECT * FROM skills.read_skill_md('x', 'raise');",
	'load_skill_tool, of no frozen registry' => "SELECT * FROM skills.load_skill_tool(frozen => '{}');",
);

my %writers = (
	'create_skill' => "SELECT skills.create_skill('new', 'When', 'What');",
	'update_skill' => "SELECT skills.update_skill('$shared', put_tags => '{new}');",
	'delete_skill' => "SELECT skills.delete_skill((skills.get_skill_by_name('deploy')).skill_id);",
	'create_version' => "SELECT skills.create_version('$shared', 'When', 'What');",
	'update_version' => "SELECT skills.update_version('$shared', 1, body => 'What');",
	'delete_version' => "SELECT skills.delete_version('$shared', 1);",
	'put_file' => "SELECT skills.put_file('$shared', 1, 'new', '');",
	'delete_file' => "SELECT skills.delete_file('$shared', 1, 'a.md');",
	'subscribe' => "SELECT skills.subscribe('$shared');",
	'unsubscribe' => "SELECT skills.unsubscribe('$shared');",
	'set_ai_version' => "SELECT skills.set_ai_version('$shared', 2);",
	'set_ai_version, to the pin that is there' => "SELECT skills.set_ai_version('$shared', 1);",
	'lock_skill' => "SELECT skills.lock_skill('$shared');",
	'import_package' => "SELECT * FROM skills.import_package(skills.export_package('$shared'), name => 'new');",
	'import_skill_md' => "SELECT * FROM skills.import_skill_md(E'---\nname: new\ndescription: d\n---\n');",
	'INSERT' => "INSERT INTO skills.skill (name) VALUES ('new');",
	'INSERT of a version' => "INSERT INTO skills.skill_version (skill_id, description, body) VALUES ('$shared', 'When', 'What');",
	'INSERT of a file' => "INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ('$shared', 1, 'new', '');",
	'INSERT of a subscription' => "INSERT INTO skills.skill_subscription (skill_id) VALUES ('$shared');",
	'UPDATE' => "UPDATE skills.skill SET name = 'new';",
	'UPDATE of a version' => "UPDATE skills.skill_version SET body = 'new';",
	'UPDATE of a file' => "UPDATE skills.skill_file SET content = 'new';",
	'UPDATE of a pin' => 'UPDATE skills.skill_subscription SET ai_version = 2;',
	'DELETE' => 'DELETE FROM skills.skill;',
	'DELETE of versions' => 'DELETE FROM skills.skill_version;',
	'DELETE of files' => 'DELETE FROM skills.skill_file;',
	'DELETE of subscriptions' => 'DELETE FROM skills.skill_subscription;',
	'SELECT FOR UPDATE' => 'SELECT * FROM skills.skill FOR UPDATE;',
);

# Whether the standby says what the primary says.
sub compare_readers
{
	my ($when) = @_;
	catch_up();
	for my $reader (sort keys %readers)
	{
		my ($expected, $expected_error) = as_ann($primary, $readers{$reader});
		my ($out, $err) = as_ann($standby, $readers{$reader});
		is($err . $expected_error, '', "$when: $reader: no error");
		like($out, qr/\Aann\n./, "$when: $reader: gives something");
		ok($out eq $expected, "$when: $reader: the same bytes as on the primary")
		  or diag("on the primary: $expected\non the standby: $out");
	}
	return;
}

is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery()'), 't', 'the standby is one');
compare_readers('at first');

# A function that this file forgets would not be known to work on a standby.
my $called = join ' ', values %readers, values %refusals, values %writers, 'skills.set_identity(';
my @forgotten = grep { index($called, "skills.$_(") < 0 } split /\n/, $primary->safe_psql('postgres',
	q{SELECT DISTINCT substring(f FROM 'skills\.(\w+)') FROM skills.usable_functions() AS f});
is_deeply(\@forgotten, [], 'every function is called');

for my $refusal (sort keys %refusals)
{
	my (undef, $expected) = as_ann($primary, $refusals{$refusal});
	my (undef, $err) = as_ann($standby, $refusals{$refusal});
	like($err, qr/ERROR:  (P0002|22023): /, "$refusal: an error");
	is($err, $expected, "$refusal: the same as on the primary");
}

my $rows = q{SELECT (SELECT count(*) FROM skills.skill), (SELECT count(*) FROM skills.skill_version), (SELECT count(*) FROM skills.skill_file), (SELECT count(*) FROM skills.skill_subscription)};
my $before = $standby->safe_psql('postgres', $rows);
for my $writer (sort keys %writers)
{
	my ($out, $err) = as_ann($standby, $writers{$writer});
	like($err, qr/\AERROR:  25006: cannot execute [A-Z ]+ in a read-only transaction\n/, "$writer: read-only");
	is((() = $err =~ /ERROR:/g), 1, "$writer: and no other error");
}
is($standby->safe_psql('postgres', $rows), $before, 'nothing was written');

# Who nobody is on the primary is nobody here.
my ($status, $out, $err) = $standby->psql('postgres', 'SET ROLE app; SELECT count(*) FROM skills.skill; SELECT * FROM skills.ai_registry();');
is($out, '0', 'without an identity nothing is seen');
like($err, qr/no caller identity is set/, 'and nothing is offered');

# An edit on the primary reaches the standby, and not what is frozen.
my $tool = 'SELECT digest FROM skills.load_skill_tool();';
my $frozen_tool = "SELECT digest FROM skills.load_skill_tool(frozen => '$frozen'); SELECT body FROM skills.load_skill('deploy', '$frozen');";
my ($digest) = as_ann($standby, $tool);
my ($frozen_digest) = as_ann($standby, $frozen_tool);
is((split /\n/, $frozen_digest)[1], (split /\n/, $digest)[1], 'the frozen tool is the tool as it was');
(undef, $err) = as_ann($primary,
	q{SELECT skills.update_version((skills.get_skill_by_name('deploy')).skill_id, 1, 'Edited', 'Edited') IS NULL;});
is($err, '', 'an edit on the primary');
compare_readers('after an edit');
isnt((as_ann($standby, $tool))[0], $digest, 'the tool has changed');
is((as_ann($standby, $frozen_tool))[0], $frozen_digest, 'the frozen one has not');

# While the primary writes and vacuums, what reads the indexes itself gives what
# a plan gives that reads the rows, by the same snapshot.
$primary->safe_psql('postgres', <<~'SQL');
	SELECT skills.set_identity('bob', 'acme', false);
	SELECT skills.create_skill('busy' || i, 'When ' || i, 'What', 'org-editable') FROM generate_series(1, 100) AS i;
	SELECT skills.put_file(skill_id, 1, 'of', '') FROM skills.skill WHERE name LIKE 'busy%';
	SELECT skills.set_identity('ann', 'acme', false);
	SELECT skills.set_ai_version(skill_id, 1) FROM skills.skill WHERE name LIKE 'busy%';
	RESET ALL;
	GRANT CREATE ON SCHEMA public TO app;
	SET ROLE app;
	CREATE VIEW by_plan AS
	SELECT DISTINCT ON (s.name) s.name, s.skill_id, v.version, v.description, v.relevant_topics, s.accessibility, s.created_by
	FROM skills.skill_subscription AS t
	JOIN skills.skill AS s USING (org_id, skill_id)
	JOIN skills.skill_version AS v ON (v.org_id, v.skill_id, v.version) = (t.org_id, t.skill_id, t.ai_version)
	ORDER BY s.name, s.accessibility = 'private' DESC;
	CREATE FUNCTION compare_reads() RETURNS text LANGUAGE plpgsql STABLE
		SET enable_indexscan = off SET enable_indexonlyscan = off SET enable_bitmapscan = off
	AS $$
	DECLARE
		offered text := (SELECT string_agg(r::text, E'\n') FROM skills.ai_registry() AS r);
		one text := (SELECT name FROM by_plan WHERE name LIKE 'busy%' ORDER BY random() LIMIT 1);
		loaded text := (SELECT (l.skill_id, l.version, l.body)::text FROM skills.load_skill(one) AS l);
		file text := (SELECT f.content FROM skills.load_skill_file(one, 'of') AS f);
	BEGIN
		IF offered IS DISTINCT FROM (SELECT string_agg(p::text, E'\n') FROM by_plan AS p) THEN
			RAISE 'another registry: %', offered;
		ELSIF loaded IS DISTINCT FROM (SELECT (v.skill_id, v.version, v.body)::text FROM by_plan AS p JOIN skills.skill_version AS v USING (skill_id, version) WHERE p.name = one) THEN
			RAISE 'another text: %', loaded;
		ELSIF file IS DISTINCT FROM (SELECT f.content::text FROM by_plan AS p JOIN skills.skill_file AS f USING (skill_id, version) WHERE p.name = one) THEN
			RAISE 'another file: %', file;
		END IF;
		RETURN 'the same';
	END
	$$;
	SQL

my $seconds = $ENV{LONG} ? 120 : 4;

sub start_pgbench
{
	my ($node, $role, $clients, $script) = @_;
	my $path = "$PostgreSQL::Test::Utils::tmp_check/" . $node->name . "_$role.pgbench";
	append_to_file($path, $script);
	my $output = '';
	my $harness = IPC::Run::start([ 'pgbench', '-n', '-c', $clients, '-T', $seconds, '--max-tries=100', '-f', $path,
			$node->connstr('postgres') . " user=$role" ], '<', \'', '>&', \$output);
	return sub {
		$harness->finish;
		is($harness->full_result(0), 0, $node->name . ": pgbench of $role") or diag($output);
		return $output =~ /number of transactions actually processed: (\d+)/ ? $1 : 0;
	};
}

# Compares again and again, in a session each: one in the way of replay may be ended. All indexes are locked
# before the snapshot is taken: one that is older than a REINDEX misses in the new index what the primary no
# longer sees, in any plan (doc/replication.md).
sub start_comparing
{
	my @psql = ('psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-d', $standby->connstr('postgres') . ' user=app',
		'-c', q{BEGIN; SELECT skills.set_identity('ann', 'acme');
			SELECT FROM skills.skill, skills.skill_version, skills.skill_subscription, skills.skill_file LIMIT 0; SELECT compare_reads(); COMMIT});
	my $output = '';
	my $harness = IPC::Run::start([ 'bash', '-c', "while [ \$SECONDS -lt $seconds ]; do \"\$@\"; done", 'bash', @psql ],
		'<', \'', '>&', \$output);
	return sub {
		$harness->finish;
		# A session that is closed while psql sends has no code.
		my @wrong = grep { !/^(ERROR|FATAL):  (40001|40P01|terminating connection due to conflict with recovery)$/ } $output =~ /^((?:ERROR|FATAL):.*)$/mg;
		is_deeply(\@wrong, [], 'standby: what is read without a plan is the same as by a plan, or ends in 40001');
		return scalar(() = $output =~ /^the same$/mg);
	};
}

my $administrator = getpwuid $>;
my $writes = <<~'SQL';
	\set i random(1, 100)
	\set one random(1, 100)
	BEGIN;
	SELECT skills.set_identity('bob', 'acme');
	SELECT skills.update_version(skill_id, 1, 'When ' || :one, 'What ' || :one) FROM skills.get_skill_by_name('busy' || :i) AS s;
	SELECT skills.put_file(skill_id, 1, 'of', decode(repeat(md5(:one::text), :one), 'hex')) FROM skills.get_skill_by_name('busy' || :i) AS s;
	SELECT skills.set_identity('ann', 'acme');
	SELECT skills.unsubscribe(skill_id) FROM skills.get_skill_by_name('busy' || :one) AS s;
	SELECT skills.set_ai_version(skill_id, 1) FROM skills.get_skill_by_name('busy' || :one) AS s;
	COMMIT;
	SQL
my $cleaning = <<~'SQL';
	VACUUM skills.skill, skills.skill_version, skills.skill_subscription, skills.skill_file;
	\sleep 50 ms
	VACUUM (FREEZE) skills.skill_subscription;
	\sleep 50 ms
	REINDEX TABLE skills.skill_subscription;
	\sleep 50 ms
	VACUUM FULL skills.skill_version;
	\sleep 50 ms
	SQL
# Replay waits for readers, but not forever: a reader that waits for an index that a REINDEX made anew,
# whose commit waits behind a record that waits for the reader's snapshot, would never end.
$standby->append_conf('postgresql.conf', "max_standby_streaming_delay = 500ms\nhot_standby_feedback = off");
$standby->reload;
$primary->append_conf('postgresql.conf', 'autovacuum = off');
$primary->reload;
catch_up();
my @running = (start_pgbench($primary, 'app', 2, $writes), start_pgbench($primary, $administrator, 1, $cleaning),
	start_comparing());
my ($written, $cleaned, $compared) = map { $_->() } @running;
note "$written transactions of writers, $cleaned of VACUUM, $compared comparisons";
ok($written && $cleaned && $compared, 'all of it has been done');
compare_readers('after much of that');

# A reader in the way of replay ends in 40001, and the session goes on. Once in a hundred times it does not:
# replay cancels whom it waits for every 5 ms until he is gone, and the server closes a session that the next
# cancel finds between its error and its ROLLBACK. That is the server's own, and 40001, too.
$standby->append_conf('postgresql.conf', 'max_standby_streaming_delay = 0');
$standby->reload;
my %in_the_way = (
	'VACUUM' => q{UPDATE skills.skill_version SET description = description || '.'; UPDATE skills.skill_subscription SET ai_version = ai_version; VACUUM skills.skill_version, skills.skill_subscription;},
	'an exclusive lock' => 'BEGIN; LOCK TABLE skills.skill_version; CREATE TABLE after_the_lock (); DROP TABLE after_the_lock; COMMIT;',
	'VACUUM FULL' => 'VACUUM FULL skills.skill_subscription;',
);
my %long_reads = (
	'a read that waits' => 'SELECT name, pg_sleep(60) FROM skills.ai_registry();',
	'many reads' => 'DO $$ BEGIN LOOP PERFORM FROM skills.ai_registry(); PERFORM FROM skills.load_skill_tool(); END LOOP; END $$;',
);

# What a session of the standby is told that reads while the primary does what is in the way, and what it
# reads once all of that is replayed.
sub read_in_the_way
{
	my ($read, $what_is_in_the_way) = @_;
	my $path = "$PostgreSQL::Test::Utils::tmp_check/reader";
	unlink map { "$path.$_" } qw(sql replayed);
	append_to_file("$path.sql", "\\set VERBOSITY verbose\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT skills.set_identity('ann', 'acme');\n"
	  . "SELECT count(*) > 0 FROM skills.ai_registry();\n$read\nROLLBACK;\n"
	  . "\\! until [ -e '$path.replayed' ]; do sleep 0.1; done\n"
	  . "BEGIN;\nSELECT skills.set_identity('ann', 'acme');\nSELECT count(*) > 0 FROM skills.ai_registry();\nCOMMIT;\n");
	my $reader = IPC::Run::start([ 'psql', '-XAtq', '-d', $standby->connstr('postgres') . ' user=app' ],
		'<', "$path.sql", '>', "$path.out", '2>', "$path.err");
	$standby->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity
		WHERE usename = 'app' AND (query LIKE '%pg_sleep%' OR query LIKE 'DO %')});
	$primary->safe_psql('postgres', $what_is_in_the_way);
	catch_up();
	append_to_file("$path.replayed", '');
	$reader->finish;
	return map { slurp_file("$path.$_") } 'out', 'err';
}

for my $way (sort keys %in_the_way)
{
	for my $read (sort keys %long_reads)
	{
		catch_up();
		my ($out, $err);
		for my $attempt (1 .. 5)
		{
			($out, $err) = read_in_the_way($long_reads{$read}, $in_the_way{$way});
			last unless $err =~ /^(psql:\S+ )?FATAL:  40001: terminating connection due to conflict with recovery$/m;
			note "$way on the primary: $read: the session was closed";
		}
		like($err, qr/\A(psql:\S+ )?ERROR:  40001: canceling statement due to conflict with recovery\n/, "$way on the primary: $read: 40001");
		is((() = $err =~ /(ERROR|FATAL):/g), 1, "$way on the primary: $read: and no other error") or diag($err);
		is($out, "ann\nt\nann\nt\n", "$way on the primary: $read: the session goes on");
	}
}
unlike(slurp_file($standby->logfile), qr/terminated by signal|PANIC/, 'no server process has crashed');

# A standby that takes over is written to as the primary was.
$primary->stop;
$standby->promote;
($out, $err) = as_ann($standby, q{SELECT s.name FROM skills.create_skill('new', 'When', 'What') AS s; SELECT version FROM skills.load_skill('new');});
is($err, '', 'promoted: no error');
is($out, "ann\nnew\n1", 'promoted: it writes');

$standby->stop;
done_testing();
