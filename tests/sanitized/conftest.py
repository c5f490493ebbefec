"""Fixtures: the builds that tools/test made for the sanitizers, and the ordinary one for valgrind."""
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


def pytest_addoption(parser):
    parser.addoption("--build", default=str(ROOT / "build"), help="folder of the ordinary build")


@pytest.fixture(scope="session")
def build(request):
    return Path(request.config.getoption("--build"))
