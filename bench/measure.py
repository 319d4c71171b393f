"""In turn: every round calls every contender a batch of times; ratios are of one round."""
import gc
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import time

import psycopg

BATCH_SECONDS = 0.04
MAX_BATCH = 200
COUNTED_CALLS = 50
ISOLATED_ROUNDS = 5
CLOCK_TICK = os.sysconf("SC_CLK_TCK")


class Result:
    def __init__(self, contender):
        self.contender = contender
        self.batch = 1
        self.wall = []              # a list of seconds a round
        self.cpu = []               # seconds a call, of each round
        self.buffers = self.instructions = None

    def median(self):
        return statistics.median(second for batch in self.wall for second in batch)

    def p99(self):
        every = sorted(second for batch in self.wall for second in batch)
        return every[min(len(every) - 1, len(every) * 99 // 100)]

    def cpu_median(self):
        return statistics.median(self.cpu)

    def ratio(self, base):
        return statistics.median(statistics.median(mine) / statistics.median(its) for mine, its in zip(self.wall, base.wall))

    def cpu_ratio(self, base):
        return statistics.median(mine / its for mine, its in zip(self.cpu, base.cpu))


def cpu_seconds(pid):
    """Of the backend, to the nanosecond where the kernel has it."""
    try:
        with open(f"/proc/{pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e9
    except OSError:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICK


def run_batch(contender, turns, count):
    """Seconds of each call, and of the backend's CPU a call."""
    turns = turns[:1] if contender.as_caller else turns
    walls = []
    contender.before(turns[0])
    time.sleep(0.001)               # the backend goes to sleep, and its time is accounted for
    cpu = cpu_seconds(contender.pid)
    for i in range(count):
        turn = turns[i % len(turns)]
        began = time.perf_counter_ns()
        contender.call(turn, i)
        walls.append((time.perf_counter_ns() - began) / 1e9)
    time.sleep(0.001)
    cpu = cpu_seconds(contender.pid) - cpu
    contender.after()
    return walls, cpu / count


def warm_up(result, turns):
    """Caches, plans and the buffers of all turns; then the batch's size."""
    contender = result.contender
    first, _ = run_batch(contender, turns, 1)
    if contender.isolated:
        return
    walls, _ = run_batch(contender, turns, len(turns) if first[0] < 0.05 else 2)
    result.batch = max(1, min(MAX_BATCH, int(BATCH_SECONDS / statistics.median(walls))))


def touched(connection, contender):
    """Buffers touched in the contender's database so far, its own included."""
    contender.admin("SELECT pg_stat_force_next_flush()")
    return connection.execute("SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = %s",
                              (contender.database,)).fetchone()[0]


def count_buffers(results, turns_of):
    """Exact: asked from another database, nobody else is at work."""
    with psycopg.connect(dbname="postgres", user="postgres", autocommit=True) as connection:
        for result in results:
            touched(connection, result.contender)
        for result in results:
            if result.contender.isolated:
                continue
            contender = result.contender
            turns = turns_of[contender.database]
            contender.before(turns[0])
            itself = touched(connection, contender)
            itself = touched(connection, contender) - itself
            before = touched(connection, contender)
            for i in range(COUNTED_CALLS):
                contender.call(turns[0] if contender.as_caller else turns[i % len(turns)], i)
            result.buffers = (touched(connection, contender) - before - itself) / COUNTED_CALLS
            contender.after()


def perf_works():
    if not shutil.which("perf"):
        return False
    said = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True).stderr
    return re.match(r"\d+,", said) is not None


def count_instructions(result, turns):
    perf = subprocess.Popen(["perf", "stat", "-x,", "-e", "instructions:u", "-p", str(result.contender.pid)],
                            stderr=subprocess.PIPE, text=True)
    time.sleep(0.2)
    run_batch(result.contender, turns, result.batch)
    perf.send_signal(signal.SIGINT)
    said = re.match(r"(\d+),", perf.communicate()[1])
    result.instructions = int(said[1]) / result.batch if said else None


def measure(contenders, turns_of, rounds, say):
    """turns_of: the turns of each database."""
    rng = random.Random(1)
    results = [Result(contender) for contender in contenders]
    say(f"Warming up {len(results)} contenders")
    for result in results:
        result.contender.connect()
        warm_up(result, turns_of[result.contender.database])
    gc.disable()
    for number in range(rounds):
        if number % 5 == 0:
            say(f"Rounds {number + 1} to {number + 5} of {rounds}")
        starts = {database: rng.randrange(len(turns)) for database, turns in turns_of.items()}
        for result in rng.sample(results, len(results)):
            if result.contender.isolated and number >= ISOLATED_ROUNDS:
                continue
            turns = turns_of[result.contender.database]
            # A page is as long as its caller's, so those that are compared act for the same one.
            start = starts[result.contender.database] if result.contender.as_caller else rng.randrange(len(turns))
            walls, cpu = run_batch(result.contender, turns[start:] + turns[:start], result.batch)
            result.wall.append(walls)
            result.cpu.append(cpu)
    gc.enable()
    count_buffers(results, turns_of)
    if perf_works():
        for result in results:
            count_instructions(result, turns_of[result.contender.database])
    return {result.contender.name: result for result in results}
