"""Two states of a book compared: which rows changed, and what that does to each figure."""

from fpp_analysis.diff.bridge import (
    LABELS as LABELS,
    STEPS as STEPS,
    bridges as bridges,
    contract_effects as contract_effects,
    since as since,
)
from fpp_analysis.diff.rows import counted as counted
