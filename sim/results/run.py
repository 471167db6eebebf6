"""A run: what was simulated, and its tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from sim.model.setup import Setup, prepare
from sim.result import Result
from sim.results.manifest import Manifest
from sim.results.outcomes import numeric_outcomes
from sim.results.summary import spreads, stance_chances
from sim.results.tables import RunTables
from sim.scenario import Scenario

type OnProgress = Callable[[int, int], object]


@dataclass(kw_only=True, eq=False, repr=False)
class Run(Result):
    """A simulated scenario with its tables, in memory or read from a folder.

    Attributes
    ----------
    manifest : Manifest
        What was simulated: scenario, seed, replicates, engine, versions of code and facts.
    tables : RunTables
        The tables, each of which is an attribute of the run too.
    folder : Path or None
        The folder that holds the run; None until it is saved.
    reused : bool
        Whether the run was read from a folder rather than simulated.

    Examples
    --------
    >>> import sim
    >>> run = sim.run("paris-march-2025", replicates=20)
    >>> run.outcomes["troop_states"].size
    20
    """

    manifest: Manifest
    tables: RunTables
    folder: Path | None = None
    reused: bool = False

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcomes after the last round: one row per replicate."""
        return self.tables.outcomes

    @property
    def rounds(self) -> pd.DataFrame:
        """The environment, the proposal and the counts of states: one row per replicate and round."""
        return self.tables.rounds

    @property
    def stances(self) -> pd.DataFrame:
        """The stances, firm and conditional: one row per replicate, round and state."""
        return self.tables.stances

    @property
    def weights(self) -> pd.DataFrame | None:
        """The weights that were drawn from a posterior: one row per draw. None if the scenario's weights were used."""
        return self.tables.weights

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was simulated."""
        return self.manifest.as_scenario()

    @cached_property
    def setup(self) -> Setup:
        """The arrays that the scenario was simulated on."""
        return prepare(self.scenario)

    @property
    def file_name(self) -> str:
        """The scenario's name and the identity of the run."""
        return self.manifest.name

    def summary(self) -> pd.DataFrame:
        """Summarise each outcome over the replicates.

        Returns
        -------
        DataFrame
            One row per outcome with `mean`, `sd`, the percentiles `p05`, `p50` and `p95`, and the `unit`. Numbers are
            missing where an outcome is undefined in every replicate.
        """
        names = self.scenario.option_names
        summary = pd.DataFrame.from_dict(spreads(self.outcomes, names), orient="index", dtype=float)
        known = numeric_outcomes(names)
        summary["unit"] = [known[str(name)].unit for name in summary.index]
        return summary.rename_axis("outcome")

    def probabilities(self) -> pd.DataFrame:
        """Return the share of replicates in which each state holds each option after the last round.

        Returns
        -------
        DataFrame
            One row per state and one column per option, which add up to 1. One more column, the deepest option's name
            with `_conditional`, has the share in which the state would hold that option if the conditions were met.
        """
        return stance_chances(self.stances, self.scenario.option_names)

    def to_frame(self) -> pd.DataFrame:
        """Return the outcomes after the last round: one row per replicate."""
        return self.outcomes

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain values, the same that `willing run` prints with `--json`.

        The keys are `scenario`, `heading`, `digest`, `seed`, `replicates`, `rounds`, `engine`, `result` (the folder, or
        None), `outcomes`, `states`, and `posterior` if weights were drawn.
        """
        values: dict[str, Any] = import_module("sim.report.run").to_dict(self)
        return values

    def save(self, folder: str | Path) -> Path:
        """Write the tables and the manifest into a new folder, whole or not at all.

        A folder that already holds this run is accepted; nothing else is ever overwritten.

        Parameters
        ----------
        folder : str or Path
            The folder to create.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ResultsError
            If the folder holds something else or cannot be written.
        """
        from sim.results.store import reserve, write_run

        path = Path(folder)
        stored = reserve(path, self.manifest) or write_run(path, self.manifest, self.tables)
        self.manifest, self.folder = stored.manifest, stored.folder
        return path

    def to_html(self, on_progress: OnProgress | None = None) -> str:
        """Return the run as one HTML page, which contains its figures and loads nothing from anywhere.

        on_progress is called with the number of steps done and in total.
        """
        page: str = import_module("sim.report.page").page_of_run(self, on_progress)
        return page

    def save_report(self, path: str | Path, *, overwrite: bool = False, on_progress: OnProgress | None = None) -> Path:
        """Write the run as one HTML page, the same that `willing report` writes.

        Parameters
        ----------
        path : str or Path
            The file to create, such as ``report.html``.
        overwrite : bool, optional
            Whether to replace a file that exists.
        on_progress : callable, optional
            Called with the number of steps done and in total.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ResultsError
            If the file exists or cannot be written.
        """
        from sim.results.files import check_free, write_page

        target = Path(path)
        check_free([target], overwrite=overwrite)  # before the reasons are computed and the figures drawn
        write_page(target, self.to_html(on_progress), overwrite=overwrite)
        return target

    def _repr_html_(self) -> str:
        shares = self.probabilities().to_html(float_format="{:.2f}".format)
        return f"{super()._repr_html_()}\n{shares}"
