"""A process that has imported what the package imports, and forks those that the package starts.

A pack starts a process that imports everything, each workbook is read in one of its own: a third
of the suite's time went into the same imports. Here they are forked, with the environment, folder,
session and open files asked for, and are children of whoever asked. `python tests/warm.py FD` is
that process. What a user starts (`command.process`) starts for real, and all that it starts.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parent.parent)
ADOPTS = 36  # PR_SET_CHILD_SUBREAPER
REAL = subprocess.Popen._execute_child
STARTS = (["-P", "-m"], ["-I", "-X", "utf8", "-c"])


def of_the_package(line: Any) -> list[str]:
    """What follows `python -P`, or the like, where the package starts code of its own."""
    words = [*map(str, line)] if isinstance(line, list | tuple) else []
    for begin in STARTS:
        if words[: 1 + len(begin)] == [sys.executable, *begin]:
            rest = words[len(begin) :]
            return rest if "fpp_analysis" in rest[1] else []
    return []


class Warm:
    """That process, started when first needed; `execute` stands in for `Popen._execute_child`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.prctl = ctypes.CDLL(None).prctl

    @cached_property
    def socket(self) -> socket.socket:
        from fpp_analysis.report.forking import _FIXED

        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(  # kept: Python warns of one that is dropped
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env={**os.environ, **_FIXED},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        return ours

    def execute(self, popen: Any, *given: Any) -> None:
        line = of_the_package(given[0])
        if not line:
            REAL(popen, *given)
            return
        named = dict(zip(REAL.__code__.co_varnames[1:], given, strict=False))
        passed = [*map(int, named["pass_fds"])]
        asked = {
            "line": line, "passed": passed, "leads": named["start_new_session"],
            "cwd": str(named["cwd"] or Path.cwd()),
            "env": dict(os.environ if named["env"] is None else named["env"]),
        }  # fmt: skip
        streams = [named[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        files = [n if own == -1 else own for n, own in enumerate(streams)]
        with self.lock:
            said = self.socket
            self.prctl(ADOPTS, 1, 0, 0, 0)  # a process whose parent is gone is a child of this one
            socket.send_fds(said, [json.dumps(asked).encode()], [*files, *passed])
            popen.pid, popen._child_created = int(said.recv(64)), True
            said.recv(64)
            self.prctl(ADOPTS, 0, 0, 0, 0)
        popen._close_pipe_fds(*given[10:16])


def serve(caller: socket.socket) -> None:
    """Fork what is asked for, by a process that ends at once, until the caller hangs up."""
    while True:
        said, files, *_ = socket.recv_fds(caller, 1 << 20, 16)
        if not said:
            return
        between = os.fork()
        if between == 0:
            child = os.fork()
            if child == 0:
                caller.close()
                become(files=files, **json.loads(said))
            caller.send(str(child).encode())
            os._exit(0)
        for file in files:
            os.close(file)
        os.waitpid(between, 0)
        caller.send(b"adopted")


def become(
    *, line: list[str], cwd: str, env: dict[str, str], passed: list[int], leads: bool,
    files: list[int],
) -> None:  # fmt: skip
    """Turn this process into the one that was asked for, and end with it."""
    code = 1
    try:
        if leads:
            os.setsid()
        numbers = [0, 1, 2, *passed]
        for number, file in zip(numbers, files, strict=True):
            os.dup2(file, number)
        for file in {*files} - {*numbers}:
            os.close(file)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        time.tzset()
        tempfile.tempdir = None
        how, what, *_ = line
        sys.argv = line[1:]
        if how == "-m":
            sys.modules.pop(what, None)
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(what, {"__name__": "__main__"})  # noqa: S102 - what `python -c` was given
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001 - as at the end of a program
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.path.insert(0, ROOT)
    from fpp_analysis.report import forking, session  # noqa: F401
    from fpp_analysis.sources import database, typed, workbook  # noqa: F401

    forking.import_all()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    serve(socket.socket(fileno=int(sys.argv[1])))
