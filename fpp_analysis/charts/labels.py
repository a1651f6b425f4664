"""Text in a chart: its size in points, and labels side by side that never overlap."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import get_data_path
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.textpath import text_to_path

from fpp_analysis.arrays import Floats
from fpp_analysis.fonts import families
from fpp_analysis.numbers import shortened

SIZE = 8.0  # points; nothing in a chart is smaller
LINE = 10.5  # points from one line of text to the next
GAP = 4.0  # points of white between two labels
PAD = 4.0  # points between an axis and its labels
MOST_LETTERS = 120  # of one line; more are never legible
EDGE = 2.0  # points left white at the edge of the figure
FONT_SIZE = text_to_path.FONT_SCALE  # of outlines, which are scaled to the size that is wanted


@lru_cache(maxsize=4096)
def measured(line: str, font: FontProperties, math: Any = False) -> tuple[float, float, float]:  # noqa: FBT002 - as matplotlib calls it
    """Width, height and depth of a line in a font; the renderer asks for the same ones again."""
    if math:
        return text_to_path.get_text_width_height_descent(line, font, math)
    letters, scale = laid_out(line, face(font)), font.get_size_in_points() / FONT_SIZE
    if not letters:
        return 0.0, 0.0, 0.0
    boxes = [(one.y, _box(one.ft_object, one.glyph_index)) for one in letters]
    foot, top = min(y + box[0] for y, box in boxes), max(y + box[1] for y, box in boxes)
    width = letters[-1].x + boxes[-1][1][2]
    return width * scale, (top - foot) * scale, -foot * scale


@lru_cache(maxsize=256)
def line_height(font: FontProperties) -> tuple[float, float, float]:
    """Ascent, descent and gap of a font's lines, read once; matplotlib reads them for each text."""
    used, size = face(font), font.get_size_in_points()
    table, scale = used.get_sfnt_table("OS/2"), 1 / used.units_per_EM * size
    ascent, descent = table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale
    return ascent, descent, table["sTypoLineGap"] * scale


@lru_cache(maxsize=256)
def face(font: FontProperties) -> Any:
    """The face that a font's letters are outlined with, at a size of `FONT_SIZE`."""
    return _opened(*fontManager._find_fonts_by_props(font))  # noqa: SLF001


@cache
def _opened(first: str, *others: str) -> FT2Font:
    """A face in memory, with the faces for letters that it lacks and, last, matplotlib's boxes.

    matplotlib reads each letter off an open file, which takes as long as the rest, and of which
    processes forked from this one would share the place.
    """
    boxes = _read(f"{get_data_path()}/fonts/ttf/LastResortHE-Regular.ttf", _warn_if_used=True)
    boxes.set_charmap(0)
    made = _read(first, _fallback_list=[*map(_read, others), boxes])
    made.set_size(FONT_SIZE, 72)
    return made


def _read(file: str, **how: Any) -> FT2Font:
    """A font's file, at the index that matplotlib may have found it at."""
    at = getattr(file, "face_index", 0)
    return FT2Font(io.BytesIO(Path(file).read_bytes()), face_index=at, **how)


@lru_cache(maxsize=4096)
def laid_out(line: str, face: Any) -> list[Any]:
    """The letters of a line at their places: laid out once, to be measured and to be drawn."""
    found: list[Any] = face._layout(line, LoadFlags.NO_HINTING)  # noqa: SLF001
    return found


@lru_cache(maxsize=4096)
def _box(face: Any, letter: int) -> tuple[float, float, float]:
    """Foot and top of a letter, and how far it is to the next."""
    found = face.load_glyph(letter, flags=LoadFlags.NO_HINTING)
    return found.bbox[1] / 64, found.bbox[3] / 64, found.horiAdvance / 64


