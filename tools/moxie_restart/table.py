"""The report as text: for the terminal, and for docs/restart.md."""
COLUMNS = ("domain", "restarts", "ms without forwarding", "packets lost", "TCP survived",
           "stalled, 0.1 s", "retransmitted", "answers again after ms", "init says ms", "goals")


def _pair(one):
    """Median / most."""
    if one["median"] is None:
        return "never" if one["all"] else ""
    return f"{one['median']:g} / {one['most']:g}"


def _lines(report):
    for name, s in report["series"].items():
        goals = "; ".join(s["missed"]) or ("reached" if s["judged"] else "")
        yield (name, str(s["restarts"]), _pair(s["gap"]), _pair(s["lost"]),
               f"{s['tcp_survived']} of {s['restarts']}", _pair(s["stalled"]),
               _pair(s["retransmitted"]), _pair(s["again"]), _pair(s["told"]), goals)
    for name, why in report["failures"].items():
        yield (name, "", "FAILED: " + why.splitlines()[0], *[""] * (len(COLUMNS) - 3))


def text(report):
    table = [COLUMNS, *_lines(report)]
    widths = [max(map(len, column)) for column in zip(*table)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
             for line in table]
    return "\n".join([*lines, legend(report)])


def markdown(report):
    rows = [COLUMNS, ["---"] * len(COLUMNS), *_lines(report)]
    return "\n".join(["| " + " | ".join(row) + " |" for row in rows] + ["", legend(report)])


def legend(report):
    return (f"Median / most. {report['how']}, during iperf3 through the router; cores: {report['cores']}, queue pairs: "
            f"{report['queues']}; {report['qemu']}, TCG; build {report['version']}, "
            f"{report['when']} UTC.")
