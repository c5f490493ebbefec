"""The lattice equals the machine that was declared: `show machine` against QEMU's command line, by PVH and by
UEFI, and against /sys where the executive is a process. Boots alone, without a port: only the console runs."""
import os
import re
from pathlib import Path

import pytest

from moxie.appliance import Appliance
from moxie.lattice import cores_in, parse

# QEMU shows caches only to processors of this vendor.
INTEL = ["-cpu", "max,vendor=GenuineIntel"]
TWO_BY_TWO = ["-smp", "8,maxcpus=8,sockets=2,cores=2,threads=2"]
MIB = 1 << 20
HOLE = 384 << 10  # below 1 MiB, taken from the first node

machine = pytest.mark.machine


def numa(sizes, cores_each, distances, initiators=False):
    """Words for nodes of so many MiB, with so many cores each, and {(from, to): distance}."""
    words, at = [], 0
    for node, size in enumerate(sizes):
        cpus = f",cpus={at}-{at + cores_each - 1}"
        at += cores_each
        words += ["-object", f"memory-backend-ram,id=m{node},size={size}M", "-numa",
                  f"node,nodeid={node},memdev=m{node}{cpus}{f',initiator={node}' if initiators else ''}"]
    for (a, b), value in distances.items():
        words += ["-numa", f"dist,src={a},dst={b},val={value}"]
    return words


def hmat(latency, bandwidth):
    """Words for {(from, to): ns} and {(from, to): MB/s}, and a cache before the memory of node 1."""
    words = ["-machine", "q35,hmat=on"]
    for kind, values, unit in (("latency", latency, ""), ("bandwidth", bandwidth, "M")):
        for (a, b), value in values.items():
            words += ["-numa", f"hmat-lb,initiator={a},target={b},hierarchy=memory,"
                      f"data-type=access-{kind},{kind}={value}{unit}"]
    return words + ["-numa", "hmat-cache,node-id=1,size=64K,level=1,associativity=direct,"
                    "policy=write-back,line=64"]


@pytest.fixture
def look(build):
    """The lattice of a machine with these words; the machine is ended after the test."""
    machines = []

    def start(cores, mem, *extra, **words):
        if extra:
            words["extra"] = [word for some in extra for word in some]
        machines.append(Appliance(build, cores=cores, mem=mem, **words))
        machines[-1].expect("no network port found", 15)
        return parse(machines[-1].command("show machine", r"^machine end$", 10))
    start.machines = machines
    yield start
    for one in machines:
        one.kill()


def caches(lattice, level):
    return sorted((c["type"], c["cores"]) for c in lattice["cache"] if c["level"] == level)


def check_two_by_two(lattice):
    assert lattice["machine"][0] | {"packages": 2, "physical": 4, "cores": 8} == lattice["machine"][0]
    assert [cores_in(p["cores"]) for p in lattice["package"]] == [{0, 1, 2, 3}, {4, 5, 6, 7}]
    assert [p["cores"] for p in lattice["physical"]] == ["0-1", "2-3", "4-5", "6-7"]
    assert [c["package"] for c in lattice["core"]] == [0] * 4 + [1] * 4
    assert [c["hardware"] for c in lattice["core"]] == list(range(8))


def check_caches(lattice):
    """As QEMU 7.2 makes them: L3 of a package, L2 of a physical core, L1 of each thread."""
    assert caches(lattice, 3) == [("unified", "0-3"), ("unified", "4-7")]
    assert caches(lattice, 2) == [("unified", f"{c}-{c + 1}") for c in (0, 2, 4, 6)]
    assert caches(lattice, 1) == sorted((kind, str(c)) for kind in ("data", "instructions") for c in range(8))
    sizes = {(c["level"], c["type"]): (c["size"], c["line"], c["ways"]) for c in lattice["cache"]}
    assert sizes == {(1, "data"): (32 << 10, 64, 8), (1, "instructions"): (32 << 10, 64, 8),
                     (2, "unified"): (4 << 20, 64, 16), (3, "unified"): (16 << 20, 64, 16)}


def check_nodes(lattice, sizes, distances):
    """Memory, distances, and that each core has what its node could give it."""
    assert [n["domain"] for n in lattice["node"]] == list(range(len(sizes)))
    assert [n["memory"] for n in lattice["node"]] == [s * MIB - (HOLE if i == 0 else 0)
                                                      for i, s in enumerate(sizes)]
    told = {(d["from"], d["to"]): d["is"] for d in lattice["distance"]}
    assert told == {(a, b): distances.get((a, b), distances.get((b, a), 10))
                    for a in range(len(sizes)) for b in range(len(sizes))}
    home = {c["number"]: c["node"] for c in lattice["core"]}
    for core, node in home.items():
        owned = {}
        for run in lattice["memory"]:
            if run.get("core") == core:
                owned[run["node"]] = owned.get(run["node"], 0) + run["size"]
        enough = sizes[node] >= sum(sizes) / len(sizes)
        assert not enough or set(owned) == {node}, (core, owned)
        assert max(owned, key=owned.get) == node, (core, owned)


