"""A client that tries all the time: when does a service answer new connections again?

Each attempt is a connection of its own, begun every few ms whatever became of the others, so that a
first segment that was lost, which its kernel repeats a second later, keeps nobody waiting.
"""
import contextlib
import selectors
import socket
import threading
import time
from dataclasses import dataclass

from moxie import netns

PACE = 0.005   # seconds between two attempts
PATIENCE = 0.5  # seconds that one may take
GET = b"GET /1k.bin HTTP/1.1\r\nHost: moxie\r\nConnection: close\r\n\r\n"


@dataclass
class Attempt:
    """Times are ns of the monotonic clock; why: what went wrong."""
    began: int
    ended: int = 0
    why: str = ""
    heard: bytes = b""

    @property
    def good(self):
        return self.ended and not self.why


class Attempts:
    """Use as a context. Without a request, a connection that is accepted is an answer."""

    def __init__(self, ns, address, port, request=GET):
        self.ns, self.to, self.request = ns, (address, port), request
        self.all, self.running = [], True
        self.selector = selectors.DefaultSelector()

    def __enter__(self):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()
        self.selector.close()

    def answered(self, since):
        """When a connection begun after `since` was answered first; None: not yet."""
        return min((one.ended for one in list(self.all) if one.began >= since and one.good),
                   default=None)

    def failed(self, since):
        return [one for one in list(self.all) if one.began >= since and one.why]

    def _run(self):
        with netns.inside(self.ns):
            due = time.monotonic()
            while self.running or self.selector.get_map():
                now = time.monotonic()
                if self.running and now >= due:
                    self._begin()
                    due = max(due + PACE, now)
                for key, _ in self.selector.select(max(0.0, due - now) if self.running else PACE):
                    self._go_on(key.fileobj, key.data)
                self._give_up()

    def _begin(self):
        one = Attempt(time.monotonic_ns())
        self.all.append(one)
        sock = socket.socket(socket.AF_INET6 if ":" in self.to[0] else socket.AF_INET)
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            sock.connect(self.to)
        self.selector.register(sock, selectors.EVENT_WRITE, one)

    def _end(self, sock, one, why=""):
        one.ended, one.why = time.monotonic_ns(), why
        self.selector.unregister(sock)
        sock.close()

    def _go_on(self, sock, one):
        error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._end(sock, one, f"error {error}")
        elif self.selector.get_key(sock).events == selectors.EVENT_WRITE:
            self._connected(sock, one)
        else:
            self._read(sock, one)

    def _connected(self, sock, one):
        if not self.request:
            self._end(sock, one)
            return
        sock.send(self.request)
        self.selector.modify(sock, selectors.EVENT_READ, one)

    def _read(self, sock, one):
        try:
            data = sock.recv(65536)
        except OSError as error:
            self._end(sock, one, str(error))
            return
        one.heard += data
        if not data:
            self._end(sock, one, "" if b" 200 OK\r\n" in one.heard else "no answer")

    def _give_up(self):
        late = time.monotonic_ns() - int(PATIENCE * 1e9)
        for key in list(self.selector.get_map().values()):
            if key.data.began < late:
                self._end(key.fileobj, key.data, "no answer in time")
