"""Each reader fuzzed with coverage guidance; a find is printed, to be kept as a case."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.soak

SECONDS = int(os.environ.get("FPP_SOAK_FUZZ_SECONDS", "60"))
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("target", ["table", "amendments", "settings", "sheet", "keys", "url"])
def test_a_reader_refuses_or_reads(target, tmp_path):
    pytest.importorskip("atheris", reason="atheris is not installed")
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "tests" / "soak" / "fuzz_readers.py"),
            target,
            f"-max_total_time={SECONDS}",
            "-timeout=20",
            "-rss_limit_mb=2048",
            f"-artifact_prefix={tmp_path}/",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=SECONDS + 300,
    )
    finds = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert (done.returncode, finds) == (0, []), done.stderr[-4000:]
