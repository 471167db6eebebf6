"""What the columns that count an option are called, wherever it is counted."""

from __future__ import annotations


def states_column(option: str) -> str:
    """Return the column that counts the states which declare an option: troops -> troop_states."""
    return f"{option.removesuffix('s')}_states"


def conditional_column(option: str) -> str:
    """Return the column that counts the states which would declare it if the conditions were met."""
    return f"{states_column(option)}_conditional"


def personnel_column(option: str) -> str:
    """Return the column of soldiers declared for an option."""
    return f"personnel_{option}"
