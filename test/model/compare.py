"""Random operations on a private server, each compared with the model.

    compare.py [--seed S] [--operations N] [--from K] [--workers W]
    compare.py --sessions 8 --isolation all [--seed S] [--operations N]

Operations come in worlds of 1,000, each with a seed of its own, so that --from K replays but the world of operation K."""
import argparse
import collections
import itertools
import json
import multiprocessing
import random
import sys
import threading
import time
import traceback

from generate import Generator, IDENTITIES, NAMES
from model import Caller, KEY, Refused, Statement, World, view
from server import Server, broken_invariants, make_database, quote

WORLD = 1000
LOOK_EVERY = 125
LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
ORDER = {"skill": "skill_id", "version": "skill_id, version", "subscription": "user_id, skill_id", "file": "skill_id, version, path"}
ALL_ROWS = {"skill": "skills.skill", "version": "skills.skill_version", "subscription": "skills.skill_subscription", "file": "skills.skill_file"}


class Mismatch(Exception):
    def __init__(self, what, expected, given):
        super().__init__(f"{what}\n  model:  {shorten(expected)}\n  server: {shorten(given)}")


def shorten(value):
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return text if len(text) < 3000 else text[:3000] + "…"


def require_equal(what, expected, given):
    if expected == given:
        return
    if isinstance(expected, dict) and isinstance(given, dict):
        for key in expected.keys() | given.keys():
            require_equal(f"{what}: {key}", expected.get(key), given.get(key))
    if isinstance(expected, list) and isinstance(given, list):
        raise Mismatch(what, [row for row in expected if row not in given] or expected, [row for row in given if row not in expected] or given)
    raise Mismatch(what, expected, given)


def as_identity(caller):
    return [f"SET LOCAL skills.user_id = {quote(caller.user or '')}", f"SET LOCAL skills.org_id = {quote(caller.org or '')}"]


def rows_of(sources):
    """All rows of the four tables as one document, in the order of their keys."""
    return "json_build_object(" + ", ".join(
        f"'{table}', (SELECT coalesce(json_agg(t ORDER BY org_id, {ORDER[table]}), '[]') FROM {source} AS t)"
        for table, source in sources.items()) + ")"


def row_lists(world, condition=lambda row: True):
    return {table: [row for _, row in sorted(getattr(world, table).items()) if condition(row)] for table in KEY}


