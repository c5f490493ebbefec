"""The appliance's own iperf3 server, by the real client: all that a client may ask for, and clients that
misbehave. Each test ends with a server that takes the next one at once."""
import json
import socket
import time

import pytest

from lab import CONFIG, OWN, Lab
from test_traffic import MEGABYTE, patterned

either = pytest.mark.either
PORT = 5201
COOKIE = b"a" * 36 + b"\0"
BUSY = b"\xff"
PARAM_EXCHANGE, CREATE_STREAMS, SERVER_ERROR = b"\x09", b"\x0a", b"\xfe"


@pytest.fixture(scope="module")
def served(build, site):
    with Lab(build, CONFIG + "set service iperf3\n", bundle=site.bundle) as lab:
        yield lab
        lab.finish()


def client(lab, *words, address=OWN["lan"][0], limit=20, side="lan"):
    """A run of the real client; its JSON."""
    said = lab.run(side, "iperf3", "-J", "-c", address, *words, limit=limit)
    result = json.loads(said)
    assert "error" not in result, result["error"]
    return result


def refused(lab, *words):
    """What the real client says of an error."""
    return json.loads(lab.run("lan", "iperf3", "-J", "-c", OWN["lan"][0], *words, check=False))["error"]


def control(lab):
    """A connection of our own, as far as the cookie's answer."""
    one = lab.connect("lan", OWN["lan"][0], PORT)
    one.sendall(COOKIE)
    return one


def exactly(one, count):
    data = b""
    while len(data) < count and (piece := one.recv(count - len(data))):
        data += piece
    return data


def propose(one, text):
    """Parameters by an own control connection."""
    assert exactly(one, 1) == PARAM_EXCHANGE
    one.sendall(len(text).to_bytes(4, "big") + text)


def works(lab):
    """The server takes the next client, who gets all of its bytes through."""
    assert client(lab, "-n", "1M")["end"]["sum_sent"]["bytes"] >= MEGABYTE


def last_words_heard(lab, limit=10):
    """Until the appliance has acknowledged the end of a dead client's connections: under load that
    segment can be lost, and the client's kernel sends it again."""
    until = time.monotonic() + limit
    while lab.run("lan", "ss", "-Htn", "state", "fin-wait-1", "dport", "=", f":{PORT}"):
        assert time.monotonic() < until, "the appliance does not hear of the end"
        time.sleep(0.02)


def plausible(result, least=MEGABYTE):
    """Both sides have counted, and the receiver no more than the sender has sent."""
    end = result["end"]
    assert end["sum_sent"]["bytes"] >= end["sum_received"]["bytes"] > least
    assert end["sum_received"]["seconds"] == pytest.approx(end["sum_sent"]["seconds"], abs=0.7)


@pytest.mark.parametrize("address", OWN["lan"] + OWN["wan"])
@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["to", "from"])
def test_tcp(served, address, reverse):
    plausible(client(served, "-t", 1, *reverse, address=address))


@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["to", "from"])
def test_parallel(served, reverse):
    """Eight streams, and each of them moves."""
    result = client(served, "-t", 1, "-P", 8, *reverse)
    plausible(result)
    streams = result["end"]["streams"]
    assert len(streams) == 8
    assert all(one["receiver"]["bytes"] > 10000 for one in streams), streams


@pytest.mark.parametrize("parallel", [1, 4])
def test_both_directions(served, parallel):
    end = client(served, "-t", 1, "--bidir", "-P", parallel)["end"]
    for one in ("sum_received", "sum_received_bidir_reverse"):
        assert end[one]["bytes"] > MEGABYTE, end


@either
@pytest.mark.parametrize("words", [("-n", "5M"), ("-k", "40"), ("-n", "5M", "-R"),
                                   ("-k", "40", "-R")], ids=" ".join)
def test_amount(served, words):
    """It ends by bytes or blocks, not by time."""
    end = client(served, *words)["end"]
    least = 40 * 1000 if {"-k", "-R"} <= {*words} else 5 * 10**6  # reads count as blocks
    assert least <= end["sum_sent"]["bytes"] < 8 * MEGABYTE


@either
@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["to", "from"])
def test_rate(served, reverse):
    """A rate that was asked for is kept, within what one block and a second allow."""
    end = client(served, "-t", 2, "-b", "20M", "-l", "16K", *reverse)["end"]
    assert end["sum_sent"]["bits_per_second"] == pytest.approx(20e6, rel=0.1)
    assert end["sum_received"]["bits_per_second"] == pytest.approx(20e6, rel=0.1)


@either
@pytest.mark.parametrize("length", ["1", "1000", "128K", "1M"])
def test_block_size(served, length):
    for reverse in ((), ("-R",)):
        client(served, "-t", 1, "-l", length, *reverse)


