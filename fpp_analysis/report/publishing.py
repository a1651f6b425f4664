"""Move a pack into place whole or not at all; readers always see one whole pack.

    reports/b-FY2010Q2                a link to the pack that is current
    reports/b-FY2010Q2-superseded-1   a link to one that was stale and is replaced
    reports/.b-FY2010Q2.pack-k3v9…    the pack itself, and up to two before it, so that who is
                                      reading while it is replaced can finish
    reports/.b-FY2010Q2.stage-…       a pack in the making; a dead one is cleared by the next run
    reports/.b-FY2010Q2.lock          held by the run that is making it
    reports/.b.book                   whose packs begin so

A pack is written beside its place, its files forced to disk together, then its manifest, then
its folders; only then two renames make it current. A run that is killed at any moment leaves the
earlier pack as it was.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fpp_analysis.errors import (
    FppError,
    LockedError,
    OutputError,
    PermissionRefusedError,
    WriteError,
)

try:
    import fcntl
except ImportError:  # Windows: no lock, see docs
    fcntl = None  # type: ignore[assignment]

CLOSED: int = getattr(os, "O_CLOEXEC", 0)  # Windows: handles are not handed on by themselves
MANIFEST = "MANIFEST.json"
KEPT = 1  # replaced packs left when a run begins; the one that it replaces makes two
_TOGETHER = 16  # files forced to disk at once: it writes them in one go, and each alone in its own
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]{0,120}")
_FULL = {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EPIPE}
_REFUSED = {errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pack goes: the folder of packs and the pack's name; held by one run at a time."""

    out: Path
    name: str

    @property
    def path(self) -> Path:
        """The pack, as readers open it."""
        return self.out / self.name

    def beside(self, what: str) -> str:
        """The beginning of the names that belong to this pack alone."""
        return f".{self.name}.{what}"

    @property
    def superseded(self) -> list[Path]:
        """The links to packs that were replaced and stay, the oldest first."""
        links = [p for p in self.out.glob(f"{self.name}-superseded-*") if p.is_symlink()]
        return sorted(links, key=lambda link: (len(link.name), link.name))

    def keep(self) -> None:
        """Let the current pack stay under a name of its own when another one replaces it."""
        current, kept = self.current, self.superseded
        if current is None or (kept and kept[-1].resolve() == current):
            return  # nothing is there, or a run that was killed has kept it already
        number = int(kept[-1].name.rpartition("-")[2]) + 1 if kept else 1
        link = self.out / f"{self.name}-superseded-{number}"
        link.symlink_to(current.name, target_is_directory=True)
        _force(self.out)

    @property
    def current(self) -> Path | None:
        """The folder that the pack's name leads to now, or None."""
        return self.path.resolve() if self.path.exists() else None


@contextlib.contextmanager
def claimed(out: Path, name: str, *, wait: float = 0.0) -> Iterator[Place]:
    """Hold a pack's place for a run: make the folder, take the lock, clear what died here.

    Raises `LockedError` where another run holds it for longer than `wait` seconds,
    `OutputError` or `PermissionRefusedError` where nothing can be written there.
    """
    if not _NAME.fullmatch(name):
        raise OutputError(f"{name!r} cannot be the name of a pack (letters, digits, . _ = -)")
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)
        place = Place(out.resolve(), name)
    if place.path.exists() and not place.path.is_symlink() and fcntl:
        raise OutputError(
            f"{place.path} is a folder or file that this program did not make "
            "(move it away, or choose another --out)"
        )
    with _lock(place, wait):
        with explained(out):
            _clear(place)
        yield place


