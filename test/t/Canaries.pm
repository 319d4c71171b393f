# A world in which every text says whose it is, what of it a reader may see by
# the rules, and what of it is found in what the reader got.
package Canaries;
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use MIME::Base64 qw(decode_base64);

our @EXPORT = qw(canary found make_world may_see allowed shown_by literal meaning);

my @meaning = ('');    # of each number
my %number_of_digest;

# A text that no other text of the world is like: CANARY, a number of its own, and what it is.
sub canary
{
	my ($what) = @_;
	push @meaning, $what;
	return sprintf 'CANARY%04d-%s', $#meaning, $what;
}

sub meaning
{
	my ($number) = @_;
	return sprintf 'CANARY%04d (%s)', $number, $meaning[$number] // 'of no text';
}

# The same number in the form of a skill id.
sub skill_id
{
	return canary($_[0]) =~ /CANARY(\d+)/ ? "sk_0CANARY$1" . '0' x 15 : die;
}

# The numbers of the canaries in a text: as they are, or as PostgreSQL may write them: in hex, in base64,
# as the bytes of a node, and a file's digest.
sub found
{
	my ($text) = @_;
	my %found;
	$found{ $1 + 0 } = 1 while $text =~ /canary(\d{4})/gi;
	$found{ pack('H*', $1) + 0 } = 1 while $text =~ /43414e415259((?:3\d){4})/gi;
	$found{ substr(decode_base64($1), 0, 4) + 0 } = 1 while $text =~ m{Q0FOQVJZ(M[A-Za-z0-9+/]{7})}g;
	$found{ join '', map { chr } split / / => $1 } = 1 while $text =~ /67 65 78 65 82 89 ((?:\d\d ){3}\d\d)/g;
	$found{ $number_of_digest{$1} } = 1 while $text =~ /\b([0-9a-f]{64})\b/g && exists $number_of_digest{$1};
	return { map { ($_ + 0) => 1 } keys %found };
}

sub literal
{
	my ($text) = @_;
	return "'" . $text =~ s/'/''/gr . "'";
}

sub make_version
{
	my ($of, $number, $writer) = @_;
	my $content = canary("$of v$number content");
	$number_of_digest{ sha256_hex($content) } = $content =~ /(\d+)/ ? $1 + 0 : die;
	return {
		number => $number,
		writer => $writer,
		description => canary("$of v$number description"),
		# One that is stored out of line, one that is not.
		body => canary("$of v$number body") . ($number > 1 ? ' and more' x 400 : ''),
		topic => canary("$of v$number topic"),
		key => canary("$of v$number key"),
		value => canary("$of v$number value"),
		path => canary("$of v$number path") . '.md',
		content => $content,
	};
}

sub make_skill
{
	my ($org, $author, $accessibility, %more) = @_;
	my $of = join ' ', map { s/.*-//r } grep { defined } $org, $author, $accessibility, $more{note};
	my @writers = ($author, @{ $more{writers} // [$author] });
	return {
		org => $org,
		author => $author,
		accessibility => $accessibility,
		id => skill_id("$of id"),
		name => canary("$of name" =~ tr/ /_/r),
		tag => canary("$of tag"),
		versions => [ map { make_version($of, $_ + 1, $writers[$_]) } 0 .. $#writers ],
		subscribers => [],
		%more
	};
}

# All that there is, and the people by name. Users of one id may be in two orgs. Nobody ever is Zoe.
sub make_world
{
	my %id = map { $_ => canary($_) } qw(acme globex initech alice bob carol dave mallory zoe ghost);
	my @skills = (
		make_skill($id{acme}, $id{alice}, 'private'),
		make_skill($id{acme}, $id{alice}, 'org'),
		make_skill($id{acme}, $id{alice}, 'org-editable', subscribers => [ @id{qw(bob dave)} ], writers => [ $id{bob} ]),
		# Was shared, with subscribers, before it became private.
		make_skill($id{acme}, $id{alice}, 'private', note => 'flipped', before => 'org', subscribers => [ @id{qw(bob dave)} ]),
		make_skill($id{acme}, $id{bob}, 'private'),
		make_skill($id{acme}, $id{zoe}, 'private'),
		make_skill($id{globex}, $id{mallory}, 'private'),
		make_skill($id{globex}, $id{mallory}, 'org'),
		make_skill($id{globex}, $id{alice}, 'private'),
	);
	return (\%id, @skills);
}

# The rule, as the documentation says it: a skill is visible to the members of its org, a private one to its author alone.
sub may_see
{
	my ($reader, $skill) = @_;
	return 0 if $reader->{user} eq '' || $reader->{org} eq '' || $reader->{org} ne $skill->{org};
	return $skill->{accessibility} ne 'private' || $reader->{user} eq $skill->{author};
}

# What that table has of a skill, as one text.
sub shown_by
{
	my ($table, $skill, $reader) = @_;
	my ($latest) = reverse @{ $skill->{versions} };
	my @of_skill = @$skill{qw(org author id name tag)};
	my @of_versions = map { @$_{qw(description body topic key value writer)} } @{ $skill->{versions} };
	my %shown = (
		skill => [@of_skill],
		skill_version => [ @$skill{qw(org author id)}, @of_versions ],
		skill_file => [ @$skill{qw(org author id)}, map { @$_{qw(path content writer)} } @{ $skill->{versions} } ],
		skill_subscription =>
		  [ (grep { $_ eq $reader->{user} } $skill->{author}, @{ $skill->{subscribers} }) ? ($reader->{user}, @$skill{qw(org id)}) : () ],
		skill_summary => [ @of_skill, @$latest{qw(description body topic)} ],
	);
	return join ' ', @{ $shown{$table} };
}

# The numbers that a reader may be shown: its own identity, and all of the skills that it may see.
sub allowed
{
	my ($reader, @skills) = @_;
	return found(join ' ', @$reader{qw(user org)},
		map { my $skill = $_; map { shown_by($_, $skill, $reader) } qw(skill skill_version skill_file skill_subscription) }
		grep { may_see($reader, $_) } @skills);
}

1;
