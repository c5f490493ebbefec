"""The domains of a running appliance as its console tells of them; how one is ended."""
import re
import time
from dataclasses import dataclass

WORKS_LIMIT = 10  # seconds until a domain works again
FAULT_LIMIT = 20  # seconds until a faulty one faults
NEWS = 50_000_000  # ns from an end to the console's word of it, at most


@dataclass
class Domain:
    core: int
    state: str
    held: int
    restarts: int


def show(appliance):
    """{name: Domain}"""
    said = appliance.command("show domains", r"^domains end$")
    lines = re.findall(r"^domain (\S+) core (\d+) state (\w+) held (\d+) .*?restarts (\d+)", said, re.M)
    return {name: Domain(int(core), state, int(held), int(restarts))
            for name, core, state, held, restarts in lines}


def memory(appliance):
    """{core: bytes free}"""
    said = appliance.command("show domains", r"^domains end$")
    return {int(core): int(free) for core, free in
            re.findall(r"^core (\d+) .* memory \d+ free (\d+)", said, re.M)}


def unit(names, name):
    """Who ends and starts together with it: the drivers of one port."""
    port = re.match(r"eth\d+", name)
    return [one for one in names if port and one.split(".")[0] == port[0]] or [name]


@dataclass
class End:
    """at: ns of the monotonic clock, not after the end; told: ms from end to work, by init."""
    at: int
    told: float


def await_restart(appliance, name, names, at, since, limit=WORKS_LIMIT):
    """Wait until a domain and those of its unit work again, by the console's text from `since` on."""
    told = []
    for one in unit(names, name):
        found = appliance.expect(rf"^moxie: {re.escape(one)} works again after ([\d.]+) ms", limit, since)
        told.append(float(found[1]))
    return End(at, max(told))


def kill(appliance, name, names):
    """End a domain, and wait until it works again. names: of all domains."""
    since, at = len(appliance.heard), time.monotonic_ns()
    appliance.type(f"kill {name}")
    return await_restart(appliance, name, names, at, since)


def await_fault(appliance, name, names):
    """Wait until a domain with a faulty image (tests/faulty) has ended by itself, and works again."""
    since = len(appliance.heard)
    appliance.expect(rf"^moxie: {re.escape(name)} ended: fault", FAULT_LIMIT, since)
    return await_restart(appliance, name, names, time.monotonic_ns() - NEWS, since)
