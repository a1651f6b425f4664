"""Axes for pictures that are drawn once: they look like any others and cost less."""

from __future__ import annotations

from copy import copy
from typing import Any

from matplotlib import axes, axis


class _Axis(axis.Axis):
    """Ticks are copies of the first; nobody looks where their labels end unless it matters."""

    def _get_tick(self, major: bool) -> axis.Tick:  # noqa: FBT001 - as matplotlib calls it
        """A tick with the looks of the first one, which takes several times as long to make."""
        made: list[axis.Tick] = vars(self).get("majorTicks" if major else "minorTicks", [])
        if not made:
            return super()._get_tick(major)  # type: ignore[misc]
        tick = copy(made[0])
        for part in ("tick1line", "tick2line", "gridline", "label1", "label2"):
            setattr(tick, part, copy(getattr(tick, part)))
        for label in (tick.label1, tick.label2):
            label.set_fontproperties(label.get_fontproperties())  # of its own
        return tick

    def set_tick_params(self, which: Any = "major", reset: bool = False, **look: Any) -> None:  # noqa: FBT001, FBT002 - as matplotlib calls it
        """Nothing where the ticks look so already."""
        said = self._translate_tick_params(look)  # type: ignore[attr-defined]
        sides = ("major", "minor") if which == "both" else (which,)
        known = [vars(self)[f"_{side}_tick_kw"] for side in sides]
        if reset or any(kw.get(name) != value for kw in known for name, value in said.items()):
            super().set_tick_params(which, reset, **look)

    def _copy_tick_props(self, src: axis.Tick, dest: axis.Tick) -> None:
        """Nothing is left to copy."""

    def _get_ticklabel_bboxes(self, ticks: Any, renderer: Any) -> Any:
        """Where labels are, for what stands beyond them: the axis' own label and its offset."""
        formatter: Any = self.major.formatter
        if self.label.get_text() or formatter.get_offset():
            return super()._get_ticklabel_bboxes(ticks, renderer)  # type: ignore[misc]
        return [], []


class _XAxis(_Axis, axis.XAxis):
    pass


class _YAxis(_Axis, axis.YAxis):
    pass


class OnceAxes(axes.Axes):
    """Axes with such ticks."""

    def _init_axis(self) -> None:
        self.xaxis, self.yaxis = _XAxis(self, clear=False), _YAxis(self, clear=False)
        for side, spine in self.spines.items():
            spine.register_axis(self.xaxis if side in ("bottom", "top") else self.yaxis)
