# Whoever calls a function for the ten thousandth time in a session finds it no
# larger than at the hundredth: each function, where it succeeds and where it
# is refused, in one transaction and in as many; and the triggers, by the row.
#
# Two measures, both the backend's own. What the server's memory contexts have
# given out is exact, and every chunk has a header of 8 bytes at least: growth
# of less than that a call is no chunk a call. What libraries take by malloc()
# shows in the pages that are the process's alone: a reader of archives or YAML
# that is not let go is tens of kilobytes a call, so a megabyte is no such leak.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Psql;

use constant {
	LONG => $ENV{LONG} // 0,
	PER_CALL => 8,
	PAGES => 1024 * 1024,
	# Hash tables and lists of the server's own grow now and then.
	SLACK => 1024,
};
my $calls = LONG ? 10_000 : 100;
my $rows = LONG ? 10_000 : 500;
my $given = LONG ? 100_000 : 500;
my $warm_up = 30;

my $node = PostgreSQL::Test::Cluster->new('memory');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nsynchronous_commit = off\njit = off\nskills.max_package_files = 20000\n");
$node->start;
plan skip_all => 'there is no /proc/self/smaps_rollup' unless -e '/proc/self/smaps_rollup';

$node->safe_psql('postgres', qq{
	CREATE EXTENSION skills;
	CREATE ROLE app LOGIN;
	SELECT skills.grant_usage('app', true);
	CREATE ROLE other;
	CREATE SCHEMA test;
	GRANT USAGE ON SCHEMA test TO app;
	CREATE TABLE test.sample AS
	SELECT name, pg_read_binary_file('$ENV{SKILLS_TOP}/test/packages/' || name) AS content
	FROM pg_ls_dir('$ENV{SKILLS_TOP}/test/packages') AS name WHERE name NOT LIKE '%.py';
	GRANT SELECT ON test.sample TO app;
});

