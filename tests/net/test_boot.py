"""Boots that are not as usual: each says clearly what is missing, and works where it can."""
import shutil
import subprocess
import tempfile

import pytest

from lab import CONFIG, OWN, Lab
from moxie.appliance import Appliance
from moxie.ports import Sink
from test_http import GET, answer, fetch, status


@pytest.fixture
def boot(build):
    """Boot without a network, or with what the words say; ended after the test."""
    machines = []

    def start(**words):
        machines.append(Appliance(build, **words))
        return machines[-1]
    yield start
    for machine in machines:
        machine.kill()


def test_missing_bundle(boot):
    boot(bundle=None).expect(r"no bundle: give one to the loader|bundle\.cpio: Not Found")


@pytest.mark.parametrize("keep", [0, 100, 5000, 0.5, 0.99])
def test_truncated_bundle(boot, site, scratch, keep):
    """Cut anywhere, the bundle gives a message that says so, and no domain faults on it."""
    whole = site.bundle.read_bytes()
    cut = scratch / "cut.cpio"
    cut.write_bytes(whole[:keep if isinstance(keep, int) else int(len(whole) * keep)])
    machine = boot(bundle=cut)
    machine.expect(r"no bundle|bundle is truncated|bundle\.cpio: is empty")
    assert "fault" not in machine.heard, machine.report()


def test_missing_image(boot, build, site, scratch):
    """A bundle without one image names it."""
    out = scratch / "no-router.cpio"
    images = [str(image) for image in sorted((build / "domains").glob("*.elf"))
              if image.name != "router.elf"]
    subprocess.run([site.root / "tools" / "bundle", out, site.folder,
                    site.root / "config" / "appliance.conf", *images], check=True)
    # Two ports, so that a router is wanted.
    machine = boot(bundle=out, plugs=[Sink(), Sink()])
    machine.expect(r"^moxie: .*router\.elf")


def bundle_with(build, site, out, images):
    """A bundle of the site and {name in domains/: file of the build}."""
    with tempfile.TemporaryDirectory(dir=build) as folder:
        for name, image in images.items():
            shutil.copy(build / "domains" / image, f"{folder}/{name}")
        subprocess.run([site.root / "tools" / "bundle", out, site.folder,
                        site.root / "config" / "appliance.conf",
                        *(f"{folder}/{name}" for name in images)], check=True)
    return out


USUAL = ("init", "console", "virtio-net", "router", "stack", "httpd")


def test_another_image(build, site, scratch):
    """`image` runs another file of the bundle in a domain's place; the usual one is not needed."""
    images = {f"{name}.elf": f"{name}.elf" for name in USUAL}
    images["twin-1.elf"] = images.pop("httpd.elf")
    bundle = bundle_with(build, site, scratch / "twin.cpio", images)
    with Lab(build, CONFIG + "set system domain httpd image twin-1\n", bundle=bundle) as lab:
        assert status(answer(lab, GET)) == [200]
        lab.finish()


@pytest.mark.parametrize("domain", ["eth1", "stack", "console"])
def test_image_that_is_missing(build, site, domain):
    """Nothing is forwarded, and the usual console says why."""
    config = CONFIG + f"set system domain {domain} image nosuch\n"
    with Lab(build, config, bundle=site.bundle, wait=False) as lab:
        lab.appliance.expect(rf"^moxie: {domain}: the bundle has no domains/nosuch\.elf\n"
                             r"(.*\n)*moxie: start refused, nothing is forwarded")
        assert lab.ping("lan", OWN["lan"][0]) == 0
        lab.appliance.poweroff()


def test_no_port(boot, site):
    """Nothing to do, but the console answers and power-off works."""
    machine = boot(bundle=site.bundle)
    machine.expect(r"^moxie: no network port found")
    machine.command("help", r"poweroff")
    machine.poweroff()


REFUSED = """\
# line 1 is fine
set system host-name moxie
set system hostname moxie
set interfaces ethernet eth0 address 10.0.1.1/33
set interfaces ethernet eth0 address 10.0.1.1/24
set protocols static route 10.9.0.1/16 next-hop 10.0.1.9
set service http port 0
nonsense
"""


