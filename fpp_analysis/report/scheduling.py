"""Ready files for a scheduler: cron, systemd, a CI workflow, Airflow.

Each runs `fpp report --quarter latest` on every day from some days after a fiscal quarter's end
to the 28th: it makes each closed quarter that has no current pack and does nothing, visibly,
when there is nothing to do, so a late export is met on the day after it comes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fpp_analysis.errors import UsageError

KINDS = ("cron", "systemd", "ci", "airflow")
LAST = 28
_SECRET = re.compile(r"(?i)[?&][^=&]*(?:pass|pwd|secret|token|key)[^=&]*=")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When and what: day of the month after a quarter's end, time of day, command's parts."""

    program: str
    book: str
    out: str
    log: str
    year_end_month: int = 3
    day: int = 5
    hour: int = 6
    minute: int = 30
    edition: str = "inside"
    part: str = ""
    since: str = ""
    zone: str = ""

    def __post_init__(self) -> None:
        if not (1 <= self.day <= 28 and 0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise UsageError(
                f"--day is from 1 to 28 and --at from 00:00 to 23:59, not {self.day} and "
                f"{self.hour:02}:{self.minute:02}"
            )
        for text in self.command:
            if not text.isprintable():
                raise UsageError("a text with a control character cannot be scheduled")
            if re.search(r"\{\{|\{%|\$\{\{|\{#", text):
                raise UsageError(f"{text!r}: holds what a scheduler would replace")
            if secret_in(text):
                raise UsageError(
                    "a URL with a password would stand in the scheduler's file for all to read "
                    "(write the URL without it; see docs/how-to-schedule.md)"
                )
        try:
            _ = self.zone and ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f"--time-zone: {self.zone!r} is not known here (e.g. Europe/Berlin)"
            ) from None

    @property
    def months(self) -> list[int]:
        """The months after each fiscal quarter's end.

        >>> Schedule("fpp", "book", "reports", "run.jsonl").months
        [1, 4, 7, 10]
        """
        return sorted((self.year_end_month + 3 * quarter) % 12 + 1 for quarter in range(4))

    @property
    def command(self) -> list[str]:
        """The command as arguments."""
        command = [self.program, "report", "--quarter", "latest", "--book", self.book]
        command += ["--out", self.out, "--log", self.log]
        command += ["--edition", self.edition] if self.edition != "inside" else []
        command += ["--part", self.part] if self.part else []
        return command + (["--since", self.since] if self.since else [])


def secret_in(text: str) -> bool:
    """Whether a text holds a URL with a password, before the host or among its options.

    >>> secret_in("postgresql://u:p@h/d"), secret_in("postgresql://u@h/d?password=p")
    (True, True)
    """
    rest = text.partition("://")[2]
    return ":" in rest.rpartition("@")[0] or bool(rest and _SECRET.search(rest))


def files(schedule: Schedule, kind: str) -> dict[str, str]:
    """The files of one kind of scheduler: name and text."""
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a scheduler (there are: {', '.join(KINDS)})")
    return {"cron": _cron, "systemd": _systemd, "ci": _ci, "airflow": _airflow}[kind](schedule)


def _cron(s: Schedule) -> dict[str, str]:
    command, months = shlex.join(s.command), ",".join(map(str, s.months))
    minutes, hours = str(s.minute), str(s.hour)
    if s.zone:  # no cron knows every zone: it asks at each quarter of an hour what time it is there
        minutes, hours = ",".join(str((s.minute + 15 * i) % 60) for i in range(4)), "*"
        zone = shlex.quote(s.zone)
        at = f"{s.hour:02}{s.minute:02}"
        command = f'test "$(TZ={zone} date +%H%M)" = {at} && TZ={zone} {command}'
    command = command.replace("%", r"\%")  # cron turns a bare one into a line break
    return {
        "fpp.cron": (
            "# Each closed fiscal quarter without a current pack. Add this to your other jobs:\n"
            "#   (crontab -l 2>/dev/null; cat fpp.cron) | crontab -\n"
            "# Whatever is printed is mailed; 5 means that the export is late, 75 that another\n"
            "# run holds the lock: both are tried again on the next day.\n"
            f"{minutes} {hours} {s.day}-{LAST} {months} * {command}\n"
        )
    }


