"""Invented names: no customer or distributor of the synthetic book exists."""

from __future__ import annotations

import numpy as np

from fpp_analysis.sample.draws import Ints

PLACES = (
    "Alder Creek", "Amberfield", "Ashgrove", "Bellhaven", "Birchwater", "Blackmere", "Brightwell",
    "Calder Ridge", "Cedar Bluff", "Clearbrook", "Coldstream", "Copper Hill", "Cranmoor",
    "Dunmarsh", "Eastlake", "Elmford", "Fairhollow", "Fernvale", "Flintridge", "Foxglen",
    "Glenhart", "Granite Bay", "Greenmoor", "Harrowgate", "Hawthorn Park", "Heathfield",
    "Ironwood", "Juniper Flats", "Kestrel Point", "Kingsmere", "Larkspur", "Lindenau",
    "Longmeadow", "Maplewood", "Marlow Bend", "Northmoor", "Oakhurst", "Orchard Hill",
    "Pinecrest", "Quarry Bank", "Redstone", "Rosebank", "Sandwell", "Silver Lake", "Stonebridge",
    "Thornbury", "Westerholt", "Willowdale",
)  # fmt: skip
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
    """A name for every customer, no two the same."""
    names = []
    for number, kind in enumerate(np.asarray(vertical).tolist()):
        kinds = KINDS[kind]
        place, turn = number % len(PLACES), number // len(PLACES)
        round_, which = divmod(turn, len(kinds))
        # steps through the kinds from another one at each place: all are used before a number
        name = f"{PLACES[place]} {kinds[(7 * place + which) % len(kinds)]}"
        names.append(f"{name} {round_ + 1}" if round_ else name)
    return names
