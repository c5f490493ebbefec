"""Several queue pairs: a driver for each, a replica of the router for each; flows spread over them, and
stay where they are.

The taps of the lab steer by flow (the kernel's automatic choice), so which pair a flow takes is theirs to
say; the tests use so many flows that every pair has some.
"""
import collections
import contextlib
import re
import select
import socket
import struct
import time

import pytest

from lab import CONFIG, HOSTS, OWN, Lab
from moxie import netns
from test_http import GET, answer, fetch, status
from test_traffic import MEGABYTE, iperf, transfer

FLOWS = 64
SO_RCVBUFFORCE = 33  # asm-generic/socket.h
ETH_P_ARP = 0x0806
# queues, cores
LAYOUTS = {"2 queues on 2 cores": (2, 2), "4 queues on 4 cores": (4, 4),
           "3 queues on 1 core": (3, 1)}


def queues(number):
    return f"set system queues {number}\n"


@pytest.fixture(scope="module", params=LAYOUTS)
def many(request, build, site):
    number, cores = LAYOUTS[request.param]
    with Lab(build, CONFIG + queues(number), queues=number, cores=cores, mem=96,
             bundle=site.bundle) as lab:
        yield lab
        lab.finish()


def drivers(lab, port):
    """The names of the drivers of a port, pair 0 first."""
    return [port] + [f"{port}.{k}" for k in range(1, lab.queues)]


def per_pair(lab, port, counter):
    counters = lab.appliance.counters()
    return [counters[driver, port, counter] for driver in drivers(lab, port)]


def gained(before, after):
    return [b - a for a, b in zip(before, after)]


@contextlib.contextmanager
def flows(lab, address, number=FLOWS):
    """(sockets in lan, each a flow of its own; the one in wan that hears them all)"""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as stack:
        ear = stack.enter_context(lab.socket("wan", family, socket.SOCK_DGRAM))
        ear.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        ear.bind((address, 7000))
        mouths = [stack.enter_context(lab.socket("lan", family, socket.SOCK_DGRAM))
                  for _ in range(number)]
        for mouth in mouths:
            mouth.connect((address, 7000))
        yield mouths, ear


def heard(ear, number, limit=5.0):
    """Datagrams by sender, in order of arrival; until `number` came, or none for a while."""
    by_sender, until = collections.defaultdict(list), time.monotonic() + limit
    while number and time.monotonic() < until and select.select([ear], [], [], 1.0)[0]:
        data, sender = ear.recvfrom(2048)
        by_sender[sender[1]].append(data)
        number -= 1
    return by_sender


def test_domains(many):
    said = many.appliance.command("show domains", r"^domains end$")
    names = re.findall(r"^domain (\S+) core \d+ state ready", said, re.M)
    wanted = drivers(many, "eth0") + drivers(many, "eth1") + ["router"]
    assert set(wanted + [f"router{k}" for k in range(1, many.queues)]) <= set(names), said


def test_ping(many):
    for address in HOSTS["wan"] + OWN["lan"] + OWN["wan"]:
        assert many.ping("lan", address, 5) == 5


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_transfer(many, address):
    transfer(many, "lan", "wan", address, 8 * MEGABYTE)


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_iperf(many, address):
    """Eight streams, both directions at once."""
    result = iperf(many, address, "--bidir", "-P", "8", seconds=2)
    assert result["end"]["sum_received"]["bytes"] > MEGABYTE
    assert result["end"]["sum_received_bidir_reverse"]["bytes"] > MEGABYTE


def test_http(many, site):
    assert status(answer(many, GET * 20)) == [200] * 20
    assert fetch(many, "lan", "http://10.0.1.1/10m.bin") == site.sha256("10m.bin")
    assert fetch(many, "wan", "http://[fd00:2::1]/100k.bin") == site.sha256("100k.bin")


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_spread(many, address):
    """Every pair carries flows, and what came in by one pair went out by the same."""
    each = 20
    with flows(many, address) as (mouths, ear):
        for mouth in mouths:
            mouth.send(b"hello")  # neighbours are known, and flows have their queue
        heard(ear, FLOWS)
        came, went = per_pair(many, "eth0", "rx.buffers"), per_pair(many, "eth1", "tx.packets")
        for _ in range(each):
            for mouth in mouths:
                mouth.send(b"x" * 100)
        got = heard(ear, each * FLOWS)
    came = gained(came, per_pair(many, "eth0", "rx.buffers"))
    went = gained(went, per_pair(many, "eth1", "tx.packets"))
    assert sum(map(len, got.values())) == each * FLOWS
    assert all(n >= each for n in came), came
    # A host may say a word of its own meanwhile: about neighbours.
    assert all(abs(a - b) < each for a, b in zip(came, went)), (came, went)


