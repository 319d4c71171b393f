"""
The world that is measured, the same at every run: orgs of 100 users, 50 skills
of 3 versions, 20 pins a user. Rows lie in the order of time, as they would after
years of use: neighbours in a table belong to different orgs.
"""
import collections
import random
import sys
import time

import psycopg

from prose import Prose

USERS, SKILLS, VERSIONS, PINS = 100, 50, 3, 20
ACCESSIBILITIES = ["private"] * 10 + ["org"] * 25 + ["org-editable"] * 15
VERBS = "approve audit book cancel check close draft escalate file handle merge onboard plan refund review write".split()
NOUNS = "account budget contract customer deploy export incident invoice leave order report secret sprint ticket".split()
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BEGIN, END = 1672531200, 1735689600     # two years, from 2023 on

Org = collections.namedtuple("Org", "id users skills")
Skill = collections.namedtuple("Skill", "id name accessibility author created prose")


def stamp(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(seconds))


def base32(number, length):
    return "".join(BASE32[number >> 5 * place & 31] for place in reversed(range(length)))


def skill_id(rng, seconds):
    return "sk_" + base32(int(seconds * 1000), 10) + base32(rng.getrandbits(80), 16)


def make_org(rng, proses):
    """About a quarter of the users write skills; a private one may share its name with a shared one."""
    users = ["user_%016x" % rng.getrandbits(64) for _ in range(USERS)]
    names = [f"{verb}-{noun}" for verb in VERBS for noun in NOUNS]
    skills = []
    for accessibility, name in zip(ACCESSIBILITIES, rng.sample(names, SKILLS)):
        created = rng.uniform(BEGIN, END)
        skills.append(Skill(skill_id(rng, created), name, accessibility, users[rng.randrange(USERS // 4)],
                            created, proses[rng.random() < 0.125]))
    skills[0] = skills[0]._replace(name=skills[-1].name)
    return Org("org_" + base32(rng.getrandbits(60), 12).lower(), users, skills)


class Progress:
    """One line on a terminal, a line a quarter elsewhere."""

    def __init__(self, what, total):
        self.what, self.total, self.shown, self.began = what, total, -1, time.time()

    def at(self, done):
        percent = 100 * done // self.total
        tty = sys.stderr.isatty()
        if percent // (1 if tty else 25) == self.shown:
            return
        self.shown = percent // (1 if tty else 25)
        end = "\r" if tty and done < self.total else "\n"
        print(f"  {self.what}: {percent} % of {self.total:,}, {time.time() - self.began:.0f} s", end=end, file=sys.stderr, flush=True)


def copy_rows(connection, table, columns, rows, total):
    progress = Progress(table, total)
    done = 0
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FREEZE)") as copy:
        for row in rows:
            copy.write(row)
            done += 1
            if done % 1000 == 0:
                progress.at(done)
    progress.at(total)


def skill_rows(orgs):
    events = sorted((skill.created, org.id, skill) for org in orgs for skill in org.skills)
    for created, org_id, skill in events:
        when = stamp(created)
        yield (f"{org_id}\t{skill.id}\t{skill.name}\t{skill.accessibility}\t{{a-team,{skill.name.split('-')[1]}}}\t"
               f"{when}\t{skill.author}\t{when}\t{skill.author}\n").encode()


def version_rows(rng, orgs):
    events = []
    for org in orgs:
        for skill in org.skills:
            times = [skill.created] + sorted(rng.uniform(skill.created, END) for _ in range(VERSIONS - 1))
            events += ((when, number, org.id, skill) for number, when in enumerate(times, 1))
    events.sort()
    for seconds, number, org_id, skill in events:
        when = stamp(seconds)
        yield b"".join((f"{org_id}\t{skill.id}\t{number}\t".encode(), skill.prose.description(rng.randint(60, 500)),
                        b"\t", skill.prose.body(rng.randint(1024, 40 * 1024)),
                        (f"\t{{{skill.name.split('-')[0]}}}\t{skill.author}\t{skill.accessibility}\t"
                         f"{when}\t{skill.author}\t{when}\t{skill.author}\n").encode()))


def choose_pins(rng, org):
    """Each user's skills, as one byte each: their own, then shared ones of others."""
    shared = [place for place, skill in enumerate(org.skills) if skill.accessibility != "private"]
    for user in org.users:
        own = [place for place, skill in enumerate(org.skills) if skill.author == user]
        others = [place for place in rng.sample(shared, PINS) if place not in own]
        yield bytes((own + others)[:PINS])


def subscription_rows(rng, orgs):
    """Rank by rank over all users in ever another order: a user's rows are strewn over the table."""
    pins = [(org, user, chosen) for org in orgs for user, chosen in zip(org.users, choose_pins(rng, org))]
    for rank in range(PINS):
        rng.shuffle(pins)
        when = stamp(END + rank * 86400)
        for org, user, chosen in pins:
            if rank < len(chosen):
                # Most pin the latest version.
                version = (1, 2, 2, 3, 3, 3, 3, 3, 3, 3)[(ord(user[-1]) + chosen[rank]) % 10]
                yield f"{org.id}\t{user}\t{org.skills[chosen[rank]].id}\t{version}\t{when}\n".encode()


# About one skill in ten has files.
FILES = """
    INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, size, sha256, author, accessibility, created_by)
    SELECT v.org_id, v.skill_id, v.version, f.path, f.content, octet_length(f.content), encode(sha256(f.content), 'hex'),
        v.author, v.accessibility, v.created_by
    FROM skills.skill_version AS v, (VALUES
        ('references/api.md', convert_to(repeat('GET /orders/{id} gives an order. ', 100), 'UTF8')),
        ('scripts/refund.sh', convert_to('#!/bin/sh' || repeat(E'\ncurl --fail "$1"', 50), 'UTF8'))) AS f (path, content)
    WHERE right(v.skill_id, 1) <= '2'"""


def check(connection):
    """What must hold of the rows, by counting."""
    broken = connection.execute("""
        SELECT 'dangling pins' AS rule, count(*) FROM skills.skill_subscription AS t
            LEFT JOIN skills.skill_version AS v ON v.org_id = t.org_id AND v.skill_id = t.skill_id AND v.version = t.ai_version
            WHERE t.ai_version IS NOT NULL AND v.version IS NULL HAVING count(*) > 0
        UNION ALL
        SELECT 'pins to others'' private skills', count(*) FROM skills.skill_subscription AS t
            JOIN skills.skill AS s ON s.org_id = t.org_id AND s.skill_id = t.skill_id
            WHERE s.accessibility = 'private' AND s.created_by <> t.user_id HAVING count(*) > 0
        UNION ALL
        SELECT 'skills without versions', count(*) FROM skills.skill AS s
            LEFT JOIN skills.skill_version AS v ON v.org_id = s.org_id AND v.skill_id = s.skill_id AND v.version = 1
            WHERE v.version IS NULL HAVING count(*) > 0
        UNION ALL
        SELECT 'versions unlike their skill', count(*) FROM skills.skill_version AS v
            LEFT JOIN skills.skill AS s ON s.org_id = v.org_id AND s.skill_id = v.skill_id
                AND s.created_by = v.author AND s.accessibility = v.accessibility
            WHERE s.skill_id IS NULL HAVING count(*) > 0""").fetchall()
    if broken:
        sys.exit(f"The world is broken: {broken}")


def build(database, norgs):
    """Fill the extension's empty tables; a table that its transaction truncated needs no WAL."""
    rng = random.Random(norgs)
    proses = [Prose(rng, 4_000_000), Prose(rng, 2_000_000, share=0.15)]
    orgs = [make_org(rng, proses) for _ in range(norgs)]
    with psycopg.connect(dbname=database, user="postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE skills.skill, skills.skill_version, skills.skill_file, skills.skill_subscription")
        copy_rows(connection, "skills.skill", "org_id, skill_id, name, accessibility, tags, created, created_by, modified, modified_by",
                  skill_rows(orgs), norgs * SKILLS)
        copy_rows(connection, "skills.skill_version", "org_id, skill_id, version, description, body, relevant_topics, author,"
                  " accessibility, created, created_by, modified, modified_by", version_rows(rng, orgs), norgs * SKILLS * VERSIONS)
        copy_rows(connection, "skills.skill_subscription", "org_id, user_id, skill_id, ai_version, subscribed",
                  subscription_rows(rng, orgs), norgs * USERS * PINS)
        connection.execute(FILES)
    with psycopg.connect(dbname=database, user="postgres", autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        check(connection)
    return orgs
