"""`fpp lab`: the notebooks in JupyterLab, with books found as on the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import click

from fpp_analysis.commands.options import asked
from fpp_analysis.errors import ConfigurationError, InputError

QUIET = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'
"""JupyterLab's settings without the question about news and newer versions."""


@asked("lab")
def command(given: tuple[str, ...]) -> None:
    """Open the notebooks of DIR (notebooks) in JupyterLab; `fpp init --notebooks DIR` makes it.

    Options go to JupyterLab. A relative book in a notebook counts from the folder in which
    this command was started, as it does for every other command.
    """
    from fpp_analysis.sources import STARTED

    named = bool(given) and not given[0].startswith("-")
    folder = Path(given[0] if named else "notebooks")
    if not find_spec("jupyterlab"):
        raise ConfigurationError(
            "JupyterLab is not installed beside fpp (in an environment of its own: "
            "pip install 'fpp_analysis[lab]'; in a clone: make lab)"
        )
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder (fpp init --notebooks {folder})")
    root = folder.resolve().parent
    line = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    line += [f"--LabApp.default_url=/lab/tree/{quote(folder.resolve().name)}", *given[named:]]
    with TemporaryDirectory() as config:
        (Path(config) / "labconfig").mkdir()
        (Path(config) / "labconfig" / "page_config.json").write_text(QUIET, encoding="utf-8")
        paths = filter(None, (config, os.environ.get("JUPYTER_CONFIG_PATH")))
        ours = {STARTED: str(Path.cwd()), "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
        done = subprocess.run(line, env={**os.environ, **ours}, check=False)  # noqa: S603
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)
