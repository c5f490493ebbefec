"""What `show machine` says, as data: {kind: [fields of each line]}."""
import re

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")

# One pattern a kind; numbers become int, what a line need not have is absent.
_LINES = {
    "machine": r"machine nodes (?P<nodes>\d+) packages (?P<packages>\d+) physical (?P<physical>\d+) "
               r"cores (?P<cores>\d+) caches (?P<caches>\d+) records (?P<records>\d+) of (?P<most>\d+) "
               r"version (?P<version>\d+)",
    "node": r"node (?P<number>\d+) domain (?P<domain>\d+) memory (?P<memory>\d+)(?: cores (?P<cores_>\S+))?",
    "package": r"package (?P<number>\d+)(?: node (?P<node>\d+))?(?: cores (?P<cores_>\S+))?",
    "cache": r"cache (?P<number>\d+) L(?P<level>\d+) (?P<type>\S+) size (?P<size>\d+) line (?P<line>\d+) "
             r"ways (?P<ways>\d+) shared (?P<shared>\d+)(?: node (?P<node>\d+))?(?: cores (?P<cores_>\S+))?",
    "physical": r"physical (?P<number>\d+)(?: node (?P<node>\d+))?(?: cores (?P<cores_>\S+))?",
    "core": r"core (?P<number>\d+) node (?P<node>\d+) package (?P<package>\d+) hardware (?P<hardware>\d+) "
            r"memory (?P<memory>\d+) free (?P<free>\d+) load (?P<load>\d+)(?P<lost_> lost)?",
    "memory": r"memory (?P<number>\d+) from (?P<from_>\S+) size (?P<size>\d+)(?: node (?P<node>\d+))?"
              r"(?: of core (?P<core>\d+))?(?P<lost_> lost)?",
    "pci": r"pci (?P<at_>\S+) id (?P<id_>\S+) class (?P<class_>\S+) vectors (?P<vectors>\d+)"
           r"(?: node (?P<node>\d+))?(?: driver (?P<driver>\S+))?",
    "interrupts": r"interrupts (?P<count>\d+) (?P<kind>\S+) of pci (?P<pci_>\S+)(?: to core (?P<core>\d+))?",
    "message": r"message (?P<from>\d+) (?P<to>\d+) costs (?P<ns>\d+) ns (?P<how>\S+)",
    "distance": r"distance (?P<from>\d+) (?P<to>\d+) is (?P<is>\d+) latency (?P<latency>\d+) ps "
                r"bandwidth (?P<bandwidth>\d+) MB/s",
    "domain": r"domain (?P<name_>\S+) on core (?P<core>\d+)",
}
# `from` is a word of Python, and no name of a group.
_LINES = {kind: re.compile("^" + line.replace("<from>", "<source>").replace("<is>", "<cost>") + "$", re.M)
          for kind, line in _LINES.items()}
_NAMES = {"source": "from", "cost": "is"}


def _field(name, text):
    if name == "lost_":
        return "lost", text is not None
    if name.endswith("_"):
        return name[:-1], text
    return _NAMES.get(name, name), int(text) if text and text.isdigit() else text


def parse(text):
    return {kind: [dict(_field(n, v) for n, v in found.groupdict().items() if v is not None or n == "lost_")
                   for found in line.finditer(text)]
            for kind, line in _LINES.items()}


def cores_in(text):
    """{0, 1, 2, 5} of "0-2,5"."""
    return {core for a, b in _RANGE.findall(text) for core in range(int(a), int(b or a) + 1)}
