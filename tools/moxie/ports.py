"""What a port of the appliance is plugged into. Each executive says it in its own words: port() of
qemu.py and native.py."""
import socket


class Tap:
    """A tap with virtio headers, by the file descriptors of its queues."""

    def __init__(self, fds):
        self.fds = tuple(fds) if isinstance(fds, (list, tuple)) else (fds,)


class Interface:
    """An interface of the namespace the appliance starts in, for the executive on Linux."""
    fds = ()

    def __init__(self, name):
        self.name = name


class Files:
    """Capture files, for the executive on Linux: what goes in, and where what comes out is written."""
    fds = ()

    def __init__(self, read="", written=""):
        self.read, self.written = read, written


class Interface:
    """An interface by a packet socket, for the executive on Linux: of the namespace it is started in."""
    fds = ()

    def __init__(self, name):
        self.name = name


class Pair:
    """A pair of datagram sockets, a message a packet: `end` is the test's, the other the appliance's.
    Executives differ in the bytes before a frame: their HEADER."""

    def __init__(self):
        self.end, self._other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.fds = (self._other.fileno(),)

    def plugged(self):
        """The appliance has inherited its end."""
        self._other.close()

    def close(self):
        self.end.close()
        self._other.close()


class Sink(Pair):
    """Nobody is at the other end: what is sent is lost."""

    def __init__(self):
        super().__init__()
        self.end.close()
