# Sessions that write all that can be written, and know what the server has
# acknowledged: each is a psql whose output is its journal.
#
# A session has an org of its own, whose rows it asks for, as one digest, at the
# end of each transaction; or shares an org with others, and then adds versions
# to a skill that nobody deletes. So after a crash, what is there is compared
# with what was acknowledged, to the byte.
package FaultLoad;
use strict;
use warnings;

use Exporter qw(import);
use IPC::Run;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;
use Time::HiRes;

use Psql;

our @EXPORT = qw(SETUP session);

# Errors that are an answer: of the rules, of races, and of being ended.
my $clean = qr/^(42501|P0002|23505|40001|40P01|57014|57P0[1-3]|53100|25P02)$/;

use constant SETUP => <<'SQL';
CREATE EXTENSION skills;
CREATE EXTENSION amcheck;
CREATE ROLE app LOGIN;
SELECT skills.grant_usage('app', true);
CREATE TABLE sample (name text PRIMARY KEY, content bytea);

-- All rows of an org; a file's digest, which is compared with its content below, stands for it.
CREATE FUNCTION state(org text) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
	RETURN (SELECT md5(string_agg(r.line, E'\n' ORDER BY r.line COLLATE "C")) FROM (
		SELECT s::text AS line FROM skills.skill AS s WHERE s.org_id = org
		UNION ALL SELECT v::text FROM skills.skill_version AS v WHERE v.org_id = org
		UNION ALL SELECT t::text FROM skills.skill_subscription AS t WHERE t.org_id = org
		UNION ALL SELECT (f.skill_id, f.version, f.path, f.size, f.sha256, f.executable, f.author, f.accessibility, f.created, f.created_by)::text
			FROM skills.skill_file AS f WHERE f.org_id = org) AS r);
END $$;

-- What must never be; and each index is compared with its table.
CREATE FUNCTION broken() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM bt_index_check(c.oid, c.relkind = 'i') FROM pg_class AS c
	JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'btree'
	WHERE c.relnamespace = 'skills'::regnamespace AND c.relkind = 'i';
	RETURN QUERY
	SELECT 'no version: ' || s FROM skills.skill AS s WHERE NOT EXISTS (
		SELECT FROM skills.skill_version AS v WHERE (v.org_id, v.skill_id) = (s.org_id, s.skill_id))
	UNION ALL SELECT 'dangling pin: ' || t FROM skills.skill_subscription AS t WHERE ai_version IS NOT NULL AND NOT EXISTS (
		SELECT FROM skills.skill_version AS v WHERE (v.org_id, v.skill_id, v.version) = (t.org_id, t.skill_id, t.ai_version))
	UNION ALL SELECT 'without a skill: ' || p FROM (
		SELECT org_id, skill_id FROM skills.skill_version UNION ALL SELECT org_id, skill_id FROM skills.skill_file
		UNION ALL SELECT org_id, skill_id FROM skills.skill_subscription) AS p
		WHERE NOT EXISTS (SELECT FROM skills.skill AS s WHERE (s.org_id, s.skill_id) = (p.org_id, p.skill_id))
	UNION ALL SELECT 'file without a version: ' || f.path FROM skills.skill_file AS f WHERE NOT EXISTS (
		SELECT FROM skills.skill_version AS v WHERE (v.org_id, v.skill_id, v.version) = (f.org_id, f.skill_id, f.version))
	UNION ALL SELECT 'foreign subscription: ' || t FROM skills.skill_subscription AS t JOIN skills.skill AS s USING (org_id, skill_id)
		WHERE s.accessibility = 'private' AND t.user_id <> s.created_by
	UNION ALL SELECT 'not the skill''s author or accessibility: ' || p FROM (
		SELECT org_id, skill_id, author, accessibility FROM skills.skill_version
		UNION ALL SELECT org_id, skill_id, author, accessibility FROM skills.skill_file) AS p JOIN skills.skill AS s USING (org_id, skill_id)
		WHERE (p.author, p.accessibility) <> (s.created_by, s.accessibility)
	UNION ALL SELECT 'name taken twice: ' || min(name) FROM skills.skill
		GROUP BY org_id, name, accessibility = 'private', CASE WHEN accessibility = 'private' THEN created_by END HAVING count(*) > 1
	UNION ALL SELECT 'wrong size or digest: ' || f.path FROM skills.skill_file AS f
		WHERE size <> octet_length(content) OR sha256 <> encode(sha256(content), 'hex')
	UNION ALL SELECT 'a gap in the numbers of: ' || s.name FROM skills.skill AS s JOIN skills.skill_version AS v USING (org_id, skill_id)
		WHERE s.name = 'log' GROUP BY s.org_id, s.skill_id, s.name HAVING count(*) <> max(v.version);
