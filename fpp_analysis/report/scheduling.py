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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fpp_analysis.errors import UsageError

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
    from jinja2 import Environment, PackageLoader, StrictUndefined

    names, filled = KINDS[kind]
    written = Environment(  # noqa: S701 - none of the files is HTML; they have braces of their own
        loader=PackageLoader("fpp_analysis.report", "templates/schedule"),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        keep_trailing_newline=True,
    )
    written.filters |= {"quoted": json.dumps, "python": repr}
    given = {"s": schedule, "last": LAST, "zone": schedule.zone or "UTC"}
    given["months"] = ",".join(map(str, schedule.months))
    given |= filled(schedule)
    return {name: written.get_template(f"{name}.j2").render(given) for name in names}


def _cron(s: Schedule) -> dict[str, Any]:
    command = shlex.join(s.command)
    minutes, hours = str(s.minute), str(s.hour)
    if s.zone:  # no cron knows every zone: it asks at each quarter of an hour what time it is there
        minutes, hours = ",".join(str((s.minute + 15 * i) % 60) for i in range(4)), "*"
        zone = shlex.quote(s.zone)
        at = f"{s.hour:02}{s.minute:02}"
        command = f'test "$(TZ={zone} date +%H%M)" = {at} && TZ={zone} {command}'
    command = command.replace("%", r"\%")  # cron turns a bare one into a line break
    return {"command": command, "minutes": minutes, "hours": hours}


def _systemd(s: Schedule) -> dict[str, Any]:
    command = " ".join(_systemd_word(part) for part in s.command)
    return {"command": command, "months": ",".join(f"{month:02}" for month in s.months)}


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


def _ci(s: Schedule) -> dict[str, Any]:
    hour, minute = _utc(s)
    command = shlex.join([".venv/bin/fpp", *s.command[1:]])
    if s.book == "sample":
        command = command.replace("--book sample", '--book "$BOOK"')
    # only what may be sent leaves the machine; what was published before decides what is due
    path = s.out if s.edition == "inside" else f"{s.out}/*-{s.edition}/*.zip"
    # at another hour than the packs, on days that are never more than five apart
    between = f"0 {(hour + 12) % 24} */5 * *"
    return {"command": command, "path": path, "minutes": minute, "hours": hour, "between": between}


def _airflow(s: Schedule) -> dict[str, Any]:
    # the blank at the end keeps Airflow from taking a command for the name of a template
    return {"command": shlex.join(s.command) + " "}


KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[Schedule], dict[str, Any]]]] = {
    "cron": (("fpp.cron",), _cron),
    "systemd": (("fpp-report.service", "fpp-report.timer"), _systemd),
    "ci": (("quarterly-pack.yml",), _ci),
    "airflow": (("fpp_report.py",), _airflow),
}
"""The files of each kind of scheduler, and what stands in them besides the schedule itself."""
