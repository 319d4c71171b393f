# Logical replication gives a server with the extension the rows as they are:
# no trigger runs there, no key is asked, and yet every rule holds.
#
# LONG=1 writes for minutes.
use strict;
use warnings;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Psql;
use Test::More;

my $storms = $ENV{LONG} ? 20 : 1;
my $writes = $ENV{LONG} ? 500 : 40;
# Who initialised the servers.
use constant ADMINISTRATOR => scalar getpwuid $>;
my @tables = qw(skill skill_version skill_file skill_subscription);
my $listed = join ', ', map { "skills.$_" } @tables;

sub new_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical');
	# Of every table a subscription copies the rows in a worker of its own.
	$node->append_conf('postgresql.conf', "max_logical_replication_workers = 12\nmax_worker_processes = 20\n"
		. "max_sync_workers_per_subscription = 4\nwal_retrieve_retry_interval = 100ms\njit = off");
	$node->start;
	return $node;
}

my $publisher = new_node('publisher');
my $subscriber = new_node('subscriber');
$_->safe_psql('postgres', q{
	CREATE EXTENSION skills;
	CREATE ROLE app LOGIN;
	SELECT skills.grant_usage('app', true);
}) for $publisher, $subscriber;

# What users do at random; what is refused is refused.
$publisher->safe_psql('postgres', <<~'SQL');
	GRANT CREATE ON SCHEMA public TO app;
	SET ROLE app;
	CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE
		AS $$ SELECT choices[1 + floor(random() * cardinality(choices))] $$;
	CREATE FUNCTION do_something() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		id text;
		number integer;
		archive bytea;
		what text := pick('create', 'create', 'import', 'import', 'version', 'version', 'edit', 'edit', 'file', 'file', 'delete file',
			'rename', 'tags', 'flip', 'flip', 'subscribe', 'subscribe', 'unsubscribe', 'pin', 'pin', 'pin', 'delete version', 'delete version', 'delete');
	BEGIN
		PERFORM skills.set_identity(pick('ann', 'bob', 'cid'), pick('acme', 'zeta'));
		SELECT v.skill_id, v.version INTO id, number FROM skills.skill_version AS v ORDER BY random() LIMIT 1;
		CASE what
			WHEN 'create' THEN PERFORM skills.create_skill(pick('a', 'b', 'c', 'd', 'e', 'f'), pick('When', 'Wenn – «ü»', repeat('w', 400)),
				pick('What', repeat('body ', 10000), ''), pick('private', 'org', 'org-editable'), ARRAY[pick('x', 'y'), pick('y', 'z')]);
			WHEN 'import' THEN
				archive := skills.export_package(id, number, pick('zip', 'tar', 'tar.gz'));
				PERFORM skills.set_identity(pick('ann', 'bob', 'cid'), pick('acme', 'zeta'));
				PERFORM skills.import_package(archive, pick('private', 'org', 'org-editable', NULL), name => pick('a', 'b', 'c', 'd', 'e', 'f', NULL));
			WHEN 'version' THEN PERFORM skills.create_version(id, 'Then', repeat(pick('1', '2', '3'), 5000), copy_files => random() < 0.7);
			WHEN 'edit' THEN PERFORM skills.update_version(id, number, pick('When ' || random(), NULL), pick(random()::text, NULL), pick('{t,"u v"}', NULL)::text[]);
			WHEN 'file' THEN PERFORM skills.put_file(id, number, pick('a.md', 'b/run.sh', 'ü'), decode(repeat(md5(random()::text), 1 + floor(random() * 300)::integer), 'hex'), random() < 0.5);
			WHEN 'delete file' THEN PERFORM skills.delete_file(id, number, path) FROM skills.list_files(id, number) LIMIT 1;
			WHEN 'rename' THEN PERFORM skills.update_skill(id, pick('a', 'b', 'c', 'd', 'e', 'f', 'g'));
			WHEN 'tags' THEN PERFORM skills.update_skill(id, put_tags => ARRAY[pick('p', 'q')], remove_tags => ARRAY[pick('p', 'x')]);
			WHEN 'flip' THEN PERFORM skills.update_skill(id, accessibility => pick('private', 'org', 'org-editable'));
			WHEN 'subscribe' THEN PERFORM skills.subscribe(id);
			WHEN 'unsubscribe' THEN PERFORM skills.unsubscribe(id);
			WHEN 'pin' THEN PERFORM skills.set_ai_version(id, CASE WHEN random() < 0.9 THEN number END);
			WHEN 'delete version' THEN PERFORM skills.delete_version(id, number);
			WHEN 'delete' THEN PERFORM skills.delete_skill(id);
		END CASE;
		RETURN what;
	EXCEPTION WHEN OTHERS THEN
		RETURN what || ' ' || SQLSTATE;
	END
	$$;
	SQL