class Run:
    """One world: transactions of random operations, and looks at what came of them."""

    def __init__(self, app, owner, seed, first, compared_from):
        self.app, self.owner, self.seed, self.first, self.compared_from = app, owner, seed, first, compared_from
        self.generator = Generator(f"{seed}/{first}")
        self.random = random.Random(f"{seed}/{first}/transactions")
        self.world = World()
        self.log = collections.deque(maxlen=20)
        self.outcomes = collections.Counter()
        self.done = 0

    def run(self, operations):
        self.owner.run("TRUNCATE skills.skill, skills.skill_version, skills.skill_file, skills.skill_subscription")
        looked = 0
        while self.done < operations:
            self.transaction()
            if self.done - looked >= LOOK_EVERY or self.done >= operations:
                self.look()
                looked = self.done

    def transaction(self):
        caller = self.generator.caller()
        self.connection = self.owner if caller.bypass else self.app
        self.begin = [f"BEGIN ISOLATION LEVEL {self.random.choice(LEVELS)}", "SELECT to_json(transaction_timestamp())"]
        self.now = None
        before, self.touched = self.world, set()
        alive = True
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 5))):
            alive = self.operation(caller)
            if not alive:
                break
            if self.random.random() < 0.15 and not caller.bypass:
                caller = Caller(*self.random.choice(IDENTITIES + [(None, None)]), False)
        self.end(before, alive and self.random.random() > 0.1)
        self.compare_touched(before)

    def operation(self, caller):
        """Whether the transaction can go on."""
        operation = self.generator.operation(self.world, caller)
        savepoint = self.random.random() < 0.4
        before = self.begin + as_identity(caller) + ["SAVEPOINT s"] * savepoint
        self.begin = []
        answers = self.connection.batch(*before, operation.sql)
        if self.now is None:
            self.now = answers[1].json[0]
        self.done += 1
        self.touched.add(operation.skill)
        self.log.append(f"#{self.first + self.done} {caller.user}@{caller.org}{' bypassing' * caller.bypass}: {operation.sql};"
                        f"  -- {answers[-1].error or 'ok'}")
        alive = self.judge(operation, caller, answers)
        if savepoint:
            self.connection.run("RELEASE s" if alive else "ROLLBACK TO s; RELEASE s")
        return alive or savepoint

    def judge(self, operation, caller, answers):
        """Compares the outcome; whether the operation was done."""
        last = answers[-1]
        given = last.json if last.rows is not None else last.count
        self.outcomes[last.sqlstate or "ok"] += 1
        statement = Statement(self.world, caller, self.now)
        try:
            expected = operation.apply(statement, given)
            world = statement.end()
        except Refused as refused:
            if last.sqlstate not in refused.codes:
                raise Mismatch(operation.sql, f"refused by {sorted(refused.codes)}", last.error or given) from None
            return False
        if last.error:
            raise Mismatch(operation.sql, expected, last.error)
        self.world = world
        if isinstance(expected, list):
            order = lambda row: json.dumps(row, sort_keys=True)
            require_equal(operation.sql, sorted(expected, key=order), sorted(given, key=order))
        else:
            require_equal(operation.sql, expected, given or 0)
        return True

    def end(self, before, commit):
        answer = self.connection.batch("COMMIT" if commit else "ROLLBACK")[-1]
        self.log.append(f"{'COMMIT' if commit else 'ROLLBACK'};  -- {answer.error or 'ok'}")
        try:
            if not commit:
                raise Refused(None)
            self.world.commit()
        except Refused as refused:
            self.world = before
            if answer.sqlstate not in refused.codes:
                raise Mismatch("the end of the transaction", f"{refused.codes}", answer.error or "committed") from None
        else:
            require_equal("the end of the transaction", None, answer.error)

    def compare_touched(self, before):
        """The rows, whoever sees them, of each skill that the transaction was about or has changed."""
        keys = self.touched - {None}
        for table in KEY:
            old, new = getattr(before, table), getattr(self.world, table)
            keys |= {(row["org_id"], row["skill_id"]) for a, b in ((old, new), (new, old)) for key, row in a.items() if b.get(key) is not row}
        if not keys or self.first + self.done < self.compared_from:
            return
        names = ", ".join(f"({quote(org)}, {quote(skill_id)})" for org, skill_id in keys)
        sources = {table: f"(SELECT * FROM {source} WHERE (org_id, skill_id) IN ({names}))" for table, source in ALL_ROWS.items()}
        given = self.owner.run("SELECT " + rows_of(sources)).json[0]
        expected = row_lists(self.world, lambda row: (row["org_id"], row["skill_id"]) in keys)
        for table in KEY:   # of keys that hold more than the skill, the order is not the model's
            require_equal(f"rows of {table}", self.by_key(table, expected[table]), self.by_key(table, given[table]))

    @staticmethod
    def by_key(table, rows):
        return {str([row[column] for column in KEY[table]]): row for row in rows}

    # Looking at everything.

    def look(self):
        if self.first + self.done < self.compared_from:
            return
        require_equal("all rows", row_lists(self.world), self.owner.run("SELECT " + rows_of(ALL_ROWS)).json[0])
        require_equal("broken invariants", [], broken_invariants(self.owner))
        for user, org in IDENTITIES:
            self.look_as(Caller(user, org, False))
        nobody = self.app.run("BEGIN", *as_identity(Caller(None, None, False)), "SELECT " + rows_of(ALL_ROWS)).json[0]
        self.app.run("COMMIT")
        require_equal("what nobody sees", {table: [] for table in KEY}, nobody)

    def look_as(self, caller):
        keys = [key for key in self.generator.keys if key[1]]
        expected = view(self.world, caller)
        loads = {name: f"SELECT to_json(f) FROM skills.load_skill({quote(name)}) AS f" for name in NAMES}
        gets = {key[1]: f"SELECT to_json(skill_id) FROM skills.get_skill({quote(key[1])})" for key in keys}
        tries = {name: f"json_object_agg(k, outcome(q)) FROM (VALUES {', '.join(f'({quote(k)}, {quote(q)})' for k, q in queries.items())}) AS v (k, q)"
                 for name, queries in (("loaded", loads), ("got", gets)) if queries}
        parts = {"rows": "SELECT " + rows_of(ALL_ROWS), "registry": "SELECT coalesce(json_agg(r), '[]') FROM skills.ai_registry() AS r",
                 "summary": "SELECT coalesce(json_agg(s ORDER BY name, skill_id), '[]') FROM skills.skill_summary AS s",
                 "listed": "SELECT coalesce(json_agg(l.skill_id), '[]') FROM skills.list_skills() AS l",
                 "tags": "SELECT coalesce(json_agg(t), '[]') FROM skills.list_known_tags() AS t"}
        parts |= {name: "SELECT " + query for name, query in tries.items()}
        answers = self.app.run("BEGIN", *as_identity(caller), "SELECT json_build_object(" + ", ".join(
            f"'{name}', ({query})" for name, query in parts.items()) + ")").json[0]
        self.app.run("COMMIT")
        who = f"{caller.user}@{caller.org}: "
        require_equal(who + "rows under row security", {table: expected[table] for table in KEY}, answers["rows"])
        require_equal(who + "rows by explicit predicates", answers["rows"], self.owner.run("SELECT " + rows_of(self.predicates(caller))).json[0])
        for name in ("registry", "summary", "tags"):
            require_equal(who + name, expected[name], answers[name])
        require_equal(who + "listed", [row["skill_id"] for row in expected["summary"]], answers["listed"])
        require_equal(who + "loaded", {name: "P0002" for name in NAMES} | expected["loaded"], answers["loaded"])
        seen = {row["skill_id"] for row in expected["skill"]}
        require_equal(who + "got", {key: key if key in seen else "P0002" for key in gets}, answers.get("got", {}))

    @staticmethod
    def predicates(caller):
        """Rule 1 once more, without the copies of author and accessibility."""
        org, user = quote(caller.org), quote(caller.user)
        skill = f"EXISTS (SELECT FROM skills.skill AS s WHERE (s.org_id, s.skill_id) = (p.org_id, p.skill_id) AND s.org_id = {org}" \
            f" AND (s.accessibility <> 'private' OR s.created_by = {user}))"
        return {table: f"(SELECT * FROM {source} AS p WHERE " + (
            f"org_id = {org} AND user_id = {user})" if table == "subscription" else skill + ")") for table, source in ALL_ROWS.items()}


