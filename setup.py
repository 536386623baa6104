"""What pyproject.toml cannot say: what a wheel holds, and data files if editable.

A wheel holds what students get (`course release`) as it lies here: one folder with the
packages, the notebooks and the data side by side. A line in a `.pth` file beside it
makes Python look for packages there.
"""

import shutil
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
FOLDER = "from_logits_to_gpt"

sys.path.insert(0, str(ROOT))
from classroom.released import installed_files, released_files  # noqa: E402


class WithData(Distribution):
    """`pip install -e` asks for data files by this name, which setuptools lacks."""

    has_data = Distribution.has_data_files


class OneFolder(build_py):
    """The course in one folder; an editable install leaves it where it is."""

    def run(self) -> None:
        """Fill the folder from which the wheel is packed."""
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)
        for path in installed_files(ROOT):
            place = Path(self.build_lib, FOLDER, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, place)
        Path(self.build_lib, f"{FOLDER}.pth").write_text(f"{FOLDER}\n", "utf-8")

    def get_source_files(self) -> list[str]:
        """What an archive of the source has to hold."""
        return [path.as_posix() for path in released_files(ROOT)]


setup(distclass=WithData, cmdclass={"build_py": OneFolder})