# In what transactions they do it: some change their mind.
my $storm = "$PostgreSQL::Test::Utils::tmp_check/storm.sql";
append_to_file($storm, "BEGIN;\nSELECT do_something();\nSELECT do_something();\nCOMMIT;\n");
my $calm = "$PostgreSQL::Test::Utils::tmp_check/calm.sql";
append_to_file($calm, "BEGIN;\nSELECT do_something();\nROLLBACK;\n");

sub storm
{
	my $output = '';
	IPC::Run::run([ 'pgbench', '-n', '-c', 4, '-t', $writes, '--max-tries=100', '-f', "$storm\@9", '-f', "$calm\@1",
			$publisher->connstr('postgres') . ' user=app' ], '<', \'', '>&', \$output)
	  or diag($output);
	return;
}

# Runs the statements in a session of a role: what came out, which may be much, and the errors.
sub session
{
	my ($node, $database, $role, $sql) = @_;
	my ($out, $err) = run_psql($node->connstr($database) . " user=$role", $sql, 'VERBOSITY=verbose', 'SHOW_CONTEXT=never');
	is($err, '', 'no error') if $err ne '';
	return $out;
}

# In a transaction of the app for a user.
sub for_user
{
	my ($user, $org, $sql) = @_;
	return "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT skills.set_identity('$user', '$org');\n$sql\nCOMMIT;\n";
}

sub as_user
{
	my ($node, $user, $org, $sql) = @_;
	return session($node, 'postgres', 'app', for_user($user, $org, $sql));
}

my @readers = (
	'SELECT r.* FROM skills.ai_registry() AS r;',
	'SELECT e.* FROM skills.explain_registry() AS e;',
	q{SELECT format, t.* FROM unnest('{anthropic,openai,openai-chat,mcp}'::text[]) AS format, skills.load_skill_tool(format) AS t;},
	'SELECT t.* FROM skills.load_skill_tool(budget => 40) AS t;',
	'SELECT l.* FROM skills.ai_registry() AS r, skills.load_skill(r.name) AS l;',
	'SELECT f.*, l.* FROM skills.ai_registry() AS r, skills.list_files(r.skill_id, r.version) AS f,
		skills.load_skill_file(r.name, f.path) AS l WHERE f.path <> \'SKILL.md\';',
	'SELECT l.* FROM skills.list_skills() AS l;',
	q{SELECT v.* FROM skills.list_skills('personal') AS l, skills.list_versions(l.skill_id) AS v;},
	'SELECT t.* FROM skills.list_known_tags() AS t;',
	q{SELECT name, (skills.resolve_skill('/' || name)).skill_id FROM unnest('{a,b,c,d,e,f}'::text[]) AS name
		WHERE EXISTS (SELECT FROM skills.find_references('/' || name) WHERE skill_id IS NOT NULL);},
	'SELECT name, skills.export_package(skill_id) FROM skills.list_skills();',
	'SELECT skills.freeze_registry();',
);