def work(number, options, queue):
    """Every so many worlds, in a database of its own."""
    outcomes, connections, run = collections.Counter(), None, None
    try:
        database = f"model_{number}"
        connections = Server("app", database), Server("postgres", database)
        for first in range(options.start // WORLD * WORLD + number * WORLD, options.start + options.operations, WORLD * options.workers):
            run = Run(*connections, options.seed, first, options.start)
            run.run(min(WORLD, options.start + options.operations - first))
            outcomes += run.outcomes
            if first // WORLD % 100 == 99:
                print(f"# {first + WORLD - options.start:,} of {options.operations:,} operations", flush=True)
        queue.put((outcomes, None))
    except Exception as error:
        report = str(error) if isinstance(error, Mismatch) else traceback.format_exc()
        history = "\n".join(run.log) if run else ""
        queue.put((outcomes, f"seed {options.seed}, operation {run and run.first + run.done}: {report}\nThe last operations:\n{history}\n"
                   f"Replay with --seed {options.seed} --from {run and run.first + run.done} --operations 1"))


def compare(options):
    for number in range(options.workers):
        make_database(f"model_{number}")
    queue = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(number, options, queue)) for number in range(options.workers)]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    results = [queue.get() for _ in workers]
    outcomes = sum((outcomes for outcomes, _ in results), collections.Counter())
    seconds = time.monotonic() - began
    print("outcomes: " + ", ".join(f"{code} {count}" for code, count in outcomes.most_common()))
    print(f"{outcomes.total()} operations in {seconds:.0f} s, {outcomes.total() / seconds:.0f} a second")
    return [report for _, report in results if report]


# Concurrent sessions: no model can know the outcome, but some must not be.

RETRIED = {"40001", "40P01"}
REFUSALS = {"28000", "P0002", "42501", "22023", "22021", "22004", "23502", "23514", "55000", "23505"}


def is_allowed(error, sql):
    """40001 where a race was lost, never 23503, nor 23505 but for a name, the id of a hidden skill or the key that a plain INSERT gives."""
    if error["SQLSTATE"] == "23505":
        key = error.get("CONSTRAINT_NAME")
        return "name" in error["MESSAGE_PRIMARY"] or ("INSERT" in sql and (key == "skill_pkey" or "ON CONFLICT" not in sql and key in (
            "skill_subscription_pkey", "skill_file_pkey")))
    return error["SQLSTATE"] in REFUSALS | RETRIED


