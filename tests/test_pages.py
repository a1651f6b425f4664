"""Pages work as printed: every command of every page is run in a scratch folder.

A page's commands run in order in one folder, which has what a clone has. What cannot run here is
marked below with its reason, and a mark that marks nothing fails.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.command import Ended, run

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LINKS = (
    ".ci", ".venv", "Makefile", "benchmarks", "data", "docs", "fpp_analysis", "notebooks",
    "pyproject.toml", "setup.py", "tests",
)  # fmt: skip
SHELL = ("sh", "")
LEFT_OUT = ("how-to-schedule.md", "command-line.md", "DECISIONS.md", "CHANGELOG.md")
"""Scheduling has tests of its own; the others hold help and history, not commands to follow."""

CANNOT: dict[str, str] = {
    r"^make (test|wheelhouse)$|^make env PIP": "builds or tests everything: .ci/run does",
    r"postgresql://": "needs a server: tests/test_sources.py has one in .ci/run",
    r"^py |^\.venv\\Scripts": "is for Windows: the hosted workflow runs it",
    r"^python3 -m venv |^fpp/bin/|^lab/bin/|^uvx ": "installs: .ci/run does, from the wheel",
    r"^jupyter nbconvert ": "is run by tests/test_report_html.py and test_report_pdf.py",
    r"^python -m tests\.mutation": "takes an hour: make soak",
    r"fpp tie release\.docx": "needs a Word file: tests/test_tie.py makes them",
}
DATABASE = """python - <<END
import duckdb
with duckdb.connect("book.duckdb") as c:
    for n in ("contracts", "amendments", "fx_rates"):
        c.execute(f"create table {n} as from read_csv('data/sample/{n}.csv', all_varchar=true)")
END"""
PREPARED: dict[str, str] = {
    # what a page takes for granted, under the names that it uses
    "tie.md": "cp data/claims/release-2009-12-01.txt release.txt && cp release.txt note.md",
    "outside-edition.md": "mkdir srv && cp -r data/wind srv/book",
    "from-export-to-report.md": "cp tests/exports/2-city-professional/* .",
    "how-to-connect-a-database.md": DATABASE,
}
SHORTER = (
    # one page of a pack stands for all: whole packs are made by tests/test_report_pack.py
    (re.compile(r"^(make report)(?!.*NB=)(.*)$"), r"\1\2 NB=90-method-and-data"),
    (
        re.compile(r"^(fpp report (?!.*(--notebook |outside)).*)$"),
        r"\1 --notebook 90-method-and-data",
    ),
    # which gives the pack the name of a part of one
    (
        re.compile(r"^(fpp verify reports/sample-2009-11-30)(?= |$)"),
        r"\1-only-90-method-and-data",
    ),
    # the environment is there, and is that of the tests
    (re.compile(r"^make "), "make --assume-old=.venv/.ready "),
)


MADE: set[str] = set()


@cache
def commands(page: Path) -> tuple[str, ...]:
    """The lines of a page's shell blocks, joined where they go on."""
    found = []
    text = page.read_text(encoding="utf-8")
    for language, code in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language in SHELL:
            lines = code.replace("\\\n", " ").splitlines()
            found += [bare(line) for line in lines if line.strip()]
    return tuple(line for line in found if line)


def bare(line: str) -> str:
    """A line without prompt, remark and the folder of the command."""
    line = re.sub(r"\s+#.*$", "", re.sub(r"^\$ ", "", line.strip()))
    return re.sub(r"^\S*\.venv/bin/", "", line)


def marked(line: str) -> str | None:
    return next((pattern for pattern in CANNOT if re.search(pattern, line)), None)


PAGES = [
    path
    for path in sorted(
        [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    )
    if path.name not in LEFT_OUT and commands(path)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_commands_of_a_page_run_as_printed(page, tmp_path):
    lines = [line for line in commands(page) if not marked(line)]
    if not lines:
        pytest.skip("nothing of it can be run here")
    folder = tmp_path / "a clone ü"
    folder.mkdir()
    for name in (*LINKS, *(path.name for path in ROOT.glob("requirements*.lock"))):
        (folder / name).symlink_to(ROOT / name)
    # what `make test ARGS=...` passes on would become the options of a page's `make report`
    passed_on = {"ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"}
    environment = {name: os.environ[name] for name in os.environ.keys() - passed_on}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    environment["PYTHONPATH"] = str(ROOT)
    failed = []
    for line in filter(None, [PREPARED.get(page.name), *lines]):
        asked = line.replace("/srv/", "srv/").replace(" BOOK", " sample")
        for pattern, shorter in SHORTER:
            asked = pattern.sub(shorter, asked)
        if asked.startswith("make ") and asked in MADE:
            continue  # an earlier page made it, in a folder like this one
        MADE.add(asked)
        done = ran(asked, folder, environment)
        if done.returncode not in expected(line):
            failed.append(f"{line}\n  ended with {done.returncode}: {done.stdout}{done.stderr}")
    assert not failed, "\n".join(failed)


def ran(line: str, folder: Path, environment: dict[str, str]) -> Ended:
    """`fpp` alone, and what `make report` comes to, in this process; anything else in a shell."""
    if re.match(r"make .*\breport\b(?!.* -n$)", line):
        asked = ran(f"{line} -n", folder, environment).stdout
        line = bare(asked.replace("\\\n", " "))
    if re.fullmatch(r"fpp [^|<>;&$*{]+", line):
        return run(*shlex.split(line)[1:], cwd=folder)
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr)


def expected(line: str) -> tuple[int, ...]:
    """The exit codes of a line that does what its page says."""
    if "fpp claims" in line or "fpp diff" in line:
        return 0, 4  # the sample's release has statements that no row supports
    return (0, 3) if "set-aside" in line else (0,)


def test_every_mark_marks_a_command():
    every = [line for page in PAGES for line in commands(page)]
    idle = [pattern for pattern in CANNOT if not any(re.search(pattern, one) for one in every)]
    assert idle == []
    assert {name for name in PREPARED if not (ROOT / "docs" / name).is_file()} == set()


def test_pages_that_say_fpp_say_where_it_is():
    """Bare `fpp` is found after one line of how-to-install.md."""
    silent = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if re.search(r"^fpp ", text, re.MULTILINE) and page.name != "how-to-install.md":
            silent += [page.name] if "how-to-install.md" not in text else []
    assert silent == []


def test_what_pages_make_stays_out_of_git():
    made = (
        "my-book/contracts.csv", "my-book.xlsx", "my-notebooks/a.ipynb", "book/book.toml",
        "book.duckdb", "reports/2009-11-30/index.html", "reports/.private/rejects.jsonl",
        "reports/runs.jsonl", "rejects.jsonl", "private/outside-packs.json", "private/found.txt",
        "tied/tied.html", "wheelhouse/a.whl", "dist/a.whl", "fpp.log", "release.docx",
    )  # fmt: skip
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *made],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == list(made)
