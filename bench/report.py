"""What came out: the table of contenders, the targets of the issue, and the picture."""
import collections
import subprocess
import sys

HERE = sys.path[0]
HEAD = ("contender", "median µs", "p99 µs", "CPU µs", "buffers", "instructions", "wall ×", "CPU ×", "against")

Target = collections.namedtuple("Target", "what measured limit at_least")


def micro(seconds):
    return f"{seconds * 1e6:,.0f}"


def count(number):
    return "-" if number is None else f"{number:,.1f}" if number < 1000 else f"{number:,.0f}"


def row(result, results):
    base = results.get(result.contender.against)
    return (result.contender.name, micro(result.median()), micro(result.p99()), micro(result.cpu_median()),
            count(result.buffers), count(result.instructions),
            f"{result.ratio(base):.2f}" if base else "", f"{result.cpu_ratio(base):.2f}" if base else "",
            result.contender.against or "")


def lay_out(rows, left):
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) if place in left else cell.rjust(width)
                      for place, (cell, width) in enumerate(zip(cells, widths))).rstrip() for cells in rows]


def table(results):
    return lay_out([HEAD] + [row(result, results) for result in results.values()], left=(0, 8))


def all_targets(results, offered):
    def wall(what, against=None):
        return results[what].ratio(results[against or results[what].contender.against])

    registry, tool = results["ours: ai_registry"], "ours: load_skill_tool (the turn)"
    yield Target("ai_registry, CPU, against hand", registry.cpu_ratio(results["hand: registry"]), 0.8, False)
    yield Target("the turn, wall, against usual with SQLAlchemy", wall(tool, "usual: the turn, SQLAlchemy"), 0.2, False)
    yield Target("the turn, wall, against usual in plain SQL", wall(tool, "usual: the turn, plain SQL"), 0.2, False)
    yield Target("ai_registry, buffers per offered skill", registry.buffers / offered, 5, False)
    yield Target("load_skill_tool, buffers per offered skill", results[tool].buffers / offered, 5, False)
    yield Target("ai_registry, wall, against 1:100 (meant for SCALE=10)",
                 wall("ours: ai_registry", "ours: ai_registry, a smaller world"), 1.3, False)
    for name in ("a skill by primary key", "a version by primary key", "list_skills, a page of 50"):
        yield Target(f"row security: {name}", wall(f"ours: {name}"), 1.1, False)
    yield Target("load_skill, against the look-up and its body", wall("ours: load_skill"), 1.5, False)
    yield Target("create_version, against the INSERT into a bare table", wall("ours: create_version"), 2, False)
    yield Target("delete_version, 100,000 pins, against the UPDATE", wall("ours: delete_version, 100,000 pins"), 1.3, False)
    yield Target("flip to private, 100,000 subscribers, against the DELETE", wall("ours: flip to private, 100,000 subscribers"), 1.3, False)
    for result in results.values():
        if hasattr(result.contender, "megabytes_a_second"):
            yield Target(result.contender.name[6:] + ", MB/s of CPU", result.contender.megabytes_a_second(result), 200, True)


def is_met(target):
    return target.measured >= target.limit if target.at_least else target.measured <= target.limit


def targets(results, offered):
    found = list(all_targets(results, offered))
    rows = [(t.what, f"{t.measured:.2f}", ("at least" if t.at_least else "at most") + f" {t.limit:g}", "met" if is_met(t) else "not met")
            for t in found]
    return [*lay_out([("target", "measured", "limit", "")] + rows, left=(0, 2, 3)),
            f"{sum(map(is_met, found))} of {len(found)} targets met"]


def picture(results, offered, title, output):
    """By gnuplot, from data in its own language."""
    turns = [name for name in results if name.startswith(("floor: 20 of them, one", "hand: registry", "hand: name", "usual:"))
             or name in ("ours: ai_registry", "ours: load_skill_tool (the turn)")]
    found = list(all_targets(results, offered))
    lines = ["$turns << END", *(f'"{name}" {results[name].median() * 1e6} {results[name].cpu_median() * 1e6}' for name in turns), "END",
             "$targets << END", *(f'"{t.what}" {t.limit / t.measured if t.at_least else t.measured / t.limit}' for t in found), "END",
             f'rows_of_turns = {len(turns)}', f'rows_of_targets = {len(found)}', f'title = "{title}"', f'output = "{output}"',
             f'load "{HERE}/picture.gp"']
    subprocess.run(["gnuplot"], input="\n".join(lines), text=True, check=True)
