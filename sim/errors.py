"""What can go wrong, and whose it is to mend.

WillingError                the user's to mend: one clear message, exit 2, no traceback
├── FactsError              a table of facts that is missing, malformed or lacks what is asked of it
├── ScenarioError           a scenario that cannot be read or does not make sense; carries every mistake found
├── ModelError              a well-formed scenario that the model cannot play
├── ResultsError            a results folder that is taken, incomplete or of another make
├── FigureError             a figure that there is not, or in a format that there is not
└── AddressError            an address of the page that asks for what it does not offer

Anything else that escapes is a defect of ours: exit 1, with a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WillingError(Exception):
    """Something that the user can mend; its text says where, what, and what next."""


class FactsError(WillingError):
    """A table of facts is missing, malformed, or lacks a figure that the question needs."""


class ModelError(WillingError):
    """The scenario is well formed, but the model cannot play it."""


class ResultsError(WillingError):
    """A results folder is taken, incomplete, or was made by something else."""


class FigureError(WillingError):
    """A figure is asked for that there is not, or in a format that there is not."""


class AddressError(WillingError):
    """An address of the page asks for something that it does not offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake in a scenario: where it stands, what is wrong, and the line it stands on."""

    file: str
    message: str
    path: str = ""
    line: int | None = None  # counted from 1; None where the mistake has no place in a file
    column: int | None = None
    text: str | None = None  # the line itself, to print under the message

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        said = f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"
        if self.text is None or self.column is None:
            return said
        return f"{said}\n    {self.text}\n    {' ' * (self.column - 1)}^"


class ScenarioError(WillingError):
    """A scenario with one or more mistakes, all of them told at once."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
