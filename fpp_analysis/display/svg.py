"""What matplotlib draws, written as small, deterministic SVG: attributes, two decimals, no comment.

Two decimals of a point are a seven-thousandth of an inch. Letters are outlines that a picture
defines once, under names that are the same in every picture.
"""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Any

from matplotlib import _path
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex, to_rgba
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D
from PIL import Image

from fpp_analysis.charts import labels

LETTER = r'(?:\w+-)+[0-9a-f]+"'
"""The id of a letter's outline: its font and its number in it, the same in every picture."""

_DOTS = 100 / 72  # of an image to a point
_WHOLE = 64  # times a font's unit: in these its outlines are whole numbers
_HATCH = 72  # points after which a hatch repeats
_CAPS = {"projecting": "square"}
_USUAL: dict[str, Any] = {
    "x": 0, "y": 0, "opacity": 1, "fill-opacity": 1, "clip-path": "",
    "stroke-width": 1, "stroke-opacity": 1, "stroke-linejoin": "round", "stroke-linecap": "butt",
    "stroke-dasharray": "", "stroke-dashoffset": 0,
}  # fmt: skip


class Renderer(RendererBase):
    """Writes what is drawn, y upwards as matplotlib counts."""

    get_text_width_height_descent = staticmethod(labels.measured)
    _get_font_height_metrics = staticmethod(labels.line_height)

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self._size = width, height
        self._upwards = f"matrix(1 0 0 -1 0 {_number(height)})"
        self._drawn: list[str] = []
        self._defined: dict[str, str] = {}  # what is referred to, and its id
        self._letters: dict[str, str] = {}  # the outline of each, by its name

    def svg(self, over: str = "") -> str:
        """The picture, with what lies over it, y downwards."""
        width, height = map(_number, self._size)
        letters = (_tag("path", id=name, d=outline) for name, outline in self._letters.items())
        other = (one.replace("~", name) for one, name in self._defined.items())
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}">'
            f"<defs>{''.join(letters)}</defs>"
            f'<g stroke-linejoin="round" transform="{self._upwards}">'
            f"<defs>{''.join(other)}</defs>{''.join(self._drawn)}</g>{over}</svg>"
        )

    def flipy(self) -> bool:
        """Whether y is counted downwards."""
        return False

    def get_image_magnification(self) -> float:
        """How many dots of an image there are to a point."""
        return _DOTS

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803
        """A line or a shape; of a line only what lies in the picture."""
        line = rgbFace is None and gc.get_hatch_path() is None
        box = (0.0, 0.0, *self._size) if line else None
        bends = path.should_simplify and line, gc.get_sketch_params()
        self._draw(gc, "path", d=_d(path, transform, box, *bends), **self._look(gc, rgbFace))

    def draw_image(self, gc: Any, x: float, y: float, im: Any, *_: Any) -> None:
        """An image, its first row lowest."""
        out = io.BytesIO()
        Image.fromarray(im).save(out, format="png")
        coded = base64.b64encode(out.getvalue()).decode()
        size = {"width": im.shape[1] / _DOTS, "height": im.shape[0] / _DOTS}
        self._draw(gc, "image", x=x, y=y, **size, xlink__href=f"data:image/png;base64,{coded}")

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float,
        ismath: Any = None, mtext: Any = None,
    ) -> None:  # fmt: skip
        """A line of text as letters that are defined once; a formula as a shape."""
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        placed, letters = _placed(s, prop)
        self._letters.update(letters)
        turned = f" rotate({_number(angle)})" if angle else ""
        scale = prop.get_size_in_points() / labels.FONT_SIZE / _WHOLE
        at = f"translate({_number(x)} {_number(y)}){turned} scale({scale:g})"
        rgb = gc.get_rgb()
        alpha = gc.get_alpha() if gc.get_forced_alpha() else rgb[3]
        self._draw(gc, "g", placed, fill=to_hex(rgb), opacity=alpha, transform=at)

    def _draw(self, gc: Any, tag: str, inside: str = "", **look: Any) -> None:
        """Write an element within what bounds it."""
        (path, transform), box, clip = gc.get_clip_path(), gc.get_clip_rectangle(), ""
        if path is not None:
            clip = self._named("clipPath", _tag("path", d=_d(path, transform)))
        elif box is not None:
            x, y, width, height = box.bounds
            clip = self._named("clipPath", _tag("rect", x=x, y=y, width=width, height=height))
        self._drawn.append(_tag(tag, inside, **look, clip_path=clip))

    def _named(self, tag: str, inside: str, **look: Any) -> str:
        """How to refer to a definition."""
        name = self._defined.setdefault(_tag(tag, inside, id="~", **look), f"p{len(self._defined)}")
        return f"url(#{name})"

    def _look(self, gc: Any, face: Any) -> dict[str, Any]:
        """Fill and stroke."""
        forced, width, rgb = gc.get_forced_alpha(), gc.get_linewidth(), gc.get_rgb()
        fill = "none" if face is None else to_hex(face)
        look = {
            "fill": self._hatch(gc, fill) if gc.get_hatch() else fill,
            "opacity": gc.get_alpha() if forced else 1,
            "fill_opacity": 1 if forced or face is None else to_rgba(face)[3],
        }
        if not width:
            return look
        (offset, dashes), cap = gc.get_dashes(), gc.get_capstyle()
        return look | {
            "stroke": to_hex(rgb),
            "stroke_width": width,
            "stroke_opacity": 1 if forced else rgb[3],
            "stroke_linejoin": gc.get_joinstyle(),
            "stroke_linecap": _CAPS.get(cap, cap),
            "stroke_dasharray": ",".join(map(_number, dashes or ())),
            "stroke_dashoffset": offset or 0,
        }

    def _hatch(self, gc: Any, fill: str) -> str:
        """A hatch on a colour, which begins at the picture's upper left corner."""
        ink = gc.get_hatch_color()
        d = _d(gc.get_hatch_path(), Affine2D().scale(_HATCH, -_HATCH).translate(0, _HATCH))
        ground = _tag("rect", width=_HATCH + 1, height=_HATCH + 1, fill=fill)
        lines = _tag(
            "path", d=d, fill=to_hex(ink), stroke=to_hex(ink), stroke_opacity=ink[3],
            stroke_width=gc.get_hatch_linewidth(), stroke_linejoin="miter",
        )  # fmt: skip
        return self._named(
            "pattern", ground + lines, patternUnits="userSpaceOnUse", width=_HATCH, height=_HATCH,
            patternTransform=self._upwards,
        )  # fmt: skip