END $$;
SQL

# Errors with their codes, and without where they come from.
my $verbosely = "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT never\n";

my $folder = PostgreSQL::Test::Utils::tempdir();

# Not by a pipe, which breaks where a session ends too early.
sub write_file
{
	my ($name, $content) = @_;
	open my $file, '>', $name or die "$name: $!";
	print $file $content;
	close $file or die "$name: $!";
	return;
}

# Runs the statements in one session, an error ends none: what came out, and the errors.
sub session
{
	my ($node, $sql, $user) = @_;
	return run_psql($node->connstr('postgres') . ($user ? " user=$user" : ''), $sql, 'VERBOSITY=verbose', 'SHOW_CONTEXT=never');
}

sub new
{
	my ($class, $node, %options) = @_;
	my $self = bless { node => $node, own => $options{own}, shared => $options{shared}, number => 0, acknowledged => 0,
		doubtful => 0, doubtful_there => 0, states => {}, logged => {}, errors => {} }, $class;
	$self->{samples} = [ split /\n/, $node->safe_psql('postgres', "SELECT name FROM sample WHERE name NOT LIKE 'large%'") ];
	$self->{states}{"own$_"} = 'empty' for 1 .. $self->{own};
	$self->prepare;
	return $self;
}

# The skill that all who share an org write to.
sub prepare
{
	my ($self) = @_;
	my (undef, $err) = session($self->{node}, q{
		SELECT skills.set_identity('ann', 'shared', false) \g /dev/null
		SELECT skills.create_skill('log', 'When', 'First', 'org-editable') \g /dev/null
		SELECT skills.set_identity('bob', 'shared', false) \g /dev/null
		SELECT skills.subscribe(skill_id) FROM skills.skill \g /dev/null}, 'app');
	is($err, '', 'the load is prepared');
	return;
}

# Go on with another server, and take what it has for acknowledged.
sub adopt
{
	my ($self, $node) = @_;
	$self->{node} = $node;
	my ($err, $found) = $self->find;
	is($err, '', 'what is there can be read');
	$self->{states} = { map { $_ => $found->{$_} } keys %{ $self->{states} } };
	$self->{logged} = { map { $_ => 1 } split /,/, $found->{log} };
	return;
}

# One of the skills that the caller sees, or of their versions; deterministic, for a seed can be replayed.
sub a_skill { return sprintf "(SELECT * FROM skills.skill WHERE name <> 'log' ORDER BY skill_id OFFSET %d LIMIT 1) AS s", int rand 5; }
sub a_version { return sprintf "(SELECT v.* FROM skills.skill_version AS v JOIN skills.skill AS s USING (org_id, skill_id) WHERE s.name <> 'log' ORDER BY v.skill_id, v.version DESC OFFSET %d LIMIT 1) AS v", int rand 7; }
sub a_file { return sprintf "(SELECT f.* FROM skills.skill_file AS f ORDER BY skill_id, version, path OFFSET %d LIMIT 1) AS f", int rand 9; }
sub some_text { return sprintf "repeat('%s ', %d)", (join '', map { chr 97 + rand 26 } 1 .. 12), 1 + rand 400; }
sub an_accessibility { return (qw(private org org-editable))[ rand 3 ]; }