def check_pairs(lattice):
    n = len(lattice["core"])
    assert [(m["from"], m["to"]) for m in lattice["message"]] == [(a, b) for a in range(n)
                                                                  for b in range(a + 1, n)]
    assert all(m["ns"] > 0 for m in lattice["message"])


@machine
def test_packages_and_caches(look):
    """Two packages of two physical cores of two threads, and a function that a test put on the bus."""
    lattice = look(8, 160, INTEL, TWO_BY_TWO, ["-device", "virtio-rng-pci,addr=7,disable-legacy=on"])
    check_two_by_two(lattice)
    check_caches(lattice)
    check_pairs(lattice)
    assert [n["cores"] for n in lattice["node"]] == ["0-7"]
    functions = {p["at"]: p for p in lattice["pci"]}
    assert functions["00:07.0"]["id"] == "1af4:1044" and functions["00:07.0"]["vectors"] == 2
    assert functions["00:00.0"]["class"] == "060000"
    assert ("00:07.0", 2, "messages") in {(i["pci"], i["count"], i["kind"]) for i in lattice["interrupts"]}


@machine
def test_two_nodes(look):
    """With HMAT: latencies, bandwidths, a cache before memory."""
    sizes, distances = [96, 64], {(0, 1): 25, (1, 0): 25}
    latency = {(0, 0): 10, (0, 1): 30, (1, 0): 30, (1, 1): 10}
    bandwidth = {(0, 0): 400, (0, 1): 100, (1, 0): 100, (1, 1): 400}
    lattice = look(4, 160, ["-smp", "4,maxcpus=4,sockets=2,cores=2,threads=1"],
                   numa(sizes, 2, distances, True), hmat(latency, bandwidth))
    check_nodes(lattice, sizes, distances)
    assert {(d["from"], d["to"]): d["latency"] for d in lattice["distance"]} == \
        {pair: 1000 * ns for pair, ns in latency.items()}
    assert {(d["from"], d["to"]): d["bandwidth"] for d in lattice["distance"]} == bandwidth
    assert [(c["size"], c["line"], c["ways"], c["node"]) for c in lattice["cache"]
            if c["type"] == "memory-side"] == [(64 << 10, 64, 1, 1)]
    assert [c["node"] for c in lattice["core"]] == [0, 0, 1, 1]


@machine
def test_four_nodes(look):
    """Each further from the others than the one before; the third has little memory."""
    sizes = [64, 64, 32, 64]
    distances = {(a, b): 10 + 7 * abs(a - b) + a + b for a in range(4) for b in range(4) if a != b}
    lattice = look(4, 224, ["-smp", "4,maxcpus=4,sockets=4,cores=1,threads=1"], numa(sizes, 1, distances))
    check_nodes(lattice, sizes, distances)
    assert [c["node"] for c in lattice["core"]] == [0, 1, 2, 3]
    assert [n["cores"] for n in lattice["node"]] == ["0", "1", "2", "3"]
    check_pairs(lattice)


@machine
@pytest.mark.timeout(120)
def test_uefi(look, build):
    """The same machine, with firmware that has assigned everything anew."""
    sizes, distances = [128, 128], {(0, 1): 21, (1, 0): 21}
    lattice = look(8, 256, INTEL, TWO_BY_TWO, numa(sizes, 4, distances), disk=build / "moxie.img")
    check_two_by_two(lattice)
    check_caches(lattice)
    check_pairs(lattice)
    told = {(d["from"], d["to"]): d["is"] for d in lattice["distance"]}
    assert told == {(0, 0): 10, (0, 1): 21, (1, 0): 21, (1, 1): 10}
    assert [n["memory"] for n in lattice["node"]] == [128 * MIB - HOLE, 128 * MIB]


@machine
def test_lost_core(look):
    """What is lost is said in every replica: init's executive is not the one that saw it first."""
    lattice = look(4, 128)
    assert {d["name"]: d["core"] for d in lattice["domain"]} == {"init": 0, "console": 0}
    appliance = look.machines[0]
    appliance.type("break 2")
    appliance.expect("core 2 is lost")
    for _ in range(50):
        lattice = parse(appliance.command("show machine", r"^machine end$", 10))
        if any(c["lost"] for c in lattice["core"]):
            break
    assert [c["lost"] for c in lattice["core"]] == [False, False, True, False]
    assert {m["lost"] for m in lattice["memory"] if m.get("core") == 2} == {True}
    assert not any(m["lost"] for m in lattice["memory"] if m.get("core") != 2)


@pytest.mark.process
def test_process(look):
    """What Linux says of the CPUs the process may use."""
    cpus = sorted(os.sched_getaffinity(0))
    lattice = look(2, 64)
    for core in lattice["core"]:
        cpu = Path(f"/sys/devices/system/cpu/cpu{cpus[core['number'] % len(cpus)]}")
        assert core["hardware"] == cpus[core["number"] % len(cpus)]
        assert core["package"] == int((cpu / "topology/physical_package_id").read_text())
        told = {(c["level"], c["size"]) for c in lattice["cache"] if core["number"] in cores_in(c["cores"])}
        for index in cpu.glob("cache/index*"):
            size = int(re.match(r"(\d+)K", (index / "size").read_text())[1]) << 10
            assert (int((index / "level").read_text()), size) in told
    check_pairs(lattice)
