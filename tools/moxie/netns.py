"""Network namespaces and the taps in them.

A tap is made inside its namespace and handed to QEMU as a file descriptor, so that its name
needs to be unique there only, its address is in place before the appliance boots, and it goes
away with the last process that holds it, however that process ends.
"""
import contextlib
import ctypes
import fcntl
import os
import struct
import subprocess

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_MULTI_QUEUE, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x0100, 0x1000, 0x4000

_libc = ctypes.CDLL(None, use_errno=True)


def ip(*words, ns=None):
    """Run ip(8), in a namespace when one is named; its complaint is the exception's text."""
    command = ["ip"] + (["-n", ns] if ns else []) + [str(w) for w in words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def _enter(fd):
    if _libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(ns):
    """This thread's new sockets, taps and child processes belong to namespace ns."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{ns}", os.O_RDONLY)
    try:
        _enter(there)
        yield
    finally:
        _enter(home)
        os.close(there)
        os.close(home)


def exists(ns):
    return os.path.exists(f"/run/netns/{ns}")


def create(ns):
    """A new namespace; one of that name left by a run that was killed is replaced."""
    if exists(ns):
        delete(ns)
    ip("netns", "add", ns)
    ip("link", "set", "lo", "up", ns=ns)
    with inside(ns):
        # No duplicate address detection: addresses work at once, and captures stay the same.
        for which in ("all", "default"):
            sysctl(f"net/ipv6/conf/{which}/accept_dad", 0)
            sysctl(f"net/ipv6/conf/{which}/router_solicitations", 0)


def delete(ns):
    with contextlib.suppress(RuntimeError):
        ip("netns", "del", ns)


def sysctl(path, value):
    with open(f"/proc/sys/{path}", "w", encoding="ascii") as file:
        file.write(str(value))


def _tap(ns, name, flags):
    with inside(ns):
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    return fd


def tap(ns, name, vnet=True):
    """A tap in namespace ns. vnet: as QEMU's -netdev tap,fd=… wants it, with a virtio header."""
    return _tap(ns, name, IFF_TAP | IFF_NO_PI | (IFF_VNET_HDR if vnet else 0))


def taps(ns, name, queues):
    """The queues of one tap, for QEMU's -netdev tap,fds=…; one queue is a tap like any other."""
    if queues == 1:
        return [tap(ns, name)]
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE
    return [_tap(ns, name, flags) for _ in range(queues)]


def address(ns, name, *addresses):
    """Give an interface its addresses and bring it up."""
    for one in addresses:
        ip("addr", "add", one, "dev", name, *(["nodad"] if ":" in one else []), ns=ns)
    ip("link", "set", name, "up", ns=ns)


def route(ns, gateway4, gateway6):
    """Default routes of a host behind the appliance."""
    ip("route", "add", "default", "via", gateway4, ns=ns)
    ip("-6", "route", "add", "default", "via", gateway6, ns=ns)
