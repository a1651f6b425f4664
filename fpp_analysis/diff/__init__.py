"""Two states of a book compared: which rows changed, and what that does to each figure."""

from fpp_analysis.diff.bridge import (
    LABELS,
    STEPS,
    Bridge,
    bridge,
    contract_effects,
    since,
)
from fpp_analysis.diff.published import bridge_from_pack
from fpp_analysis.diff.rows import changed_rows, counted, counts

__all__ = [
    "LABELS",
    "STEPS",
    "Bridge",
    "bridge",
    "bridge_from_pack",
    "changed_rows",
    "contract_effects",
    "counted",
    "counts",
    "since",
]