$node->safe_psql('postgres', q{
	-- Bytes given out by the server's contexts, and bytes of the process's own pages.
	CREATE TYPE test.size AS (contexts bigint, pages bigint, by_name jsonb);
	CREATE FUNCTION test.size_now() RETURNS test.size LANGUAGE sql SECURITY DEFINER
	AS $$
		SELECT sum(used), 1024 * substring(pg_read_file('/proc/self/smaps_rollup') FROM 'Anonymous: +(\d+) kB')::bigint,
			jsonb_object_agg(name, used)
		FROM (SELECT name, sum(used_bytes) AS used FROM pg_backend_memory_contexts GROUP BY name) AS by_name
		-- What the server keeps of each row written until the transaction ends, and this measure for itself.
		WHERE name NOT IN ('TopTransactionContext', 'AfterTriggerEvents', 'Combo CIDs', 'Caller tuples', 'expanded record')
	$$;
	CREATE FUNCTION test.growth(before test.size, after test.size) RETURNS text LANGUAGE sql
	AS $$
		SELECT format('%s|%s|%s', after.contexts - before.contexts, after.pages - before.pages,
			(SELECT string_agg(format('%s from %s to %s', key, before.by_name->>key, value), ', ')
			FROM jsonb_each_text(after.by_name) WHERE before.by_name->>key IS DISTINCT FROM value))
	$$;

	-- "one by one" in a transaction each, else in one; "undone" in a subtransaction each.
	CREATE PROCEDURE test.repeat(statement text, times integer, how text, INOUT outcome text) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. times LOOP
			IF how LIKE '%undone' THEN
				BEGIN
					EXECUTE statement;
					RAISE EXCEPTION USING ERRCODE = 'UNDO0';
				EXCEPTION WHEN OTHERS THEN
					outcome := SQLSTATE;
				END;
			ELSE
				EXECUTE statement;
				outcome := 'none';
			END IF;
			IF how LIKE 'one by one%' THEN
				ROLLBACK;
			END IF;
		END LOOP;
	END
	$$;

	-- By how much the memory grew over so many calls, after a warm-up.
	CREATE PROCEDURE test.measure(statement text, warm_up integer, times integer, how text, INOUT outcome text, INOUT growth text) LANGUAGE plpgsql AS $$
	DECLARE
		before test.size;
		after test.size;
	BEGIN
		-- The variables themselves take some.
		SELECT * INTO before FROM test.size_now();
		SELECT * INTO after FROM test.size_now();
		CALL test.repeat(statement, warm_up, how, outcome);
		SELECT * INTO before FROM test.size_now();
		CALL test.repeat(statement, times, how, outcome);
		SELECT * INTO after FROM test.size_now();
		growth := test.growth(before, after);
	END
	$$;

	SET ROLE app;
	SELECT skills.set_identity('bob', 'acme', false);
	SELECT skills.create_skill('deploy', 'Of bob', 'What', 'org', '{b,a}', '{t,"u v"}');
	SELECT skills.create_skill('review', 'When to review', repeat('body ', 50000), 'org-editable', '{c}');
	SELECT skills.create_skill('hidden', 'Of bob', 'Hush');
	INSERT INTO skills.skill_file (skill_id, version, path, content, executable)
	SELECT skill_id, 1, path, repeat(path, 5000)::bytea, path <> 'a.md' FROM skills.skill, unnest('{b/run.sh,a.md}'::text[]) AS path
	WHERE name = 'review';
	SELECT skills.set_identity('ann', 'acme', false);
	SELECT skills.set_ai_version(skill_id, 1) FROM skills.skill;
	SELECT skills.create_skill('deploy', 'My own', 'Of ann');
	SELECT skills.create_version((skills.get_skill_by_name('deploy')).skill_id, 'Mine', 'Two');
	SELECT skills.create_skill('draft', 'Not yet', 'To do');
	SELECT skills.set_ai_version(skill_id, NULL) FROM skills.skill WHERE name = 'draft';
	RESET ROLE;
	CREATE TABLE test.frozen AS SELECT skills.freeze_registry() AS document, skills.export_package(skill_id) AS package
	FROM skills.skill WHERE name = 'review';
	GRANT SELECT ON test.frozen TO app;
});
my $shared = $node->safe_psql('postgres', q{SELECT skill_id FROM skills.skill WHERE name = 'review'});
my $own = $node->safe_psql('postgres', q{SELECT skill_id FROM skills.skill WHERE name = 'deploy' AND created_by = 'ann'});
my $draft = $node->safe_psql('postgres', q{SELECT skill_id FROM skills.skill WHERE name = 'draft'});
my $absent = 'sk_00000000000000000000000000';
my $frozen = '(SELECT document FROM test.frozen)';
my $package = '(SELECT package FROM test.frozen)';
my $skill_md = q{E'---\nname: new\ndescription: d\nmetadata:\n  a: [1, "two", {b: c}]\n---\nBody'};
my $message = q{E'/deploy! and /review@v1, /review@v9, /hidden\n/nothing, not `/deploy`'};
my $formats = q{unnest('{anthropic,openai,openai-chat,mcp}'::text[]) AS format};
my $archives = q{unnest('{zip,tar,tar.gz}'::text[]) AS format};

