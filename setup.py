"""What pyproject.toml cannot say: data files belong to an editable install too."""

from setuptools import Distribution, setup


class WithData(Distribution):
    """`pip install -e` asks for data files by this name, which setuptools lacks."""

    has_data = Distribution.has_data_files


setup(distclass=WithData)
