"""Builds the world, measures, prints the table and draws the picture: bench.py SCALE RESULTS_FOLDER"""
import sys
import time

import psycopg

import floor
import hand
import ours
import references
import report
import security
import usual
import world
import writes
from contender import Pin, Turn
from measure import COUNTED_CALLS, measure

STARTED = time.time()
HERE = sys.path[0]


def say(what):
    print(f"{time.time() - STARTED:6.0f} s  {what}", file=sys.stderr, flush=True)


def run_file(database, name):
    with psycopg.connect(dbname=database, user="postgres") as connection, open(f"{HERE}/{name}", encoding="utf-8") as file:
        connection.execute(file.read())


def build(database, norgs):
    say(f"Building {norgs:,} orgs")
    with psycopg.connect(dbname="postgres", user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    run_file(database, "world.sql")
    return world.build(database, norgs)


def build_worlds(norgs, nsmall):
    return {"bench": build("bench", norgs), "small": build("small", nsmall)}


def choose_turns(database, orgs, count):
    """The same users at every run, from all over the world."""
    turns = []
    with psycopg.connect(dbname=database, user="postgres", autocommit=True) as connection:
        for i in range(count):
            org = orgs[i * 7919 % len(orgs)]
            user = org.users[i * 31 % len(org.users)]
            rows = connection.execute("SELECT name, skill_id, version FROM skills.ai_registry(%s, %s)", (user, org.id))
            turns.append(Turn(org.id, user, [Pin(*row) for row in rows]))
    return turns


def offered_by(turns):
    """Skills a call, of the calls whose buffers are counted."""
    return sum(len(turns[i % len(turns)].pins) for i in range(COUNTED_CALLS)) / COUNTED_CALLS


def vacuum():
    with psycopg.connect(dbname="bench", user="postgres", autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def write(scale, folder, results, offered):
    with psycopg.connect(dbname="postgres", user="postgres") as connection:
        version = connection.execute("SHOW server_version").fetchone()[0]
    title = f"SCALE={scale:g}, PostgreSQL {version.split()[0]}, {time.strftime('%Y-%m-%d')}"
    lines = [title, "", *report.table(results), "", *report.targets(results, offered)]
    with open(f"{folder}/scale-{scale:g}.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    report.picture(results, offered, title, f"{folder}/scale-{scale:g}.svg")
    print("\n".join(lines))


def main():
    scale, folder = float(sys.argv[1]), sys.argv[2]
    orgs = build_worlds(max(1, round(1000 * scale)), max(1, round(10 * scale)))
    say("Building the usual tables")
    run_file("bench", "usual.sql")
    vacuum()
    turns = {database: choose_turns(database, orgs[database], 500 if scale < 1 else 2000) for database in orgs}
    rounds = 15 if scale < 1 else 30
    results = measure(floor.contenders + hand.contenders + usual.contenders + ours.contenders + security.contenders
                      + references.contenders, turns, rounds, say)
    say("Building what is written to")
    run_file("bench", "special.sql")
    vacuum()
    results.update(measure(writes.contenders, turns, rounds, say))
    write(scale, folder, results, offered_by(turns["bench"]))


if __name__ == "__main__":
    main()