# What succeeds.
my %calls = (
	'identity' => 'SELECT skills.current_user_id(), skills.current_org_id(), skills.require_caller(), skills.require_argument(\'a\', true)',
	'set_identity' => q{SELECT skills.set_identity('bob', 'acme'), skills.set_identity('ann', 'acme')},
	'rules' => q{SELECT skills.can_see('bob', 'private'), skills.can_edit('bob', 'org-editable', true), skills.taken_as_given(), skills.check_revision(1, 1)},
	'checks' => q{SELECT skills.check_name('a'), skills.check_accessibility('org'), skills.check_tags('{a,b}'), skills.check_description('a', true),
		skills.check_frontmatter('{}'), skills.check_skill_id(skills.new_skill_id()), skills.check_path('a'), skills.path_key('Ä/B')},
	'get_skill' => "SELECT skills.get_skill('$shared'), skills.get_skill_by_name('deploy'), skills.lock_skill('$own')",
	'get_skill_summary' => "SELECT skills.get_skill_summary('$shared')",
	'list_skills' => 'SELECT * FROM skills.list_skills()',
	'list_skills, a page' => "SELECT * FROM skills.list_skills('org', 1, 'deploy:$shared')",
	'list_known_tags' => 'SELECT * FROM skills.list_known_tags()',
	'get_version' => "SELECT skills.get_version('$shared'), skills.get_version('$shared', 1), skills.find_version('$shared', '1')",
	'list_versions' => "SELECT * FROM skills.list_versions('$shared')",
	'create_skill' => q{SELECT skills.create_skill('new', 'When', 'What', 'org', '{a}', '{b}')},
	'update_skill' => "SELECT skills.update_skill('$own', 'new', 'org-editable', '{new}')",
	'update_skill, to private' => "SELECT skills.update_skill('$draft', accessibility => a) FROM unnest('{org,private}'::text[]) AS a",
	'delete_skill' => "SELECT skills.delete_skill('$own')",
	'create_version' => "SELECT skills.create_version('$shared', 'When', 'What')",
	'update_version' => "SELECT skills.update_version('$own', 1, 'When', 'What', '{x}')",
	'delete_version' => "SELECT skills.delete_version('$own', 2)",
	'delete_version, the last' => "SELECT skills.delete_version('$own', v) FROM generate_series(1, 2) AS v",
	'subscribe' => "SELECT skills.unsubscribe('$shared'), skills.subscribe('$shared')",
	'set_ai_version' => "SELECT skills.set_ai_version('$own', 2), skills.set_ai_version('$own', NULL)",
	'ai_registry' => 'SELECT * FROM skills.ai_registry()',
	'ai_registry, of bob' => q{SELECT * FROM skills.ai_registry('bob', 'acme')},
	'explain_registry' => 'SELECT * FROM skills.explain_registry()',
	'load_skill_tool' => "SELECT t.* FROM $formats, skills.load_skill_tool(format) AS t",
	'load_skill_tool, with a budget' => 'SELECT * FROM skills.load_skill_tool(budget => 7)',
	'load_skill_tool, frozen' => "SELECT * FROM skills.load_skill_tool(frozen => $frozen)",
	'load_skill' => q{SELECT * FROM skills.load_skill('review')},
	'load_skill, frozen' => "SELECT * FROM skills.load_skill('review', $frozen)",
	'load_skill_file' => q{SELECT * FROM skills.load_skill_file('review', 'b/run.sh')},
	'load_skill_file, frozen' => "SELECT * FROM skills.load_skill_file('review', 'a.md', $frozen)",
	'freeze_registry' => 'SELECT skills.freeze_registry()',
	'freeze_registry, of a list' => qq{SELECT skills.freeze_registry('[{"skill_id": "$shared", "version": 1}]')},
	'read_available' => qq{SELECT * FROM skills.read_available('[{"skill_id": "$shared"}]')},
	'resolve_skill' => "SELECT v.* FROM unnest('{deploy,/review,/review\@v1,$shared}'::text[]) AS r, skills.resolve_skill(r) AS v",
	'find_references' => "SELECT * FROM skills.find_references($message)",
	'parse_references' => "SELECT * FROM skills.parse_references($message)",
	'invocation_messages' => "SELECT skills.invocation_messages('{/deploy,/review\@v1}', format, 'turn 7') FROM $formats",
	'list_files' => "SELECT * FROM skills.list_files('$shared', 1)",
	'put_file' => "SELECT skills.put_file('$own', 1, 'new', 'x'), skills.delete_file('$own', 1, 'new')",
	'read_package' => "SELECT * FROM skills.read_package($package, 'raise')",
	'write_archive' => "SELECT skills.write_archive('a', format, '{1 f a}', 'a') FROM $archives",
	'read_skill_md' => "SELECT * FROM skills.read_skill_md(convert_to($skill_md, 'UTF8'), 'raise')",
	'write_skill_md' => q{SELECT skills.write_skill_md('a', 'd', '{"x": ["1", {"b": "c"}]}', 'b')},
	'problems' => q{SELECT skills.name_problems('A b', 'b'), skills.description_problems('', ''), skills.key_problems('{"x": 1}'),
		skills.skill_md_problems('', 'a'), skills.require_importable_name('new', true)},
	'is_version' => "SELECT skills.is_version('$shared', 1, 'review', '', false, NULL)",
	'validate_package' => "SELECT * FROM skills.validate_package($package)",
	'import_package' => "SELECT * FROM skills.import_package($package, name => 'new')",
	'import_skill_md' => "SELECT * FROM skills.import_skill_md($skill_md)",
	'export_package' => "SELECT skills.export_package('$shared', 1, format) FROM $archives",
	'export_skill_md' => "SELECT skills.export_skill_md('$shared')",
);

