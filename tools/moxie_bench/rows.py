"""All rows, in the order of the table, and the choice among them."""
from dataclasses import replace

from . import delay, forwarding, machine, streams, web

GROUPS = (("Start and rest", machine.FIRST), ("Forwarding", forwarding.ROWS),
          ("Streams", streams.ROWS), ("Delay", delay.ROWS), ("Web", web.ROWS),
          ("Memory", machine.LAST))
ROWS = tuple(replace(row, group=group) for group, rows in GROUPS for row in rows)


def choose(names):
    """Rows whose names start with one of these words; all without any."""
    chosen = [row for row in ROWS if not names or any(row.name.startswith(n) for n in names)]
    for name in names:
        if not any(row.name.startswith(name) for row in ROWS):
            raise SystemExit(f"bench: no row is called {name}; there are "
                             + " ".join(row.name for row in ROWS))
    return chosen
