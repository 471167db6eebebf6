"""The errors that users can fix, and the mistakes that an error of a scenario lists.

WillingError                for users to fix: one clear message, exit 2, no traceback
├── FactsError              a table of facts that is missing, malformed or lacks a figure that is needed
├── ScenarioError           a scenario that cannot be read or makes no sense; lists every mistake
├── ModelError              a well-formed scenario that the model cannot simulate
├── ResultsError            a results folder that is in use, incomplete or of another format
├── FigureError             a figure that does not exist, or a format that is not supported
└── AddressError            an address of the page with unknown parts

Any other exception is a defect of the program: exit 1, with a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WillingError(Exception):
    """An error that the user can fix; its text says where, what, and what next."""


class FactsError(WillingError):
    """A table of facts is missing, malformed, or lacks a figure that the question needs."""


class ModelError(WillingError):
    """The scenario is well formed, but the model cannot simulate it."""


class ResultsError(WillingError):
    """A results folder is in use, incomplete, or was written by another program."""


class FigureError(WillingError):
    """The requested figure does not exist, or its format is not supported."""


class AddressError(WillingError):
    """An address of the page has parts that the page does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake in a scenario: its location, a message, and the line of the file."""

    file: str
    message: str
    path: str = ""
    line: int | None = None  # counted from 1; None where the mistake is not in a file
    column: int | None = None
    text: str | None = None  # the line itself, to print under the message

    def __str__(self) -> str:
        location = self.file
        if self.line is not None:
            location += f":{self.line}"
            if self.column is not None:
                location += f":{self.column}"
        text = f"{location}: {self.path}: {self.message}" if self.path else f"{location}: {self.message}"
        if self.text is None or self.column is None:
            return text
        return f"{text}\n    {self.text}\n    {' ' * (self.column - 1)}^"


class ScenarioError(WillingError):
    """A scenario has one or more mistakes, which the message lists."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
