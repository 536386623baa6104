"""Print constraints.txt anew from the versions installed here, after a tested run.

    python .ci/constraints.py > constraints.txt

Only what pyproject.toml pulls in, with its test extra, is listed.
"""

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "# One tested set of versions for Python 3.11 to 3.14; the allowed ranges stand\n"
    "# in pyproject.toml. Made by .ci/constraints.py after a run of all tests.\n"
)


def project_requirements() -> list[Requirement]:
    """What pyproject.toml asks for, the test extra and the build backend included."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = table["project"]
    extra = project["optional-dependencies"]["test"]
    lines = [*project["dependencies"], *extra, *table["build-system"]["requires"]]
    return [Requirement(line) for line in lines]


def installed_closure(requirements: list[Requirement]) -> dict[str, str]:
    """Name -> version of all that the requirements pull in on this machine."""
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    todo = [(r, extra) for r in requirements for extra in ("", *r.extras)]
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError:
            continue  # optional on this machine: its range in pyproject still holds
        versions[name] = found.version.partition("+")[0]
        for line in found.requires or []:
            child = Requirement(line)
            if child.marker is None or child.marker.evaluate({"extra": extra}):
                todo += [(child, e) for e in ("", *child.extras)]
    return versions


def main() -> None:
    """Print the file."""
    versions = installed_closure(project_requirements())
    pins = [f"{name}=={version}" for name, version in sorted(versions.items())]
    print(HEADER + "\n".join(pins))


if __name__ == "__main__":
    main()
