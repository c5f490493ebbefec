"""The appliance behind an IOMMU: all of it works, and a driver that has its NIC reach for another's memory is
stopped, while the rest goes on. What exactly a NIC reaches is tested in the guest: tests/guest/scenes_dma.c."""
import re

import pytest

from lab import CONFIG, HOSTS, OWN, Lab
from test_http import GET, answer, fetch, status
from test_restart import back, kill, moves, serves, states, stream
from test_traffic import MEGABYTE, iperf, transfer

pytestmark = pytest.mark.machine
# The unit's options; queues, cores
MACHINES = {"2 cores": ("", 1, 2), "1 core": ("caching-mode=on,aw-bits=48", 1, 1),
            "2 queues on 2 cores": ("", 2, 2)}
CONTAINED = r"^(moxie: no IOMMU|moxie: the IOMMU|.*can forge)"


@pytest.fixture(scope="module", params=MACHINES)
def limited(request, build, site):
    iommu, queues, cores = MACHINES[request.param]
    config = CONFIG + (f"set system queues {queues}\n" if queues > 1 else "")
    with Lab(build, config, iommu=iommu, queues=queues, cores=cores, mem=96, bundle=site.bundle) as lab:
        yield lab
        lab.finish()


def test_contained(limited):
    """There is nothing to warn of, and nothing was blocked that ought to pass."""
    assert not re.search(CONTAINED, limited.appliance.heard, re.M), limited.appliance.heard


def test_routes(limited):
    for address in HOSTS["wan"] + OWN["lan"] + OWN["wan"]:
        assert limited.ping("lan", address, 5) == 5
    for address in HOSTS["wan"]:
        transfer(limited, "lan", "wan", address, 4 * MEGABYTE)
    assert iperf(limited, HOSTS["wan"][0], "--bidir", seconds=1)["end"]["sum_received"]["bytes"] > MEGABYTE


def test_serves(limited, site):
    """Frozen frames are read, and offloads work as ever."""
    assert status(answer(limited, GET * 20)) == [200] * 20
    assert fetch(limited, "lan", "http://10.0.1.1/10m.bin") == site.sha256("10m.bin")
    assert fetch(limited, "wan", "http://[fd00:2::1]/100k.bin") == site.sha256("100k.bin")


@pytest.mark.parametrize("name", ["eth0", "eth1", "router"])
def test_restart(limited, name):
    """A driver's successor has the reach of its own memory, and packets of its predecessor came home."""
    with stream(limited) as moved:
        moves(limited, moved)
        kill(limited, name)
        moves(limited, moved)
    serves(limited)
    limited.appliance.home(limited.idle)


def test_nothing_was_blocked(limited):
    """After all of that."""
    assert not re.search(r"may not (read|write|interrupt)", limited.appliance.heard), limited.appliance.heard


def test_hostile_driver(build, site):
    """eth2's driver has its NIC write over another port's rings: its domain ends, by a cause of its own, each time it is
    restarted; the connection between the other ports does not notice."""
    config = CONFIG + ("set interfaces ethernet eth2 address 10.0.102.1/24\n"
                       "set system domain eth2 image reach\n"
                       "set system domain eth2 restart-limit 2\n")
    with Lab(build, config, ports=("lan", "wan", "net2"), iommu="", mem=96, bundle=site.bundle) as lab:
        with stream(lab) as moved:
            moves(lab, moved)
            lab.appliance.expect(r"^moxie: eth2 stays down", 20)
            moves(lab, moved)
        serves(lab)
        said = lab.appliance.heard
        blocked = re.findall(r"^moxie: core \d: eth2: its device \S+ may not write (0x\w+), reason 5", said, re.M)
        assert len(blocked) == 3, said
        assert len(re.findall(r"^moxie: core \d: .*eth2", said, re.M)) == 3, said  # a line each
        assert len(re.findall(r"^moxie: eth2 ended: its device reached for", said, re.M)) == 3, said
        assert {n for n, (state, restarts, _) in states(lab).items() if state != "ready" or restarts} == {"eth2"}
        for address in HOSTS["wan"]:
            transfer(lab, "lan", "wan", address, MEGABYTE)
        lab.finish()


def test_without_iommu(build):
    """One line says so, and all works."""
    with Lab(build) as lab:
        assert len(re.findall(r"^moxie: no IOMMU: .*all memory$", lab.appliance.heard, re.M)) == 1
        lab.finish()


def test_without_remapping(build):
    """A unit that cannot remap interrupts: one line says so, and DMA is limited all the same."""
    with Lab(build, iommu="intremap=off") as lab:
        assert len(re.findall(CONTAINED, lab.appliance.heard, re.M)) == 1
        lab.appliance.expect(r"^moxie: the IOMMU does not remap interrupts: .*forge them$", 1)
        assert lab.ping("lan", HOSTS["wan"][0], 3) == 3
        kill(lab, "eth0")
        assert lab.ping("lan", HOSTS["wan"][0], 3) == 3
        lab.finish()


def test_past_the_iommu(build):
    """A NIC that takes addresses for those of memory is not used: what it reached would be anything."""
    config = CONFIG + "".join(f"set system domain eth{n} restart never\n" for n in (0, 1))
    with Lab(build, config, extra=("-device", "intel-iommu"), wait=False) as lab:
        for port in (0, 1):
            lab.appliance.expect(rf"^eth{port}: port {port}: the device goes past the IOMMU", 10)
        assert lab.ping("lan", OWN["lan"][0]) == 0
        lab.appliance.poweroff()
