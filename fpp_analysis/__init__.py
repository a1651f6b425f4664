"""Long-term service contracts: backlog, coverage and cash flow, exact and defensible.

Frames first: a `Book` goes in, a tidy frame comes out.

>>> import fpp_analysis as fpp
>>> book = fpp.load_book("sample")
>>> fpp.backlog(book, as_of="2009-11-30").columns.tolist()
['as_of', 'backlog']

Nothing is imported before it is asked for: `import fpp_analysis` costs next to nothing.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_FACE = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOME = {
    one.name: str(node.module)
    for node in _FACE.body
    if isinstance(node, ast.ImportFrom)
    for one in node.names
}
__all__ = sorted(_HOME)  # noqa: PLE0605 - names, of the one list that there is


def __getattr__(name: str) -> Any:
    """A name of the public face, from the room that is its home."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Face(ModuleType):
    """A module in which a public function stays, whatever room of its name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
