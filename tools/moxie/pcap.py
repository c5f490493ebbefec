"""Classic pcap files of Ethernet: read with either byte order and precision, written with micro- or
nanoseconds.

A packet is (ns since 1970, bytes).
"""
import struct

ETHERNET = 1
MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D


def write(path, packets, nano=False):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", NANO if nano else MICRO, 2, 4, 0, 0, 65550, ETHERNET))
        for when, data in packets:
            seconds, rest = divmod(when, 10**9)
            file.write(struct.pack("<IIII", seconds, rest if nano else rest // 1000, len(data),
                                   len(data)) + data)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    order = next((one for one in "<>" if data[:4] in (struct.pack(f"{one}I", magic)
                                                      for magic in (MICRO, NANO))), None)
    if order is None or len(data) < 24:
        raise ValueError(f"{path}: not a classic pcap file")
    unit = 1 if struct.unpack_from(f"{order}I", data)[0] == NANO else 1000
    packets, at = [], 24
    while at < len(data):
        seconds, rest, size, _ = struct.unpack_from(f"{order}IIII", data, at)
        packets.append((seconds * 10**9 + rest * unit, data[at + 16:at + 16 + size]))
        at += 16 + size
    return packets
