"""Stance probabilities and outcomes of a scenario, and how another scenario changes them, for the browser page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.interval import Interval, interval
from sim.analysis.paired_differences import by_difference, paired_differences
from sim.errors import ModelError
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import Setup
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.summary import Spread, spreads
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceShares:
    """Stance probabilities and outcomes over the replicates of one setup."""

    setup: Setup
    seed: int
    replicates: int
    chances: pd.DataFrame  # a row a state, as results.summary.stance_chances gives it
    outcomes: pd.DataFrame  # a row a replicate, as results.tables.outcomes_table gives it
    spreads: dict[str, Spread]  # by outcome
    stances: Array  # [replicates, states] index on the menu of the stance after the last round
    conditional: Array  # [replicates, states]
    rounds: pd.DataFrame  # a row a round; see _rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDifference:
    """Differences between two setups that were simulated with common random numbers."""

    outcomes: dict[str, Interval]  # mean difference of each outcome that both setups have
    chances: pd.DataFrame  # [states, options] difference of each share, for states and options that both setups have
    deepest: str | None  # the deepest option that both menus have
    movers: tuple[str, ...]  # states whose share of that option changes significantly, the largest change first


def stance_shares(run: Run) -> StanceShares:
    """Summarise a run by state, by outcome and by round."""
    setup, replicates = run.setup, run.manifest.replicates
    last = run.stances[run.stances["round"] == run.manifest.rounds]
    stances, conditional = (
        last[name].cat.codes.to_numpy().reshape(replicates, len(setup.codes)) for name in ("stance", "conditional")
    )
    return StanceShares(
        setup=setup,
        seed=run.manifest.seed,
        replicates=replicates,
        chances=chances_of(setup, stances, conditional),
        outcomes=run.outcomes,
        spreads=spreads(run.outcomes, setup.menu.names),
        stances=stances,
        conditional=conditional,
        rounds=_rounds(run),
    )


def difference(now: StanceShares, pinned: StanceShares) -> ShareDifference:
    """Compare the current setup with the pinned one, replicate by replicate.

    ModelError if they differ in the seed or in the number of replicates, so that replicates cannot be paired.
    """
    for what in ("seed", "replicates"):
        one, other = getattr(pinned, what), getattr(now, what)
        if one != other:
            raise ModelError(
                f"{pinned.setup.scenario.name} was simulated with {what} {one:,}, {now.setup.scenario.name} with "
                f"{what} {other:,}, so replicates cannot be paired; simulate both with the same {what}"
            )
    codes = [code for code in now.setup.codes if code in pinned.setup.codes]
    options = [name for name in now.setup.menu.names if name in pinned.setup.menu.names]
    deepest = options[-1] if len(options) > 1 else None
    return ShareDifference(
        outcomes={
            name: interval(now.outcomes[name].to_numpy(dtype=float) - pinned.outcomes[name].to_numpy(dtype=float))
            for name in numeric_outcomes(options)
        },
        chances=now.chances.loc[codes, options] - pinned.chances.loc[codes, options],
        deepest=deepest,
        movers=() if deepest is None or not codes else _movers(now, pinned, codes, deepest),
    )


def chances_of(setup: Setup, stances: Array, conditional: Array) -> pd.DataFrame:
    """Return the share of replicates in which each state holds each stance, and the deepest conditionally."""
    names = setup.menu.names
    shares = np.stack([(stances == place).sum(axis=0) for place in range(len(names))], axis=1) / len(stances)
    chances = pd.DataFrame(shares, index=pd.Index(setup.codes, name="state"), columns=list(names))
    chances[f"{names[-1]}_conditional"] = (conditional == len(names) - 1).sum(axis=0) / len(conditional)
    return chances


def _rounds(run: Run) -> pd.DataFrame:
    """Return one row per round: its number, its date, and means over replicates.

    The quantities are the soldiers and the states of each option, firm and conditional, the ask, deterrence, and the
    environment. Each has its mean under its name, and its 5th and 95th percentile under NAME.p05 and NAME.p95.
    """
    options = run.setup.menu.names[1:]
    per_option = (personnel_column, states_column, conditional_column)
    names = [*(column(option) for column in per_option for option in options), "ask", "deterrence", *ENVIRONMENT]
    count = run.manifest.rounds
    columns: dict[str, Array] = {name: run.rounds[name].to_numpy()[:count] for name in ("round", "date")}
    for name in names:
        values = run.rounds[name].to_numpy().reshape(-1, count)  # [replicates, rounds]
        low, high = np.quantile(values, (0.05, 0.95), axis=0)
        columns |= {name: values.mean(axis=0), f"{name}.p05": low, f"{name}.p95": high}
    return pd.DataFrame(columns)


def _movers(now: StanceShares, pinned: StanceShares, codes: list[str], option: str) -> tuple[str, ...]:
    def holds(of: StanceShares) -> Array:
        columns = [of.setup.codes.index(code) for code in codes]
        return of.stances[:, columns] == of.setup.menu.index(option)

    table = by_difference(paired_differences(codes, holds(pinned), holds(now)))
    return tuple(map(str, table.index[table["significant"]]))