@either
def test_omit(served):
    """What was sent in the first second does not count, on either side."""
    for reverse in ((), ("-R",)):
        end = client(served, "-O", 1, "-t", 1, "-b", "40M", *reverse)["end"]
        for side in ("sum_sent", "sum_received"):
            assert end[side]["bytes"] == pytest.approx(5e6, rel=0.25), end[side]


@either
def test_retransmits_not_invented(served):
    """This server does not know them, so the client does not show any."""
    assert "retransmits" not in client(served, "-n", "1M", "-R")["end"]["sum_sent"]


@either
def test_server_output(served):
    text = client(served, "-n", "1M", "-P", 2, "--get-server-output")["server_output_text"]
    assert "TCP, 2 streams" in text and text.count("received") == 2


@either
def test_ignored_words(served):
    """What concerns the client alone, or is unknown here, does no harm."""
    plausible(client(served, "-n", "5M", "-N", "-M", 1000, "-w", "100K", "--title", 'a "b" \\ c',
                     "--extra-data", "x" * 2000, "--repeating-payload", "-S", 16))


@either
def test_through_the_stack_whole(served):
    """Interval by interval the receiving side never stands still."""
    result = client(served, "-t", 2, "-i", "0.5", "-R")
    assert all(one["sum"]["bytes"] for one in result["intervals"])


def lossless(result, packets):
    """Every datagram was counted, in order, by both sides."""
    for one in result["end"]["streams"]:
        udp = one["udp"]
        assert udp["lost_packets"] == 0 and udp["out_of_order"] == 0, udp
        assert udp["packets"] >= packets and 0 < udp["jitter_ms"] < 100, udp


@pytest.mark.parametrize("address", OWN["lan"] + OWN["wan"])
@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["to", "from"])
def test_udp(served, address, reverse):
    """At a low rate nothing is lost, and the rate is kept."""
    result = client(served, "-u", "-t", 1, "-b", "5M", *reverse, address=address)
    lossless(result, 400)
    assert result["end"]["sum"]["bits_per_second"] == pytest.approx(5e6, rel=0.1)


@either
@pytest.mark.parametrize("words", [("-P", 4), ("--udp-counters-64bit",), ("-l", 16), ("-l", 9000),
                                   ("-l", 65507), ("-n", "500K"), ("-k", 50), ("-O", 1)],
                         ids=lambda words: " ".join(map(str, words)))
@pytest.mark.parametrize("reverse", [(), ("-R",)], ids=["to", "from"])
def test_udp_kinds(served, words, reverse):
    rate = "100K" if 16 in words else "5M"
    end = () if {"-n", "-k"} & {*words} else ("-t", 1)
    lossless(client(served, "-u", "-b", rate, *words, *end, *reverse), 5)


@either
def test_udp_both_directions(served):
    end = client(served, "-u", "-t", 1, "-b", "5M", "--bidir", "-P", 2)["end"]
    assert [one["udp"]["lost_packets"] for one in end["streams"]] == [0] * 4
    assert end["sum"]["bytes"] > 500000 and end["sum_bidir_reverse"]["bytes"] > 500000


def test_udp_at_full_rate(served):
    """More than can be taken is lost and counted; the control connection and the next test live."""
    before = served.appliance.counters()
    udp = client(served, "-u", "-t", 1, "-b", 0)["end"]["sum"]
    after = served.appliance.counters()
    assert udp["packets"] > 10000
    came = ("iperf3", "", "datagrams.in")
    assert after[came] - before[came] == pytest.approx(udp["packets"] - udp["lost_packets"], rel=.1)
    client(served, "-u", "-t", 1, "-b", 0, "-R")
    works(served)


@either
def test_udp_server_output(served):
    words = ("-u", "-n", "100K", "-b", "5M", "--get-server-output")
    assert "lost 0 of " in client(served, *words)["server_output_text"]


@either
def test_udp_strangers(served):
    """Datagrams of others neither join a test nor count; without a test the port is closed."""
    with served.socket("lan", socket.AF_INET, socket.SOCK_DGRAM) as stranger, \
            control(served) as one:
        stranger.connect((OWN["lan"][0], PORT))
        with pytest.raises(ConnectionRefusedError):
            stranger.send(b"9876")
            stranger.recv(10)
        propose(one, b'{"udp":true,"time":1,"parallel":1,"len":1000}')
        assert exactly(one, 1) == CREATE_STREAMS
        for data in (b"", b"987", b"98765", b"\0" * 1400, patterned(30000)):
            stranger.send(data)
        stranger.send(b"9876")
        assert stranger.recv(10) == b"6789"
        stranger.send(b"9876")  # again, as if the answer had been lost
        assert exactly(one, 2) == b"\x01\x02"
        with served.socket("far", socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"\0" * 1000, (OWN["lan"][0], PORT))
        stranger.send(b"\0" * 11 + b"\1" + bytes(988))
        stranger.send(b"\0" * 11)
        stranger.send(b"")
        one.sendall(b"\x0c")
        with pytest.raises(ConnectionResetError):
            one.recv(1)
    works(served)


