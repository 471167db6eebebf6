"""The scenarios that the page may open: the shipped ones, and the one that it was started with."""

from __future__ import annotations

from pathlib import Path

from sim.scenario import shipped

USUAL = "paris-march-2025"

_started_with: list[str] = []  # the name or file that the page was started with; at most one


def set_first_scenario(reference: str) -> None:
    """Show this scenario first: the name of a shipped one, or a file, which is added to the list."""
    _started_with[:] = [reference]


def first_scenario() -> str:
    """Return the name of the scenario that is shown first."""
    return next((_display_name(reference) for reference in _started_with), USUAL)


def references() -> dict[str, str]:
    """Return the reference of each scenario, as `load_scenario` takes it, by the name that the page shows.

    The page opens nothing else, whatever an address says.
    """
    return {name: name for name in shipped()} | {_display_name(reference): reference for reference in _started_with}


def _display_name(reference: str) -> str:
    known = shipped()
    if reference in known:
        return reference
    path = Path(reference).resolve()
    name = path.stem
    return f"{name} (yours)" if name in known and path != known[name].resolve() else name