def _systemd(s: Schedule) -> dict[str, str]:
    command = " ".join(_systemd_word(part) for part in s.command)
    months = ",".join(f"{month:02}" for month in s.months)
    zone = f" {s.zone}" if s.zone else ""
    return {
        "fpp-report.service": (
            "[Unit]\n"
            "Description=Quarterly pack of service contracts\n\n"
            "[Service]\n"
            "Type=exec\n"
            f"ExecStart={command}\n"
            f"{f'Environment=TZ={s.zone}' + chr(10) if s.zone else ''}"
            "# 75: another run holds the lock, so try again; every other code is a failure\n"
            "RestartForceExitStatus=75\n"
            "RestartSec=10min\n"
            "# the password of a database comes from a file that only this service can read:\n"
            "# LoadCredential=book-password:/etc/fpp/book-password\n"
            "UMask=0077\n"
            "PrivateTmp=yes\n"
            "NoNewPrivileges=yes\n"
        ),
        "fpp-report.timer": (
            "[Unit]\n"
            "Description=After each fiscal quarter's end\n\n"
            "[Timer]\n"
            f"OnCalendar=*-{months}-{s.day:02}..{LAST} {s.hour:02}:{s.minute:02}:00{zone}\n"
            "Persistent=true\n\n"
            "[Install]\n"
            "WantedBy=timers.target\n"
        ),
    }


def _systemd_word(word: str) -> str:
    """A word as a systemd command line takes it: specifiers and variables switched off."""
    word = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return f'"{word}"' if any(ch in word for ch in " \t'\";\\") or not word else word


def _utc(s: Schedule) -> tuple[int, int]:
    """Hour and minute in UTC that are never before the time asked for, summer or winter."""
    if not s.zone:
        return s.hour, s.minute
    zone = ZoneInfo(s.zone)
    minutes = [
        s.hour * 60 + s.minute - int((offset or dt.timedelta()).total_seconds() // 60)
        for offset in (zone.utcoffset(dt.datetime(2026, month, 15)) for month in s.months)  # noqa: DTZ001 - of a zone
    ]
    return divmod(max(minutes) % (24 * 60), 60)


def _ci(s: Schedule) -> dict[str, str]:
    months = ",".join(map(str, s.months))
    hour, minute = _utc(s)
    command = shlex.join([".venv/bin/fpp", *s.command[1:]])
    path = s.out if s.edition == "inside" else f"{s.out}/*-{s.edition}/*.zip"
    # only what may be sent leaves the machine; what was published before decides what is due
    book = "'sample'" if s.book == "sample" else ""
    if book:
        command = command.replace("--book sample", '--book "$BOOK"')
        book = "          BOOK: ${{ secrets.BOOK_URL || 'sample' }}\n"
    return {
        "quarterly-pack.yml": (
            "name: quarterly pack\n"
            "on:\n"
            "  schedule:\n"
            f'    - cron: "{minute} {hour} {s.day}-{LAST} {months} *"  # UTC\n'
            "  workflow_dispatch:\n"
            "permissions:\n"
            "  contents: read\n"
            "jobs:\n"
            "  pack:\n"
            "    runs-on: ubuntu-latest\n"
            "    timeout-minutes: 30\n"
            "    steps:\n"
            "      - uses: actions/checkout@v4\n"
            "      # the packs before: what stands there decides which quarters are due\n"
            "      - uses: actions/cache@v4\n"
            "        with:\n"
            f"          path: {json.dumps(s.out)}\n"
            "          key: packs-${{ github.run_id }}\n"
            "          restore-keys: packs-\n"
            "      - run: make env\n"
            f"      - run: {json.dumps(command)}\n"
            "        env:\n"
            f"{book}"
            f"          TZ: {json.dumps(s.zone or 'UTC')}\n"
            "          FPP_DB_PASSWORD: ${{ secrets.FPP_DB_PASSWORD }}\n"
            "      - uses: actions/upload-artifact@v4\n"
            "        with:\n"
            "          name: pack\n"
            f"          path: {json.dumps(path)}\n"
            "          if-no-files-found: ignore\n"
        )
    }


def _airflow(s: Schedule) -> dict[str, str]:
    months = ",".join(map(str, s.months))
    # the blank at the end keeps Airflow from taking a command for the name of a template
    return {
        "fpp_report.py": (
            '"""Each closed fiscal quarter without a current pack."""\n\n'
            "from datetime import datetime, timedelta\n"
            "from zoneinfo import ZoneInfo\n\n"
            "from airflow import DAG\n"
            "from airflow.operators.bash import BashOperator\n\n"
            "with DAG(\n"
            '    "fpp_report",\n'
            f'    schedule="{s.minute} {s.hour} {s.day}-{LAST} {months} *",\n'
            f"    start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo({s.zone or 'UTC'!r})),\n"
            "    catchup=False,\n"
            "    max_active_runs=1,\n"
            "):\n"
            "    BashOperator(\n"
            '        task_id="quarterly_packs",\n'
            f"        bash_command={shlex.join(s.command) + ' '!r},\n"
            f"        env={{'TZ': {s.zone or 'UTC'!r}}},\n"
            "        append_env=True,\n"
            "        retries=3,\n"
            "        retry_delay=timedelta(minutes=10),\n"
            "    )\n"
        )
    }
