"""Clients that hoard connections or talk nonsense: the next honest one is served, and what they
held comes back. All are real connections of the kernel's host in wan; the honest client is in lan, or
beside them.
"""
import contextlib
import resource
import select
import socket
import time

import pytest

from lab import CONFIG, OWN
from moxie import netns
from siege import ROUTES, Siege
from test_http import status

WAN4, WAN6 = OWN["wan"]
GET = b"GET /1k.bin HTTP/1.1\r\nHost: moxie\r\n\r\n"
BIG = b"GET /10m.bin HTTP/1.1\r\nHost: moxie\r\n\r\n"
MOST = 2000  # of httpd's connections


@pytest.fixture(scope="module")
def siege(build, site, replay):
    with Siege(build, site, replay, CONFIG + ROUTES) as one:
        yield one
        one.unharmed(limit=40)
        one.finish()


class Crowd:
    """Many connections of one host at a time; use as a context."""

    def __init__(self, siege, window=None):
        self.siege, self.window, self.all = siege, window, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.all:
            one.close()

    def connect(self, count, said=b""):
        """That many more, all established, each with these words said."""
        with netns.inside(self.siege.ns("wan")):
            fresh = [socket.socket(socket.AF_INET6 if n % 2 else socket.AF_INET)
                     for n in range(count)]
        for n, one in enumerate(fresh):
            one.setblocking(False)
            if self.window:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
            one.connect_ex((WAN6 if n % 2 else WAN4, 80))
        self.all += fresh
        poll = select.poll()
        waiting = {one.fileno(): one for one in fresh}
        for one in waiting:
            poll.register(one, select.POLLOUT)
        end = time.monotonic() + 20
        while waiting and time.monotonic() < end:
            for fd, _ in poll.poll(1000):
                poll.unregister(fd)
                one = waiting.pop(fd)
                if said and one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    with contextlib.suppress(OSError):
                        one.send(said)
        assert not waiting, f"{len(waiting)} of {count} connections did not come about"

    def say(self, data):
        for one in self.all:
            with contextlib.suppress(OSError):
                one.send(data)


@pytest.fixture(autouse=True, scope="module")
def many_files():
    """A socket is a file: more of them than a shell usually allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def served(siege):
    """Honest clients of both sides, and traffic through."""
    siege.http("lan")
    siege.http("lan", "100k.bin", OWN["lan"][1])
    siege.http("wan", address=WAN4)
    siege.through()
    siege.pings("lan", OWN["lan"][0])
    siege.bounded()


KINDS = {
    "idle": b"",
    "headers": b"GET / HTTP/1.1\r\nHost: mox",
    "body": b"POST / HTTP/1.1\r\nHost: moxie\r\nContent-Length: 60000\r\n\r\nx",
    "kept alive": GET,
}


@pytest.mark.either
@pytest.mark.parametrize("kind", KINDS)
def test_hoard(siege, kind):
    """More connections than there may be, all waiting for their clients: newcomers are served."""
    before = siege.appliance.counters()
    with Crowd(siege) as crowd:
        for _ in range(8):
            crowd.connect(300, KINDS[kind])
        served(siege)
        siege.counted(before, ("httpd", "", "http.evicted"))
        assert siege.appliance.counters()["httpd", "", "http.open"] <= MOST


@pytest.mark.either
def test_half_read(siege):
    """Clients with tiny windows that ask for much and read nothing."""
    with Crowd(siege, window=2048) as crowd:
        crowd.connect(1000, BIG)
        served(siege)
        crowd.say(BIG)
        served(siege)


def test_turnover(siege):
    """Connections opened and dropped as fast as can be: half reset, half left unfinished."""
    for n in range(2):
        with Crowd(siege) as crowd:
            crowd.connect(800, GET if n % 2 else b"")
            for one in crowd.all[::2]:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        served(siege)


@pytest.mark.either
def test_ends_hoarded(siege):
    """Clients that never close their half hold no pcb that somebody else needs."""
    words = b"GET /1k.bin HTTP/1.1\r\nHost: moxie\r\nConnection: close\r\n\r\n"
    with Crowd(siege) as crowd:
        for _ in range(3):
            crowd.connect(1000, words)
        served(siege)


NONSENSE = [
    # (what, bytes, statuses)
    ("many pipelined", GET.replace(b"1k.bin", b"") * 300, [200] * 300),
    ("huge header", b"GET / HTTP/1.1\r\nHost: moxie\r\nX: " + b"a" * 20000, [431]),
    ("many headers", b"GET / HTTP/1.1\r\nHost: moxie\r\n" + b"A: b\r\n" * 3000, [431]),
    ("both lengths", b"POST / HTTP/1.1\r\nHost: moxie\r\nContent-Length: 4\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET, [400]),
    ("two lengths", b"POST / HTTP/1.1\r\nHost: moxie\r\nContent-Length: 4\r\nContent-Length: 5\r\n"
     b"\r\nabcd", [400]),
    ("length overflow", b"POST / HTTP/1.1\r\nHost: moxie\r\n"
     b"Content-Length: 18446744073709551617\r\n\r\n", [400]),
    ("negative length", b"POST / HTTP/1.1\r\nHost: moxie\r\nContent-Length: -1\r\n\r\n", [400]),
    ("bad chunk", b"GET / HTTP/1.1\r\nHost: moxie\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     [400]),
    ("huge chunk", b"GET / HTTP/1.1\r\nHost: moxie\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"fffffffffffffffff\r\n", [400]),
    ("chunk without end", b"GET / HTTP/1.1\r\nHost: moxie\r\nTransfer-Encoding: chunked\r\n\r\n"
     + b"1\r\na\r\n" * 20000, [413]),
    ("space before colon", b"GET / HTTP/1.1\r\nHost: moxie\r\nContent-Length : 5\r\n\r\n", [400]),
    ("folded header", b"GET / HTTP/1.1\r\nHost: moxie\r\nX: a\r\n b: c\r\n\r\n", None),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400]),
    ("zero bytes", bytes(3000), [400]),
    ("http/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
    ("tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300), [400]),
    ("never a newline", b"G" * 70000, [501]),
]


@pytest.mark.parametrize("data,wanted", [one[1:] for one in NONSENSE],
                         ids=[one[0] for one in NONSENSE])
def test_nonsense(siege, data, wanted):
    """An answer that says so, or a close; never a second request out of the first one's body."""
    said = b""
    with siege.connect("lan", OWN["lan"][0], 80, limit=5) as one:
        with contextlib.suppress(OSError):
            one.sendall(data)
            one.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while piece := one.recv(1 << 20):
                said += piece
    if wanted is None:
        assert len(status(said)) <= 1
    else:
        assert status(said) == wanted or not said
    siege.http("lan")
