"""Publish files, as a process that a test can kill: OUT NAME MARK [COUNT [keep]].

Run as a script it leaves out what the package imports for its measures: publishing needs none
of it, and a fault is then injected thousands of times in minutes instead of hours.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

if __name__ == "__main__":
    package = types.ModuleType("fpp_analysis")
    package.__path__ = [str(Path(__file__).parent.parent / "fpp_analysis")]
    sys.modules["fpp_analysis"] = package

from fpp_analysis.errors import FppError
from fpp_analysis.report import publishing


def main(out: str, name: str, mark: str, count: str = "4", keep: str = "") -> int:
    """Publish COUNT files that all say MARK; the exit code of the error, where there is one."""
    try:
        with (
            publishing.claimed(Path(out), name, wait=20) as place,
            publishing.staged(place) as stage,
        ):
            for number in range(int(count)):
                stage.write(f"tables/{number}.csv" if number % 2 else f"{number}.html",
                            f"{mark}-{number}\n".encode() * 50)  # fmt: skip
            stage.publish({"mark": mark}, keep=bool(keep))
    except FppError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return problem.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
