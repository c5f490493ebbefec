"""Downloads from the stack with segmenting and checksums left to the port, and with the client's own
offloads on and off, behind the router and without one."""
import pytest

import site_files
from conftest import ROOT
from lab import CONFIG, Lab
from test_http import fetch
from test_traffic import patterned

URLS = {"v4": "http://10.0.1.1/", "v6": "http://[fd00:1::1]/"}
OFFLOADS = ("tx", "rx", "tso", "gso", "gro")
ALONE = "".join(line + "\n" for line in CONFIG.splitlines()
                if "eth1" not in line and "protocols" not in line)
COMPOSITIONS = {"router": {}, "httpd": {"ports": ("lan",), "config": ALONE}}


@pytest.fixture(scope="module")
def big_site(build, scratch):
    """The site with a file of 60 MB: more than any window or queue holds."""
    folder = scratch / "big"
    folder.mkdir(exist_ok=True)
    return site_files.Site(ROOT, build, folder, {"60m.bin": patterned(60 << 20)})


@pytest.fixture(scope="module", params=COMPOSITIONS)
def server(request, build, big_site):
    with Lab(build, bundle=big_site.bundle, mem=192, **COMPOSITIONS[request.param]) as one:
        yield one
        one.finish()


@pytest.mark.parametrize("family", URLS)
@pytest.mark.parametrize("offload", ["on", "off"])
@pytest.mark.timeout(120)
def test_big_download(server, big_site, family, offload):
    words = [word for name in OFFLOADS for word in (name, offload)]
    server.run("lan", "ethtool", "-K", "lan0", *words, check=False)
    for name in ("10m.bin", "60m.bin"):
        assert fetch(server, "lan", URLS[family] + name, limit=60) == big_site.sha256(name)


def test_merged(server, big_site):
    """Most segments of a large file have left as one packet that the port cuts."""
    fetch(server, "lan", URLS["v4"] + "10m.bin")
    counters = server.appliance.counters()
    large, sent = (counters[("stack", "", name)] for name in ("out.large", "tcp.out"))
    assert large > sent / 2, counters