my @writes = (
	sub { "SELECT skills.create_skill('s$_[0]', 'When', " . some_text() . ", '" . an_accessibility() . "', '{b,a}')" },
	sub { "SELECT skills.create_skill('kept$_[0]', 'When', 'What')" },
	sub { "SELECT skills.create_version(s.skill_id, 'When $_[0]', " . some_text() . ') FROM ' . a_skill() },
	sub { "SELECT skills.update_version(v.skill_id, v.version, body => " . some_text() . ') FROM ' . a_version() },
	sub { 'SELECT skills.delete_version(v.skill_id, v.version) FROM ' . a_version() },
	sub { 'SELECT skills.delete_skill(s.skill_id) FROM ' . a_skill() },
	sub { "SELECT skills.update_skill(s.skill_id, accessibility => 'private') FROM " . a_skill() },
	sub { "SELECT skills.update_skill(s.skill_id, accessibility => 'org-editable', put_tags => '{t$_[0]}') FROM " . a_skill() },
	sub { 'SELECT skills.subscribe(s.skill_id) FROM ' . a_skill() },
	sub { 'SELECT skills.unsubscribe(s.skill_id) FROM ' . a_skill() },
	sub { 'SELECT skills.set_ai_version(v.skill_id, v.version) FROM ' . a_version() },
	sub { "SELECT skills.put_file(v.skill_id, v.version, 'a/$_[0].txt', convert_to(" . some_text() . ", 'UTF8')) FROM " . a_version() },
	sub { 'SELECT skills.delete_file(f.skill_id, f.version, f.path) FROM ' . a_file() },
	sub { "SELECT skills.import_package(content, name => 'i$_[0]') FROM sample WHERE name = '$_[1]'" },
	sub { "SELECT skills.import_package(content) FROM sample WHERE name = '$_[1]'" },
	sub { "SELECT skills.import_skill_md(E'---\\nname: md\\ndescription: d\\n---\\n' || " . some_text() . ')' },
	sub { "WITH s AS (INSERT INTO skills.skill (name) VALUES ('r$_[0]') RETURNING skill_id) INSERT INTO skills.skill_version (skill_id, description, body) SELECT skill_id, 'd', " . some_text() . ' FROM s' },
	sub { 'UPDATE skills.skill_version SET body = ' . some_text() . ' WHERE (skill_id, version) IN (SELECT skill_id, version FROM ' . a_version() . ')' },
	sub { "UPDATE skills.skill SET accessibility = '" . an_accessibility() . "' WHERE skill_id IN (SELECT skill_id FROM " . a_skill() . ')' },
	sub { 'DELETE FROM skills.skill_version WHERE (skill_id, version) IN (SELECT skill_id, version FROM ' . a_version() . ')' },
	sub { 'INSERT INTO skills.skill_subscription (skill_id, ai_version) SELECT skill_id, version FROM ' . a_version() . ' ON CONFLICT DO NOTHING' },
	sub { 'DELETE FROM skills.skill_subscription WHERE skill_id IN (SELECT skill_id FROM ' . a_skill() . ')' },
	sub { "UPDATE skills.skill_file SET content = convert_to(" . some_text() . ", 'UTF8') WHERE path <> 'SKILL.md' AND skill_id IN (SELECT skill_id FROM " . a_skill() . ')' },
	sub { "INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT skill_id, version, 'f$_[0]/' || i, '' FROM " . a_version() . ', generate_series(1, 20) AS i' },
	# So that an org stays small.
	sub { "DELETE FROM skills.skill WHERE skill_id IN (SELECT skill_id FROM skills.skill WHERE name <> 'log' AND created_by = skills.current_user_id() ORDER BY skill_id DESC OFFSET 6)" },
);

sub transaction
{
	my ($self, $org, %options) = @_;
	my $number = ++$self->{number};
	my $is_own = $org ne 'shared';
	my $level = ('READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')[ rand 4 ];
	my $sql = "BEGIN ISOLATION LEVEL $level;\nSELECT skills.set_identity('" . (rand 3 < 2 ? 'ann' : 'bob') . "', '$org') \\g /dev/null\n";
	$sql .= 'SET LOCAL statement_timeout = ' . int(1 + rand 50) . ";\n" if $options{timeouts};
	for (0 .. rand 2)
	{
		my $write = $writes[ rand @writes ];
		$sql .= $write->("$number$_", $self->{samples}[ rand @{ $self->{samples} } ]) . " \\g /dev/null\n";
	}
	$sql .= "SELECT 'state', '$org', coalesce(state('$org'), 'empty');\n" if $is_own;
	$sql .= "SELECT 'log', $number, skills.create_version(skill_id, 'When', 'by $number') IS NULL FROM skills.skill WHERE name = 'log';\n" unless $is_own;
	return $sql . "COMMIT;\n";
}

# Each session begins to write, so many transactions at most.
sub start
{
	my ($self, $transactions, %options) = @_;
	my $node = $self->{node};
	$self->{sessions} = [];
	for my $org ((map { "own$_" } 1 .. $self->{own}), ('shared') x $self->{shared})
	{
		my $journal = "$folder/" . scalar @{ $self->{sessions} };
		write_file("$journal.sql", $verbosely . "SELECT 'pid', pg_backend_pid();\n" . join '', map { $self->transaction($org, %options) } 1 .. $transactions);
		push @{ $self->{sessions} }, { org => $org, journal => $journal,
			run => IPC::Run::start([ 'psql', '-XAt', '-f', "$journal.sql", '-d', $node->connstr('postgres') . ' user=app' ],
				'>', "$journal.out", '2>', "$journal.err") };
	}
	return;
}

# The process of one of the backends, undef if it has none yet.
sub backend
{
	my ($self) = @_;
	my $session = $self->{sessions}[ rand @{ $self->{sessions} } ];
	return slurp_file("$session->{journal}.out") =~ /^pid\|(\d+)$/m ? $1 : undef;
}

