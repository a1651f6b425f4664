"""Build: the data and the notebooks travel inside the wheel, under fpp_analysis/_shipped."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("data", "notebooks")
LEFT_OUT = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", ".*")


class BuildWithData(build_py):
    """An ordinary build, then the shipped folders; an editable install uses the checkout's."""

    def run(self) -> None:
        """Copy after the modules, so that the target folder exists."""
        super().run()
        if self.editable_mode:
            return
        for name in SHIPPED:
            if Path(name).is_dir():
                target = Path(self.build_lib, "fpp_analysis", "_shipped", name)
                shutil.copytree(name, target, ignore=LEFT_OUT, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithData})
