"""What a forecast assumes: every number that is not estimated, dated and versioned."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "2 (November 2026)"
SEED = 20_091_130
PATHS = 10_000
TESTED_PATHS = 1_000  # of each back-test origin

ORIGINS = 20  # quarterly origins that a back-test goes back at most
FIRST_HISTORY = 2  # quarters of contracts that an origin needs
ENOUGH = 6  # origins with an outcome below which nothing is said of a model
FEW = 5  # terminations below which the rate of them is no ground
TRUST = 0.67  # what a model that is shown counts for beside the rule that it has beaten
MARGIN = 0.8  # of the best baseline's loss: a model must be clearly better to be shown

AGES = (0, 365, 730, 1095, 1461)  # days of cover at which another termination rate begins
POOLED_EVENTS = 5.0  # events that the pooled rate counts for beside a cell's own
RENEWAL_PRIOR = 4.0  # expiries that the pooled renewal rate counts for beside a band's own
LATE_QUARTERS = 2  # after its end a contract may still be renewed for so long
OLDEST = 16  # quarters after commissioning from which a machine's age no longer matters
EARLIEST = -4  # quarters before it at which machines come under contract
RECENT = 4  # quarters that the level of new business is measured over
POOL = 12  # quarters whose new contracts stand for those to come
POOL_SIZE = 512
CONCENTRATED = 0.15  # of the ACV on one contract: nothing tells whether that one stays
DRIFT = 0.12  # how far the level of new business strays in a quarter, as a share of it


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is changed on purpose: nothing by default.

    Attributes
    ----------
    renewal : added to the renewal rate, in points of 1
    attachment, price : factors on new business, and on the prices of renewals and new contracts
    delay : quarters by which the cover of what is yet to be signed starts later
    currency : factor on the rates of all foreign currencies
    shipments : factor on the kW put into operation a quarter, which otherwise goes on as in the
        last four quarters
    """

    renewal: float = 0.0
    attachment: float = 1.0
    price: float = 1.0
    delay: int = 0
    currency: float = 1.0
    shipments: float = 1.0


PLAIN = Scenario()

STATED = {
    "paths": (PATHS, "futures drawn"),
    "seed": (SEED, "of the random numbers, the same in every run"),
    "quarters ahead": (8, "horizon of the forecast and of its test"),
    "origins needed": (ENOUGH, "earlier quarters with an outcome below which no model is shown"),
    "margin": (MARGIN, "of the best rule's loss, which the model must not exceed to be shown"),
    "few": (FEW, "terminations below which the contracted layer is no model's"),
    "trust": (TRUST, "what a model that is shown counts for, the rule that it beat for the rest"),
    "one contract": (CONCENTRATED, "of the ACV on one, from which the total is no model's"),
    "pooled terminations": (POOLED_EVENTS, "events that all years of cover count for beside one"),
    "pooled expiries": (RENEWAL_PRIOR, "expiries that all term bands count for beside one"),
    "late renewals": (LATE_QUARTERS, "quarters after its end in which cover may still be renewed"),
    "recent quarters": (RECENT, "over which the level of new business is measured"),
    "pool quarters": (POOL, "whose new contracts stand for those to come"),
    "drift": (DRIFT, "by which the level of new business strays in a quarter, as a share"),
    "shipments": (PLAIN.shipments, "kW put into operation a quarter, of the last four's mean"),
}
"""Every assumption by name, with what it means."""