# What is refused: in the midst of things, too.
my %refusals = (
	'get_skill' => "SELECT skills.get_skill('$absent')",
	'no_such' => "SELECT skills.no_such('$absent', 1)",
	'no_such_file' => "SELECT skills.no_such_file('$shared', 1, 'absent')",
	'require_argument' => q{SELECT skills.require_argument('a', false)},
	'check_name' => q{SELECT skills.check_name('a b')},
	'check_tags' => q{SELECT skills.check_tags(ARRAY[repeat('x', 65)])},
	'check_path' => q{SELECT skills.check_path('../a')},
	'create_skill' => q{SELECT skills.create_skill('deploy', 'When', 'What')},
	'create_version' => "SELECT skills.create_version('$shared', E'\\x01', 'What')",
	'update_skill' => "SELECT skills.update_skill('$shared', accessibility => 'private')",
	'update_version' => "SELECT skills.update_version('$own', 1, body => 'x', expected_revision => 77)",
	'delete_skill' => "SELECT skills.delete_skill('$shared')",
	'put_file' => "SELECT skills.put_file('$shared', 1, 'A.md', '')",
	'set_ai_version' => "SELECT skills.set_ai_version('$shared', 9)",
	'an UPDATE of a fixed column' => "UPDATE skills.skill SET created_by = 'eve'",
	'a skill without a version' => q{SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO skills.skill (name) VALUES ('new'); SET CONSTRAINTS ALL DEFERRED},
	'list_skills' => q{SELECT * FROM skills.list_skills(after => 'no token')},
	'ai_registry' => q{SELECT * FROM skills.ai_registry('', '')},
	'load_skill' => q{SELECT * FROM skills.load_skill('draft')},
	'load_skill_tool' => q{SELECT * FROM skills.load_skill_tool('no format')},
	'load_skill_tool, frozen' => q{SELECT * FROM skills.load_skill_tool(frozen => '[{"name": 1}]')},
	'load_skill_file, frozen' => "SELECT * FROM skills.load_skill_file('review', 'absent', $frozen)",
	'freeze_registry' => q{SELECT skills.freeze_registry('[{"skill_id": 1}]')},
	'invocation_messages' => q{SELECT skills.invocation_messages('{/deploy,/hidden}')},
	'read_package' => q{SELECT * FROM skills.read_package('x', 'raise')},
	'write_archive' => q{SELECT skills.write_archive('a', 'tar', '{1 f a}', '')},
	'read_skill_md' => q<SELECT * FROM skills.read_skill_md(E'---\nname: [a, {b: "c\n---\n', 'raise')>,
	'read_skill_md, in the midst' => q{SELECT * FROM skills.read_skill_md(E'---\nname: a\nmetadata: {a: &b [c], d: *b}\n---\n', 'raise')},
	'import_skill_md' => q{SELECT * FROM skills.import_skill_md(E'---\nname: a\nname: b\n---\n')},
	'export_package' => "SELECT skills.export_package('$absent')",
	'export_package, of no format' => "SELECT skills.export_package('$shared', 1, 'rar')",
);