@lru_cache(maxsize=4096)
def outlined(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width of a text's outlines in points (of its longest line), without a renderer."""
    font = FontProperties(family=families(text), size=size, weight=weight)
    return max(float(measured(line, font, False)[0]) for line in text.split("\n"))


def width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width of a text in a chart: a little more, for renderers fit letters to whole pixels."""
    return 1.02 * outlined(text, size, weight)


def cut(text: str, room: float) -> str:
    """A text shortened in its middle to the room in points, whole where it fits.

    What differs at its end stays told apart; a name of any length costs as much as a short one.
    """
    text = shortened(text, MOST_LETTERS)
    if width(text) <= room:
        return text
    low, high = 0, len(text) - 1  # letters that fit, letters that do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if width(shortened(text, middle)) <= room else (low, middle)
    return shortened(text, low)


def wrap(text: str, room: float, lines: int = 2) -> str:
    """A text in at most so many lines of the room in points; the last is cut where it must be."""
    done: list[str] = []
    words = shortened(text, MOST_LETTERS * lines).split(" ")
    while words and len(done) < lines - 1:
        n = 1
        while n < len(words) and width(" ".join(words[: n + 1])) <= room:
            n += 1
        done.append(cut(" ".join(words[:n]), room))
        words = words[n:]
    return "\n".join([*done, cut(" ".join(words), room)] if words else done)


def apart(names: Sequence[str], room: float, lines: int = 1) -> list[str]:
    """Names in the room, those that would read alike without what they have in common.

    >>> apart(["Plant of the north, line 1 (old)", "Plant of the north, line 2 (old)"], 60)
    ['…1 (old)', '…2 (old)']
    """
    shown = [wrap(name, room, lines) for name in names]
    for one in {label for label in shown if shown.count(label) > 1}:
        at = [i for i, label in enumerate(shown) if label == one]
        letters = zip(*(names[i] for i in at), strict=False)
        same = next((i for i, one_each in enumerate(letters) if len(set(one_each)) > 1), 0)
        for i in at if same else ():
            shown[i] = wrap("…" + names[i][same:], room, lines)
    return shown


def alike(names: Sequence[str], lines: Iterable[Floats]) -> list[list[str]]:
    """The names of lines that lie on each other together, by the first of each.

    >>> alike(["a", "b", "c"], np.array([[1.0, 2.0], [3.0, np.nan], [1.0, 2.0]]))
    [['a', 'c'], ['b']]
    """
    found: dict[bytes, list[str]] = {}
    for name, line in zip(names, lines, strict=True):
        found.setdefault((np.round(line, 9) + 0.0).tobytes(), []).append(name)
    return list(found.values())


def spread(targets: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions at least `gap` apart within [low, high], each as near its target as it can be.

    Least squares by pooling neighbours that would overlap; the order of the targets is kept.
    The room must hold them: (n − 1) × gap ≤ high − low.

    >>> spread([1.0, 1.0, 9.0], 2.0, 0.0, 10.0)
    [0.0, 2.0, 9.0]
    """
    order = sorted(range(len(targets)), key=lambda i: targets[i])
    pools: list[tuple[float, int]] = []  # mean and number of what stands together
    for rank, i in enumerate(order):
        pool = (targets[i] - rank * gap, 1)
        while pools and pools[-1][0] >= pool[0]:
            mean, n = pools.pop()
            pool = ((mean * n + pool[0] * pool[1]) / (n + pool[1]), n + pool[1])
        pools.append(pool)
    room = high - low - (len(targets) - 1) * gap
    level = [mean for mean, n in pools for _ in range(n)]
    out = [0.0] * len(targets)
    for rank, i in enumerate(order):
        out[i] = low + min(max(level[rank] - low, 0.0), room) + rank * gap
    return out


def most_important(importance: Sequence[float], gap: float, room: float) -> list[int]:
    """Which labels to keep, in their order, so that they fit a gap apart: the most important."""
    ranked = sorted(range(len(importance)), key=lambda i: (-importance[i], i))
    return sorted(ranked[: int(room // gap) + 1])


def fits(centres: Sequence[float], texts: Sequence[str], gap: float = GAP) -> bool:
    """Whether texts centred on a line (points) stand side by side without touching."""
    spans = [(x - width(t) / 2, x + width(t) / 2) for x, t in zip(centres, texts, strict=True) if t]
    return all(a[1] + gap <= b[0] for a, b in pairwise(sorted(spans)))


def thinned(centres: Sequence[float], texts: Sequence[str], gap: float = GAP) -> list[str]:
    """The texts with as few blanked as needed: every second, third, … counted from the last."""
    n = len(texts)
    for step in range(1, n + 1):
        kept = [t if (n - 1 - i) % step == 0 else "" for i, t in enumerate(texts)]
        if fits(centres, kept, gap):
            return kept
    return [""] * (n - 1) + list(texts[-1:])
