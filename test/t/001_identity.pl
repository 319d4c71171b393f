# Attempts to forge an identity, each from a session of its own.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Psql;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('identity');
$node->init;
$node->start;

$node->safe_psql('postgres', q{
	CREATE EXTENSION skills;
	CREATE ROLE app LOGIN;
	CREATE ROLE alice LOGIN;
	CREATE ROLE mallory LOGIN;
	CREATE ROLE half LOGIN;
	SELECT skills.grant_usage(r, r = 'app'::regrole) FROM unnest('{app,alice,mallory,half}'::regrole[]) AS r;
	GRANT SET ON PARAMETER skills.user_id TO half;
	ALTER ROLE alice SET skills.user_id = 'alice';
	ALTER ROLE alice SET skills.org_id = 'acme';
	GRANT CREATE ON SCHEMA public TO PUBLIC;
	BEGIN;
	SELECT skills.set_identity('bob', 'acme');
	SELECT skills.create_skill('secret', 'Of bob', 'Hush');
	COMMIT;
});

my $whoami = q{SELECT 'I am ' || coalesce(skills.current_user_id(), 'nobody') || ', and see ' || (SELECT count(*) FROM skills.skill);};

# Runs the statements in a session of their own: what came out, and the errors' messages.
sub session
{
	my ($role, $sql, %options) = @_;
	my $connection = $node->connstr('postgres') . " user=$role";
	$connection .= " options='$options{options}'" if $options{options};
	return run_psql($connection, $sql);
}

