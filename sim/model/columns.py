"""The names of columns that count states or soldiers per option."""

from __future__ import annotations


def states_column(option: str) -> str:
    """Return the column with the number of states that declare an option: troops -> troop_states."""
    return f"{option.removesuffix('s')}_states"


def conditional_column(option: str) -> str:
    """Return the column with the number of states that would declare it if the conditions were met."""
    return f"{states_column(option)}_conditional"


def personnel_column(option: str) -> str:
    """Return the column with the soldiers declared for an option."""
    return f"personnel_{option}"
