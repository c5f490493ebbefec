"""The machines and compositions that are measured, and all their placements.

A placement names a core for each of a shape's units; init and the console are on core 0. The other cores
are alike, so of placements that differ by the names of those only one is tried.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """Domains that are tried on one core only."""
    name: str
    domains: tuple
    app: bool = True  # what must not stop forwarding when it hangs


DRIVERS = Unit("drivers", ("eth0", "eth1"), app=False)
ROUTER = Unit("router", ("router",), app=False)
STACK = Unit("stack", ("stack",))
HTTPD = Unit("httpd", ("httpd",))


@dataclass(frozen=True)
class Shape:
    composition: str
    cores: int
    units: tuple
    rows: tuple  # of the benchmark (tools/moxie_bench/rows.py)

    @property
    def name(self):
        return f"{self.composition}{self.cores}"

    def placements(self):
        """Tuples of cores, one a unit."""
        def grow(so_far):
            if len(so_far) == len(self.units):
                yield so_far
                return
            for core in range(min(max((0, *so_far)) + 2, self.cores)):
                yield from grow((*so_far, core))
        return list(grow(()))

    def normal(self, cores):
        """{domain: core} as one of the placements; None when a unit's domains are apart."""
        names, out = {0: 0}, []
        for unit in self.units:
            own = {cores[domain] for domain in unit.domains}
            if len(own) > 1:
                return None
            out.append(names.setdefault(own.pop(), len(names)))
        return tuple(out)

    def contained(self, placement):
        """No application stands on a core that forwards, so that a hung one stops no packet."""
        forward = {core for unit, core in zip(self.units, placement) if not unit.app}
        return self.composition != "router" or not any(
            unit.app and core in forward for unit, core in zip(self.units, placement))

    def statements(self, placement):
        return "".join(f"set system domain {domain} core {core}\n"
                       for unit, core in zip(self.units, placement) for domain in unit.domains)


WEB = ("http1kx16", "http1kx64", "http100kx64")
ALL = {one.name: one for cores in (2, 4) for one in (
    Shape("router", cores, (DRIVERS, ROUTER, STACK, HTTPD), ("fwd64", "tcp4x1", "http1kx16")),
    Shape("httpd", cores, (DRIVERS, STACK, HTTPD), WEB))}
