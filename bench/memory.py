"""Memory of the backend: in proportion to what a call returns, and the same after 10,000 calls."""
import re

import psycopg

import plans
from contender import Pin, Turn
from prose import Prose

HEAVY, HEAVY_BODY = 5000, 40 * 1024
CALLS, SETTLED, GROWTH = 10000, 100, 64 * 1024
# As often as what is returned may a call hold it, and what it may need besides.
FACTOR, BESIDES = 10, 4_000_000


def build(rng):
    """A user with 5,000 skills of 40 KB, and one with 20 short ones."""
    prose = Prose(rng, 1_000_000)
    with psycopg.connect(dbname="bench", user="postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("""
            INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by)
            SELECT o.org, 'sk_' || lpad(k::text, 26, '0'), 'skill-' || k, 'org', 'ann'
            FROM (VALUES ('heavy', %s), ('light', 20)) AS o (org, skills), generate_series(1, o.skills) AS k""", (HEAVY,))
        with connection.cursor().copy("COPY skills.skill_version (org_id, skill_id, version, description, body, author,"
                                      " accessibility, created_by) FROM STDIN") as copy:
            for org, size, k in [("heavy", HEAVY_BODY, k) for k in range(1, HEAVY + 1)] + [("light", 200, k) for k in range(1, 21)]:
                copy.write(b"\t".join((f"{org}\tsk_{k:026d}\t1".encode(), prose.description(280), prose.body(size), b"ann\torg\tann\n")))
        connection.execute("""
            INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
            SELECT s.org_id, 'ann', s.skill_id, 1 FROM skills.skill AS s WHERE s.org_id IN ('heavy', 'light')""")
        connection.execute("CREATE ROLE watched LOGIN IN ROLE pg_read_all_stats")
        connection.execute("SELECT skills.grant_usage('watched', may_set_identity => true)")
    with psycopg.connect(dbname="bench", user="postgres", autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def connect(org):
    connection = psycopg.connect(dbname="bench", user="watched", autocommit=True)
    connection.execute("SELECT skills.set_identity('ann', %s, false)", (org,))
    return connection


def status(connection):
    """Bytes, by the names of /proc/PID/status."""
    with open(f"/proc/{connection.info.backend_pid}/status", encoding="ascii") as file:
        return {name: int(kilobytes) * 1024 for name, kilobytes in re.findall(r"^(\w+):\s+(\d+) kB$", file.read(), re.M)}


def peak(call):
    """What the call returns and the most that it held of its own memory, in bytes."""
    with connect("heavy") as connection:
        # Shared memory counts when first touched, which shall not be in the call.
        connection.execute("SELECT sum(octet_length(body)) FROM skills.skill_version")
        connection.execute("SELECT skills.set_identity('ann', 'light', false)")
        connection.execute(*call)
        connection.execute("SELECT skills.set_identity('ann', 'heavy', false)")
        with open(f"/proc/{connection.info.backend_pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        before = status(connection)
        rows = connection.execute(*call).fetchall()
        after = status(connection)
        returned = sum(len(str(value).encode()) for row in rows for value in row)
        return returned, after["VmHWM"] - after["RssShmem"] - after["RssFile"] - before["RssAnon"]


def contexts(connection):
    return connection.execute("SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts", prepare=True).fetchone()[0]


def growth(calls):
    """Of the session's memory contexts and of its own pages, from the first calls on."""
    with connect("light") as connection:
        for i in range(CALLS + 1):
            if i in (SETTLED, CALLS):
                contexts(connection)
                sizes = contexts(connection), status(connection)["RssAnon"]
                first = sizes if i == SETTLED else first
            with connection.pipeline():
                for call in calls:
                    connection.execute(*call, prepare=True)
        return [now - then for now, then in zip(sizes, first)]


def check(rng, ok):
    build(rng)
    turn = Turn("heavy", "ann", [Pin("skill-1", f"sk_{1:026d}", 1)])
    calls = plans.readers(turn)
    for name in sorted(plans.WITHOUT_A_PLAN | {"freeze_registry"}):
        returned, held = peak(calls[name])
        what = f"{name}, {HEAVY:,} skills of 40 KB: returns {returned / 1e6:.2f} MB, holds {held / 1e6:.2f} MB at most"
        ok(held <= FACTOR * returned + BESIDES, what, f"limit {FACTOR} times and {BESIDES / 1e6:g} MB")
    grown, pages = growth(list(calls.values()))
    ok(grown <= GROWTH, f"{CALLS:,} calls of {len(calls)} readers in one session: memory contexts grow by {grown / 1e3:.0f} kB", f"limit {GROWTH}")
    ok(pages <= 8 * GROWTH, f"{CALLS:,} calls of {len(calls)} readers in one session: the backend grows by {pages / 1e3:.0f} kB", f"limit {8 * GROWTH}")