# Triggers, by the row: so many rows in one statement, and all of them gone again.
my %rows = (
	'skills by INSERT and DELETE' => qq{
		WITH s AS (INSERT INTO skills.skill (name) SELECT 'row' || i FROM generate_series(1, $rows) AS i RETURNING skill_id)
		INSERT INTO skills.skill_version (skill_id, description, body) SELECT skill_id, 'When', 'What' FROM s;
		DELETE FROM skills.skill WHERE name LIKE 'row%'},
	'versions by INSERT, UPDATE and DELETE' => qq{
		INSERT INTO skills.skill_version (skill_id, description, body) SELECT '$own', 'When', 'What' FROM generate_series(1, $rows);
		UPDATE skills.skill_version SET body = 'Other' WHERE skill_id = '$own';
		DELETE FROM skills.skill_version WHERE skill_id = '$own' AND version > 2},
	'files by INSERT, UPDATE and DELETE' => qq{
		INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT '$own', 1, 'f' || i, 'x' FROM generate_series(1, $rows) AS i;
		UPDATE skills.skill_file SET content = 'y' WHERE skill_id = '$own';
		DELETE FROM skills.skill_file WHERE skill_id = '$own'},
	'accessibility to and fro' => qq{
		DO \$\$ BEGIN FOR i IN 1 .. $rows / 2 LOOP
			UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = '$draft';
			UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = '$draft';
		END LOOP; END \$\$},
	'pins to and fro' => qq{
		DO \$\$ BEGIN FOR i IN 1 .. $rows / 2 LOOP
			UPDATE skills.skill_subscription SET ai_version = 2 WHERE skill_id = '$own' AND user_id = 'ann';
			UPDATE skills.skill_subscription SET ai_version = 1 WHERE skill_id = '$own' AND user_id = 'ann';
		END LOOP; END \$\$},
);

# Every archive, by whoever notices what is wrong with it: libarchive, libyaml, or we.
my %samples = (
	'every sample imported' => q{
		DO $$ DECLARE archive bytea; BEGIN
			FOR archive IN SELECT content FROM test.sample LOOP
				BEGIN
					PERFORM skills.import_package(archive);
				EXCEPTION WHEN data_exception OR program_limit_exceeded OR check_violation THEN NULL;
				END;
			END LOOP;
		END $$},
	'every sample validated' => q{SELECT v.* FROM test.sample, skills.validate_package(content) AS v},
);

# Rows that are taken as given.
my $copied = qq{
	SELECT skills.set_identity('', '');
	INSERT INTO skills.skill (org_id, skill_id, name, created_by) SELECT 'given', skills.new_skill_id(), 'row' || i, 'x' FROM generate_series(1, $given) AS i;
	INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by)
	SELECT org_id, skill_id, 1, 'When', 'What', created_by, accessibility, created_by FROM skills.skill WHERE org_id = 'given';
	DELETE FROM skills.skill WHERE org_id = 'given'};

