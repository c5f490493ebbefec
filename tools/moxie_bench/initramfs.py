"""Debian's kernel and an initramfs around it: the guest that the appliance is compared with.

The kernel and nginx come from Debian's packages, downloaded and unpacked under the build folder:
nothing is installed on the host. The other programs and all libraries are the host's own.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
KERNEL = "linux-image-cloud-amd64"
PROGRAMS = ("/usr/bin/iperf3", "/usr/sbin/ethtool")
MODULES = ("virtio_pci", "virtio_net")
FOLDERS = ("bin", "dev", "etc", "lib64", "modules", "proc", "run", "sys", "tmp", "usr", "www",
           "var/log/nginx", "var/lib/nginx")


def _run(*words, **more):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True,
                          timeout=300, **more).stdout


def _package(name, folder):
    """The package's files, in a folder of its own."""
    there = folder / name
    if not there.exists():
        debs = folder / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        _run("apt-get", "-o", "APT::Sandbox::User=root", "download", name, cwd=debs)
        deb = max(debs.glob(f"{name}_*.deb"), key=os.path.getmtime)
        _run("dpkg-deb", "-x", deb, f"{there}.part")
        os.rename(f"{there}.part", there)
    return there


def _kernel(folder):
    """The package that the meta-package stands for now."""
    text = _run("apt-cache", "depends", "--important", KERNEL)
    return _package(re.search(r"Depends: (linux-image-\S+)", text)[1], folder)


def _libraries(program):
    """Paths that the loader will look for, its own included."""
    text = _run("ldd", program)
    missing = re.findall(r"(\S+) => not found", text)
    if missing:
        raise RuntimeError(f"{program} needs {', '.join(missing)}: please install their packages")
    return re.findall(r"(/\S+) \(0x", text)


def _place(root, source, target):
    to = root / str(target).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, to)


def _place_modules(root, kernel):
    """The modules in an order in which each finds what it depends on."""
    top = next((kernel / "lib" / "modules").iterdir())
    if not (top / "modules.dep").exists():
        _run("depmod", "-b", kernel, top.name)
    needs = {}
    for line in (top / "modules.dep").read_text().splitlines():
        path, _, others = line.partition(":")
        needs[Path(path).name.split(".ko")[0]] = [path, *others.split()]
    order = []
    for module in MODULES:
        for path in reversed(needs[module]):
            if Path(path).name not in order:
                order.append(Path(path).name)
                _place(root, top / path, f"modules/{Path(path).name}")
    (root / "modules" / "order").write_text("\n".join(order) + "\n")


def _fill(root, kernel, nginx, site):
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    _place(root, "/bin/busybox", "bin/busybox")
    _place(root, HERE / "linux.init", "init")
    (root / "init").chmod(0o755)
    _place(root, HERE / "nginx.conf", "etc/nginx.conf")
    (root / "etc" / "mime.types").write_text("types { }\n")
    (root / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\n")
    for source in (*PROGRAMS, nginx / "usr" / "sbin" / "nginx"):
        _place(root, source, f"bin/{Path(source).name}")
        for library in _libraries(source):
            _place(root, library, library)
    _place_modules(root, kernel)
    shutil.copytree(site, root / "www", dirs_exist_ok=True)


def build(folder, site):
    """(kernel, initramfs), made anew: it takes a second once the packages are there."""
    kernel, nginx = _kernel(folder), _package("nginx", folder)
    root, archive = folder / "root", folder / "linux.cpio"
    shutil.rmtree(root, ignore_errors=True)
    _fill(root, kernel, nginx, site)
    with open(archive, "wb") as out:
        names = subprocess.run(["find", ".", "-mindepth", "1", "-print0"], cwd=root, check=True,
                               capture_output=True).stdout
        subprocess.run(["cpio", "-0", "-o", "-H", "newc", "-R", "0:0", "--quiet"], cwd=root,
                       check=True, input=names, stdout=out)
    return next((kernel / "boot").glob("vmlinuz-*")), archive
