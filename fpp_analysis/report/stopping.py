"""Signals end a run, also where what they raise is lost: in a destructor Python swallows it."""

from __future__ import annotations

import signal
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, TypeVar

T = TypeVar("T")
TICK = 0.1

_asked: list[BaseException] = []


def end(number: int, _: Any) -> None:
    """The handler: raise what ends the run, and keep it for `heard`."""
    if number == signal.SIGINT:
        _asked.append(KeyboardInterrupt())
    else:
        signal.signal(number, signal.SIG_IGN)
        _asked.append(SystemExit(128 + number))
    raise _asked[-1]


def heard() -> None:
    """Raise what a signal asked for, where nobody has heard it yet."""
    if _asked:
        raise _asked[0]


def forget() -> None:
    """The run has ended: the next one begins unasked."""
    _asked.clear()


def ended(work: Collection[Future[T]]) -> Iterator[Future[T]]:
    """Pieces of work as they end; raises at the next tick where a signal was swallowed."""
    while work:
        done, work = wait(work, timeout=TICK, return_when=FIRST_COMPLETED)
        heard()
        yield from done