def test_order(many):
    """Each flow's datagrams arrive in the order they were sent, and unchanged, under a load that all
    pairs share. Some may be lost."""
    each = 300
    with flows(many, HOSTS["wan"][0], 16) as (mouths, ear):
        for number in range(each):
            for mouth in mouths:
                mouth.send(struct.pack("!I", number) * 100)
        got = heard(ear, each * len(mouths))
    assert len(got) == len(mouths)
    for data in got.values():
        numbers = [struct.unpack("!I", one[:4])[0] for one in data]
        assert all(one == struct.pack("!I", n) * 100 for one, n in zip(data, numbers))
        assert numbers == sorted(set(numbers))
        assert len(numbers) > each / 4


def requests_for(sniffer, address):
    """Broadcast ARP requests for an address among what the sniffer has."""
    wanted, found = socket.inet_aton(address), 0
    while select.select([sniffer], [], [], 0)[0]:
        frame = sniffer.recv(2048)
        found += (frame[:6] == b"\xff" * 6 and frame[20:22] == b"\x00\x01"
                  and frame[38:42] == wanted)
    return found


def test_neighbour_is_told(many):
    """One replica asks for a neighbour; all others then know it without a question."""
    address = "10.0.2.77"
    many.run("wan", "ip", "addr", "add", f"{address}/24", "dev", "wan0")
    try:
        with netns.inside(many.ns("wan")):
            sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
        with sniffer:
            assert many.ping("lan", address, 1) == 1
            assert requests_for(sniffer, address) == 1
            before = per_pair(many, "eth1", "tx.packets")
            with flows(many, address) as (mouths, ear):
                for mouth in mouths:
                    mouth.send(b"hello")
                assert sum(map(len, heard(ear, FLOWS).values())) == FLOWS
            assert all(gained(before, per_pair(many, "eth1", "tx.packets")))
            assert requests_for(sniffer, address) == 0
    finally:
        many.run("wan", "ip", "addr", "del", f"{address}/24", "dev", "wan0")


def test_all_ask_at_once(many):
    """Flows of several pairs want a neighbour that nobody knows: each packet arrives all the same,
    whichever replica hears the answers. Four wait for one neighbour at most, so no more are sent."""
    for last in range(80, 88):
        address = f"10.0.2.{last}"
        many.run("wan", "ip", "addr", "add", f"{address}/24", "dev", "wan0")
        try:
            with flows(many, address, 4) as (mouths, ear):
                for mouth in mouths:
                    mouth.send(b"hello")
                assert len(heard(ear, len(mouths))) == len(mouths)
        finally:
            many.run("wan", "ip", "addr", "del", f"{address}/24", "dev", "wan0")


def test_counters_are_summed(many):
    """To a reader of the counters there is one router."""
    before = many.appliance.counters()
    with flows(many, HOSTS["wan"][0]) as (mouths, ear):
        for mouth in mouths:
            mouth.send(b"hello")
        heard(ear, FLOWS)
    after = many.appliance.counters()
    assert not [key for key in after if key[0].startswith("router") and key[0] != "router"]
    assert after["router", "eth0", "rx.packets"] - before["router", "eth0", "rx.packets"] >= FLOWS


@pytest.mark.machine
@pytest.mark.parametrize("vectors", [4, 6], ids=["few vectors", "no second pair"])
def test_fewer_than_wished(build, vectors):
    """A device without several queues: one is used, and the console says so."""
    extra = ("-global", f"virtio-net-pci.vectors={vectors}")
    why = "the device has few interrupt vectors" if vectors == 4 else "the device has no more"
    with Lab(build, CONFIG + queues(2), extra=extra) as lab:
        lab.appliance.expect(rf"^moxie: eth0: {why}: 1 of 2 queue pairs used$", 1)
        for address in HOSTS["wan"] + OWN["lan"]:
            assert lab.ping("lan", address, 3) == 3
        transfer(lab, "lan", "wan", HOSTS["wan"][0], MEGABYTE)
        lab.finish()


def test_nothing_routed(build):
    """A web server alone has one stack, which uses one pair."""
    config = "set interfaces ethernet eth0 address 10.0.1.1/24\nset service http\n" + queues(2)
    with Lab(build, config, ports=("lan",), queues=2, wait=False) as lab:
        lab.appliance.expect(r"^moxie: nothing is routed, one queue pair of 2 is used$")
        lab.appliance.ready()
        assert lab.ping("lan", OWN["lan"][0], 3) == 3
