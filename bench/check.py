"""What of the bench is the same on every machine: buffers, plans, memory. No times. Ends with "N passed, N failed"."""
import random
import sys

import memory
import ours
import plans
from bench import build_worlds, choose_turns, offered_by
from measure import Result, count_buffers, warm_up

counts = {True: 0, False: 0}


def ok(holds, what, why):
    counts[bool(holds)] += 1
    print(f"ok - {what}" if holds else f"not ok - {what}: {why}", flush=True)


def check_buffers(turns):
    results = [Result(contender) for contender in ours.turns()]
    for result in results:
        result.contender.connect()
        warm_up(result, turns[result.contender.database])
    count_buffers(results, turns)
    registry, smaller, tool = (result.buffers / offered_by(turns[result.contender.database]) for result in results)
    for name, buffers in ("ai_registry", registry), ("load_skill_tool", tool):
        ok(buffers <= 5, f"{name}: {buffers:.2f} buffers per offered skill", "limit 5")
    ok(registry <= 1.3 * smaller, f"ai_registry: {registry / smaller:.2f} times the buffers of a tenth of the world", "limit 1.3")


def main():
    orgs = build_worlds(100, 10)
    turns = {database: choose_turns(database, orgs[database], 100) for database in orgs}
    check_buffers(turns)
    plans.check(turns["bench"][0], ok)
    memory.check(random.Random(5), ok)
    print(f"{counts[True]} passed, {counts[False]} failed")
    sys.exit(counts[False] > 0)


main()
