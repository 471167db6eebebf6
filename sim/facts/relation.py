"""The relations of states to one host and one opponent: their names and their columns in the table of states.

The table of states has them for the default host and opponent only. For others a scenario gives them (`relations`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from sim.facts.state import State

STANDING_HOST, STANDING_OPPONENT = "UKR", "RUS"  # the pair in the table of states
_EARTH_RADIUS = 6371.0088  # km, the mean radius, as for the distances of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One relation of a state to the host or to the opponent."""

    column: str  # in the table of states, named after the default pair
    to: Literal["host", "opponent"]
    label: str  # within a sentence
    about: str  # with {} for the name of the host or the opponent


RELATIONS: Mapping[str, Relation] = MappingProxyType(
    {
        "border_host": Relation(
            column="border_ukraine", to="host", label="borders with the host", about="land border with {}, 0 or 1"
        ),
        "aid_pct_gdp": Relation(
            column="aid_pct_gdp", to="host", label="aid to the host", about="prior aid to {}, % of GDP"
        ),
        "border_opponent": Relation(
            column="border_russia",
            to="opponent",
            label="borders with the opponent",
            about="land border with {}, 0 or 1",
        ),
        "dist_opponent_km": Relation(
            column="dist_moscow_km",
            to="opponent",
            label="distances to the opponent",
            about="km from the capital to the capital of {}",
        ),
        "opponent_alignment": Relation(
            column="moscow_alignment",
            to="opponent",
            label="closeness to the opponent",
            about="closeness of the government to that of {}, 0 to 1",
        ),
    }
)
# columns about the default pair that no rule uses
_UNUSED = {"host": ("dist_kyiv_km", "military_aid_beur"), "opponent": ("russian_gas_pct",)}


def columns_about(to: Literal["host", "opponent"]) -> tuple[str, ...]:
    """Return the columns of the table of states that describe a relation to the default host, or opponent."""
    return (*(relation.column for relation in RELATIONS.values() if relation.to == to), *_UNUSED[to])


def distance_km(one: State, other: State) -> float | None:
    """Return the great-circle distance between two capitals in whole km (haversine); None if one is unknown."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north, south = math.radians(one.lat), math.radians(other.lat)
    apart = math.radians(other.lon - one.lon)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(apart / 2) ** 2
    return float(round(2 * _EARTH_RADIUS * math.asin(math.sqrt(min(1.0, half)))))
