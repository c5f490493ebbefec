"""What the soak prints of the kills, from what probe and clients saw."""
import statistics

from moxie.probe import MS

AFTER = 500 * MS  # what follows a kill so long after all works again belongs to it


def of_kill(kill, probes):
    """(ms without forwarding, packets not there at the end of a gap): of the longest gap that a probe
    saw, and of all."""
    gaps = [gap for probe in probes for gap in probe.gaps(kill.at, kill.over + AFTER)]
    return max((gap.ms for gap in gaps), default=0.0), sum(gap.missing for gap in gaps)


def line(kill, probes):
    gap, lost = of_kill(kill, probes)
    return (f"kill {'+'.join(kill.names):<14} {gap:7.1f} ms without forwarding, {lost:3d} probes lost, "
            f"works again after {kill.told:.1f} ms")


def _spread(values):
    return f"{statistics.median(values):.1f} / {max(values):.1f}"


def table(kills, probes):
    """For each name: how often, ms without forwarding, ms until it worked again."""
    rows = [("ended", "times", "ms without forwarding", "works again, ms")]
    for names in sorted({kill.names for kill in kills}):
        same = [kill for kill in kills if kill.names == names]
        rows.append(("+".join(names), str(len(same)),
                     _spread([of_kill(kill, probes)[0] for kill in same]),
                     _spread([kill.told for kill in same])))
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                     for row in rows)


def outside(kills, probes):
    """Gaps that no kill explains."""
    return [gap for probe in probes for gap in probe.gaps()
            if not any(kill.at <= gap.start < (kill.over or gap.start + 1) + AFTER for kill in kills)]


def longest(gaps, kills):
    """The longest of these, and the kill before it."""
    if not gaps:
        return "none"
    gap = max(gaps, key=lambda one: one.length)
    before = [kill for kill in kills if kill.at <= gap.start]
    when = (f"{(gap.start - before[-1].at) / MS / 1000:.2f} s after the end of "
            f"{'+'.join(before[-1].names)}" if before else "before the first")
    return f"{gap.ms:.1f} ms with {gap.missing} missing, {when}"
