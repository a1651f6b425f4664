"""The command line, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fpp_analysis.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
