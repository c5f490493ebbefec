"""tools/bundle: what a user's folder becomes. It boots nothing."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config" / "appliance.conf"


def pack(out, folder, config=CONFIG):
    return subprocess.run([ROOT / "tools" / "bundle", out, folder, config], text=True,
                          capture_output=True, timeout=60)


def unpack(bundle, folder):
    folder.mkdir()
    subprocess.run(["cpio", "-idm", "--quiet"], stdin=open(bundle, "rb"), cwd=folder, check=True,
                   timeout=60)
    return folder


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "my site"
    (folder / "sub folder" / "deep").mkdir(parents=True)
    (folder / "sub folder" / "deep" / "a b.txt").write_text("text")
    (folder / "-n").write_text("a name like an option")
    (folder / "\u00e9.bin").write_bytes(bytes(range(256)))
    (folder / "empty").touch()
    return folder


def test_takes_a_folder_as_it_is(site, tmp_path):
    (site / "link.txt").symlink_to("sub folder/deep/a b.txt")
    assert pack(tmp_path / "b.cpio", site).returncode == 0
    www = unpack(tmp_path / "b.cpio", tmp_path / "out") / "www"
    names = sorted(str(p.relative_to(www)) for p in www.rglob("*") if p.is_file())
    assert names == sorted(["-n", "empty", "link.txt", "sub folder/deep/a b.txt", "\u00e9.bin"])
    assert (www / "link.txt").read_text() == "text" and not (www / "link.txt").is_symlink()
    assert (www / "\u00e9.bin").read_bytes() == bytes(range(256))
    assert (tmp_path / "out/config/appliance.conf").read_bytes() == CONFIG.read_bytes()


def test_names_what_it_leaves_out(site, tmp_path):
    os.mkfifo(site / "pipe")
    (site / "broken").symlink_to("nowhere")
    (site / "loop").symlink_to(".")
    done = pack(tmp_path / "b.cpio", site)
    assert done.returncode == 0, done.stderr
    assert "pipe: neither file nor folder, left out" in done.stderr
    assert "broken: neither file nor folder, left out" in done.stderr
    www = unpack(tmp_path / "b.cpio", tmp_path / "out") / "www"
    assert not (www / "pipe").exists() and (www / "empty").exists()


def test_same_content_same_archive(site, tmp_path):
    pack(tmp_path / "1.cpio", site)
    pack(tmp_path / "2.cpio", site)
    assert (tmp_path / "1.cpio").read_bytes() == (tmp_path / "2.cpio").read_bytes()


def test_size_limit(site, tmp_path):
    os.truncate(site / "empty", 64 << 20)
    assert pack(tmp_path / "b.cpio", site).returncode == 0
    os.truncate(site / "empty", (64 << 20) + 1)
    (tmp_path / "b.cpio").unlink()
    done = pack(tmp_path / "b.cpio", site)
    assert done.returncode != 0 and "larger than 64 MiB" in done.stderr and "empty" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["my site"], "nothing half-made is left"


def test_missing_inputs_are_named(site, tmp_path):
    assert "nosuch: no such folder" in pack(tmp_path / "b", tmp_path / "nosuch").stderr
    assert "nosuch: no such file" in pack(tmp_path / "b", site, tmp_path / "nosuch").stderr
