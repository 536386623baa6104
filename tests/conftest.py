"""All tests: the fast checks run first, real browsers and whole lessons last."""

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.scheduler import Scheduling

# Before torch is imported: tiny models, and several workers share the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")

STATIC = ("test_static", "test_architecture", "test_house")
EXECUTING = ("test_notebooks", "test_homework")
collect_ignore_glob = ["homework/hw*.py"]  # answers, not tests


def rank(item: pytest.Item) -> int:
    """0 static checks, 1 unit tests, 2 doctests, 3 browsers, 4 slow or notebooks."""
    if item.get_closest_marker("browser"):
        return 3
    slow = item.get_closest_marker("slow")
    if slow or item.path.suffix == ".ipynb" or item.path.stem in EXECUTING:
        return 4
    if isinstance(item, pytest.DoctestItem):
        return 2
    return 0 if item.path.stem in STATIC else 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]
    """With several workers, one of them runs all browser tests, from the start.

    Every other test goes to whichever worker is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "Scheduling":
    return OneBrowser(config, log)
