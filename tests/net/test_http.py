"""The web server over real TCP: downloads, status codes, many connections, disturbance."""
import contextlib
import hashlib
import re
import socket
import subprocess
import time

import pytest

from lab import HOSTS, OWN
from moxie import netns
from test_traffic import transfer

URLS = {"v4": "http://10.0.1.1/", "v6": "http://[fd00:1::1]/", "far port": "http://10.0.2.1/"}
GET = b"GET / HTTP/1.1\r\nHost: moxie\r\n\r\n"


def fetch(lab, side, url, *words, limit=30):
    """curl's body, hashed; curl fails on an error status."""
    with netns.inside(lab.ns(side)):
        done = subprocess.run(["curl", "-sSfg", "-m", str(limit), *words, url],
                              capture_output=True, timeout=limit + 5)
    assert done.returncode == 0, done.stderr.decode() + lab.appliance.report()
    return hashlib.sha256(done.stdout).hexdigest()


def answer(lab, request, limit=5):
    """What the server says to these bytes until it closes or falls silent."""
    said = b""
    with lab.connect("lan", OWN["lan"][0], 80, limit) as one:
        one.sendall(request)
        one.settimeout(0.5)
        with contextlib.suppress(socket.timeout, ConnectionResetError):
            while piece := one.recv(65536):
                said += piece
    return said


def status(said):
    return [int(code) for code in re.findall(rb"^HTTP/1\.1 (\d+) ", said, re.M)]


@pytest.mark.parametrize("path", ["1k.bin", "100k.bin", "10m.bin", "empty.txt", "sub/a%20b.txt"])
@pytest.mark.parametrize("family", URLS)
def test_download(lab, site, family, path):
    name = path.replace("%20", " ")
    assert fetch(lab, "lan", URLS[family] + path) == site.sha256(name)


REQUESTS = [
    # (what, request, statuses)
    ("get", GET, [200]),
    ("head", b"HEAD / HTTP/1.1\r\nHost: moxie\r\n\r\n", [200]),
    ("pipelined", GET * 5, [200] * 5),
    ("folder", b"GET /sub HTTP/1.1\r\nHost: moxie\r\n\r\n", [301]),
    ("range", b"GET /1k.bin HTTP/1.1\r\nHost: moxie\r\nRange: bytes=10-19\r\n\r\n", [206]),
    ("range outside", b"GET /1k.bin HTTP/1.1\r\nHost: m\r\nRange: bytes=5000-\r\n\r\n", [416]),
    ("no colon", b"GET / HTTP/1.1\r\nHost: moxie\r\nnonsense\r\n\r\n", [400]),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", [400]),
    ("missing", b"GET /missing HTTP/1.1\r\nHost: moxie\r\n\r\n", [404]),
    ("escape", b"GET /../config/appliance.conf HTTP/1.1\r\nHost: moxie\r\n\r\n", [404]),
    ("escape, coded", b"GET /%2e%2e/config/appliance.conf HTTP/1.1\r\nHost: m\r\n\r\n", [404]),
    ("post", b"POST / HTTP/1.1\r\nHost: moxie\r\nContent-Length: 0\r\n\r\n", [405]),
    ("long target", b"GET /" + b"a" * 6000 + b" HTTP/1.1\r\nHost: moxie\r\n\r\n", [414]),
    ("unknown method", b"BREW / HTTP/1.1\r\nHost: moxie\r\n\r\n", [501]),
    ("version 3.0", b"GET / HTTP/3.0\r\nHost: moxie\r\n\r\n", [505]),
]


@pytest.mark.parametrize("request_bytes,wanted", [one[1:] for one in REQUESTS],
                         ids=[one[0] for one in REQUESTS])
def test_status(lab, request_bytes, wanted):
    assert status(answer(lab, request_bytes)) == wanted


def test_range_content(lab, site):
    said = answer(lab, b"GET /1k.bin HTTP/1.1\r\nHost: moxie\r\nRange: bytes=10-19\r\n"
                       b"Connection: close\r\n\r\n")
    assert said.endswith(b"\r\n\r\n" + site.files["1k.bin"][10:20])


def test_not_modified(lab):
    tag = re.search(rb"^ETag: (.*)\r$", answer(lab, GET), re.M | re.I)[1]
    said = answer(lab, b"GET / HTTP/1.1\r\nHost: moxie\r\nIf-None-Match: " + tag + b"\r\n\r\n")
    assert status(said) == [304]


def test_byte_by_byte(lab):
    """A request that comes in single bytes is a request."""
    with lab.connect("lan", OWN["lan"][0], 80) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in GET:
            one.send(bytes([byte]))
        assert one.recv(4096).startswith(b"HTTP/1.1 200 ")


@pytest.mark.either
@pytest.mark.timeout(90)
def test_slow_header(lab):
    """A client that never ends its header is told 408, or just closed."""
    with lab.connect("lan", OWN["lan"][0], 80, limit=40) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: mox")
        began = time.monotonic()
        said = one.recv(4096)
        assert status(said) in ([408], [])
        assert time.monotonic() - began < 35


def test_wrk(lab):
    """256 connections at once: no error, no wrong status."""
    said = lab.run("lan", "wrk", "-t", 2, "-c", 256, "-d", "3s", "http://10.0.1.1/1k.bin", limit=30)
    assert "Socket errors" not in said and "Non-2xx" not in said, said
    assert float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]) > 500, said


def test_idle_connections(lab):
    """1000 connections that say nothing do not keep the next one from being served."""
    with contextlib.ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(lab.connect("lan", OWN["lan"][0], 80))
        assert status(answer(lab, GET)) == [200]


def test_reset_in_the_middle(lab):
    """Clients that vanish during a download leave nothing behind; the session's end counts frames."""
    for _ in range(20):
        with lab.connect("lan", OWN["lan"][0], 80) as one:
            one.sendall(b"GET /10m.bin HTTP/1.1\r\nHost: moxie\r\n\r\n")
            one.recv(1000)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert status(answer(lab, GET)) == [200]


# What netem is told, and the same for a cable.
DISTURBANCES = {
    "loss": (("loss", "1%"), {"loss": 0.01}),
    "reordering": (("delay", "5ms", "reorder", "25%"), {"delay": 0.005, "hurry": 0.25}),
}


@pytest.mark.either
@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("family", ["v4", "v6"])
@pytest.mark.timeout(120)
def test_disturbed_download(lab, site, family, disturbance):
    """10 MB to a host behind a link that loses or reorders packets, both ways."""
    netem, cable = DISTURBANCES[disturbance]
    with lab.disturbed(netem, **cable):
        assert fetch(lab, "far", URLS[family] + "10m.bin", limit=90) == site.sha256("10m.bin")


@pytest.mark.parametrize("address", HOSTS["far"])
@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.timeout(120)
def test_disturbed_transfer(lab, address, disturbance):
    """10 MB through the router over the same link."""
    netem, cable = DISTURBANCES[disturbance]
    with lab.disturbed(netem, **cable):
        transfer(lab, "wan", "far", address, 10 << 20)
