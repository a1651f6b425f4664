"""The command line: run in this process, whose start is paid, or as a user runs it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from fpp_analysis.cli import main
from fpp_analysis.errors import FppWarning

FPP = Path(sys.executable).with_name("fpp")


class Ended(NamedTuple):
    """The exit code of a command, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, cwd: Path | str = ".", **environment: str) -> Ended:
    """`fpp` in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2)]
    with (
        contextlib.chdir(cwd),
        patch.dict(os.environ, environment),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        warnings.simplefilter("always", FppWarning)
        try:
            main([*map(str, arguments)])
        except SystemExit as stop:
            code = int(stop.code or 0)
    for stream in streams:
        stream.seek(0)
    return Ended(code, *(stream.read() for stream in streams))


def process(*arguments: object, cwd: Path | None = None, **environment: str) -> Ended:
    """`fpp` in a process of its own: where the process, or what it imports, is the matter."""
    done = subprocess.run(
        [FPP, *map(str, arguments)], cwd=cwd, env={**os.environ, **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr)
