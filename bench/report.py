"""What came out: the table of contenders, the targets of the issue, and the data of the picture."""


def micro(seconds):
    return f"{seconds * 1e6:,.0f}"


def count(number):
    return "-" if number is None else f"{number:,.1f}" if number < 1000 else f"{number:,.0f}"


HEAD = ("contender", "median µs", "p99 µs", "CPU µs", "buffers", "instructions", "wall ×", "CPU ×", "against")


def row(result, results):
    base = results.get(result.contender.against)
    return (result.contender.name, micro(result.median()), micro(result.p99()), micro(result.cpu_median()),
            count(result.buffers), count(result.instructions),
            f"{result.ratio(base):.2f}" if base else "", f"{result.cpu_ratio(base):.2f}" if base else "",
            result.contender.against or "")


def lay_out(rows, left):
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    for cells in rows:
        yield "  ".join(cell.ljust(width) if place in left else cell.rjust(width)
                        for place, (cell, width) in enumerate(zip(cells, widths))).rstrip()


def table(results):
    for line in lay_out([HEAD] + [row(result, results) for result in results.values()], left=(0, 8)):
        print(line)