# What a session says that tries: who it is afterwards, and that it was told no.
sub refused
{
	my ($name, $role, $sql, $who, $message, %options) = @_;
	my ($out, $err) = session($role, "$sql\n$whoami", %options);
	is((split /\n/, $out)[-1] // '', "I am $who, and see 0", "$name: who");
	like($err, $message, "$name: told") if $message;
	return;
}

my $denied = qr/permission denied to set parameter "skills\.user_id"/;
my $dropped = qr/WARNING:  permission denied to set parameter "skills\.user_id"/;

# The DBA's word counts, and nothing that a role does to itself.
is((session('alice', $whoami))[0], 'I am alice, and see 0', 'ALTER ROLE by the DBA gives an identity');
is((session('app', "BEGIN; SET LOCAL skills.user_id = 'bob'; SET LOCAL skills.org_id = 'acme'; $whoami"))[0],
	'I am bob, and see 1', 'SET LOCAL by a role with the privilege, before the library loads');
is((session('app', "SELECT skills.set_identity('bob', 'acme', false) IS NULL; $whoami"))[0],
	"f\nI am bob, and see 1", 'set_identity by a role with the privilege');

for my $role (qw(mallory alice))
{
	my $who = $role eq 'alice' ? 'alice' : 'nobody';

	refused("$role, SET before the library loads", $role,
		"SET skills.user_id = 'bob'; SET skills.org_id = 'acme';", 'nobody', $dropped) if $role eq 'mallory';
	refused("$role, SET after", $role,
		"SELECT skills.current_user_id(); SET skills.user_id = 'bob';", $who, $denied);
	refused("$role, set_config after", $role,
		"SELECT skills.current_user_id(); SELECT set_config('skills.user_id', 'bob', false);", $who, $denied);
	refused("$role, set_identity", $role, "SELECT skills.set_identity('bob', 'acme', false);", $who, $denied);
	refused("$role, ALTER ROLE on oneself", $role, "ALTER ROLE $role SET skills.user_id = 'bob';", $who, $denied);
	refused("$role, ALTER ROLE in a database", $role,
		"ALTER ROLE $role IN DATABASE postgres SET skills.user_id = 'bob';", $who, $denied);
	refused("$role, a function's SET clause", $role,
		"CREATE FUNCTION forge_$role() RETURNS bigint LANGUAGE sql SET skills.user_id = 'bob' SET skills.org_id = 'acme' AS 'SELECT count(*) FROM skills.skill';",
		$who, $denied);
	refused("$role, RESET", $role, "SELECT skills.current_user_id(); RESET skills.user_id;", $who, $denied);
	refused("$role, RESET ALL", $role, "RESET ALL;", $who);
	refused("$role, DISCARD ALL", $role, "SELECT skills.current_user_id(); DISCARD ALL;", $who);
	refused("$role, SET ROLE", $role, "SET ROLE app;", $who, qr/permission denied to set role "app"/);
	refused("$role, a savepoint rolled back", $role,
		"SELECT skills.current_user_id(); BEGIN; SAVEPOINT s; SET LOCAL skills.user_id = 'bob'; ROLLBACK TO s; COMMIT;", $who, $denied);
	refused("$role, pg_settings", $role,
		"SELECT skills.current_user_id(); UPDATE pg_settings SET setting = 'bob' WHERE name = 'skills.user_id';", $who, $denied);
	refused("$role, ai_registry of another", $role, "SELECT name FROM skills.ai_registry('bob', 'acme');", $who,
		qr/permission denied to act for another user or org/);
}

# The very statement that first needs the library loads it before it runs.
my ($out, $err) = session('mallory',
	"SELECT set_config('skills.user_id', 'bob', false), set_config('skills.org_id', 'acme', false), (SELECT count(*) FROM skills.skill);");
is($out, '', 'set_config in the same statement shows nothing');
like($err, $denied, 'set_config in the same statement is refused');
($out, $err) = session('mallory',
	"SELECT count(*) FROM skills.skill WHERE set_config('skills.user_id', 'bob', false) || set_config('skills.org_id', 'acme', false) <> '';");
is($out, '0', 'set_config in the WHERE clause shows nothing');

# Connection options can make alice nobody, never another; SET not even that.
refused('alice, SET before the library loads', 'alice', "SET skills.user_id = 'bob';", 'alice', $dropped);
refused('alice, connection options', 'alice', '', 'nobody', $dropped, options => '-c skills.user_id=bob');
refused('mallory, connection options', 'mallory', '', 'nobody', $dropped,
	options => '-c skills.user_id=bob -c skills.org_id=acme');
# Half the privilege is none.
refused('half, one parameter of two', 'half', "SELECT skills.set_identity('bob', 'acme', false);", 'nobody',
	qr/permission denied to set parameter "skills\.org_id"/);
refused('half, ai_registry', 'half', "SELECT name FROM skills.ai_registry('bob', 'acme');", 'nobody',
	qr/permission denied to act for another/);

# A role that may be app by SET ROLE has app's privilege; that is what a grant says.
$node->safe_psql('postgres', 'CREATE ROLE deputy LOGIN; GRANT app TO deputy');
is((session('deputy', "SET ROLE app; SELECT skills.set_identity('bob', 'acme', false) IS NULL; $whoami"))[0],
	"f\nI am bob, and see 1", 'SET ROLE to a role with the privilege');
# What it set stays when it steps back: a session is as trusted as who set it.
is((session('deputy', "SET ROLE app; SELECT skills.set_identity('bob', 'acme', false) IS NULL; RESET ROLE; SET ROLE app; $whoami"))[0],
	"f\nI am bob, and see 1", 'and stays with the session');

# Others' SECURITY DEFINER functions act by their owner's privileges, for the caller's identity.
$node->safe_psql('postgres', q{
	CREATE FUNCTION visible() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM skills.skill';
	ALTER FUNCTION visible() OWNER TO app;
	CREATE FUNCTION become(who text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT skills.set_identity(who, ''acme'')';
	ALTER FUNCTION become(text) OWNER TO mallory;
	CREATE FUNCTION registry_of(who text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM skills.ai_registry(who, ''acme'')';
	ALTER FUNCTION registry_of(text) OWNER TO mallory;
});
is((session('alice', 'SELECT visible();'))[0], '0', "a definer's function serves the caller's identity");
like((session('app', "SELECT become('bob');"))[1], $denied, "a definer without the privilege sets nothing");
like((session('app', "SELECT registry_of('bob');"))[1], qr/permission denied to act for another/,
	'a definer without the privilege reads for the caller only');
refused('mallory, a trigger of her own on a foreign key', 'mallory', q{
	CREATE TABLE parent (id int PRIMARY KEY);
	CREATE TABLE child (id int REFERENCES parent ON DELETE CASCADE);
	CREATE FUNCTION snoop() RETURNS trigger LANGUAGE plpgsql AS
		$$BEGIN RAISE NOTICE 'saw %', (SELECT count(*) FROM skills.skill); RETURN OLD; END$$;
	CREATE TRIGGER snoop BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION snoop();
	INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1);
	DELETE FROM parent;}, 'nobody', qr/saw 0/);

# What is no text in the database's encoding could be stored, but never restored.
($out, $err) = session('app', $whoami, options => "-c skills.user_id=al\xff\xfe -c skills.org_id=acme");
is($out, 'I am nobody, and see 0', 'an id of invalid bytes: who');
like($err, qr/invalid value for parameter "skills\.user_id"/, 'an id of invalid bytes: told');

# Preloaded, an attempt is refused at once: at connection, too.
$node->append_conf('postgresql.conf', "session_preload_libraries = 'skills'");
$node->reload;
is((session('alice', $whoami))[0], 'I am alice, and see 0', 'preloaded: the DBA gives an identity');
refused('preloaded, connection options', 'mallory', '', 'nobody', $dropped,
	options => '-c skills.user_id=bob -c skills.org_id=acme');
refused('preloaded, SET', 'mallory', "SET skills.user_id = 'bob';", 'nobody', $denied);
refused('preloaded, a misspelt parameter', 'mallory', "SET skills.userid = 'bob';", 'nobody', qr/reserved prefix/);

# Parallel workers have the leader's identity, also where they load the library.
$out = $node->safe_psql('postgres', q{
	INSERT INTO skills.skill (org_id, name, accessibility, created_by)
	SELECT 'acme', 'many' || i, 'org', 'bob' FROM generate_series(1, 1000) AS i;
	ANALYZE skills.skill;
});
my $parallel = q{
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
	SET max_parallel_workers_per_gather = 4; SET enable_indexscan = off; SET enable_bitmapscan = off;
	SET enable_indexonlyscan = off;
	SELECT count(*) FROM skills.skill;
};
is((session('alice', $parallel))[0], '1000', 'parallel workers see what alice sees');
is((session('mallory', $parallel))[0], '0', 'parallel workers see nothing for nobody');
is((session('app', "SELECT skills.set_identity('bob', 'acme', false) IS NULL; $parallel"))[0], "f\n1001",
	'parallel workers see what bob sees');

$node->stop;
done_testing();
