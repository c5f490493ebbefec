"""Before and after: what must be the same when the load is over. Each check says in words what is not."""
import re
import time
from dataclasses import dataclass

from moxie import domains
from moxie.appliance import Failure

LIMIT = 90  # seconds for what ends by a timer: a connection whose peer is gone
OPEN = (("stack", "connections"), ("httpd", "http.open"))


@dataclass
class Before:
    memory: dict
    restarts: dict
    heard: int  # characters of the console's text


def look(lab):
    return Before(domains.memory(lab.appliance),
                  {name: one.restarts for name, one in domains.show(lab.appliance).items()},
                  len(lab.appliance.heard))


def wait(condition, limit=LIMIT):
    """Until it says nothing any more; what it says in the end."""
    until = time.monotonic() + limit
    while True:
        said = condition()
        if not said or time.monotonic() > until:
            return said
        time.sleep(0.5)


def connections(lab):
    """Of the appliance's own: those its domains count, those its clients still have."""
    def condition():
        counters = lab.appliance.counters()
        said = [f"{counters[domain, '', name]} {domain} {name}" for domain, name in OPEN
                if counters.get((domain, "", name))]
        for side in ("lan", "wan"):
            for line in lab.run(side, "ss", "-Htan", "exclude", "listening", "exclude",
                                "time-wait").splitlines():
                said.append(f"{side}: {' '.join(line.split())}")
        return said
    return [f"stuck: {one}" for one in wait(condition)]


def memory(lab, before):
    def condition():
        now = domains.memory(lab.appliance)
        return [f"core {core}: {before.memory[core] - free} bytes of memory less than before"
                for core, free in now.items() if free != before.memory[core]]
    return wait(condition, 10)


def restarts(lab, before, ends):
    """Nobody ended but those who were told to, and all of them are back."""
    said = []
    for name, one in domains.show(lab.appliance).items():
        wanted = before.restarts[name] + ends.get(name, 0)
        if one.restarts != wanted:
            said.append(f"{name} was restarted {one.restarts} times, not {wanted}")
        if one.state != "ready":
            said.append(f"{name} is {one.state}")
    return said


def console(lab, before):
    """Ends that nobody asked for, panics, a second boot. That the drivers of one port end together, by
    an exit, is their rule; how often, the restarts tell."""
    text = lab.appliance.heard[before.heard:]
    ends = [line for line, name, how in re.findall(r"^(moxie: (\S+) ended: (\w+).*)$", text, re.M)
            if how != "killed" and not (how == "exit" and name.startswith("eth"))]
    return ends + re.findall(r"^.*(?:panic|moxie: ready|stays down|cannot).*$", text, re.M)


def frames(lab):
    try:
        lab.appliance.home(lab.idle, limit=30)
    except Failure as why:
        return [str(why)]
    return []


def works(lab):
    """All that it is for, once more; the end of the load may still have a queue somewhere."""
    def condition():
        said = []
        for address in ("10.0.2.2", "fd00:2::2", "10.0.1.1", "fd00:2::1"):
            answered = lab.ping("lan", address, count=5)
            if answered != 5:
                said.append(f"{answered} of 5 pings to {address} are answered")
        page = lab.run("lan", "curl", "-sgf", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}",
                       "http://10.0.1.1/1k.bin", check=False)
        return said + ([] if page == "200" else [f"a page is answered with '{page}'"])
    return wait(condition, 10)


def all_of(lab, before, ends):
    """The order matters: connections that are gone first, then what they held."""
    said = works(lab) + connections(lab) + frames(lab) + memory(lab, before)
    return said + restarts(lab, before, ends) + console(lab, before)
