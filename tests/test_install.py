"""Without a clone: what `fpp` offers where only the package is installed, on any system."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import fpp_analysis as fpp
from fpp_analysis.cli import main
from fpp_analysis.commands import lab
from fpp_analysis.errors import InputError, OutputError
from fpp_analysis.report.exporters import HtmlExporter
from fpp_analysis.report.payloads import read_page
from fpp_analysis.sources import STARTED

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "10-backlog-growth"


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([*map(str, arguments)])
    return int(stop.value.code or 0)


def test_the_installation_tests_itself(capsys):
    assert run("selftest") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("ok  ") for line in lines)
    assert "334.00" in lines[0]


def test_a_wrong_figure_ends_the_self_test(monkeypatch, capsys):
    monkeypatch.setattr("fpp_analysis.commands.selftest.BY_HAND", 333)
    assert run("selftest") == 70
    assert "backlog 334.0, expected 333" in capsys.readouterr().err


def test_notebooks_and_statements_are_copied_and_nothing_is_written_over(tmp_path, capsys):
    folder = tmp_path / "my notebooks ü"
    assert run("init", folder, "--notebooks") == 0
    copied = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
    shipped = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert copied == shipped
    assert (folder / "claims" / "release-2009-12-01.yaml").is_file()
    assert f"fpp lab '{folder}'" in capsys.readouterr().out
    assert run("init", folder, "--notebooks") == 73


def test_a_new_notebook_is_a_page_as_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("new", "price-review", "--to", "my notebooks") == 0
    printed = capsys.readouterr().out
    line = re.search(r"fpp (report .+)$", printed, re.MULTILINE)[1]
    assert run(*line.replace("'my notebooks'", "my_notebooks").split(), "--help") == 0
    assert "--notebook price-review" in line
    asked = ["report", "--as-of", "2009-11-30", "--notebooks", "my notebooks"]
    assert run(*asked, "--notebook", "price-review", "--out", "pages") == 0
    pack = tmp_path / "pages" / "sample-2009-11-30-only-price-review"
    page = (pack / "price-review.html").read_text(encoding="utf-8")
    assert "Backlog by region" in page
    assert run("new", "price-review", "--to", "my notebooks") == 73
    assert run("new", "../price") == 64


# -- the lab ---------------------------------------------------------------------------------


def test_without_jupyterlab_the_lab_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda _: None)
    assert run("lab") == 78
    assert "pip install 'fpp_analysis[lab]'" in capsys.readouterr().err


def test_the_lab_opens_a_folder_and_says_where_it_was_started(monkeypatch, tmp_path, capsys):
    started = []
    monkeypatch.setattr(lab, "find_spec", lambda _: object())
    monkeypatch.setattr(
        lab.subprocess,
        "run",
        lambda line, **how: started.append((line, how)) or subprocess.CompletedProcess(line, 0),
    )
    monkeypatch.chdir(tmp_path)
    assert run("lab") == 66
    assert "fpp init --notebooks notebooks" in capsys.readouterr().err
    (tmp_path / "notebooks").mkdir()
    assert run("lab", "--no-browser") == 0
    (line, how), *_ = started
    assert line[-1] == "--no-browser"
    assert f"--ServerApp.root_dir={tmp_path}" in line  # the browser of files shows the project
    assert "--LabApp.default_url=/lab/tree/notebooks" in line
    assert how["env"]["JUPYTER_CONFIG_PATH"]
    assert how["env"][STARTED] == str(tmp_path)


def test_a_relative_book_is_the_same_in_the_lab_as_on_the_command_line(tmp_path, monkeypatch):
    assert run("init", tmp_path / "my-book") == 0
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    here = fpp.load_book("my-book")
    monkeypatch.chdir("notebooks")
    with pytest.raises(
        InputError,
        match=re.escape(f"'my-book': there is no such book in '{tmp_path / 'notebooks'}'"),
    ):
        fpp.load_book("my-book")
    monkeypatch.setenv(STARTED, str(tmp_path))
    assert fpp.load_book("my-book").hashes == here.hashes
    with pytest.raises(
        InputError, match=re.escape(f"'a/b': there is no such book in '{tmp_path}/a'")
    ):
        fpp.load_book("a/b")


# -- a notebook by hand ----------------------------------------------------------------------


def test_a_notebook_that_was_not_run_has_no_page():
    nb = nbformat.read(ROOT / "notebooks" / f"{NOTEBOOK}.ipynb", as_version=4)
    with pytest.raises(OutputError, match="has not been run"):
        HtmlExporter().from_notebook_node(nb)
    nb.cells[1]["execution_count"] = 1
    assert read_page(nb, NOTEBOOK).title == "Backlog and its growth"


def test_papermill_reads_the_parameters_of_every_notebook():
    from papermill import inspect_notebook

    from fpp_analysis.report.parameters import NAMES

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if path.stem == "tutorial":
            continue
        found = inspect_notebook(str(path))
        wanted = ("facts",) if path.stem == "outside-fact-sheet" else NAMES
        assert tuple(found) == wanted, path.stem
        assert all(one["help"] for one in found.values()), path.stem


# -- another system --------------------------------------------------------------------------

WITHOUT_UNIX = """
import os, signal, sys
import asyncio, subprocess, tempfile, multiprocessing.connection, zipfile  # need them themselves
import nbclient, jupyter_client.provisioning, matplotlib.pyplot, papermill, pandas, typst, tqdm
import IPython.display, xlsxwriter, nbconvert

for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
gone = {
    os: "O_CLOEXEC O_NOFOLLOW O_DIRECTORY O_NONBLOCK fork killpg getuid geteuid setsid pread chown",
    signal: "SIGHUP SIGALRM SIGUSR1 setitimer",
}
for module, names in gone.items():
    for name in names.split():
        delattr(module, name)
from fpp_analysis.cli import main
main(sys.argv[1:])
"""


def test_what_only_unix_has_is_asked_for(tmp_path):
    asked = ("report", "--as-of", "2009-11-30", "--notebook", "80-claims", "--out")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            WITHOUT_UNIX,
            *asked,
            str(tmp_path / "out"),
            "--log",
            str(tmp_path / "log"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    pack = tmp_path / "out" / "sample-2009-11-30-only-80-claims"
    manifest = json.loads((pack / "MANIFEST.json").read_bytes())
    assert manifest["files"]


def test_no_module_of_unix_is_imported_without_asking():
    """`import fcntl` and the like stand inside `try` or inside a function."""
    found = [
        f"{path.name}: {line}"
        for path in (ROOT / "fpp_analysis").rglob("*.py")
        for line in re.findall(
            r"^(?:import|from) (?:fcntl|resource|pwd|grp|termios)\b.*",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]
    assert found == []
