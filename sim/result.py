"""The interface that every result of the library shares: a table, a dictionary, a figure and a short text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.view import View


class Result(ABC):
    """Base class of the results of the library.

    Figures and texts are in higher layers and are imported when they are needed.
    """

    __slots__ = ()

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the main table of the result."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, the same that the command prints with `--json`."""

    def plot(self, kind: str | None = None) -> Figure:
        """Draw the result.

        Parameters
        ----------
        kind : str, optional
            Which figure, by default the first of `kinds`.

        Raises
        ------
        FigureError
            If the result has no figure of this kind.
        """
        figure: Figure = import_module("sim.plots.registry").plot(self, kind)
        return figure

    @property
    def file_name(self) -> str:
        """A name, without a suffix, for files about the result: it says all that distinguishes the result."""
        raise NotImplementedError(type(self).__name__)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of figures that `plot` can draw."""
        kinds: tuple[str, ...] = import_module("sim.plots.registry").kinds(self)
        return kinds

    def view(self) -> View:
        """Return the result as headings, paragraphs and tables, the same that the command prints."""
        view: View = import_module("sim.report.registry").view(self)
        return view

    def __repr__(self) -> str:
        return self.view().summary()

    def _repr_html_(self) -> str:
        return self.view().to_html()