class Session(threading.Thread):
    """Transactions of one client that knows the world as it was at the start of the round."""

    def __init__(self, number, database, world, keys, options, round_number, level):
        super().__init__()
        self.connection = Server("app", database)
        self.world, self.level, self.operations, self.statements = world, level, options.round, options.statements
        self.generator = Generator(f"{options.seed}/{round_number}/{number}")
        self.generator.keys, self.generator.most_skills, self.generator.heat = list(keys), 10, 0.5
        self.generator.functions_only = options.functions
        self.random = self.generator.random
        self.outcomes, self.wrong, self.deadlocks, self.revisions = collections.Counter(), [], [], []

    def run(self):
        try:
            for _ in range(self.operations):
                self.transaction()
        except Exception:
            self.wrong.append(traceback.format_exc())
        self.connection.pgconn.finish()

    def transaction(self):
        caller = Caller(*self.random.choice(IDENTITIES[:4] * 4 + IDENTITIES[4:]), False)
        log, read = [], []
        error = self.connection.batch(f"BEGIN ISOLATION LEVEL {self.level}", *as_identity(caller))[-1].error
        for _ in range(min(self.statements, self.random.choice((1, 1, 1, 2, 3)))):
            operation = self.generator.operation(self.world, caller)
            answer = self.connection.batch(operation.sql)[-1]
            log.append(operation.sql)
            error = answer.error
            if error:
                break
            read += [row for row in answer.rows and answer.json or [] if isinstance(row, dict) and "accessibility" in row and "revision" in row]
        answer = self.connection.batch("ROLLBACK" if error else "COMMIT")[-1]
        error = error or answer.error
        self.outcomes[error["SQLSTATE"] if error else "ok"] += 1
        if error and error["SQLSTATE"] == "40P01":
            self.deadlocks.append(log)
        if error and not is_allowed(error, log[-1]):
            self.wrong.append(f"{error}\n" + ";\n".join(log))
        if not error:
            last = {(row["org_id"], row["skill_id"], row.get("version")): row for row in read}
            self.revisions += [(*key, row["created"], row["revision"]) for key, row in last.items()
                               if ("UPDATE skills." in log[-1] or "skills.update" in log[-1]) and "INSERT" not in log[-1] and len(log) == 1]


def read_world(owner):
    """What a session may know: the rows, as of the start of a round."""
    world = World()
    for table, rows in owner.run("SELECT " + rows_of(ALL_ROWS)).json[0].items():
        setattr(world, table, {tuple(row[column] for column in KEY[table]): row for row in rows})
    return world


def race(options):
    owner = make_database("race")
    levels = LEVELS if options.isolation == "all" else (options.isolation.upper(),)
    outcomes = {level: collections.Counter() for level in levels}
    began, wrong, keys, deadlocks = time.monotonic(), [], [], []
    for number in itertools.count():
        if sum(counter.total() for counter in outcomes.values()) >= options.operations or wrong:
            break
        level = levels[number % len(levels)]
        world = read_world(owner)
        keys = list(dict.fromkeys(keys[-20:] + list(world.skill)))
        sessions = [Session(n, "race", world, keys, options, number, level) for n in range(options.sessions)]
        for session in sessions:
            session.start()
        for session in sessions:
            session.join()
            outcomes[level] += session.outcomes
            deadlocks += session.deadlocks
            wrong += [f"round {number}, {level}: {report}" for report in session.wrong]
        wrong += [f"round {number}, {level}: not true: {name}" for name in broken_invariants(owner)]
        revisions = collections.Counter(revision for session in sessions for revision in session.revisions)
        wrong += [f"round {number}, {level}: a revision was given twice: {revision}" for revision, count in revisions.items() if count > 1]
    for level, counter in outcomes.items():
        total = counter.total() or 1
        print(f"{level}: {counter.total()} transactions; deadlocks {1000 * counter['40P01'] / total:.2f}, serialization failures"
              f" {1000 * counter['40001'] / total:.1f} per 1,000; " + ", ".join(f"{code} {count}" for code, count in counter.most_common()))
    if options.functions and options.statements == 1 and deadlocks:
        wrong.append(f"functions, one a transaction, ended in {len(deadlocks)} deadlocks: they take locks in one order")
    total = sum(counter.total() for counter in outcomes.values())
    print(f"{total} transactions of {options.sessions} sessions in {time.monotonic() - began:.0f} s, {len(deadlocks)} deadlocks,"
          f" of them {sum(len(log) == 1 for log in deadlocks)} of transactions of one statement")
    if options.deadlocks:
        print(*("deadlock: " + "; ".join(log) for log in deadlocks), sep="\n")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**6)))
    parser.add_argument("--operations", type=int, default=5000)
    parser.add_argument("--from", type=int, default=0, dest="start")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sessions", type=int, default=0)
    parser.add_argument("--isolation", default="all")
    parser.add_argument("--round", type=int, default=25)
    parser.add_argument("--statements", type=int, default=3, help="of one transaction of a session at most")
    parser.add_argument("--functions", action="store_true", help="sessions call functions only")
    parser.add_argument("--deadlocks", action="store_true", help="print what ended in one")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    wrong = race(options) if options.sessions else compare(options)
    what = f"{options.sessions} sessions keep the rules" if options.sessions else "the server does as the model"
    what += ", calling functions only" if options.functions else ""
    if wrong:
        print(*wrong[:5], sep="\n\n")
    print(f"{'not ok' if wrong else 'ok'} - {what}, {options.operations} operations, seed {options.seed}")
    sys.exit(3 if wrong else 0)


if __name__ == "__main__":
    main()
