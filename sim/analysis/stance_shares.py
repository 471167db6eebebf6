"""What the ensemble says about a case: where each state ends, what it adds up to, and what another case changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.interval import Interval, interval
from sim.analysis.paired_differences import by_difference, changes
from sim.ensemble import simulate as ensemble
from sim.errors import ModelError
from sim.model import simulate as agents
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import Setup
from sim.model.simulate import Trajectories, end_states
from sim.results.columns import outcomes as outcome_columns
from sim.results.measures import standing
from sim.results.summary import Spread, spreads
from sim.results.tables import outcomes_table
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceShares:
    """What a number of replicates came to."""

    setup: Setup
    seed: int
    replicates: int
    chances: pd.DataFrame  # a row a state, as results.summary.stance_chances gives it
    outcomes: pd.DataFrame  # a row a replicate, as results.tables.outcomes_table gives it
    spreads: dict[str, Spread]  # by outcome
    stances: Array  # [replicates, states] place on the menu after the last round
    conditional: Array  # [replicates, states]
    rounds: pd.DataFrame  # a row a round; see _rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDifference:
    """What another case changes on the same luck."""

    outcomes: dict[str, Interval]  # mean of what each outcome gains, for those that both cases have
    chances: pd.DataFrame  # [states, options] what each share gains, for those that both cases have
    deepest: str | None  # the deepest option that both menus have
    movers: tuple[str, ...]  # states whose share of that surely changes, the largest change first


def stance_shares(setup: Setup, *, seed: int, replicates: int, threads: int = 1) -> StanceShares:
    """Return what replicates 0, 1, ... come to: what `willing run --json` says of them, to the last bit.

    Played by the ensemble, or by agents where only they can play the setup. ModelError where there is nothing to play.
    """
    numbers = range(replicates)
    if setup.own_drivers:
        played = agents.play(setup, seed=seed, replicates=numbers)
    else:
        played = ensemble.play(setup, seed=seed, replicates=numbers, threads=threads)
    ended = end_states(setup, played)
    outcomes = outcomes_table(setup, ended)
    return StanceShares(
        setup=setup,
        seed=seed,
        replicates=replicates,
        chances=chances_of(setup, ended.stances, ended.conditional),
        outcomes=outcomes,
        spreads=spreads(outcomes, setup.menu.names),
        stances=ended.stances,
        conditional=ended.conditional,
        rounds=_rounds(setup, played),
    )


def difference(now: StanceShares, pinned: StanceShares) -> ShareDifference:
    """Return what changes from the pinned case to the one now, replicate by replicate.

    ModelError where seed or number of replicates differ: their luck would not be the same.
    """
    for what in ("seed", "replicates"):
        one, other = getattr(pinned, what), getattr(now, what)
        if one != other:
            raise ModelError(
                f"{pinned.setup.scenario.name} was played with {what} {one:,}, {now.setup.scenario.name} with "
                f"{what} {other:,}: their luck is not the same; play both with the same {what}"
            )
    codes = [code for code in now.setup.codes if code in pinned.setup.codes]
    options = [name for name in now.setup.menu.names if name in pinned.setup.menu.names]
    deepest = options[-1] if len(options) > 1 else None
    return ShareDifference(
        outcomes={
            name: interval(now.outcomes[name].to_numpy(dtype=float) - pinned.outcomes[name].to_numpy(dtype=float))
            for name in outcome_columns(options[1:])
        },
        chances=now.chances.loc[codes, options] - pinned.chances.loc[codes, options],
        deepest=deepest,
        movers=() if deepest is None or not codes else _movers(now, pinned, codes, deepest),
    )


def chances_of(setup: Setup, stances: Array, conditional: Array) -> pd.DataFrame:
    """Return how likely each state holds each stance, and would hold the deepest if the conditions were met."""
    names = setup.menu.names
    held = np.stack([(stances == place).sum(axis=0) for place in range(len(names))], axis=1) / len(stances)
    chances = pd.DataFrame(held, index=pd.Index(setup.codes, name="state"), columns=list(names))
    chances[f"{names[-1]}_conditional"] = (conditional == len(names) - 1).sum(axis=0) / len(conditional)
    return chances


def _rounds(setup: Setup, played: Trajectories) -> pd.DataFrame:
    """Return a row a round: its number and date, and what was measured of it over the replicates.

    The mean of each under its name, and its 5th and 95th percentile under NAME.p05 and NAME.p95: the soldiers and the
    states of each option, firm and conditional, the ask, deterrence, and the environment.
    """
    options, known = setup.menu.names[1:], standing(setup.menu.names)
    per_option = (personnel_column, states_column, conditional_column)
    wanted = [*(column(option) for column in per_option for option in options), "ask", "deterrence"]
    measured = {name: known[name](setup, played) for name in wanted}
    measured |= {quantity: played.environment[:, :, place] for place, quantity in enumerate(ENVIRONMENT)}
    numbers = np.arange(1, played.phase.shape[1] + 1)
    dates = pd.to_datetime([setup.date_of(int(number)) for number in numbers]).to_numpy()
    columns: dict[str, Array] = {"round": numbers, "date": dates.astype("datetime64[ms]")}
    for name, values in measured.items():
        low, high = np.quantile(values, (0.05, 0.95), axis=0)
        columns |= {name: values.mean(axis=0), f"{name}.p05": low, f"{name}.p95": high}
    return pd.DataFrame(columns)


def _movers(now: StanceShares, pinned: StanceShares, codes: list[str], option: str) -> tuple[str, ...]:
    def holds(of: StanceShares) -> Array:
        places = [of.setup.codes.index(code) for code in codes]
        return of.stances[:, places] == of.setup.menu.place(option)

    moved = by_difference(changes(codes, holds(pinned), holds(now)))
    return tuple(map(str, moved.index[moved["surely"]]))
