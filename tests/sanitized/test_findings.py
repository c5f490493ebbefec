"""A planted mistake of each kind is found, named and ends the program with a status of its own."""
import subprocess

import pytest

from moxie import native

FOUND = 99  # exit status, see executive/linux/sanitized/host/runtime.c

MISTAKES = (
    ("asan", "static", "global-buffer-overflow", "beyond_static"),
    ("asan", "stack", "stack-buffer-overflow", "beyond_stack"),
    ("asan", "overflow", "signed integer overflow", "culprit.c"),
    ("asan", "late", "use-after-poison", "touch"),
    ("asan", "late", "nobody has it, init had it before", "moxie-linux: frame"),
    ("tsan", "race", "data race", "send_badly"),
)


def run(build, kind, word, tmp_path):
    """The first domain of the bundle reads that word as the configuration."""
    folder = build / f"linux-{kind}"
    (tmp_path / "word").write_text(word)
    return subprocess.run(native.command(folder, bundle=folder / "culprit.cpio", config=tmp_path / "word"),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=40, check=False)


@pytest.mark.parametrize("kind, word, what, where", MISTAKES)
def test_found(build, tmp_path, kind, word, what, where):
    done = run(build, kind, word, tmp_path)
    assert done.returncode == FOUND, done.stderr
    assert what in done.stderr and where in done.stderr


@pytest.mark.parametrize("kind", ("asan", "tsan"))
def test_nothing_to_find(build, tmp_path, kind):
    """The same domain without a mistake: a frame in its time, a thousand messages between cores."""
    done = run(build, kind, "nothing", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
