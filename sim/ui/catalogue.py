"""Which scenarios the page may open: those that come with the program, and the one that it was opened with."""

from __future__ import annotations

from pathlib import Path

from sim.scenario import shipped

USUAL = "paris-march-2025"

_named: list[str] = []  # what the page was opened with: a name or a file; one at most


def offer(reference: str) -> None:
    """Show this scenario first: a name that comes with the program, or a file, which joins the others."""
    _named[:] = [reference]


def first() -> str:
    """Return the name of the scenario that is shown first."""
    return next((_name(reference) for reference in _named), USUAL)


def references() -> dict[str, str]:
    """Return what stands for each scenario, as load_scenario takes it, by the name that the page shows.

    Nothing else is ever opened, whatever an address asks for.
    """
    return {name: name for name in shipped()} | {_name(reference): reference for reference in _named}


def _name(reference: str) -> str:
    known = shipped()
    if reference in known:
        return reference
    path = Path(reference).resolve()
    name = path.stem
    return f"{name} (yours)" if name in known and path != known[name].resolve() else name