@either
def test_second_client_is_told(served):
    with control(served) as first:
        assert exactly(first, 1) == PARAM_EXCHANGE
        with control(served) as second:
            assert exactly(second, 2) == BUSY
        assert "busy" in refused(served, "-n", "1M")
    works(served)


@either
def test_stranger_among_the_streams(served):
    """A connection without the client's cookie is turned away, and the test goes on."""
    with control(served) as first:
        propose(first, b'{"tcp":true,"time":1,"parallel":1,"len":1000}')
        assert exactly(first, 1) == CREATE_STREAMS
        with served.connect("lan", OWN["lan"][0], PORT) as stranger:
            stranger.sendall(b"b" * 37)
            assert exactly(stranger, 2) == BUSY
        with served.connect("lan", OWN["lan"][0], PORT) as stream:
            for byte in COOKIE:
                stream.sendall(bytes([byte]))
            assert exactly(first, 2) == b"\x01\x02"
            stream.sendall(patterned(100000))
            time.sleep(0.2)
            first.sendall(b"\x04")
            assert exactly(first, 1) == b"\x0d"
            mine = b'{"anything":1}'
            first.sendall(len(mine).to_bytes(4, "big") + mine)
            results = json.loads(exactly(first, int.from_bytes(exactly(first, 4), "big")))
            assert results["streams"][0]["bytes"] == 100000
            assert exactly(first, 1) == b"\x0e"
            first.sendall(b"\x10")
            assert exactly(first, 1) == b""
    works(served)


@either
@pytest.mark.parametrize("text", [
    b"{", b"[]", b"{}", b'"tcp"', b'{"tcp":true', b'{"tcp":true,"parallel":0}',
    b'{"tcp":true,"parallel":129}', b'{"tcp":true,"len":1e300}', b'{"tcp":true,"time":1e7}',
    b'{"sctp":true}', b'{"udp":true,"len":1000000}', b"{" * 8000, b'{"a":' * 1000,
    b"\0" * 100, patterned(8192)], ids=range(15))
def test_bad_parameters(served, text):
    """An error with its number, and the end; no waiting."""
    with control(served) as one:
        propose(one, text)
        said = exactly(one, 10)
        assert said[:1] == SERVER_ERROR and len(said) == 9
        assert 0 < int.from_bytes(said[1:5], "big") < 200
    works(served)


@either
@pytest.mark.parametrize("data", [b"\0" * 200, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
                                  COOKIE + b"\xff" * 4, COOKIE + b"\0" * 4], ids=range(4))
def test_garbage(served, data):
    """Bytes of anything else end the connection, and nothing more."""
    with served.connect("lan", OWN["lan"][0], PORT) as one:
        one.sendall(data)
        try:
            while one.recv(100):
                pass
        except ConnectionResetError:
            pass
    works(served)


@either
@pytest.mark.parametrize("state", range(0, 256, 5))
def test_states_out_of_place(served, state):
    with control(served) as one:
        propose(one, b'{"tcp":true,"time":1,"parallel":1,"len":1000}')
        assert exactly(one, 1) == CREATE_STREAMS
        one.sendall(bytes([state]))
        with pytest.raises((ConnectionResetError, EOFError)):
            if not one.recv(100):
                raise EOFError


@pytest.mark.parametrize("words", [(), ("-R",), ("--bidir", "-P", "4"), ("-u", "-b", "20M"),
                                   ("-u", "-b", "20M", "-R")], ids=" ".join)
@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_client_that_dies(served, words, how):
    """Interrupted, or killed in the middle of the test: the next client is served at once."""
    with served.background("lan", "iperf3", "-c", OWN["lan"][0], "-t", 20, "-i", "0.2",
                           "--forceflush", *words) as process:
        while "sec" not in process.stdout.readline():
            assert process.poll() is None
        getattr(process, how)()
        process.wait(5)
    last_words_heard(served)
    works(served)


@either
def test_one_after_the_other(served):
    for _ in range(10):
        works(served)


@either
def test_silent_client(served):
    """Half a cookie holds the server for its time limit, not for ever."""
    with served.connect("lan", OWN["lan"][0], PORT, limit=20) as one:
        one.sendall(COOKIE[:20])
        with pytest.raises(ConnectionResetError):
            one.recv(1)
        works(served)
