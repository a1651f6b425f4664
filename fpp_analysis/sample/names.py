"""Invented names: no customer or distributor of the synthetic book exists."""

from __future__ import annotations

import numpy as np

from fpp_analysis.arrays import Ints

_HEADS = (
    "Aru", "Bruv", "Caz", "Dorv", "Ez", "Fev", "Guz", "Hulv", "Irk", "Jov", "Kez", "Lurv", "Miv",
    "Nuv", "Orz", "Pelv", "Quev", "Rusk", "Sarv", "Tuv", "Ulv", "Vez", "Wexv", "Yarv", "Zuv",
)  # fmt: skip
_TAILS = ("amora", "esund", "irane", "ovick", "aholt", "edesh", "itova", "olund", "amarsh", "equay")
PLACES = tuple(head + tail for head in _HEADS for tail in _TAILS)
"""Places that are on no map."""
_STEP, _TURN = 71, 3  # prime to the number of places, and to that of kinds when added to it
KINDS = (
    ("Hospital", "Hotel", "University", "Greenhouses", "Leisure Centre", "Housing Trust",
     "Office Park"),
    ("Midstream", "Gas Processing", "Petroleum", "Pipeline", "Energy Fields"),
    ("Digester", "Wastewater Works", "Landfill Gas", "Biogas", "Farm Energy"),
    ("Foods", "Ceramics", "Plastics", "Brewery", "Textiles"),
    ("Data Centre", "Airport", "Telecom", "Civic Authority"),
)  # fmt: skip
"""The kinds of customers of each vertical, in the order of the verticals."""

DISTRIBUTORS = (
    ("Northline Power Systems", "Great Basin Energy", "Tidewater Turbine Service",
     "Maple Leaf Microgrids"),
    ("Rhenania Energietechnik", "Alpina Microturbine", "Albion CHP Services",
     "Sole Nostro Energia"),
    ("Southern Cross Power", "Tokai Energy Service", "Han River Power", "Kauri Energy"),
    ("Ural Energo Service", "Volga Turbine", "Steppe Power", "Baikal Energo"),
    ("Andes Microturbinas", "Rio Claro Energia", "Pacifico Power", "Llanos Energy"),
    ("Gulf Distributed Power", "Cape Energy Services", "Desert Star Turbine", "Dhofar Power"),
)  # fmt: skip
"""The distributors of each region, in the order of the regions; one more stands for none."""


def customer_names(vertical: Ints) -> list[str]:
    """A name for every customer, no two the same: a place and a kind of its vertical."""
    names = []
    count = [0] * len(KINDS)
    for which in np.asarray(vertical).tolist():
        number, kinds = count[which], KINDS[which]
        count[which] += 1
        # a step without common factor visits every place before any is used again
        place = PLACES[(number * _STEP + which * 31) % len(PLACES)]
        turn = number // len(PLACES)
        kind = kinds[(number + _TURN * turn) % len(kinds)]
        again = turn // len(kinds)
        names.append(f"{place} {kind} {again + 1}" if again else f"{place} {kind}")
    return names
