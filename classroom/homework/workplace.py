"""The folder and the environment in which a homework runs: the same everywhere.

`notebooks/homework` is the working directory, and the files that the homework needs lie
where they lie in the course; nothing else is there.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from classroom.lessons import ROOT

HERE = Path("notebooks", "homework")
PINNED = {
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
    "CUDA_VISIBLE_DEVICES": "",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "IPYKERNEL_NO_TCP_WARNING": "1",
}
UNWANTED = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    "PYTEST_ADDOPTS",
)


def set_out(folder: Path, needs: Sequence[str]) -> Path:
    """Lay the needed files out in `folder`; returns the working directory.

    Raises:
        ValueError: a needed file is missing, or its name leaves the course.
    """
    for name in needs:
        source = ROOT / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise ValueError(f"# NEEDS {name}: name files inside the course")
        if not source.is_file():
            raise ValueError(f"the homework needs {name}, which is missing")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    place = folder / HERE
    place.mkdir(parents=True, exist_ok=True)
    return place


def quiet_environment() -> dict[str, str]:
    """This process's environment, with all that changes an output pinned."""
    names = set(os.environ) - set(UNWANTED)  # another thread may take one away
    kept = {name: os.environ.get(name, "") for name in sorted(names)}
    return kept | PINNED
