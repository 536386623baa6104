"""All tests: the fast checks run first, real browsers and whole lessons last."""

import pytest
from hypothesis import settings

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
