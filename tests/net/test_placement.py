"""Where domains live without a word of the configuration, and with one; what serial says of it."""
import re

import pytest

from lab import CONFIG, Lab
from moxie import domains

PATH, APPS = {"router", "eth0", "eth1"}, {"stack", "httpd", "iperf3"}
LINE = re.compile(r"^moxie: placement: (\S+) on core (\d+) \((.+)\)$", re.M)


@pytest.fixture(params=(1, 2, 4), ids="{} cores".format)
def cores(request):
    return request.param


def told(lab):
    """{domain: (core, why)}: one line for each domain, and it lives where the line says."""
    lines = LINE.findall(lab.appliance.heard)
    said = {name: (int(core), why) for name, core, why in lines}
    assert len(said) == len(lines)
    assert {name: one.core for name, one in domains.show(lab.appliance).items()} == {
        name: core for name, (core, _) in said.items()}
    return said


def on(said, names):
    return {said[name][0] for name in names}


def test_chosen(build, cores):
    """The forwarding path on one core, and applications elsewhere as soon as there are two."""
    with Lab(build, CONFIG + "set service iperf3\n", cores=cores, mem=96) as lab:
        said = told(lab)
        assert set(said) == PATH | APPS | {"console"}
        assert len(on(said, PATH)) == 1
        if cores == 1:
            assert {why for _, why in said.values()} == {"there is no other"}
        else:
            assert not on(said, PATH) & on(said, APPS)
            assert re.match(r"with router: [\d.]+ % of a core less than on core \d$", said["eth0"][1])
        lab.finish()


def test_fixed(build, cores):
    """A core that the file names stays, with its line for a reason; the others follow."""
    config = CONFIG + f"set system domain router core {cores - 1}\n"
    with Lab(build, config, cores=cores, mem=96) as lab:
        said = told(lab)
        assert said["router"] == (cores - 1, f"config:{config.count(chr(10))}")
        assert on(said, PATH) == {cores - 1}
        lab.finish()


def test_replicas(build):
    """Each on a core of its own, with the drivers of its queue pair."""
    with Lab(build, CONFIG + "set system queues 2\n", cores=4, queues=2, mem=96) as lab:
        said = told(lab)
        first, second = on(said, PATH), on(said, {"router1", "eth0.1", "eth1.1"})
        assert len(first) == len(second) == 1 and first != second
        assert not (first | second) & on(said, {"stack", "httpd"})
        lab.finish()
