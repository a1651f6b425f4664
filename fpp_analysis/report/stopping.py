"""Signals end a run, also where what they raise is lost: in a destructor Python swallows it."""

from __future__ import annotations

import signal
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, TypeVar

T = TypeVar("T")
TICK = 0.1

asked: list[BaseException] = []
"""What signals asked of this run; the next one begins unasked."""


def end(number: int, _: Any) -> None:
    """The handler: raise what ends the run, and keep it for `heard`."""
    if number != signal.SIGINT:
        signal.signal(number, signal.SIG_IGN)
    asked.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number))
    raise asked[-1]


def heard() -> None:
    """Raise what a signal asked for, where nobody has heard it yet."""
    if asked:
        raise asked[0]


def ended(work: Collection[Future[T]]) -> Iterator[Future[T]]:
    """Pieces of work as they end; raises at the next tick where a signal was swallowed."""
    while work:
        done, work = wait(work, timeout=TICK, return_when=FIRST_COMPLETED)
        heard()
        yield from done
