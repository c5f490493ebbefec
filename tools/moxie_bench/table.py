"""The report as text: one table for the terminal, one for the README."""
AIM = {True: "≥", False: "≤"}
VERDICT = {True: "reached", False: "NOT reached", None: "not measured"}


def _number(value, row):
    return f"{value:.{row['digits']}f}"


def _spread(best, row):
    return (f"{_number(best['median'], row)} "
            f"[{_number(best['lowest'], row)}-{_number(best['highest'], row)}]")


def _cell(guest, row, settings):
    """A setting is told by its first letter where there are several."""
    best = guest["best"]
    if not best:
        return guest["absent"] or ("FAILED" if guest["failed"] else "")
    mark = f" {best['setting'][0]}" if len(settings) > 1 else ""
    return _spread(best, row) + mark + (" !" if guest["failed"] else "")


def _ratio(value):
    return f"{value:.2f}" if value is not None else ""


def _share(value):
    return f"{value:.0%}" if value is not None else ""


def _goal(row):
    goal = row["goal"]
    return (f"{AIM[row['more_is_better']]} {_number(goal['needed'], row)} ({goal['because']}): "
            f"{VERDICT[goal['reached']]}") if goal else ""


def _measured(row):
    return any(g["best"] or g["failed"] or g["absent"] for g in row["guests"].values())


def _align(table):
    """The first and the last column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*table)]
    for line in table:
        cells = [cell.ljust(width) if n in (0, len(widths) - 1) else cell.rjust(width)
                 for n, (cell, width) in enumerate(zip(line, widths))]
        yield "  ".join(cells).rstrip()


def _body(report):
    guests = report["guests"]
    yield ["", *guests, "Moxie/Linux", "of limit", "goal"]
    for row in filter(_measured, report["rows"]):
        yield [f"{row['figure']}, {row['unit']}",
               *(_cell(row["guests"][name], row, guests[name]["settings"]) for name in guests),
               _ratio(row["ratio"]), _share(row["share"]), _goal(row)]


def _legend(report):
    yield ("Medians [lowest-highest]. Moxie/Linux and goals compare the best guest and setting of "
           "each; the limit is the best build without isolation (flat).")
    settings = {s for g in report["guests"].values() for s in g["settings"] if len(g["settings"]) > 1}
    if settings:
        yield "Settings: " + ", ".join(f"{s[0]} {s}" for s in sorted(settings)) + "."
    yield ", ".join(f"{name}: {g['memory']} MiB, cores: {g['cores']}"
                    for name, g in report["guests"].items()) + "."
    yield (f"Build {report['version']}, {report['qemu']}, {report['accelerator']}, "
           f"rounds: {report['rounds']}, seconds a measurement: {report['seconds']:g}, minutes in all: "
           f"{report['minutes']:.0f}, {report['when']} UTC.")
    yield f"Strictness tests on the same moxie.elf: {report['strictness']}."


def _failures(report):
    for failure in report["failures"]:
        yield (f"FAILED {failure['row']} {failure['guest']} {failure['setting']}: "
               f"{failure['why'].splitlines()[0]}")


def text(report):
    return "\n".join([*_align(list(_body(report))), *_legend(report), *_failures(report)])


# For the README: the best of each only.

def _best(best, row):
    return f"{_spread(best, row)} ({best['guest']})" if best else ""


def _markdown_line(row):
    cells = [f"{row['figure']}, {row['unit']}", _best(row["moxie"], row), _best(row["linux"], row),
             _ratio(row["ratio"]), _share(row["share"]), _goal(row)]
    return "| " + " | ".join(cells) + " |"


def markdown(report):
    rows = [row for row in report["rows"] if row["moxie"] or row["linux"]]
    return "\n".join(["| figure | Moxie | Linux | Moxie / Linux | of the limit | goal |",
                      "|---|---|---|---|---|---|", *map(_markdown_line, rows), "",
                      *_legend(report), *_failures(report)])
