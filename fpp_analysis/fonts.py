"""Fonts for scripts that DejaVu lacks: which a text needs, where they lie, cut to its letters.

DejaVu Sans comes with matplotlib and has Latin, Greek, Cyrillic, Arabic and Hebrew. The Noto
fonts come as wheels and are read only where a book has their letters.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

LATIN = "DejaVu Sans"


@dataclass(frozen=True, slots=True)
class Font:
    """A font of a wheel: its family, where it lies, and the letters that it is for."""

    family: str
    package: str
    file: str
    letters: str  # ranges of a regular expression's class

    @property
    def ranges(self) -> str:
        """The letters as a style sheet's `unicode-range`."""
        ends = re.findall("(.)-(.)", self.letters)
        return ", ".join(f"U+{ord(low):X}-{ord(high):X}" for low, high in ends)

    @property
    def path(self) -> Path | None:
        """The font's file; None where its wheel is not installed."""
        found = find_spec(self.package)
        path = Path(found.origin).parent / self.file if found and found.origin else None
        return path if path and path.is_file() else None


FONTS = (
    Font(
        "Noto Sans CJK TC", "cvttf_NotoSansCJK_Regular", "NotoSansCJKtc-Regular.otf",
        "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
        "\U00020000-\U0003ffff",
    ),
    Font("Noto Sans Thai", "fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf",
         "\u0e00-\u0e7f"),
    Font("Noto Sans Devanagari", "fontpkg_noto_sans_devanagari",
         "files/NotoSansDevanagari[wdth,wght].ttf", "\u0900-\u097f\u1cd0-\u1cff\ua8e0-\ua8ff"),
)  # fmt: skip


def needed(text: str) -> list[Font]:
    """The fonts, of those installed, that a text needs besides DejaVu.

    >>> [font.family for font in needed("Alder, 東京")], needed("Ålder Ω Я")
    (['Noto Sans CJK TC'], [])
    """
    found = _beyond_ascii(text)
    return [font for font in FONTS if re.search(f"[{font.letters}]", found) and font.path]


def _beyond_ascii(text: str) -> str:
    """Little of a page: what is looked for in it need not see its pictures."""
    return text.encode("utf-8", "ignore").translate(None, bytes(range(128))).decode()


def missing(text: str) -> str:
    """The letters of a text that no font here has, each once, in order."""
    rest = dict.fromkeys(filter(str.isprintable, _beyond_ascii(text)))
    for font in needed(text):
        pattern = re.compile(f"[{font.letters}]")
        rest = {ch: None for ch in rest if not pattern.match(ch)}
    return "".join(ch for ch in rest if ord(ch) not in _latin())


@cache
def _latin() -> frozenset[int]:
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    path = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return frozenset(FT2Font(str(path)).get_charmap())


def from_left(line: str) -> str:
    """A line of English that runs from left to right, also where it begins with another script."""
    return f"\u200e{line}" if unicodedata.bidirectional(line[:1]) in ("R", "AL") else line


def families(text: str) -> list[str]:
    """The families in which a text is set, DejaVu first; those needed are made known."""
    found = needed(text)
    for font in found:
        _known_to_matplotlib(font)
    return [LATIN, *(font.family for font in found)]


@cache
def _known_to_matplotlib(font: Font) -> None:
    from matplotlib import font_manager

    if font.path:
        font_manager.fontManager.addfont(font.path)


def folders(text: str) -> list[Path]:
    """Where the fonts lie that a text needs, besides DejaVu's."""
    return [font.path.parent for font in needed(text) if font.path]


def subset(font: Font, text: Iterable[str]) -> bytes:
    """A font with the letters of a text only, as WOFF; the same bytes for the same letters."""
    from fontTools import subset as cutting

    letters = sorted(set("".join(text)))
    options = cutting.Options(flavor="woff", layout_features=["*"], notdef_outline=True)
    options.drop_tables += ["DSIG"]
    whole = cutting.load_font(str(font.path), options)
    whole["head"].modified = whole["head"].created
    whole.recalcTimestamp = False
    cutter = cutting.Subsetter(options)
    cutter.populate(text="".join(letters))
    cutter.subset(whole)
    out = io.BytesIO()
    whole.flavor = "woff"
    whole.save(out)
    return out.getvalue()
