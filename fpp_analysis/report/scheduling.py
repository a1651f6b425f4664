"""Ready files for a scheduler: a cron line, a systemd service with its timer, a CI workflow.

Each runs `fpp report --quarter latest` some days after every fiscal quarter's end: it makes
the pack of the last closed quarter that the book's data cut-off allows and does nothing,
visibly, when that pack exists.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from fpp_analysis.errors import UsageError

KINDS = ("cron", "systemd", "ci")


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

    def __post_init__(self) -> None:
        if not (1 <= self.day <= 28 and 0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise UsageError(
                f"--day is from 1 to 28 and --at from 00:00 to 23:59, not {self.day} and "
                f"{self.hour:02}:{self.minute:02}"
            )
        for text in (self.program, self.book, self.out, self.log):
            if any(ord(ch) < 32 for ch in text):
                raise UsageError("a path with a control character cannot be scheduled")

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
        return command + (["--edition", self.edition] if self.edition != "inside" else [])


def files(schedule: Schedule, kind: str) -> dict[str, str]:
    """The files of one kind of scheduler: name and text."""
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a scheduler (there are: {', '.join(KINDS)})")
    return {"cron": _cron, "systemd": _systemd, "ci": _ci}[kind](schedule)


def _cron(s: Schedule) -> dict[str, str]:
    # cron turns % into a line break unless it is escaped
    command = shlex.join(s.command).replace("%", r"\%")
    months = ",".join(map(str, s.months))
    return {
        "fpp.cron": (
            "# The pack of the last closed fiscal quarter. Exit codes other than 0 are mailed by\n"
            "# cron with what was printed; 75 means another run holds the lock: try again.\n"
            f"{s.minute} {s.hour} {s.day} {months} * {command}\n"
        )
    }


def _systemd(s: Schedule) -> dict[str, str]:
    command = " ".join(_systemd_word(part) for part in s.command)
    months = ",".join(f"{month:02}" for month in s.months)
    return {
        "fpp-report.service": (
            "[Unit]\n"
            "Description=Quarterly pack of service contracts\n\n"
            "[Service]\n"
            "Type=exec\n"
            f"ExecStart={command}\n"
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
            f"OnCalendar=*-{months}-{s.day:02} {s.hour:02}:{s.minute:02}:00\n"
            "Persistent=true\n\n"
            "[Install]\n"
            "WantedBy=timers.target\n"
        ),
    }


def _systemd_word(word: str) -> str:
    """A word as a systemd command line takes it: specifiers and variables switched off."""
    word = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return f'"{word}"' if any(ch in word for ch in " \t'\";\\") or not word else word


def _ci(s: Schedule) -> dict[str, str]:
    months = ",".join(map(str, s.months))
    arguments, path, kept = "", "reports", ""
    if s.edition != "inside":  # only what may be sent leaves the machine, and no private folder
        arguments, path = f' ARGS="--edition {s.edition}"', f"reports/*-{s.edition}/*.zip"
        kept = (
            "      # what stood behind the packs before, which the next one is held against\n"
            "      - uses: actions/cache@v4\n"
            "        with:\n"
            "          path: reports/.private\n"
            "          key: outside-packs-${{ github.run_id }}\n"
            "          restore-keys: outside-packs-\n"
        )
    return {
        "quarterly-pack.yml": (
            "name: quarterly pack\n"
            "on:\n"
            "  schedule:\n"
            f'    - cron: "{s.minute} {s.hour} {s.day} {months} *"\n'
            "  workflow_dispatch:\n"
            "permissions:\n"
            "  contents: read\n"
            "jobs:\n"
            "  pack:\n"
            "    runs-on: ubuntu-latest\n"
            "    timeout-minutes: 30\n"
            "    steps:\n"
            "      - uses: actions/checkout@v4\n"
            f"{kept}"
            f"      - run: make report QUARTER=latest{arguments}\n"
            "        env:\n"
            "          BOOK: ${{ secrets.BOOK_URL || 'sample' }}\n"
            "      - uses: actions/upload-artifact@v4\n"
            "        with:\n"
            "          name: pack\n"
            f"          path: {path}\n"
            "          if-no-files-found: ignore\n"
        )
    }