# What every server must hold; see also test/model/server.py.
my %invariants = (
	'a skill has a version' => 'SELECT FROM skills.skill AS s WHERE NOT EXISTS (SELECT FROM skills.skill_version AS v
		WHERE (v.org_id, v.skill_id) = (s.org_id, s.skill_id))',
	'a version has a skill, and says who sees it' => 'SELECT FROM skills.skill_version AS v LEFT JOIN skills.skill AS s USING (org_id, skill_id)
		WHERE (v.author, v.accessibility) IS DISTINCT FROM (s.created_by, s.accessibility)',
	'a file has a version, and says who sees it' => 'SELECT FROM skills.skill_file AS f LEFT JOIN skills.skill_version AS v USING (org_id, skill_id, version)
		WHERE (f.author, f.accessibility) IS DISTINCT FROM (v.author, v.accessibility)',
	'a file has the size and digest of its content' => q{SELECT FROM skills.skill_file
		WHERE (size, sha256) <> (octet_length(content), encode(sha256(content), 'hex'))},
	'a subscription has a skill that its user may see' => q{SELECT FROM skills.skill_subscription AS t LEFT JOIN skills.skill AS s USING (org_id, skill_id)
		WHERE s.skill_id IS NULL OR s.accessibility = 'private' AND t.user_id <> s.created_by},
	'a pin names a version' => 'SELECT FROM skills.skill_subscription AS t LEFT JOIN skills.skill_version AS v
		ON (v.org_id, v.skill_id, v.version) = (t.org_id, t.skill_id, t.ai_version) WHERE t.ai_version IS NOT NULL AND v.version IS NULL',
	'names are unique' => q{SELECT FROM skills.skill
		GROUP BY org_id, name, accessibility = 'private', CASE WHEN accessibility = 'private' THEN created_by END HAVING count(*) > 1},
);

sub rows
{
	my ($node, $database, $where) = @_;
	return session($node, $database, ADMINISTRATOR, join "\n",
		map { "SELECT '$_', t::text FROM skills.$_ AS t WHERE $where ORDER BY t::text COLLATE \"C\";" } @tables);
}