# Within one statement, for each of its rows; $e is an empty text that the row gives.
my %by_row = (
	'identity' => q{skills.set_identity('ann', 'acme' || $e, false)},
	'rules' => q{skills.can_see('bob' || $e, 'private') OR skills.can_edit('bob' || $e, 'org', true)},
	'checks' => q{skills.check_name('a' || $e) AND skills.check_description('a' || $e, true) AND skills.check_path('a' || $e) AND skills.check_tags(ARRAY['a' || $e, 'b'])},
	'path_key' => q{skills.path_key('Ä/B' || $e)},
	'new_skill_id' => q{skills.new_skill_id() || $e},
	'get_skill' => q{skills.get_skill('$shared' || $e)},
	'list_skills' => q{(SELECT count(*) FROM skills.list_skills('org' || $e))},
	'list_versions' => q{(SELECT count(*) FROM skills.list_versions('$shared' || $e))},
	'ai_registry' => q{(SELECT count(*) FROM skills.ai_registry('ann' || $e))},
	'ai_registry, of bob' => q{(SELECT count(*) FROM skills.ai_registry('bob' || $e))},
	'explain_registry' => q{(SELECT count(*) FROM skills.explain_registry('ann' || $e))},
	'load_skill_tool' => q{(SELECT count(*) FROM skills.load_skill_tool('mcp' || $e))},
	'load_skill' => q{(SELECT count(*) FROM skills.load_skill('review' || $e))},
	'load_skill, frozen' => q{(SELECT count(*) FROM test.frozen, skills.load_skill('review' || $e, document))},
	'load_skill_file' => q{(SELECT count(*) FROM skills.load_skill_file('review' || $e, 'a.md'))},
	'load_skill_file, frozen' => q{(SELECT count(*) FROM test.frozen, skills.load_skill_file('review' || $e, 'a.md', document))},
	'freeze_registry' => q{skills.freeze_registry(('[{"skill_id": "$shared"}]' || $e)::jsonb)},
	'parse_references' => q{(SELECT count(*) FROM skills.parse_references('/a /b@v1' || $e))},
	'invocation_messages' => q{skills.invocation_messages(ARRAY['/deploy' || $e])::text},
	'read_package' => q{(SELECT count(*) FROM test.frozen, skills.read_package(package, 'list' || $e))},
	'write_archive' => q{skills.write_archive('a' || $e, 'zip', '{1 f a}', 'a')},
	'read_skill_md' => q{(SELECT count(*) FROM skills.read_skill_md(convert_to(E'---\nname: a\ndescription: [b]\n---\n' || $e, 'UTF8'), 'list'))},
	'write_skill_md' => q{skills.write_skill_md('a' || $e, 'd', '{"x": ["1"]}', 'b')},
	'validate_package' => q{(SELECT count(*) FROM test.frozen, skills.validate_package(package || convert_to($e, 'UTF8')))},
	'export_package' => q{skills.export_package('$shared' || $e)},
);

# What is to be done: each step says its name, what it calls and how it ends.
my %expected;

