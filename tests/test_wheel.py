"""The wheel: built from the tracked files, it brings its data and works without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: object, **settings) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **settings,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("not a checkout")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def built(tracked, tmp_path_factory) -> Path:
    """A folder with the source archive and the wheel of the tracked files."""
    folder = tmp_path_factory.mktemp("built")
    for name in tracked:
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    build = "import setuptools.build_meta as b, sys; b.build_{}(sys.argv[1])"
    for kind in ("sdist", "wheel"):
        run("-c", build.format(kind), folder, cwd=folder / "source")
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


def test_the_source_archive_is_the_project(built, tracked, tmp_path):
    """All that is tracked, but for what only git reads; so it can test itself."""
    shutil.unpack_archive(next(built.glob("*.tar.gz")), tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    assert [name for name in tracked if not (folder / name).is_file()] == []
    asked = ("-m", "pytest", "-p", "no:cacheprovider", "tests/test_exact.py", "tests/test_docs.py")
    assert "passed" in run(*asked, "-rs", "-o", "addopts=--import-mode=importlib", cwd=folder)


def test_the_wheel_holds_every_file_of_the_package(wheel, tracked):
    shipped = {name for name in tracked if name.startswith("fpp_analysis/")}
    assert shipped <= set(wheel.namelist())


def test_the_wheel_brings_data_and_notebooks(wheel, tracked):
    wanted = {
        f"fpp_analysis/_shipped/{name}"
        for name in tracked
        if name.startswith(("data/", "notebooks/"))
    }
    assert wanted <= set(wheel.namelist())
    assert len(wanted) > 10


def test_the_wheel_names_its_commands(wheel):
    name = next(n for n in wheel.namelist() if n.endswith("entry_points.txt"))
    text = wheel.read(name).decode()
    assert "fpp = fpp_analysis.cli:main" in text
    assert "fpp_html = fpp_analysis.report.exporters:HtmlExporter" in text
    assert "fpp_pdf = fpp_analysis.report.exporters:PdfExporter" in text


def test_the_wheel_works_without_the_checkout(wheel, tmp_path):
    wheel.extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    where = "import fpp_analysis, sys; sys.stdout.write(fpp_analysis.__file__)"
    assert run("-c", where, env=environment, cwd=tmp_path).startswith(str(tmp_path))
    line = ("-m", "fpp_analysis.cli", "table", "backlog", "--as-of", "2009-11-30")
    assert run(*line, env=environment, cwd=tmp_path) == run(*line, cwd=ROOT)
