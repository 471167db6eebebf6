"""The outlines of states, for maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.errors import FactsError

type Ring = tuple[tuple[float, float], ...]  # (lon, lat) in degrees; the last point is the first again


def read_outlines(path: Path) -> Mapping[str, tuple[Ring, ...]]:
    """Return the rings of each state by code; a state of several islands has several."""
    import json  # here, since only maps need it

    try:
        drawn = json.loads(path.read_text(encoding="utf-8"))["rings"]
        outlines = {code: tuple(_ring(path, code, ring) for ring in rings) for code, rings in drawn.items()}
    except FileNotFoundError:
        raise FactsError(f"{path}: no such outlines; put the file there or name another folder") from None
    except json.JSONDecodeError as error:
        raise FactsError(f"{path}:{error.lineno}: not JSON ({error.msg}); fix it or use the shipped file") from None
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError):
        raise FactsError(f'{path}: not outlines; write {{"rings": {{"FRA": [[[lon, lat], ...], ...], ...}}}}') from None
    return MappingProxyType(outlines)


def _ring(path: Path, code: str, points: list[Any]) -> Ring:
    for point in points:
        # Islands across the date line are drawn in one piece, so a longitude may pass 180.
        is_place = len(point) == 2 and -200 <= point[0] <= 200 and -90 <= point[1] <= 90
        if not is_place:
            raise FactsError(f"{path}: {code}: {point} is not a location; write [lon, lat] in degrees")
    return tuple((float(lon), float(lat)) for lon, lat in points)