sub measured
{
	my ($name, $statement, $how, %options) = @_;
	my $times = $options{times} // $calls;
	$name .= ", $how";
	$expected{$name} = { times => $times, outcome => $options{outcome} // qr/^(none|UNDO0)$/ };
	return "\\echo = $name",
	  sprintf "CALL test.measure(%s, %d, %d, '%s', NULL, NULL);", "\$statement\$$statement\$statement\$",
	  $options{warm_up} // $warm_up, $times, $how;
}

sub measured_by_row
{
	my ($name, $expression) = @_;
	my %of = (e => q{left('', i)}, shared => $shared);
	$expression =~ s/\$(e|shared)/$of{$1}/g;
	$name .= ', row by row';
	# The first look at the memory takes some itself, and the second is kept beside the third. Not in an
	# order, for which the rows would be kept.
	$expected{$name} = { times => $calls, outcome => qr/^\d+$/, kept => 4096 };
	my ($from, $to) = ($warm_up, $warm_up + $calls);
	return "\\echo = $name", qq{
		SELECT count(x), test.growth((array_agg(size) FILTER (WHERE i IN (1, $from)))[2], (array_agg(size) FILTER (WHERE i IN (1, $to)))[2]) FROM (
			SELECT i, $expression AS x, CASE WHEN i IN (1, $from, $to) THEN test.size_now() END AS size
			FROM generate_series(1, $to) AS i OFFSET 0) AS by_row;};
}

# In a session of its own: what came out of it.
sub run_session
{
	my ($user, @steps) = @_;
	# What measures takes memory itself, the first time.
	my $input = join "\n", 'SET client_min_messages = error;',
	  q{SELECT skills.set_identity('ann', 'acme', false);},
	  (map { "CALL test.measure('SELECT', 6, 1, '$_', NULL, NULL);" } 'one by one', 'undone', 'one by one, undone'), @steps, '';
	my ($out, $err) = run_psql($node->connstr('postgres') . " user=$user", $input, 'SHOW_CONTEXT=never');
	is($err, '', "no errors of $user");
	return $out;
}

my @steps;
my $refusal = qr/^(22|23|28|42|54|55|P0)/;
for my $name (sort keys %calls)
{
	push @steps, measured($name, $calls{$name}, $_) for 'one by one', 'undone';
}
for my $name (sort keys %refusals)
{
	push @steps, measured("$name refused", $refusals{$name}, $_, outcome => $refusal) for 'one by one, undone', 'undone';
}
push @steps, measured_by_row($_, $by_row{$_}) for sort keys %by_row;
for my $name (sort keys %samples)
{
	push @steps, measured($name, $samples{$name}, $_, times => LONG ? 100 : 3, warm_up => 6) for 'one by one', 'undone';
}
# The same number of rows again and again: what one lot left would show.
for my $name (sort keys %rows)
{
	push @steps, measured($name, $rows{$name}, $_, times => 2, warm_up => 2) for 'one by one', 'undone';
}
my @steps_of_dba = map { measured('rows of a DBA', $copied, $_, times => 2, warm_up => 2) } 'one by one', 'undone';
my %calls_of_dba = (
	transfer_skill => "SELECT skills.transfer_skill('acme', '$shared', 'carol')",
	forget_user => "SELECT skills.forget_user('acme', 'bob', 'ann')",
	forget_org => "SELECT skills.forget_org('acme')",
);
for my $name (sort keys %calls_of_dba)
{
	push @steps_of_dba, measured($name, $calls_of_dba{$name}, $_) for 'one by one', 'undone';
}

my $out = run_session('app', @steps) . run_session($node->safe_psql('postgres', 'SELECT current_user'), @steps_of_dba);
my %found = $out =~ /^= (.*)\n(.*\|.*)$/mg;
for my $name (sort keys %expected)
{
	my ($outcome, $contexts, $pages, $which) = split /\|/, $found{$name} // '';
	my $times = $expected{$name}{times};
	like($outcome // '', $expected{$name}{outcome}, "$name: as expected");
	cmp_ok($contexts // 'inf', '<', PER_CALL * $times + SLACK + ($expected{$name}{kept} // 0), "$name: what is given out has not grown over $times calls")
	  or diag($which // '');
	cmp_ok($pages // 'inf', '<', PAGES, "$name: the process has not grown");
}

# A function that this file forgets would not be known to let go of its memory.
my $anew = q{
	DROP EXTENSION skills;
	CREATE EXTENSION skills;
	SELECT count(skills.grant_usage(r)), count(skills.revoke_usage(r)), (SELECT count(*) FROM skills.usable_functions()) FROM (VALUES ('app'::regrole)) AS of(r);
	SELECT skills.grant_usage('app', true);
	SET ROLE app;
	SELECT skills.set_identity('ann', 'acme', false);
	SELECT * FROM skills.ai_registry();
	RESET ROLE;};
my $called = join ' ', @steps, @steps_of_dba, $anew;
my @forgotten = grep { index($called, "skills.$_(") < 0 } split /\n/, $node->safe_psql('postgres',
	q{SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'skills'::regnamespace AND prorettype <> 'trigger'::regtype});
is_deeply(\@forgotten, [], 'every function is called');

# What a session has parsed of the extension's tables goes when they go. (What the server keeps of functions that are gone, it keeps.)
my @kept = split /\n/, $node->safe_psql('postgres', join '', map { qq{\\o /dev/null\n$anew\n\\o\n} .
	q{SELECT count(*) || ' contexts, ' || sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'policy of skills';} } 1 .. 3);
like($kept[0], qr/^4 contexts/, 'the policies are parsed where this test looks');
is($kept[-1], $kept[0], 'an extension that is made anew leaves nothing of the old one');

$node->stop;
done_testing();
