"""Random operations: SQL as a client would send it, and the same for the model. What is chosen depends on the seed and
on the world so far, never on an id that the server made."""
import itertools
import random
from typing import Callable, NamedTuple

from model import Caller, KEY, can_see, skill_md
from server import quote

ORGS, USERS = ("o1", "o2"), ("u1", "u2", "u3", "u4")
IDENTITIES = [(user, org) for org in ORGS for user in USERS]
NAMES = ("alpha", "beta", "gamma", "delta", "x-1", "Y_2")
PATHS = ("a", "A", "a/b", "b/c.txt", "b/D.txt", "docs/x", "docs", "run.sh")
BAD_PATHS = ("/x", "../x", "a//b", "SKILL.md", "skill.md", "c:\\x", "", "x" * 513, "SKILL.md/x", "a\tb")
BAD_NAMES = ("", "no space", "n" * 121, "sk_" + "0" * 26, "ä")
BAD_IDS = ("nope", "sk_" + "8" * 26, "", "sk_" + "0" * 25 + "U")
TABLES = {"skill": "skills.skill", "version": "skills.skill_version", "subscription": "skills.skill_subscription",
          "file": "skills.skill_file"}
LONG_AGO = "2001-02-03T04:05:06+00:00"


class Operation(NamedTuple):
    sql: str
    apply: Callable             # (statement, what the server gave) → rows, or how many
    skill: tuple = None         # the one that it is about


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.keys = []              # of all skills that ever were
        self.fresh = []             # of skills that wait for their first version
        self.serial = 0
        self.most_skills, self.functions_only = 24, False
        self.heat = 0               # how often it is one of the same two skills

    def some(self, chance):
        return self.random.random() < chance

    def one(self, *values):
        return self.random.choice(values)

    def mostly(self, value, *others):
        """The value; now and then one of the others."""
        return self.one(*others) if others and self.some(0.06) else value

    def caller(self):
        if self.some(0.06):
            return Caller(None, None, self.some(0.6))
        return Caller(*self.one(*IDENTITIES), self.some(0.06))

    def new_id(self):
        return "sk_" + self.one(*"01234567") + "".join(self.random.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=25))

    def text(self, *others):
        self.serial += 1
        return self.mostly(f"text {self.serial}", *others)

    def description(self):
        return self.text(None, "", "d" * 501, "bell \a", "tab\tand\nline")

    def key(self, world, caller):
        """A skill: mostly one that the caller sees, or an author's own; sometimes a hidden, foreign, gone or unknown one."""
        here = [key for key, row in world.skill.items() if caller.as_given or can_see(caller, row)]
        if self.some(self.heat):
            here = here[:2]
        if self.some(0.4):
            here = [key for key in here if world.skill[key]["created_by"] == caller.user] or here
        if self.some(0.8) and here:
            return self.one(*here)
        if self.some(0.05):
            return caller.org or "o1", self.one(None, *BAD_IDS)
        return self.one(*self.keys, (caller.org or "o1", self.new_id()))

    def number(self, world, key):
        return self.mostly(self.one(*world.versions(key) or [1]), 0, 1, 2, 99, -1, None)

    def tags(self):
        return self.mostly(self.random.sample(["b", "a", "Z", "ä", "c d"], self.random.randint(0, 3)), ["a", "a"], [""], [None], ["t" * 65])

    def path(self):
        return self.mostly(self.one(*PATHS), None, *BAD_PATHS)

    def content(self):
        return self.mostly("\\x" + self.random.randbytes(self.random.randint(0, 6)).hex(), None)

    def accessibility(self):
        return self.mostly(self.one("private", "org", "org-editable"), "public", "", None)

    def subset(self, **makers):
        """Some of the columns, at least one."""
        chosen = [name for name in makers if self.some(0.4)] or [self.one(*makers)]
        return {name: makers[name]() for name in chosen}

    # Statements.

    def returning(self, sql, apply, key, alias="t"):
        """With RETURNING, what comes back is compared, else the number of rows."""
        if self.some(0.5):
            return Operation(f"{sql} RETURNING to_json({alias})", apply, key)
        return Operation(sql, lambda statement, given: len(apply(statement, given)), key)

    def insert(self, table, rows, key, on_conflict=None, sets=()):
        columns = list(dict.fromkeys(column for row in rows for column in row))
        values = ", ".join("(" + ", ".join(quote(row[column]) if column in row else "DEFAULT" for column in columns) + ")" for row in rows)
        sql = f"INSERT INTO {TABLES[table]} AS t ({', '.join(columns)}) VALUES {values}"
        action = on_conflict
        if on_conflict == "nothing":
            sql += " ON CONFLICT DO NOTHING"
        elif on_conflict == "update":
            sql += f" ON CONFLICT ({', '.join(KEY[table])}) DO UPDATE SET " + ", ".join(f"{column} = excluded.{column}" for column in sets)
            action = lambda row: {column: row[column] for column in sets}

        def apply(statement, given):
            written = [statement.insert(table, row, action) for row in rows]
            return [row for row in written if row is not None]
        return self.returning(sql, apply, key)

    def where(self, caller, key, **more):
        where = {"skill_id": key[1]} | more
        if caller.bypass or self.some(0.3):
            where["org_id"] = key[0]
        return where

    def update(self, table, where, changes, key):
        sql = f"UPDATE {TABLES[table]} AS t SET " + ", ".join(f"{c} = {quote(v)}" for c, v in changes.items()) + self.condition(where)

        def apply(statement, given):
            return [row for row in (statement.update(table, old, changes) for old in statement.find(table, **where)) if row]
        return self.returning(sql, apply, key)

    def delete(self, table, where, key):
        def apply(statement, given):
            found = statement.find(table, **where)
            for old in found:
                statement.delete(table, old)
            return found
        return self.returning(f"DELETE FROM {TABLES[table]} AS t" + self.condition(where), apply, key)

    @staticmethod
    def condition(where):
        return " WHERE " + " AND ".join(f"{column} = {quote(value)}" for column, value in where.items())

    def call(self, function, key, apply, *arguments):
        """What a function gives is one row."""
        sql = f"SELECT to_json(f) FROM skills.{function}({', '.join(map(quote, arguments))}) AS f"
        return Operation(sql, lambda statement, given: [apply(statement, given)], key)

    # Operations, by what they are about. Each takes the world, the caller and a skill.

    def skill_columns(self):
        return {"name": self.mostly(self.one(*NAMES), None, *BAD_NAMES), "accessibility": self.accessibility(), "tags": self.tags()}

    def stamps(self):
        """Columns that are the database's: mappers send them."""
        return {"revision": 77, "modified": LONG_AGO, "modified_by": "mallory"} if self.some(0.1) else {}

    def fixed(self, *columns):
        return {self.one(*columns): self.one("u1", "o1", LONG_AGO)} if self.some(0.04) else {}

    def do_create_skill(self, world, caller, key):
        columns, topics = self.skill_columns(), self.one([], ["t1", "t0"])
        version = {"description": self.description(), "body": self.text(None), "relevant_topics": topics}

        def apply(statement, given):
            return statement.create_skill(given[0]["skill_id"] if given else self.new_id_of_nothing, columns, version)
        return self.call("create_skill", None, apply, columns["name"], version["description"], version["body"],
                         columns["accessibility"], columns["tags"], topics)

    new_id_of_nothing = "sk_" + "0" * 25 + "1"

    def do_update_skill(self, world, caller, key):
        skill = world.skill.get(key, {"revision": 1})
        arguments = [self.one(None, self.skill_columns()["name"]), self.one(None, self.accessibility()), self.one(None, self.tags()),
                     self.one(None, self.tags()), self.one(None, None, skill["revision"], 1)]
        return self.call("update_skill", key, lambda s, given: s.update_skill(key[1], *arguments), key[1], *arguments)

    def do_delete_skill(self, world, caller, key):
        return self.call("delete_skill", key, lambda s, given: s.delete_skill(key[1]), key[1])

    def do_create_version(self, world, caller, key):
        copy = self.mostly(True, False, None)
        columns = {"description": self.description(), "body": self.text(None), "relevant_topics": self.mostly([], ["t"], None)}
        return self.call("create_version", key, lambda s, given: s.create_version(key[1], columns, copy), key[1], *columns.values(), copy)

    def do_update_version(self, world, caller, key):
        number = self.number(world, key)
        version = world.version.get((*key, number), {"revision": 1})
        columns = {"description": self.one(None, self.description()), "body": self.text(None), "relevant_topics": self.one(None, ["t"])}
        expected = self.one(None, None, version["revision"], 1)
        return self.call("update_version", key, lambda s, given: s.update_version(key[1], number, columns, expected),
                         key[1], number, *columns.values(), expected)

    def do_delete_version(self, world, caller, key):
        number = self.number(world, key)
        return self.call("delete_version", key, lambda s, given: s.delete_version(key[1], number), key[1], number)

    def do_subscribe(self, world, caller, key):
        return self.call("subscribe", key, lambda s, given: s.subscribe(key[1]), key[1])

    def do_unsubscribe(self, world, caller, key):
        return self.call("unsubscribe", key, lambda s, given: s.unsubscribe(key[1]), key[1])

    def do_set_ai_version(self, world, caller, key):
        number = self.number(world, key)
        return self.call("set_ai_version", key, lambda s, given: s.set_ai_version(key[1], number), key[1], number)

    def do_put_file(self, world, caller, key):
        arguments = [self.number(world, key), self.path(), self.content(), self.mostly(False, True, None)]
        return self.call("put_file", key, lambda s, given: s.put_file(key[1], *arguments), key[1], *arguments)

    def do_delete_file(self, world, caller, key):
        here = [other for other in world.file if other[:2] == key] or [(*key, 1, self.path())]
        number, path = self.mostly(self.one(*here)[2:], (1, "gone"), (99, "a"), (1, None), (None, "a"))
        return self.call("delete_file", key, lambda s, given: s.delete_file(key[1], number, path), key[1], number, path)

    def do_import_skill_md(self, world, caller, key):
        """Often what is there already."""
        name, description, body = self.mostly(self.one(*NAMES), *BAD_NAMES[2:4]), f"text {self.serial}", f"text {self.serial + 1}"
        latest = world.version.get((*key, (world.versions(key) or [0])[-1]), {"description": "", "body": ""})
        if self.some(0.5) and latest["description"].startswith("text"):
            name, description, body = world.skill[key]["name"], latest["description"], latest["body"]
        accessibility, tags = self.one(None, "private", "org", "org-editable", "public"), self.one([], ["a"], ["new", "b"])
        self.serial += 2
        sql = "SELECT to_json(f) FROM skills.import_skill_md(" + ", ".join(map(quote, (skill_md(name, description, body), accessibility, tags))) + ") AS f"

        def apply(statement, given):
            new_id = given[0]["skill_id"] if given else self.new_id_of_nothing
            return [statement.import_skill_md(new_id, name, description, body, accessibility, tags)]
        return Operation(sql, apply, None)

    def new_skill(self, world, caller):
        """An id of the client's own: sometimes one that is there, or a malformed one."""
        columns = self.skill_columns() | self.stamps()
        columns["skill_id"] = self.mostly(self.new_id(), None, *BAD_IDS, *[key[1] for key in world.skill][:3])
        if self.some(0.05):
            columns |= {"org_id": self.one(*ORGS), "created_by": self.one(*USERS)}
        return columns

    def do_insert_skill(self, world, caller, key):
        rows = [self.new_skill(world, caller) for _ in range(self.one(1, 1, 1, 2))]
        self.fresh += [(caller.org, row["skill_id"]) for row in rows if row["skill_id"]]
        if self.some(0.7):
            return self.insert("skill", rows, None)
        return self.insert("skill", rows, None, self.one("nothing", "update"), ("name", "tags"))

    def do_insert_skill_and_version(self, world, caller, key):
        """In one statement, as a client with a CTE does."""
        skill = self.new_skill(world, caller)
        version = {"skill_id": skill["skill_id"], "description": self.description(), "body": self.text()}
        sql = (f"WITH s AS (INSERT INTO skills.skill ({', '.join(skill)}) VALUES ({', '.join(map(quote, skill.values()))}) RETURNING *)"
               f" INSERT INTO skills.skill_version AS t (skill_id, description, body)"
               f" SELECT skill_id, {quote(version['description'])}, {quote(version['body'])} FROM s")

        def apply(statement, given):
            row = statement.insert("skill", skill)
            return [row and statement.insert("version", version)]
        return self.returning(sql, apply, None)

    def do_write_skill(self, world, caller, key):
        makers = {name: lambda value=value: value for name, value in self.skill_columns().items()}
        changes = self.subset(**makers) | self.stamps() | self.fixed("created_by", "org_id", "skill_id")
        where = self.where(caller, key)
        if not caller.bypass and self.some(0.1):
            where = self.one({"created_by": caller.user}, {"name": self.one(*NAMES)})
        return self.update("skill", where, changes, key)

    def do_drop_skill(self, world, caller, key):
        return self.delete("skill", self.where(caller, key), key)

    def do_insert_version(self, world, caller, key):
        rows = []
        for _ in range(self.one(1, 1, 1, 2)):
            row = {"skill_id": key[1], "description": self.description(), "body": self.text(None)} | self.stamps()
            row |= self.mostly({}, {"version": len(world.versions(key)) + 1}, {"version": 0}, {"version": self.number(world, key)})
            row |= self.mostly({}, {"created_by": "u1"}, {"org_id": "o1"}, {"author": "mallory", "accessibility": "org"})
            row |= self.mostly({}, {"frontmatter": {"name": "n"}, "description": "d" * 900}, {"frontmatter": {}})
            rows.append(row)
        return self.insert("version", rows, key)

    def do_write_version(self, world, caller, key):
        changes = self.subset(description=self.description, body=lambda: self.text(None), relevant_topics=lambda: self.mostly(["t"], None))
        changes |= self.stamps() | self.fixed("created_by", "org_id", "skill_id") | self.mostly({}, {"version": 1}, {"accessibility": "private"})
        more = {"version": self.number(world, key)} if self.some(0.8) else {}
        if caller.as_given:
            changes.pop("accessibility", None)
        return self.update("version", self.where(caller, key, **more), changes, key)

    def do_drop_version(self, world, caller, key):
        more = {"version": self.number(world, key)} if self.some(0.9) else {}
        return self.delete("version", self.where(caller, key, **more), key)

    def do_insert_subscription(self, world, caller, key):
        row = {"skill_id": key[1]} | self.mostly({}, {"user_id": "u1"}, {"org_id": "o1"}, {"subscribed": LONG_AGO}, {"user_id": None})
        row |= self.one({}, {"ai_version": self.number(world, key)})
        return self.insert("subscription", [row], key, self.one(None, "nothing", "update"), ("ai_version",))

    def do_write_subscription(self, world, caller, key):
        changes = {"ai_version": self.number(world, key)} | self.mostly({}, {"user_id": "u1"}, {"subscribed": LONG_AGO})
        return self.update("subscription", self.where(caller, key), changes, key)

    def do_drop_subscription(self, world, caller, key):
        return self.delete("subscription", self.where(caller, key), key)

    def do_insert_file(self, world, caller, key):
        row = {"skill_id": key[1], "version": self.number(world, key), "path": self.path(), "content": self.content()}
        row |= self.mostly({}, {"executable": True}, {"executable": None}, {"size": 9, "sha256": "no"}, {"created_by": "u1"}, {"org_id": "o1"})
        return self.insert("file", [row], key, self.one(None, "nothing", "update"), ("content", "executable"))

    def do_write_file(self, world, caller, key):
        changes = self.subset(content=self.content, executable=lambda: self.mostly(True, None)) | self.fixed("path", "created_by", "org_id")
        more = {"path": self.one(*PATHS)} if self.some(0.7) else {}
        return self.update("file", self.where(caller, key, **more), changes, key)

    def do_drop_file(self, world, caller, key):
        return self.delete("file", self.where(caller, key, path=self.one(*PATHS)), key)

    def do_ask_for_version(self, world, caller, key):
        """The deferred check, asked for in the middle of the transaction."""
        def apply(statement, given):
            statement.world.commit()
            return 0
        return Operation("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", apply)

    # What a DBA without an identity writes is taken as given: consistent, as a dump is.

    def do_restore_skill(self, world, caller, key):
        author, org, accessibility = self.one(*USERS), self.one(*ORGS), self.one("private", "org", "org-editable")
        own = {"org_id": org, "skill_id": self.mostly(self.new_id(), *BAD_IDS)}
        skill = own | self.skill_columns() | {"accessibility": accessibility, "created_by": author, "created": LONG_AGO, "revision": 5}
        skill["tags"] = self.mostly(["a", "b"], ["b", "a"])
        version = own | {"version": self.one(1, 1, 3), "description": self.description(), "body": self.text(), "author": author,
                         "accessibility": accessibility, "created_by": author, "modified_by": None}
        subscription = own | {"user_id": author, "ai_version": self.mostly(version["version"], None, 7)}
        parts = [("skill", skill), ("version", version), ("subscription", subscription)]
        inserts = [f"INSERT INTO {TABLES[table]} AS t ({', '.join(row)}) VALUES ({', '.join(map(quote, row.values()))})" for table, row in parts]
        sql = f"WITH s AS ({inserts[0]}), v AS ({inserts[1]}) {inserts[2]}"

        def apply(statement, given):
            return [statement.insert(table, row) for table, row in parts][-1:]
        return self.returning(sql, apply, (org, own["skill_id"]))

    def do_restore_version(self, world, caller, key):
        skill = world.skill.get(key, {"created_by": "u1", "accessibility": "org"})
        row = {"org_id": key[0], "skill_id": key[1], "version": self.one(0, 1, 2, 7), "description": self.description(), "body": self.text(),
               "author": skill["created_by"], "accessibility": skill["accessibility"], "created_by": self.mostly("u2", None)}
        return self.insert("version", [row], key)

    # What only a DBA may do, with an identity or without.

    def do_transfer_skill(self, world, caller, key):
        author = self.mostly(self.one(*USERS), None, "")
        return self.call("transfer_skill", key, lambda s, given: s.transfer_skill(key, author), *key, author)

    def forget(self, function, apply, *arguments):
        """How many rows it was is compared, as the sum of what it counts."""
        def count(statement, given):
            before = [dict(getattr(statement.world, table)) for table in KEY]
            apply(statement)
            after = [getattr(statement.world, table) for table in KEY]
            return [sum(len(old.keys() - new.keys()) for old, new in zip(before, after))]
        sql = f"SELECT skills_deleted + versions_deleted + files_deleted + subscriptions_deleted FROM skills.{function}({', '.join(map(quote, arguments))})"
        return Operation(sql, count)

    def do_forget_user(self, world, caller, key):
        org, user, heir = self.mostly(key[0], None, "", "o3"), self.mostly(self.one(*USERS), None, "", "u9"), self.one(*USERS, None, "")
        return self.forget("forget_user", lambda s: s.forget_user(org, user, heir), org, user, heir)

    def do_forget_org(self, world, caller, key):
        org = self.one(key[0], "o3", "o3", None, "")
        return self.forget("forget_org", lambda s: s.forget_org(org), org)

    FOR_USERS = {"create_skill": 8, "update_skill": 8, "delete_skill": 2, "create_version": 8, "update_version": 6, "delete_version": 6,
                 "subscribe": 8, "unsubscribe": 3, "set_ai_version": 8, "put_file": 7, "delete_file": 3, "import_skill_md": 7, "insert_skill": 3,
                 "insert_skill_and_version": 3, "write_skill": 7, "drop_skill": 2, "insert_version": 6, "write_version": 6,
                 "drop_version": 5, "insert_subscription": 6, "write_subscription": 5, "drop_subscription": 3, "insert_file": 6,
                 "write_file": 4, "drop_file": 2, "ask_for_version": 1}
    FOR_GIVEN = {"restore_skill": 4, "restore_version": 2, "write_skill": 3, "write_version": 2, "drop_skill": 1, "drop_version": 2,
                 "write_subscription": 2, "drop_subscription": 1, "write_file": 1, "drop_file": 1, "create_skill": 1, "subscribe": 1}

    FOR_DBA = {"transfer_skill": 6, "forget_user": 2, "forget_org": 1}

    def operation(self, world, caller):
        self.keys += [key for key in world.skill if key not in self.keys]
        weights = self.FOR_GIVEN if caller.as_given else self.FOR_USERS
        if caller.bypass:
            weights = weights | self.FOR_DBA
        if self.functions_only:
            weights = dict(itertools.islice(weights.items(), 12))
        if len(world.skill) > self.most_skills:
            weights = weights | {"delete_skill": 30}
        key = self.key(world, caller)
        kind = self.random.choices(list(weights), weights.values())[0]
        if self.fresh and self.some(0.7) and not self.functions_only:
            kind, key = self.one("create_version", "insert_version"), self.fresh.pop()
        if self.heat and kind.startswith("d") and self.some(0.7):     # or the hot skills were gone at once
            kind = self.one("create_version", "set_ai_version", "update_version")
        return getattr(self, "do_" + kind)(world, caller, key)