def _d(path: Path, transform: Any = None, box: Any = None, *bends: Any) -> str:
    """A path's data."""
    simplify, sketch = bends or (False, None)
    codes = [b"M", b"L", b"Q", b"C", b"z"]
    write: Any = _path.convert_to_string  # type: ignore[attr-defined]
    found: bytes = write(path, transform, box, simplify, sketch, 2, codes, False)
    return found.decode("ascii").replace("-0 ", "0 ").replace(" \n", "").replace("\n", "")


@lru_cache(4096)
def _placed(text: str, font: Any) -> tuple[str, dict[str, str]]:
    """A line as letters at their places, and the outlines of these; laid out once for all."""
    uses: list[str] = []
    letters: dict[str, str] = {}
    for one in labels.laid_out(text, labels.face(font)):
        name, outline = _letter(one.ft_object, one.glyph_index)
        if outline:
            place = (("x", one.x), ("y", one.y))
            at = "".join(f' {axis}="{_number(_WHOLE * far)}"' for axis, far in place if far)
            uses.append(f'<use{at} xlink:href="#{name}"/>')
            letters[name] = outline
    return "".join(uses), letters


@lru_cache(4096)
def _letter(font: Any, glyph: int) -> tuple[str, str]:
    """The name of a letter, and its outline; of one that draws nothing that is empty."""
    name: str = text_to_path._get_glyph_repr(font, glyph)  # type: ignore[attr-defined] # noqa: SLF001
    font.load_glyph(glyph, flags=LoadFlags.NO_HINTING)
    points, codes = font.get_path()
    return name, _d(Path(_WHOLE * points, codes))


def _tag(tag: str, inside: str = "", **attributes: Any) -> str:
    """An element; what is said of it but goes without saying is left out."""
    named = ((k.replace("__", ":").replace("_", "-"), v) for k, v in attributes.items())
    said = "".join(f' {k}="{_number(v)}"' for k, v in named if v != _USUAL.get(k))
    return f"<{tag}{said}>{inside}</{tag}>" if inside else f"<{tag}{said}/>"


def _number(value: Any) -> str:
    """A number with two decimals at most, and a word as it is."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
