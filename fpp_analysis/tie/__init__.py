"""Tick and tie: every number of a text tied to the figures that it equals (docs/tie.md)."""

from fpp_analysis.tie.marks import Known as Known, Mark as Mark, Tie as Tie, Tied as Tied
from fpp_analysis.tie.matching import tie as tie
from fpp_analysis.tie.texts import Text as Text, read as read
