"""What is measured: something that is called again and again on a connection of its own."""
import collections

import psycopg

# One chat turn: a user, and what that user has pinned.
Turn = collections.namedtuple("Turn", "org user pins")
Pin = collections.namedtuple("Pin", "name skill_id version")

APP, OWNER = "app", "postgres"      # "app" is under row security, "postgres" is not


class Contender:
    """
    One statement, prepared as a driver would, in one message.
    `against` names the contender that it is compared with. `as_caller`: the
    session has an identity, and all calls of a batch are the same user's.
    """

    isolated = False                # every call by itself, with what goes before and after

    def __init__(self, name, sql, arguments=lambda turn, i: (), role=OWNER, against=None, as_caller=False,
                 database="bench", times=1):
        self.name, self.sql, self.arguments, self.role = name, sql, arguments, role
        self.against, self.as_caller, self.database, self.times = against, as_caller, database, times

    def connect(self):
        self.connection = psycopg.connect(dbname=self.database, user=self.role, autocommit=True)
        self.pid = self.connection.info.backend_pid

    def admin(self, sql, arguments=()):
        """On the same connection, but never measured."""
        return self.connection.execute(sql, arguments)

    def before(self, turn):
        if self.as_caller and self.role == APP:
            self.admin("SELECT skills.set_identity(%s, %s, false)", (turn.user, turn.org))

    def after(self):
        pass

    def call(self, turn, i):
        return self.connection.execute(self.sql, self.arguments(turn, i), prepare=True).fetchall()


def pin(turn, i):
    return turn.pins[i % len(turn.pins)]