@contextlib.contextmanager
def _lock(place: Place, wait: float) -> Iterator[None]:
    """Hold the lock file; it is gone again when nobody holds it."""
    if not fcntl:
        yield
        return
    path, end = place.out / place.beside("lock"), time.monotonic() + wait
    while True:
        with explained(path):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | CLOSED
            handle = os.open(path, flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # the file may have been removed by its last holder between open and lock
            if _same(handle, path):
                break
        except OSError:
            if time.monotonic() >= end:
                holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
                os.close(handle)
                raise LockedError(
                    f"another run{f' (process {holder})' if holder else ''} is making "
                    f"{place.path}; try again when it has finished, or wait with --wait SECONDS"
                ) from None
        os.close(handle)
        time.sleep(0.02)
    try:
        with contextlib.suppress(OSError):  # a full disk must not keep the message from the user
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _clear(place: Place) -> None:
    """Remove what killed runs left, and packs that are long replaced."""
    for left in place.out.glob(f"{place.beside('stage')}-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in place.out.glob(f"{place.beside('link')}-*"):
        left.unlink(missing_ok=True)
    stay = {place.current, *(link.resolve() for link in place.superseded)}
    packs = [p for p in place.out.glob(f"{place.beside('pack')}-*") if p not in stay]
    packs.sort(key=lambda pack: pack.stat().st_ctime_ns)
    for replaced in packs[: max(0, len(packs) - KEPT)]:
        shutil.rmtree(replaced, ignore_errors=True)


@dataclass(slots=True)
class Stage:
    """A pack in the making, beside its place: `write` its files, then `publish` it once."""

    place: Place
    folder: Path
    hashes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, name: str, data: bytes) -> None:
        """Write one file. Raises `WriteError` where the disk refuses it."""
        path = self.folder / name
        with explained(self.place.path / name):
            path.parent.mkdir(exist_ok=True)
            _write_new(path, data)
        self.hashes[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    def manifest(self, facts: Mapping[str, Any]) -> bytes:
        """What says how the pack was made and what its files are; its hash stands for them all."""
        manifest = {**facts, "files": dict(sorted(self.hashes.items()))}
        return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()

    def publish(self, facts: Mapping[str, Any], *, keep: bool = False) -> Path:
        """Write the manifest, then make the pack current; returns the pack's path.

        `keep`: the pack that is replaced stays, as `NAME-superseded-1` and on.
        """
        with ThreadPoolExecutor(_TOGETHER) as pool:
            list(pool.map(self._force, self.hashes))
        with explained(self.place.path):
            _write_new(self.folder / MANIFEST, self.manifest(facts))
            folders = sorted({(self.folder / name).parent for name in self.hashes})
            for path in (self.folder / MANIFEST, *folders, self.folder):
                _force(path)
            if keep:
                self.place.keep()
            self._switch()
        return self.place.path

    def _force(self, name: str) -> None:
        with explained(self.place.path / name):
            _force(self.folder / name)

    def _switch(self) -> None:
        place = self.place
        mask = os.umask(0)
        os.umask(mask)
        self.folder.chmod(0o777 & ~mask)
        token = self.folder.name.rpartition("-")[2]
        pack = place.out / f"{place.beside('pack')}-{token}"
        self.folder.rename(pack)
        _force(place.out)
        link = place.out / f"{place.beside('link')}-{token}"
        try:
            link.symlink_to(pack.name, target_is_directory=True)
        except (NotImplementedError, OSError):  # what Python raises where links are not allowed
            if os.name == "posix":
                raise
            _replace_folder(pack, place.path)  # pragma: no cover - Windows
            return
        link.replace(place.path)
        _force(place.out)


def _replace_folder(pack: Path, path: Path) -> None:  # pragma: no cover - Windows
    """Where links are not allowed: the old folder steps aside for an instant."""
    if path.exists():
        path.rename(path.with_name(f".{path.name}.pack-{os.getpid()}"))
    pack.rename(path)


@contextlib.contextmanager
def staged(place: Place) -> Iterator[Stage]:
    """A stage beside the place; removed at the end unless it was published."""
    with explained(place.out):
        folder = Path(tempfile.mkdtemp(prefix=f"{place.beside('stage')}-", dir=place.out))
    try:
        yield Stage(place, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace_whole(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Put a single file in place of the one before it: a reader sees either, never a part.

    Raises the `FppError` of what the system says against it.
    """
    data = content.encode() if isinstance(content, str) else content
    stage = path.with_name(f".{path.name}.{os.getpid()}")
    with explained(path):
        stage.unlink(missing_ok=True)
        _write_new(stage, data, mode)
        _force(stage)
        stage.replace(path)


def _write_new(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file that is not there yet, through no link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | CLOSED
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def _force(path: Path) -> None:
    """Force a file, or a folder's entries, to disk."""
    posix = hasattr(os, "O_DIRECTORY")
    if not posix and path.is_dir():  # Windows: a folder cannot be opened, and a file not to read
        return
    handle = os.open(path, (os.O_RDONLY if posix else os.O_RDWR) | CLOSED)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says about a write into an error with its exit code."""
    try:
        yield
    except OSError as problem:
        raise _error(path, problem) from problem


def _error(path: Path, problem: OSError) -> FppError:
    said = problem.strerror or str(problem)
    if problem.errno in _FULL:
        return WriteError(f"{path}: {said}; nothing was published, the earlier pack is unchanged")
    if problem.errno in _REFUSED:
        return PermissionRefusedError(f"{path}: {said} (choose another --out, or ask for access)")
    return OutputError(f"{path}: {said} (choose another --out)")
