"""All tests: the fast checks run first, then browsers, lessons and what is slow.

`-m quick` ends in about a minute; `--all` adds the tests that repeat at length
what others prove by a sample or by a seal.
"""

import os
from pathlib import Path
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
# Kernels, programs by the dozen, training, other libraries: not in the first minute.
NOT_QUICK = (
    *("test_build", "test_cli", "test_cli_chat", "test_cli_generate", "test_start"),
    *("test_homework_author", "test_homework_fair", "test_homework_forbid"),
    *("test_homework_grade", "test_homework_sandbox", "test_homework_student"),
    *("test_browser_answers", "test_browser_gpt", "test_browser_talk"),
    *("test_page", "test_pages", "test_parallel", "test_snapshots"),
    *("test_homework_compare", "test_homework_files", "test_homework_regrade"),
    *("test_homework_submit", "test_gradebook", "test_gradebook_exports"),
    *("test_gradebook_serve", "test_cloud", "test_installed"),
    *("test_llama", "test_pretrained", "test_preferences_policy", "test_presets"),
    *("test_assistant_pipeline", "test_train_gpt", "test_train_resume", "test_plots"),
)
TOGETHER = (
    *("tests/browser/", "tests/site/", "tests/classroom/test_homework_hostile.py"),
    "tests/engine/test_parallel.py",
)
collect_ignore_glob = ["homework/hw*.py"]  # answers, not tests


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all",
        action="store_true",
        help="the thorough tests, too: each homework's gate, each lesson in a browser",
    )


def rank(item: pytest.Item) -> int:
    """0 static, 1 unit tests, 2 doctests, 3 browsers, 4 whole lessons, 5 slow ones."""
    if item.get_closest_marker("browser"):
        return 3
    if item.get_closest_marker("slow"):
        return 4 if item.path.stem == "test_notebooks" else 5  # the longest first
    if isinstance(item, pytest.DoctestItem):
        return 2
    return 0 if item.path.stem in STATIC else 1


def pytest_ignore_collect(
    collection_path: Path, config: pytest.Config
) -> "bool | None":
    """With `-m quick`, spare each worker the files that have nothing quick."""
    slow = collection_path.stem in NOT_QUICK or collection_path.name in (
        "browser",
        "site",
    )
    return True if config.option.markexpr == "quick" and slow else None


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Sort by rank, mark what is quick, and leave what is thorough to `--all`."""
    left = [] if config.getoption("all") else [x for x in items if is_thorough(x)]
    items[:] = sorted((x for x in items if x not in left), key=rank)
    config.hook.pytest_deselected(items=left)
    for item in items:
        if rank(item) < 3 and item.path.stem not in NOT_QUICK:
            item.add_marker("quick")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say in one line why a test of the real model is skipped."""
    if item.get_closest_marker("model"):
        from course_lib.engine.smollm import COMMAND, is_here

        if not is_here():
            pytest.skip(f"the real model was not fetched: {COMMAND}")


def is_thorough(item: pytest.Item) -> bool:
    return item.get_closest_marker("thorough") is not None


class InOrder(LoadScopeScheduling):  # type: ignore[misc]
    """Several workers take the tests in their order, each the next one.

    What stands in `TOGETHER` is one such test: one worker has the browser, one the
    hostile answers, which it runs two at a time, and one the processes that train
    together, which it forks off one of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((x for x in TOGETHER if nodeid.startswith(x)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "Scheduling":
    config.option.loadscopereorder = False
    return InOrder(config, log)