# The first line that one has and the other has not.
sub show_difference
{
	my ($expected, $came) = @_;
	my %expected = map { $_ => 1 } split /\n/, $expected;
	my %came = map { $_ => 1 } split /\n/, $came;
	my ($missing) = grep { !$came{$_} } sort keys %expected;
	my ($added) = grep { !$expected{$_} } sort keys %came;
	return diag('missing: ' . substr($missing // 'nothing', 0, 500) . "\ntoo much: " . substr($added // 'nothing', 0, 500));
}

sub same_rows
{
	my ($when, $database, $where) = @_;
	my ($expected, $came) = map { rows(@$_, $where) } [ $publisher, 'postgres' ], [ $subscriber, $database ];
	ok($came eq $expected, "$when: the same bytes, " . (1 + $expected =~ tr/\n//) . ' lines') or show_difference($expected, $came);
	return;
}

sub hold
{
	my ($when, $database) = @_;
	my @names = sort keys %invariants;
	my $broken = session($subscriber, $database, ADMINISTRATOR,
		join "\n", map { "SELECT '$_' WHERE EXISTS ($invariants{$_});" } @names);
	is($broken, '', "$when: the rules hold");
	return;
}

sub same_answers
{
	my ($when, $database, @orgs) = @_;
	my @asking = map { my $org = $_; map { [ $_, $org ] } qw(ann bob cid) } @orgs;
	my $sql = join '', map { for_user(@$_, join "\n", @readers) } @asking;
	my ($expected, $came) = map { session(@$_, 'app', $sql) } [ $publisher, 'postgres' ], [ $subscriber, $database ];
	ok($came eq $expected, "$when: readers give the same bytes, " . length $expected) or show_difference($expected, $came);
	like($expected, qr/^ann\n/m, "$when: for " . @asking . ' users');
	return;
}

# All that must be so after a round of writes.
sub compare
{
	my ($when) = @_;
	$publisher->wait_for_catchup('everything');
	same_rows($when, 'postgres', 'true');
	hold($when, 'postgres');
	same_answers($when, 'postgres', 'acme', 'zeta');
	return;
}

# Rows that are there before, and rows that come.
storm();
$publisher->safe_psql('postgres', "CREATE PUBLICATION everything FOR TABLE $listed");
my $source = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION everything CONNECTION '$source' PUBLICATION everything");
$subscriber->wait_for_subscription_sync($publisher, 'everything');
compare('the rows that were there');
for my $round (1 .. $storms)
{
	storm();
	compare("what users write, $round");
}

# Each by itself: the statement, by whom, and what must then be there.
my $skill = q{(SELECT skill_id FROM skills.skill WHERE name = 'rules')};
my @rounds = (
	[ 'a skill', 'ann', q{SELECT skills.create_skill('rules', 'When', repeat('body ', 10000), 'org-editable');}, 'skill', '1' ],
	[ 'two versions', 'ann', "SELECT skills.create_version($skill, 'When', repeat('More ', 10000)) FROM generate_series(2, 3);", 'skill_version', '3' ],
	[ 'files', 'ann', "SELECT skills.put_file($skill, 3, 'f' || f, decode(repeat(md5(f::text), 1000), 'hex')) FROM generate_series(1, 3) AS f;", 'skill_file', '3' ],
	[ 'subscriptions', 'bob', "SELECT skills.set_ai_version($skill, 3);", 'skill_subscription', '2' ],
	[ 'an edit by another', 'bob', "SELECT skills.update_version($skill, 2, 'When, says bob');", "skill_version WHERE modified_by = 'bob' AND revision = 2 AND skill_id = $skill", '1' ],
	[ 'a flip of bodies that stay', 'ann', "SELECT skills.update_skill($skill, accessibility => 'org');", "skill_version WHERE accessibility = 'org' AND length(body) = 50000 AND skill_id = $skill", '3' ],
	[ 'a pinned version that goes, with its files', 'ann', "SELECT skills.delete_version($skill, 3);", "skill_subscription WHERE ai_version IS NULL AND user_id = 'bob' AND skill_id = $skill", '1' ],
	[ 'a flip to private', 'ann', "SELECT skills.update_skill($skill, accessibility => 'private');", 'skill_subscription', '1' ],
	[ 'a package', 'ann', q{SELECT skills.import_skill_md(E'---\nname: packed\ndescription: d\nlicense: MIT\n---\nBody\n');}, q{skill_version WHERE frontmatter ->> 'license' = 'MIT' AND body = E'Body\n' AND description = 'd'}, '1' ],
	[ 'a rename', 'ann', q{SELECT skills.update_skill((skills.get_skill_by_name('packed')).skill_id, 'renamed');}, q{skill_file WHERE skill_id = (SELECT skill_id FROM skills.skill WHERE name = 'renamed')}, '0' ],
	[ 'names swapped', 'ann', "SELECT skills.update_skill($skill, 'other'); UPDATE skills.skill SET name = 'rules' WHERE name = 'renamed'; UPDATE skills.skill SET name = 'renamed' WHERE name = 'other';", q{skill WHERE name = 'renamed'}, '1' ],
	[ 'the last version', 'ann', q{DELETE FROM skills.skill_version WHERE skill_id = (skills.get_skill_by_name('renamed')).skill_id;}, q{skill WHERE name = 'renamed'}, '0' ],
	[ 'a skill that goes', 'ann', "SELECT skills.delete_skill($skill);", 'skill_version', '0' ],
);
for (@rounds)
{
	my ($when, $user, $sql, $what, $count) = @$_;
	$what .= " WHERE skill_id = $skill" unless $what =~ /WHERE/ || $what eq 'skill';
	$what .= " WHERE name = 'rules'" if $what eq 'skill';
	as_user($publisher, $user, 'acme', $sql);
	$publisher->wait_for_catchup('everything');
	is($subscriber->safe_psql('postgres', "SELECT count(*) FROM skills.$what"), $count, "$when: it has come");
	same_rows($when, 'postgres', 'true');
	hold($when, 'postgres');
}

# A DBA's rows come as given, and what a DBA empties is empty.
$publisher->safe_psql('postgres', q{
	INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by, created, modified, modified_by, revision)
	VALUES ('acme', 'sk_0000000000000000000000000D', 'of-the-dba', 'org', 'ann', '2020-02-02 02:02:02.020202+00', '2021-01-01 00:00:00+00', 'bob', 17);
	INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by, revision)
	VALUES ('acme', 'sk_0000000000000000000000000D', 5, 'd', 'b', 'ann', 'org', 'bob', 3);
	INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) VALUES ('acme', 'cid', 'sk_0000000000000000000000000D', 5);
});
compare('rows of a DBA');
$publisher->safe_psql('postgres', 'TRUNCATE skills.skill_file');
compare('TRUNCATE of files');

# One tenant moves to a database that has others.
$publisher->safe_psql('postgres', 'CREATE PUBLICATION tenant FOR TABLE '
	. join(', ', map { "skills.$_ WHERE (org_id = 'acme')" } @tables) . q{ WITH (publish = 'insert, update, delete')});
$subscriber->safe_psql('postgres', 'CREATE DATABASE other');
$subscriber->safe_psql('other', q{
	CREATE EXTENSION skills;
	SELECT skills.grant_usage('app', true);
	SELECT skills.set_identity('ann', 'zeta', false);
	SELECT skills.create_skill('a', 'Of the other server', 'Stays');
});
my $of_zeta = rows($subscriber, 'other', "org_id <> 'acme'");
$subscriber->safe_psql('other', "CREATE SUBSCRIPTION tenant CONNECTION '$source' PUBLICATION tenant WITH (binary = true)");
$subscriber->wait_for_subscription_sync($publisher, 'tenant', 'other');

sub compare_tenant
{
	my ($when) = @_;
	$publisher->wait_for_catchup('tenant');
	same_rows($when, 'other', "org_id = 'acme'");
	hold($when, 'other');
	same_answers($when, 'other', 'acme');
	is(rows($subscriber, 'other', "org_id <> 'acme'"), $of_zeta, "$when: nothing of another tenant, and its rows as they were");
	return;
}
compare_tenant('a tenant that moves');
storm();
compare_tenant('a tenant that moves, while it writes');
compare('and everything else, while it does');

# The owner of a subscription is held to the policies, if it is an ordinary role.
$subscriber->safe_psql('postgres', q{CREATE DATABASE owned; CREATE ROLE mover LOGIN SUPERUSER;});
my $options = $subscriber->pg_version >= 16 ? 'WITH (run_as_owner = true, password_required = false)' : '';
$subscriber->safe_psql('owned', qq{CREATE EXTENSION skills; SELECT skills.grant_usage('app', true);
	SET ROLE mover; CREATE SUBSCRIPTION owned CONNECTION '$source' PUBLICATION everything $options;});
$subscriber->wait_for_subscription_sync($publisher, 'owned', 'owned');

# Whether the subscription gets on with its owner's rights as they are now.
sub restart_owned
{
	my $position = -s $subscriber->logfile;
	$subscriber->safe_psql('owned', 'ALTER SUBSCRIPTION owned DISABLE');
	$subscriber->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_subscription WHERE subname = 'owned' AND pid IS NOT NULL});
	$subscriber->safe_psql('owned', 'ALTER SUBSCRIPTION owned ENABLE');
	return $position;
}
$subscriber->safe_psql('owned', 'ALTER ROLE mover NOSUPERUSER');
my $position = restart_owned();
storm();
$subscriber->wait_for_log(qr/ERROR:  permission denied for (schema|table) skill/, $position);
pass('an owner without rights: refused');
$subscriber->safe_psql('owned', q{SELECT skills.grant_usage('mover')});
$subscriber->wait_for_log(qr/ERROR:  user "mover" cannot replicate into relation with row-level security enabled: "skill/, $position);
pass('an owner without BYPASSRLS: refused');
$subscriber->safe_psql('owned', 'ALTER ROLE mover BYPASSRLS');
$publisher->wait_for_catchup('owned');
same_rows('an owner with skills.grant_usage and BYPASSRLS', 'owned', 'true');
hold('an owner with skills.grant_usage and BYPASSRLS', 'owned');
if ($subscriber->pg_version >= 16)
{
	# Each row is then written as the owner of its table.
	$subscriber->safe_psql('owned', 'GRANT "' . ADMINISTRATOR . '" TO mover; ALTER ROLE mover NOBYPASSRLS; ALTER SUBSCRIPTION owned SET (run_as_owner = false)');
	restart_owned();
	storm();
	$publisher->wait_for_catchup('owned');
	same_rows('an owner that may be the owner of the tables', 'owned', 'true');
	$subscriber->safe_psql('owned', 'REVOKE "' . ADMINISTRATOR . '" FROM mover; ALTER ROLE mover BYPASSRLS; ALTER SUBSCRIPTION owned SET (run_as_owner = true)');
	$position = restart_owned();
}
$publisher->safe_psql('postgres', "TRUNCATE $listed");
$subscriber->wait_for_log(qr/ERROR:  permission denied for table skill/, $position);
pass('an owner without TRUNCATE: refused, when something is');
$subscriber->safe_psql('owned', "GRANT TRUNCATE ON $listed TO mover");
$publisher->wait_for_catchup('owned');
same_rows('an owner with TRUNCATE, too', 'owned', 'true');
compare('TRUNCATE of everything');
$publisher->wait_for_catchup('tenant');
isnt(rows($subscriber, 'other', "org_id = 'acme'"), '', 'a tenant that moves is not emptied by a TRUNCATE, which knows no tenants');
is(rows($subscriber, 'other', "org_id <> 'acme'"), $of_zeta, 'nor are others');

# The subscriber takes over: what it has, it goes on with.
storm();
as_user($publisher, 'ann', 'acme', qq{
	SELECT skills.create_skill('rules', 'When', 'What', 'org-editable');
	SELECT skills.create_version($skill, 'When', 'Two');
	SELECT skills.update_version($skill, 2, 'When 2');});
as_user($publisher, 'bob', 'acme', "SELECT skills.set_ai_version($skill, 2);");
compare('before it takes over');
$publisher->stop;
$subscriber->safe_psql('postgres', 'ALTER SUBSCRIPTION everything DISABLE; ALTER SUBSCRIPTION everything SET (slot_name = NONE); DROP SUBSCRIPTION everything');
is(as_user($subscriber, 'bob', 'acme', qq{
	SELECT version, revision FROM skills.create_version($skill, 'When', 'Three');
	SELECT version, revision, modified_by FROM skills.update_version($skill, 2, 'When 3', expected_revision => 2);
	SELECT revision FROM skills.update_skill($skill, put_tags => '{t}', expected_revision => 1);}),
	"bob\n3|1\n2|3|bob\n2", 'it numbers, counts revisions and stamps on');
is(as_user($subscriber, 'ann', 'acme', qq{
	SELECT skills.delete_version($skill, 2);
	SELECT version FROM skills.create_version($skill, 'When', 'Four');
	SELECT created_by, revision FROM skills.create_skill('new', 'When', 'What');
	SELECT ai_version FROM skills.skill_subscription WHERE skill_id = (skills.get_skill_by_name('new')).skill_id;}),
	"ann\nt\n4\nann|1\n1", 'deletes, and creates');
is($subscriber->safe_psql('postgres', "SELECT count(*), count(ai_version) FROM skills.skill_subscription WHERE skill_id = $skill AND user_id = 'bob'"),
	'1|0', 'and clears the pins to what goes');
my ($status, undef, $refused) = $subscriber->psql('postgres', q{SET ROLE app; BEGIN; SELECT skills.set_identity('cid', 'acme'); SELECT skills.create_skill('rules', 'When', 'What', 'org');});
like($refused, qr/ERROR:  .*"rules".*/, 'a name that came is taken');
as_user($subscriber, 'ann', 'acme', "SELECT skills.delete_skill($skill);");
hold('when it has taken over', 'postgres');

$subscriber->stop;
done_testing();
