"""Tick and tie: every number of a text tied to the figures that it equals (docs/tie.md)."""

from fpp_analysis.tie.marks import Known, Mark, Tie, Tied
from fpp_analysis.tie.matching import tie
from fpp_analysis.tie.texts import Text, read

__all__ = ["Known", "Mark", "Text", "Tie", "Tied", "read", "tie"]
