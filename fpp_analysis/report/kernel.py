"""A notebook's kernel: the calling interpreter in a private folder, watched and limited."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import IO, Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from fpp_analysis.errors import OutputError
from fpp_analysis.limited import ABOVE, spawned
from fpp_analysis.report import forking

_AGAIN = 5  # ms until a socket that is not there yet is looked for again; 100 where nobody says
_IPC_LIMIT = 90  # a socket's path holds 107 bytes on Linux and 103 on macOS


@contextlib.contextmanager
def private_folder(place: Path) -> Iterator[Path]:
    """A folder of our own for snapshot, sockets and temporary files, removed at the end.

    What a killed run of the same place left is removed first (only real folders of this user):
    the caller holds the place's lock, so nobody else can be using it.
    """
    prefix = f"fpp-{hashlib.sha256(os.fsencode(place)).hexdigest()[:10]}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        mine = not hasattr(os, "getuid") or left.lstat().st_uid == os.getuid()
        if mine and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Forked:
    """A forked kernel, as jupyter_client looks at a process."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self.there, self.gone = threading.Event(), threading.Event()

    def poll(self) -> int | None:
        """How it ended; None while it lives."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """The same, after at most `timeout` seconds."""
        self.gone.wait(timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, where it lives."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    terminate = kill


class Parent:
    """The process that kernels are forked from (`report.forking`), seen from the run.

    It imports while the caller still reads the book, and is told of the book's snapshot when
    that is written. What works in a process that was itself forked so has its kernels from the
    same parent. `Parent.start` gives None where a system cannot fork: every kernel is then a
    process of its own, with the same bytes in the end.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        if above := os.environ.pop(ABOVE, ""):
            self._socket = socket.socket(fileno=int(above))
        else:
            self.process, self._socket = forking.begun()
            self._say(at=str(folder))
        self._kernels: dict[str, Forked] = {}
        self._closed = False
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()

    @classmethod
    @contextlib.contextmanager
    def start(cls, folder: Path) -> Iterator[Parent | None]:
        """The parent of a run's kernels, ended with all of them at the end of the `with`."""
        parent = None
        with contextlib.suppress(OSError):
            parent = cls(folder)
        try:
            yield parent
        finally:
            if parent:
                parent.close()

    def load(self, folder: Path, *modules: str, **view: str) -> None:
        """Let every kernel find the book of a snapshot's folder in memory, cut, and modules."""
        self._say(load=str(folder), modules=modules, view=view)

    def fork(self, name: str, **how: Any) -> Forked | None:
        """A new kernel; None where the process cannot fork one."""
        kernel = self._kernels[name] = Forked()
        self._say(fork=name, **how)
        while not kernel.there.wait(1) and self._ear.is_alive():
            pass  # a process that is gone answers nobody
        return kernel if kernel.pid else None

    def work(self, asked: IO[bytes], answer: IO[bytes]) -> Any:
        """The process that `limited.run` hands its work to, forked like a kernel."""
        ours = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (asked, answer)]
        forked = self.fork(ours[0], work=ours)
        if self._closed:
            raise OutputError("the run was stopped")
        return forked or spawned(asked, answer)

    def close(self) -> None:
        """Hang up: the process ends its kernels and itself, and no work is begun any more."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self.process:
            self.process.wait()
        self._ear.join()  # the process has ended what it forked for us, and hung up
        self._socket.close()

    def _say(self, **what: Any) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._socket.sendall(json.dumps(what).encode() + b"\n")

    def _listen(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile(encoding="utf-8") as lines:
            for said in map(json.loads, lines):
                kernel = self._kernels[said.get("forked", said.get("ended"))]
                kernel.pid = said.get("pid", kernel.pid)
                kernel.there.set()
                if "ended" in said:
                    kernel.returncode = said["code"]
                    kernel.gone.set()
        for kernel in list(self._kernels.values()):  # the process is gone, and they with it
            if kernel.returncode is None:
                kernel.returncode = -signal.SIGKILL
            kernel.there.set()
            kernel.gone.set()


class _Provisioner(LocalProvisioner):
    """A local process that remembers how it ended and may not take more than its memory."""

    memory: int | None = None
    parent_process: Parent | None = None
    ended: int | None = None
    unwanted: bool = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        forked = self.parent_process and self.parent_process.fork(
            self.kernel_id,
            connection=cmd[cmd.index("-f") + 1],
            env=kwargs["env"],
            cwd=kwargs["cwd"],
            stderr=kwargs["stderr"].name,
            memory=self.memory,
        )
        if forked:
            self.process = forked  # type: ignore[assignment]  # what a process is asked, it answers
            self.pid = self.pgid = forked.pid
            self.cwd = kwargs["cwd"]
        else:
            await super().launch_kernel(cmd, **kwargs)
            if self.memory and self.pid and sys.platform == "linux":
                import resource

                with contextlib.suppress(OSError):
                    resource.prlimit(self.pid, resource.RLIMIT_AS, (self.memory, self.memory))
        if self.unwanted and self.process:  # the run was stopped while this one was starting
            self.process.kill()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - as there
        await super().kill(restart)
        with contextlib.suppress(subprocess.TimeoutExpired):  # else it is looked for in a while
            self.process.wait(1)  # type: ignore[union-attr]  # there is one

    async def poll(self) -> int | None:
        code = await super().poll()
        if self.process is not None and code is not None:
            self.ended = code
        return code


class _Client(AsyncKernelClient):
    """A client that begins once its kernel has answered, without listening for more until then."""

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        context.setsockopt(zmq.RECONNECT_IVL, _AGAIN)
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as there
        """Return when both channels speak; raise where the kernel died or says nothing."""
        began = time.monotonic()
        while timeout is None or time.monotonic() - began < timeout:
            if not await self.is_alive():
                raise RuntimeError("Kernel died before it answered")
            self.kernel_info()
            with contextlib.suppress(Empty):
                await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)
                return
        raise RuntimeError(f"the kernel did not answer in {timeout} seconds")


class Kernel(AsyncKernelManager):
    """A kernel manager for one notebook: `Kernel.make`, `kill` from any thread, `fate`."""

    @classmethod
    def make(
        cls, folder: Path, name: str, *, memory: int | None, parent: Parent | None = None
    ) -> Kernel:
        """A kernel that is not started yet, with its connection file and sockets in `folder`.

        The interpreter is the calling one, whatever kernelspec the notebook names. Sockets
        are files in the private folder where the system has them: nobody else can connect,
        and no two runs can meet on a port.
        """
        file = folder / f"{name}.json"
        ipc = os.name == "posix" and len(os.fsencode(file)) <= _IPC_LIMIT
        kernel = cls(
            connection_file=str(file),
            transport="ipc" if ipc else "tcp",
            autorestart=False,
            kernel_name="python3",
            client_factory=_Client,
        )
        kernel._kernel_spec = KernelSpec(
            argv=[sys.executable, *forking.ARGUMENTS], display_name="Python 3", language="python"
        )
        kernel.provisioner = _Provisioner(
            kernel_id=name, kernel_spec=kernel._kernel_spec, parent=kernel
        )
        kernel.provisioner.memory = memory
        kernel.provisioner.parent_process = parent
        return kernel

    def kill(self) -> None:
        """End the kernel and all it started, at once; may be called from any thread."""
        if not isinstance(self.provisioner, _Provisioner):
            return
        self.provisioner.unwanted = True
        process = self.provisioner.process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)  # the kernel leads its own group
            else:
                process.kill()

    @property
    def fate(self) -> str:
        """How the process ended, in words."""
        code = getattr(self.provisioner, "ended", None)
        if code is None:
            return "its kernel died"
        if code == -9:
            return "its kernel was killed (signal 9), as happens where memory runs out"
        if code < 0:
            return f"its kernel was killed by signal {-code}"
        return f"its kernel ended by itself with exit code {code}"