def test_refused_config(build, site):
    """Every error is told with line, word and reason; nothing answers, nothing is forwarded."""
    with Lab(build, REFUSED, bundle=site.bundle, wait=False) as lab:
        lab.appliance.expect(r"^moxie: configuration refused, nothing is forwarded")
        for line, word in ((3, "hostname"), (4, "10.0.1.1/33"), (6, "10.9.0.1/16"), (7, "0"),
                           (8, "nonsense")):
            assert f"config:{line}: '{word}': " in lab.appliance.heard, lab.appliance.report()
        assert "config:2:" not in lab.appliance.heard
        assert "config:5:" not in lab.appliance.heard
        assert lab.ping("lan", OWN["lan"][0]) == 0
        assert lab.ping("lan", "10.0.2.2") == 0
        lab.appliance.command("help", r"poweroff")
        lab.appliance.poweroff()


@pytest.mark.parametrize("text", [
    bytes(range(256)) * 64, b"\0" * 4096, b"set " * 20000, b"\xff\xfe\xfd", b"'" * 999,
], ids=["all bytes", "zeros", "one long line", "not text", "quotes"])
def test_garbage_config(build, site, text):
    with Lab(build, text, bundle=site.bundle, wait=False) as lab:
        lab.appliance.expect(r"^moxie: configuration refused, nothing is forwarded")
        assert "config:1: " in lab.appliance.heard
        lab.appliance.poweroff()


def test_one_port(build, site):
    """One port: a web server without a router, by the configuration for two."""
    with Lab(build, CONFIG, ports=("lan",), bundle=site.bundle) as lab:
        assert "eth1" in lab.appliance.heard  # it says that this port is not there
        assert lab.ping("lan", OWN["lan"][0], 3) == 3
        assert lab.ping("lan", OWN["lan"][1], 3) == 3
        assert status(answer(lab, GET * 10)) == [200] * 10
        assert fetch(lab, "lan", "http://10.0.1.1/10m.bin") == site.sha256("10m.bin")
        assert fetch(lab, "lan", "http://[fd00:1::1]/100k.bin") == site.sha256("100k.bin")
        lab.finish()


def test_eight_ports(build, site):
    """A router with eight ports forwards from each to the next."""
    sides = [f"net{n}" for n in range(8)]
    config = "".join(f"set interfaces ethernet eth{n} address 10.0.{100 + n}.1/24\n"
                     f"set interfaces ethernet eth{n} address fd00:{100 + n}::1/64\n"
                     for n in range(8))
    with Lab(build, config, ports=sides, bundle=site.bundle) as lab:
        for n, side in enumerate(sides):
            far = 100 + (n + 1) % 8
            assert lab.ping(side, f"10.0.{far}.2", 2) == 2
            assert lab.ping(side, f"fd00:{far}::2", 2) == 2
        lab.finish()


@pytest.mark.parametrize("words", [
    {"mem": 64}, pytest.param({"mem": 32}, marks=pytest.mark.small),
    pytest.param({"cpu": "qemu64"}, marks=pytest.mark.machine)], ids=str)
def test_plain_machine(build, words):
    """The bundle that `make` builds, in modest memory or on a plain processor: all services."""
    with Lab(build, **words) as lab:
        assert lab.ping("lan", "10.0.2.2", 3) == 3
        assert lab.ping("lan", "fd00:2::2", 3) == 3
        assert status(answer(lab, GET)) == [200]
        lab.finish()


@pytest.mark.small
@pytest.mark.parametrize("words", [{"mem": 16}, {"mem": 24, "cores": 4}], ids=str)
def test_small_machine(build, words):
    """In very little memory it routes, and either serves or says that it does not."""
    with Lab(build, **words) as lab:
        assert lab.ping("lan", "10.0.2.2", 3) == 3
        assert lab.ping("lan", "fd00:2::2", 3) == 3
        if "the stack is left out" in lab.appliance.heard:
            assert "not enough memory for stack" in lab.appliance.heard
        else:
            assert status(answer(lab, GET)) == [200]
        lab.finish()


def test_bundled_config(build, site):
    """Without fw_cfg the bundle's configuration is used."""
    with Lab(build, None, bundle=site.bundle) as lab:
        assert lab.ping("lan", "10.0.2.2", 3) == 3
        lab.finish()


def test_fault_free(lab):
    """After all: no domain has ended and no executive complained."""
    assert "panic" not in lab.appliance.heard and " ended: " not in lab.appliance.heard


def test_unknown_command(lab):
    """The console refuses what it does not know and goes on."""
    lab.appliance.command("open sesame", r"open")
    lab.appliance.command("show domains", r"^.*router.*$")


def test_counters(lab):
    """Counters name their domain; the router has forwarded something by now."""
    lab.ping("lan", "10.0.2.2", 3)
    counters = lab.appliance.counters()
    assert {"router", "stack"} <= {domain for domain, _, _ in counters}
    assert any(value for (domain, _, _), value in counters.items() if domain == "router")
