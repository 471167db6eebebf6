"""From what happened to tidy tables: a row a round, a row a state and round, a row a replicate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.play import Trajectories
from sim.model.setup import Setup
from sim.theory import ceasefire, forces, proposal
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray

FIVE_MONTHS = 152  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTables:
    """The tables of a run."""

    rounds: pd.DataFrame  # a row a replicate and round
    stances: pd.DataFrame  # a row a replicate, round and state
    outcomes: pd.DataFrame  # a row a replicate, as it stands after the last round


def tabulate(setup: Setup, played: Trajectories) -> RunTables:
    """Return the tables of the replicates that were played."""
    standing = _standing(setup, played)
    return RunTables(
        rounds=_rounds(setup, played, standing),
        stances=_stances(setup, played),
        outcomes=_outcomes(setup, played, standing),
    )


def _rounds(setup: Setup, played: Trajectories, standing: dict[str, Array]) -> pd.DataFrame:
    replicates, rounds = played.phase.shape
    dates = pd.to_datetime([setup.date_of(number) for number in range(1, rounds + 1)]).to_numpy()
    columns: dict[str, Array] = {
        "replicate": np.repeat(played.replicates, rounds),
        "round": np.tile(np.arange(1, rounds + 1, dtype=np.int32), replicates),
        "date": np.tile(dates.astype("datetime64[ms]"), replicates),
    }
    for place, quantity in enumerate(ENVIRONMENT):
        columns[quantity] = played.environment[:, :, place].ravel()
    columns["phase"] = played.phase.ravel()
    for name, values in standing.items():
        columns[name] = values.ravel()
    return _with_headline(setup, pd.DataFrame(columns))


def _standing(setup: Setup, played: Trajectories) -> dict[str, Array]:
    """Return what the stances add up to, each as [replicates, rounds]."""
    menu = setup.menu
    standing: dict[str, Array] = {
        "headline": played.headline,
        "headline_rung": menu.rungs[played.headline].astype(np.int8),
        "ask": played.asks,
        "redimensioned": played.redimensioned,
        "deterrence": played.deterrence,
    }
    for place, option in enumerate(menu.names[1:], start=1):
        joined = played.stances == place
        standing[states_column(option)] = joined.sum(axis=2).astype(np.int32)
        standing[conditional_column(option)] = (played.conditional == place).sum(axis=2).astype(np.int32)
        standing[personnel_column(option)] = joined @ setup.offers[:, place]
    for column, headline, ask in (
        ("viable", np.full_like(played.headline, setup.headline), np.full_like(played.asks, menu.asks[setup.headline])),
        ("viable_now", played.headline, played.asks),
    ):
        standing[column] = proposal.viability(played.stances, headline, ask, setup.offers, setup.leads)
    return standing


def _stances(setup: Setup, played: Trajectories) -> pd.DataFrame:
    replicates, rounds, states = played.stances.shape
    return pd.DataFrame(
        {
            "replicate": np.repeat(played.replicates, rounds * states),
            "round": np.tile(np.repeat(np.arange(1, rounds + 1, dtype=np.int32), states), replicates),
            "state": _named(np.tile(np.arange(states), replicates * rounds), setup.codes),
            "stance": _named(played.stances.ravel(), setup.menu.names),
            "conditional": _named(played.conditional.ravel(), setup.menu.names),
        }
    )


def _with_headline(setup: Setup, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the headline by its name."""
    return table.assign(headline=_named(table["headline"].to_numpy(), setup.menu.names))


def _named(places: Array, names: tuple[str, ...]) -> pd.Categorical[str]:
    """Return names by their places, kept as places: a run has a million of them."""
    return pd.Categorical.from_codes(places.astype(np.int16), categories=pd.Index(names))


def _outcomes(setup: Setup, played: Trajectories, standing: dict[str, Array]) -> pd.DataFrame:
    columns: dict[str, Array] = {"replicate": played.replicates}
    columns |= {name: values[:, -1] for name, values in standing.items()}
    columns["phase"] = played.phase[:, -1]
    columns["peace_holds"] = (played.phase[:, -1] == ceasefire.PERMANENT_CEASEFIRE).astype(np.int8)
    for place, quantity in enumerate(ENVIRONMENT):
        columns[quantity] = played.environment[:, -1, place]
    columns["burden_gini"] = _burden_gini(setup, played.stances[:, -1])
    columns["rounds_to_settle"] = _rounds_to_settle(setup, played.stances)
    columns["stances_kept"] = _stances_kept(setup, played.stances)
    return _with_headline(setup, pd.DataFrame(columns))


def _burden_gini(setup: Setup, stances: Array) -> Array:
    """Return the Gini coefficient of what the declared offers cost against GDP, as [replicates]."""
    output = np.array([(state.gdp_busd or np.nan) * 1e9 for state in setup.states])  # unknown or 0: no burden to tell
    offered = np.take_along_axis(setup.offers[None, :, :], stances[:, :, None].astype(np.int64), axis=2)[:, :, 0]
    burdens = offered * setup.scenario.forces.yearly_cost / output
    return np.array([forces.gini(burden) for burden in burdens])


def _rounds_to_settle(setup: Setup, stances: Array) -> Array:
    """Return the last round in which any state changed its stance, 0 if none ever did, as [replicates]."""
    before = np.concatenate([np.broadcast_to(setup.opening, stances[:, :1].shape), stances[:, :-1]], axis=1)
    moved = (stances != before).any(axis=2)
    rounds = moved.shape[1]
    return np.where(moved.any(axis=1), rounds - moved[:, ::-1].argmax(axis=1), 0).astype(np.int32)


def _stances_kept(setup: Setup, stances: Array) -> Array:
    """Return the share of states whose stance is that of five months before; not-a-number in a shorter run."""
    back = round(FIVE_MONTHS / setup.scenario.round_days)
    if back >= stances.shape[1]:
        return np.full(stances.shape[0], np.nan)
    return (stances[:, -1] == stances[:, -1 - back]).mean(axis=1)
