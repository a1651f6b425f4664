"""Runs a function in a process of its own, within limits of memory and time.

What a file does to the library that parses it (takes all memory, never ends, crashes) then
ends that process and not the caller's. The function goes there and its result comes back by
pickle; the columns of Arrow and numpy stand in a file that is mapped, not copied.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from fpp_analysis.errors import FppError, WriteError

T = TypeVar("T")
ABOVE = "FPP_FORKED_FROM"
"""In a process that was forked to work: the socket on which it has others forked likewise."""
_COMMAND = (
    "import sys; sys.path.insert(0, {root!r}); "
    "from fpp_analysis import limited; limited.serve(0, 1)"
)
_VALUES = {
    *("builtins.RuntimeError", "builtins.frozenset", "builtins.set", "datetime.date"),
    *("datetime.datetime", "decimal.Decimal", "numpy.dtype"),
    *("pathlib.PosixPath", "pathlib.WindowsPath"),
}
_COLUMNS = ("numpy._core.", "pyarrow.lib")
_ALIGN = 64  # bytes, as Arrow likes its columns
_OF_TIME = {getattr(signal, "SIGXCPU", 0)}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that the process may take: bytes of memory, seconds of processor and in all."""

    memory: int | None = 8 << 30
    processor: int | None = 300
    seconds: float | None = 600


def give_back() -> None:
    """Let the system have the memory that this process has freed; its libraries keep it."""
    import pyarrow as pa  # who has none of it here has read no book

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # the one of GNU alone
        ctypes.CDLL(None).malloc_trim(0)


class BrokenLimitError(Exception):
    """The process ended without a result: what it was at, and how; without a code it was late."""

    def __init__(self, place: str, code: int | None) -> None:
        super().__init__(place)
        self.place, self.code = place, code
        self.late = code is None or -code in _OF_TIME


class OutsideError(Exception):
    """What is only read in a process of its own was met in another one."""


def spawned(asked: IO[bytes], answer: IO[bytes]) -> subprocess.Popen[bytes]:
    """A fresh interpreter, to which neither folder nor environment hand a module."""
    code = _COMMAND.format(root=str(Path(__file__).parents[1]))
    return subprocess.Popen(  # noqa: S603 - our own code, no shell
        [sys.executable, "-I", "-X", "utf8", "-c", code],
        stdin=asked,
        stdout=answer,
        stderr=subprocess.DEVNULL,
    )


def run(
    function: Callable[..., T],
    *arguments: Any,
    limits: Limits = Limits(),
    start: Callable[[IO[bytes], IO[bytes]], Any] = spawned,
) -> T:
    """What a module's function makes of its arguments, in a process of its own.

    Raises what it raises, `BrokenLimitError` where it came to no end, and `WriteError` where the
    disk has no room for the result. Where the system
    knows no limits of memory and processor, the time alone is bounded. `start` makes the
    process, which can `wait` for at most some seconds and `kill`.
    """
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answer:
        pickle.dump((limits, function, arguments), asked, protocol=5)
        asked.seek(0)
        process, code = start(asked, answer), None
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(limits.seconds)
        finally:
            if code is None:
                process.kill()
                process.wait()
        answer.seek(0)
        if code == WriteError.exit_code:
            room = f"{tempfile.gettempdir()}: no room for temporary files"
            raise WriteError(f"{room}; nothing was published (free some, or set TMPDIR)")
        if code != 0:
            place = answer.read(1 << 12).decode(errors="replace")
            raise BrokenLimitError(place, code)
        result, problem = _read(answer)
        if problem is not None:
            raise problem
        return result


class _Values(pickle.Unpickler):
    """Takes values from a process that has read anything, and nothing that acts."""

    def find_class(self, module: str, name: str) -> Any:
        own = module.startswith("fpp_analysis.")
        if "." in name or not (own or module.startswith(_COLUMNS) or f"{module}.{name}" in _VALUES):
            raise pickle.UnpicklingError(f"{module}.{name} is no value")
        found = super().find_class(module, name)
        if own and not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no value")
        return found


def _read(answer: IO[bytes]) -> Any:
    sizes: list[int] = _Values(answer).load()
    mapped = memoryview(mmap.mmap(answer.fileno(), 0, access=mmap.ACCESS_READ))
    buffers, at = [], answer.tell()
    for size in sizes:
        at = _aligned(at)
        buffers.append(mapped[at : at + size])
        at += size
    answer.seek(at)
    return _Values(answer, buffers=buffers).load()


def _aligned(at: int) -> int:
    return -(-at // _ALIGN) * _ALIGN


_out: IO[bytes] | None = None


def at(place: str) -> None:
    """Say what is read from here on, for the word on a process that breaks its limits at it.

    Raises `OutsideError` where this process has none.
    """
    if not _out:
        raise OutsideError
    _out.seek(0)
    _out.truncate()
    _out.write(place.encode(errors="replace"))
    _out.flush()


def serve(asked: int, answer: int) -> None:
    """Do what stands in one open file, within its limits, and write what came of it to another."""
    global _out  # noqa: PLW0603 - this process is there for one function
    _out = os.fdopen(os.dup(answer), "wb")
    os.dup2(2, 1)  # what a library prints is no part of the answer
    with os.fdopen(asked, "rb") as stream:
        limits, function, arguments = pickle.load(stream)  # noqa: S301 - of our own code
    _bound(limits)
    made: tuple[Any, BaseException | None]
    try:
        made = function(*arguments), None
    except (MemoryError, RecursionError):
        os._exit(1)
    except FppError as problem:
        made = None, problem
    except Exception:  # noqa: BLE001 - shown by the caller
        made = None, RuntimeError(traceback.format_exc())
    try:
        _write(made, _out)
    except OSError:
        os._exit(WriteError.exit_code)


def _write(made: Any, out: IO[bytes]) -> None:
    buffers: list[memoryview] = []
    data = pickle.dumps(made, protocol=5, buffer_callback=lambda b: buffers.append(b.raw()))
    at("")
    pickle.dump([len(buffer) for buffer in buffers], out)
    for buffer in buffers:
        out.seek(_aligned(out.tell()))
        out.write(buffer)
    out.write(data)
    out.close()


def _bound(limits: Limits) -> None:
    """Bound this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.processor,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        hardest = resource.getrlimit(what)[1]
        if most is not None and (hardest == resource.RLIM_INFINITY or most < hardest):
            resource.setrlimit(what, (most, hardest))
