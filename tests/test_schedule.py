"""What `fpp schedule` prints is what schedulers take, and runs."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from fpp_analysis.cli import cli
from fpp_analysis.errors import UsageError
from fpp_analysis.report.scheduling import Schedule, files
from tests.books import SETTINGS, write
from tests.small_notebooks import write_notebook

ODD = "/srv/a book's 100% $HOME"


def _schedule(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["schedule", *arguments], standalone_mode=False)


@pytest.mark.parametrize(
    ("month", "months"), [(3, [1, 4, 7, 10]), (12, [1, 4, 7, 10]), (1, [2, 5, 8, 11])]
)
def test_runs_follow_the_fiscal_quarters(month: int, months: list[int]) -> None:
    assert Schedule("fpp", "b", "o", "l", year_end_month=month).months == months


def test_a_cron_line_gives_back_its_words() -> None:
    text = files(Schedule("/opt/fpp", ODD, "/srv/out", "/srv/log"), "cron")["fpp.cron"]
    (line,) = [line for line in text.splitlines() if not line.startswith("#")]
    when, command = line.split(" ", 5)[:5], line.split(" ", 5)[5]
    assert when == ["30", "6", "5", "1,4,7,10", "*"]
    # cron itself takes the backslash off an escaped percent sign
    assert shlex.split(command.replace(r"\%", "%"))[4:6] == ["--book", ODD]
    assert not re.search(r"(?<!\\)%", command)


def test_a_systemd_service_quotes_its_words_and_the_timer_names_the_days() -> None:
    made = files(Schedule("/opt/fpp", ODD, "/srv/out", "/srv/log"), "systemd")
    service = configparser.RawConfigParser(strict=False)
    service.optionxform = str  # type: ignore[assignment,method-assign]
    service.read_string(made["fpp-report.service"])
    start = service["Service"]["ExecStart"]
    assert '"/srv/a book\'s 100%% $$HOME"' in start
    assert service["Service"]["RestartForceExitStatus"] == "75"
    assert "OnCalendar=*-01,04,07,10-05 06:30:00" in made["fpp-report.timer"]


def test_a_workflow_is_yaml_that_runs_the_same_command() -> None:
    made = files(Schedule("fpp", "sample", "reports", "log"), "ci")["quarterly-pack.yml"]
    workflow = yaml.safe_load(made)
    steps = workflow["jobs"]["pack"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["make report QUARTER=latest"]
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    program = shutil.which("true")
    assert program
    made = files(Schedule(program, "sample", str(tmp_path), str(tmp_path / "log")), "systemd")
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in made)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["at"], "not a scheduler"),
        (["cron", "--at", "25:00"], "not a time of day"),
        (["cron", "--day", "31"], "from 1 to 28"),
        (["cron", "--fiscal-year-end-month", "13"], "from 1 to 12"),
        (["cron", "--book", "postgresql://me:secret@host/book"], "URL with a password"),
        (["cron", "--edition", "sideways"], "not inside or outside"),
        (["cron", "--out", "a\nb"], "control character"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(arguments: list[str], message: str) -> None:
    problem = _schedule(*arguments).exception
    assert isinstance(problem, UsageError)
    assert message in str(problem)
    assert "secret" not in str(problem)


def test_the_cron_line_runs_and_runs_again_without_work(tmp_path: Path) -> None:
    book = write(
        tmp_path / "a book",
        settings=SETTINGS + "data_cut_off = 2009-12-31\n",
        contracts=[{"contract_id": "K-1"}],
    )
    (tmp_path / "notebooks").mkdir()
    write_notebook(tmp_path / "notebooks" / "10-small.ipynb")
    out = tmp_path / "packs"
    told = _schedule(
        "cron", "--book", str(book), "--out", str(out), "--log", str(tmp_path / "log"),
        "--write", str(tmp_path),
    )  # fmt: skip
    assert told.exception is None
    line = (tmp_path / "fpp.cron").read_text(encoding="utf-8").splitlines()[-1]
    command = line.split(" ", 5)[5].replace(r"\%", "%")
    program = shlex.split(command)[0]
    command = command.replace(shlex.quote(program), f"{sys.executable} -m fpp_analysis.cli", 1)
    command += f" --notebooks {shlex.quote(str(tmp_path / 'notebooks'))} --notebook 10-small"
    for said in ("files after", "is there already; nothing to do"):
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    assert (out / "FY2010Q3" / "10-small.html").is_file()
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert log.count('"event": "ended"') == 2
