"""Real traffic through the router, by Linux hosts: iperf3 both ways, data integrity, disturbance."""
import hashlib
import json
import socket
import threading
import time

import pytest

from lab import CONFIG, HOSTS, OWN, Lab

MEGABYTE = 1 << 20


def patterned(size, seed=b"moxie"):
    """Bytes of which no block repeats."""
    return hashlib.shake_128(seed).digest(size)


def transfer(lab, source, target, address, size):
    """Send size bytes from a host to another; the receiver's hash must be the sender's."""
    data = patterned(size)
    listener = lab.listen(target, address, 5001)
    received = hashlib.sha256()

    def receive():
        peer, _ = listener.accept()
        peer.settimeout(20)
        with peer:
            while piece := peer.recv(MEGABYTE):
                received.update(piece)

    thread = threading.Thread(target=receive)
    thread.start()
    with lab.connect(source, address, 5001, limit=20) as sender:
        sender.sendall(data)
    thread.join(30)
    listener.close()
    assert not thread.is_alive(), "the receiver waits for ever"
    assert received.digest() == hashlib.sha256(data).digest()


def iperf(lab, address, *words, seconds=2):
    """iperf3 from lan to the server in wan; its JSON result."""
    with lab.background("wan", "iperf3", "-s", "-1", "-p", "5201") as server:
        end = time.monotonic() + 5
        while "LISTEN" not in lab.run("wan", "ss", "-Hltn", "sport = :5201"):
            assert time.monotonic() < end and server.poll() is None, "no iperf3 server"
            time.sleep(0.02)
        said = lab.run("lan", "iperf3", "-J", "-c", address, "-p", "5201", "-t", seconds, *words,
                       limit=seconds + 15)
    return json.loads(said)


@pytest.mark.parametrize("address", HOSTS["wan"])
@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["up", "down"])
def test_iperf_tcp(lab, address, reverse):
    result = iperf(lab, address, *reverse)
    stalls = [one["sum"]["start"] for one in result["intervals"] if one["sum"]["bytes"] == 0]
    assert not stalls, f"no byte in the seconds from {stalls}"
    assert result["end"]["sum_received"]["bytes"] > 10 * MEGABYTE


@pytest.mark.parametrize("address", HOSTS["wan"])
@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["up", "down"])
def test_iperf_udp(lab, address, reverse):
    """A modest rate arrives whole but for what a loaded test machine may lose."""
    result = iperf(lab, address, "-u", "-b", "20M", "-l", "1200", *reverse)
    total = result["end"]["sum"]
    assert total["packets"] > 1000
    assert total["lost_percent"] < 2, total


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_integrity(lab, address):
    """50 MB cross the router without a wrong byte."""
    transfer(lab, "lan", "wan", address, 50 * MEGABYTE)


@pytest.mark.parametrize("address", HOSTS["lan"])
def test_integrity_inward(lab, address):
    transfer(lab, "wan", "lan", address, 20 * MEGABYTE)


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_ping_sizes(lab, address):
    """Each size once, fragmented ones too: the hosts cut and join them."""
    for size in (0, 1, 56, 1400, 1472, 1473, 8000, 20000):
        said = lab.run("lan", "ping", "-n", "-c", 1, "-W", 2, "-s", size, address)
        assert " 0% packet loss" in said


@pytest.mark.parametrize("address", HOSTS["far"])
def test_static_route(lab, address):
    assert lab.ping("wan", address, 3) == 3


def test_traceroute(lab):
    """The appliance is the hop in the middle."""
    said = lab.run("lan", "ping", "-n", "-c", 1, "-t", 1, "-W", 2, "10.0.2.2", check=False)
    assert f"From {OWN['lan'][0]}" in said and "Time to live exceeded" in said


def test_path_mtu(build, site):
    """A sender with DF learns the smaller MTU behind the router and the transfer completes."""
    config = CONFIG + "set interfaces ethernet eth1 mtu 1400\n"
    with Lab(build, config, bundle=site.bundle) as lab:
        for address in HOSTS["wan"]:
            transfer(lab, "lan", "wan", address, 2 * MEGABYTE)
        assert "mtu 1400" in lab.run("lan", "ip", "route", "get", "10.0.2.2")
        lab.finish()


def test_datagrams_whole(lab):
    """Datagrams of every size up to three fragments arrive unchanged and unmixed."""
    receiver = lab.socket("wan", socket.AF_INET, socket.SOCK_DGRAM, limit=2)
    receiver.bind(("10.0.2.2", 5002))
    sender = lab.socket("lan", socket.AF_INET, socket.SOCK_DGRAM)
    with receiver, sender:
        for size in list(range(1, 200, 13)) + list(range(1400, 4400, 97)):
            data = patterned(size, b"%d" % size)
            sender.sendto(data, ("10.0.2.2", 5002))
            assert receiver.recv(65536) == data