# All end, by themselves or with their server: what each was told is noted.
sub finish
{
	my ($self, $also) = @_;
	my %unclean;
	for my $session (@{ $self->{sessions} })
	{
		$session->{run}->finish;
		$session->{is_lost} = $session->{run}->full_result(0) >> 8 == 2;
		$self->note_answers($session, split /\n/, slurp_file("$session->{journal}.out"));
		for my $line (slurp_file("$session->{journal}.err") =~ /((?:ERROR|FATAL|PANIC):  \w{5}: .*)/g)
		{
			my ($code) = $line =~ /:  (\w{5}):/;
			$self->{errors}{$code}++;
			$unclean{$line} = 1 unless $code =~ $clean || ($also && $line =~ $also);
		}
	}
	is((join "\n", sort keys %unclean), '', 'no error but those of the rules and of being ended');
	return;
}

# Acknowledged is what a COMMIT came back for; in doubt is what no answer came for.
sub note_answers
{
	my ($self, $session, @answers) = @_;
	my $sent;
	for my $answer (@answers)
	{
		if ($answer =~ /^(?:state\|\w+|log)\|(\w+)(?:\|f)?$/) { $sent = $1; }
		elsif ($answer =~ /^(?:BEGIN|ROLLBACK)$/) { $sent = undef; }
		elsif ($answer eq 'COMMIT' && defined $sent)
		{
			$self->{acknowledged}++;
			$self->{states}{ $session->{org} } = $sent if $session->{org} ne 'shared';
			$self->{logged}{$sent} = 1 if $session->{org} eq 'shared';
			$sent = undef;
		}
	}
	$session->{doubt} = $session->{is_lost} ? $sent : undef;
	return;
}

# What is there, and which rules are broken.
sub find
{
	my ($self) = @_;
	my $orgs = join ', ', map { "('$_')" } sort keys %{ $self->{states} };
	my ($out, $err) = session($self->{node}, "SELECT org || '=' || coalesce(state(org), 'empty') FROM (VALUES $orgs) AS o(org);
		SELECT 'log=' || coalesce(string_agg(substr(v.body, 4), ','), '') FROM skills.skill_version AS v JOIN skills.skill AS s USING (org_id, skill_id)
		WHERE s.name = 'log' AND v.body LIKE 'by %';
		SELECT 'broken=' || string_agg(b, ' ') FROM broken() AS b;");
	return ($err, { map { split /=/, $_, 2 } grep { /=/ } split /\n/, $out });
}

# Everything acknowledged is there; what is in doubt is there as a whole, or not at all.
sub verify
{
	my ($self, $when) = @_;
	my ($err, $found) = $self->find;
	is($err, '', "$when: what is there can be read");
	is($found->{broken}, undef, "$when: all rules hold");
	$self->verify_states($when, $found);
	$self->verify_log($when, split /,/, $found->{log} // '');
	return;
}

sub verify_states
{
	my ($self, $when, $found) = @_;
	my @lost;
	for my $session (grep { $_->{org} ne 'shared' } @{ $self->{sessions} })
	{
		my $org = $session->{org};
		my $is_doubtful = defined $session->{doubt} && $session->{doubt} ne $self->{states}{$org};
		$self->{doubtful}++ if $is_doubtful;
		if ($is_doubtful && $found->{$org} eq $session->{doubt})
		{
			$self->{doubtful_there}++;
			$self->{states}{$org} = $session->{doubt};
		}
		push @lost, $org if $found->{$org} ne $self->{states}{$org};
		$session->{doubt} = undef;
	}
	is("@lost", '', "$when: every org is as its last acknowledged write left it, or as the one in doubt would");
	return;
}

sub verify_log
{
	my ($self, $when, @found) = @_;
	my %found = map { $_ => 1 } @found;
	is(scalar(@found), scalar(keys %found), "$when: no version is there twice");
	for my $session (grep { $_->{org} eq 'shared' && defined $_->{doubt} } @{ $self->{sessions} })
	{
		$self->{doubtful}++;
		if ($found{ $session->{doubt} })
		{
			$self->{doubtful_there}++;
			$self->{logged}{ $session->{doubt} } = 1;
		}
		$session->{doubt} = undef;
	}
	is((join ',', sort grep { !$found{$_} } keys %{ $self->{logged} }), '', "$when: every acknowledged version is there");
	is((join ',', sort grep { !$self->{logged}{$_} } keys %found), '', "$when: and no other");
	return;
}

sub told
{
	my ($self) = @_;
	return "$self->{acknowledged} writes acknowledged, $self->{doubtful} in doubt, of which $self->{doubtful_there} were there; errors: "
	  . join ' ', map { "$_ x $self->{errors}{$_}" } sort keys %{ $self->{errors} };
}

1;
