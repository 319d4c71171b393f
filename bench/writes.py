"""Writing, against the plain statement."""
import itertools
import random

import psycopg

from contender import APP, OWNER, Contender
from prose import Prose

ANN = ("ann", "writers")
CROWDED = "sk_%026d"
rng = random.Random(3)
prose = Prose(rng, 1_000_000)
BODIES = [prose.body(rng.randint(1024, 40 * 1024)).decode() for _ in range(100)]
DESCRIPTIONS = [prose.description(rng.randint(60, 500)).decode() for _ in range(100)]
numbers = itertools.count(1000)


class Writer(Contender):
    def before(self, turn):
        if self.role == APP:
            self.admin("SELECT skills.set_identity(%s, %s, false)", ANN)


class Undone(Contender):
    """A statement over 100,000 rows, by itself, which does not stay. Its like without rules: the trigger is off."""

    isolated = True

    def before(self, turn):
        self.admin("BEGIN")
        if self.role == APP:
            self.admin("SELECT skills.set_identity('ann', 'crowd')")
        else:
            self.admin("ALTER TABLE skills.skill_subscription DISABLE TRIGGER subscription_guard")

    def call(self, turn, i):
        self.connection.execute(self.sql)

    def after(self):
        self.admin("ROLLBACK")
        with psycopg.connect(dbname=self.database, user=OWNER, autocommit=True) as connection:
            connection.execute("VACUUM skills.skill_subscription")


def row(turn, i):
    return CROWDED % (i % 50 + 1), DESCRIPTIONS[i % 100], BODIES[i % 100]


def bare_row(turn, i):
    skill_id, *text = row(turn, i)
    return skill_id, next(numbers), *text


contenders = [
    Writer("hand: INSERT into a bare table", """
        INSERT INTO bench.version VALUES ('writers', %s, %s, %s, %s, '{}', NULL, 'ann', 'org', now(), 'ann', now(), 'ann', 1)
        RETURNING version""", bare_row),
    Writer("ours: create_version", "SELECT version FROM skills.create_version(%s, %s, %s)", row, APP,
           "hand: INSERT into a bare table"),
    Undone("hand: null 100,000 pins", "UPDATE skills.skill_subscription SET ai_version = NULL"
           f" WHERE org_id = 'crowd' AND skill_id = '{CROWDED % 1}' AND ai_version = 2", role=OWNER),
    Undone("ours: delete_version, 100,000 pins", f"SELECT skills.delete_version('{CROWDED % 2}', 2)", role=APP,
           against="hand: null 100,000 pins"),
    Undone("hand: delete 100,000 subscriptions", "DELETE FROM skills.skill_subscription"
           f" WHERE org_id = 'crowd' AND skill_id = '{CROWDED % 3}' AND user_id <> 'ann'", role=OWNER),
    Undone("ours: flip to private, 100,000 subscribers", f"SELECT skills.update_skill('{CROWDED % 4}', accessibility => 'private')",
           role=APP, against="hand: delete 100,000 subscriptions"),
]
