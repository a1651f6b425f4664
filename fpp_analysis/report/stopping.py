"""Signals end a run, also where what they raise is lost: in a destructor Python swallows it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

T = TypeVar("T")
Name = TypeVar("Name")
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


def several(
    at_once: int,
    work: Iterable[tuple[Name, Callable[[], T]] | None],
    each: Callable[[Name, T], None],
    *,
    end: Callable[[], object],
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Do pieces of work, at most so many at once; `each` is given what every one comes to.

    `work` names them in order; None where there is none to begin before another has ended.
    Where one fails, or `each` or `tick` (called while they work) raises, no other is begun, those
    under way are ended by `end`, and what was raised goes on when they are gone.
    """
    waiting, under_way = iter(work), dict[Future[T], Name]()
    pool = ThreadPoolExecutor(max(1, at_once))

    def begin() -> None:
        while len(under_way) < max(1, at_once) and (piece := next(waiting, None)):
            under_way[pool.submit(piece[1])] = piece[0]

    try:
        begin()
        while under_way:
            done, _ = wait(under_way, timeout=TICK, return_when=FIRST_COMPLETED)
            heard()  # also where what a signal raised was swallowed
            ended = [(under_way.pop(one), one.result()) for one in done]
            begin()  # so that nobody waits while what came of the others is looked at
            for one_ended in ended:
                each(*one_ended)
            begin()
            tick()
        for _ in waiting:  # for what nobody does any more
            raise RuntimeError("a piece of work was never begun")
    except BaseException:
        end()
        raise
    finally:
        pool.shutdown()
