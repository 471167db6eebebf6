"""Pivotal states: the effects of forcing each state into an option, or out of all, on the others and on the force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.common_random_numbers import CommonRandomNumbers
from sim.analysis.fixed_stance import force
from sim.analysis.interval import Interval, interval, share_interval
from sim.analysis.paired_differences import by_difference, paired_differences
from sim.analysis.power import LeastSets, Power, least_sets, likeliest_set, power
from sim.analysis.requested_state import requested_state
from sim.errors import ModelError
from sim.model.setup import Setup, check_no_changes
from sim.model.simulate import EndStates
from sim.result import Result
from sim.results.outcomes import measure_outcomes
from sim.scenario import digest
from sim.scenario.schema import ABSTAIN
from sim.text.encode import jsonable

type Array = np.ndarray

EFFECTS = ("others", "viable", "peace")  # on the number of other states at the option, and on two shares
WAYS = ("in", "out", "swing")  # forced in or out against left alone; in against out
LIKELY = 0.5  # probability from which a state counts as likely to join


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """Sets of states that could make the force viable: with enough soldiers for the ask, and a lead."""

    least: LeastSets | None  # those of smallest size; None if none is sufficient
    likeliest: tuple[str, ...] | None  # the most probable set; None if every set needs a state that never joins
    likeliest_chance: float | None  # share of replicates in which all of it declare the option
    least_named: tuple[tuple[str, ...], ...]  # the sets of least size, the likeliest together first
    least_chances: tuple[float, ...]  # share of replicates in which all of each declare the option
    likely: tuple[str, ...]  # states that declare the option in half of the replicates or more
    likely_soldiers: float  # that they offer


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Pivots(Result):
    """The effects of forcing each state on the others and on the force, and its voting power over the ask."""

    setup: Setup
    option: str
    seed: int
    replicates: int
    forced: tuple[str, ...]  # codes, in the order that was requested; empty: every state
    states: pd.DataFrame  # a row a state, the largest swing first; see pivots
    moved: dict[str, pd.DataFrame]  # by state forced: the others that change significantly, in against out
    alone: dict[str, Interval]  # no state forced: states at the option, viable, peace
    power: Power
    sets: Sets

    @property
    def ask(self) -> int:
        """The ask for the option, in soldiers."""
        return int(self.setup.menu.asks[self.setup.menu.index(self.option)])

    @property
    def file_name(self) -> str:
        """A name for files: scenario, option, forced states unless all are, replicates, seed and digest."""
        scenario = self.setup.scenario
        parts = [
            scenario.name,
            self.option,
            *self.forced,
            f"{self.replicates}x",
            f"seed{self.seed}",
            digest(scenario)[:8],
        ]
        return "-".join(parts)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per forced state, the largest difference between in and out first."""
        return self.states.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return the effects, the power indices and the smallest sufficient sets as plain values."""
        scenario, sets = self.setup.scenario, self.sets
        answer = {
            "scenario": scenario.name,
            "digest": digest(scenario),
            "option": self.option,
            "ask": self.ask,
            "seed": self.seed,
            "replicates": self.replicates,
            "left_alone": self.alone,
            "states": [self._state(str(code), row) for code, row in self.states.to_dict("index").items()],
            "smallest_sets": None
            if sets.least is None
            else {
                "size": sets.least.size,
                "number": sets.least.number,
                "sets": [
                    {"states": members, "together": chance}
                    for members, chance in zip(sets.least_named, sets.least_chances, strict=True)
                ],
            },
            "likeliest_set": None
            if sets.likeliest is None
            else {"states": sets.likeliest, "together": sets.likeliest_chance},
            "likely": {"states": sets.likely, "soldiers": sets.likely_soldiers},
        }
        return dict(jsonable(answer))

    def _state(self, code: str, row: Mapping[Any, Any]) -> dict[str, Any]:
        effects = {
            way: {
                effect: {
                    "mean": row[f"{way}.{effect}"],
                    "low": row[f"{way}.{effect}.low"],
                    "high": row[f"{way}.{effect}.high"],
                }
                for effect in EFFECTS
            }
            for way in WAYS
        }
        moves = self.moved[code][["difference", "low", "high"]].to_dict("index")
        return {
            "state": code,
            **{name: row[name] for name in ("offer", "joins", "shapley_shubik", "banzhaf")},
            **effects,
            "moves": moves,
        }


def pivots(
    setup: Setup,
    *,
    seed: int,
    replicates: int,
    threads: int = 1,
    option: str | None = None,
    forced: Sequence[str] | None = None,
    on_progress: Callable[[int], object] = lambda steps: None,
) -> Pivots:
    """Return the effects of forcing each of the states, all on common random draws; option: by default the headline.

    Forced in, a state declares the option from before the first round to the last; forced out, it abstains. It stays on
    the roster either way: peers observe it, and shares are of the same number of states. Without it on the roster, the
    peers of other states would change as well.

    Columns of states: offer (soldiers), joins (share of replicates at the option if not forced), shapley_shubik,
    banzhaf, and for each of WAYS and EFFECTS the mean of the paired differences with its 95 % interval, such as
    in.others, in.others.low, in.others.high. on_progress is called with runs, of 2 * states + 1 times replicates.
    ModelError for an option that cannot be forced, or a state that is not on the roster.
    """
    check_no_changes(setup, "the search for pivots")
    index = setup.menu.index(option or setup.menu.names[setup.headline])
    if index == 0:
        raise ModelError(
            f"{setup.scenario.name}: {ABSTAIN} is not an option to join; name one of {', '.join(setup.menu.names[1:])}"
        )
    codes = list(setup.codes if forced is None else dict.fromkeys(requested_state(setup, word) for word in forced))
    numbers = [setup.codes.index(code) for code in codes]
    setups = [setup, *(force(setup, i, to) for i in numbers for to in (index, 0))]
    common_draws = CommonRandomNumbers(seed, replicates, threads)
    alone, *measured = common_draws.measure(setups, lambda this, ended: _measured(this, ended, index), on_progress)
    soldiers = [int(offer) for offer in setup.offers[:, index]]
    leads = [bool(lead) for lead in setup.leads]
    voting_power = power(soldiers, int(setup.menu.asks[index]), leads)
    joins = alone[:, 2:].mean(axis=0)
    rows, moved = {}, {}
    for code, i, inside, outside in zip(codes, numbers, measured[::2], measured[1::2], strict=True):
        row = {"offer": soldiers[i], "joins": joins[i]}
        row |= _effects(i, {"in": (inside, alone), "out": (outside, alone), "swing": (inside, outside)})
        row |= {"shapley_shubik": float(voting_power.shapley_shubik[i]), "banzhaf": float(voting_power.banzhaf[i])}
        rows[code] = row
        change = paired_differences(setup.codes, outside[:, 2:], inside[:, 2:]).drop(index=code)
        moved[code] = by_difference(change[change["significant"]])
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("state")
    order = np.argsort(-table["swing.others"].abs().round(12), kind="stable")
    return Pivots(
        setup=setup,
        option=setup.menu.names[index],
        seed=seed,
        replicates=replicates,
        forced=() if forced is None else tuple(codes),
        states=table.iloc[order],
        moved=moved,
        alone={
            "states": interval(alone[:, 2:].sum(axis=1)),
            "viable": share_interval(alone[:, 0]),
            "peace": share_interval(alone[:, 1]),
        },
        power=voting_power,
        sets=_sets(setup, index, alone[:, 2:]),
    )


def _measured(setup: Setup, ended: EndStates, index: int) -> Array:
    """Return viable, peace and whether each state is at the option, as [replicates, 2 + states]."""
    outcomes = measure_outcomes(setup, ended, ["viable", "peace_holds"])
    return np.column_stack([outcomes["viable"], outcomes["peace_holds"], ended.stances == index]).astype(np.int8)


def _effects(state: int, pairs: dict[str, tuple[Array, Array]]) -> dict[str, float]:
    """Return the mean differences of each pair of simulations, with their intervals."""
    row: dict[str, float] = {}
    for way, (then, before) in pairs.items():
        difference = then.astype(float) - before.astype(float)
        others = np.delete(difference[:, 2:], state, axis=1).sum(axis=1)
        for effect, values in zip(EFFECTS, (others, difference[:, 0], difference[:, 1]), strict=True):
            estimate = interval(values)
            row |= {
                f"{way}.{effect}": estimate.mean,
                f"{way}.{effect}.low": estimate.low,
                f"{way}.{effect}.high": estimate.high,
            }
    return row


def _sets(setup: Setup, index: int, at_option: Array) -> Sets:
    soldiers = [int(offer) for offer in setup.offers[:, index]]
    leads = [bool(lead) for lead in setup.leads]
    ask = int(setup.menu.asks[index])
    chances = at_option.mean(axis=0)
    least = least_sets(soldiers, ask, leads)
    likeliest = likeliest_set(soldiers, ask, chances.tolist(), leads)

    def together(members: Iterable[int]) -> float:
        return float((at_option[:, list(members)] == 1).all(axis=1).mean())

    candidates = least.sets if least else ()
    ranked = sorted(
        ((together(members), float(chances[list(members)].prod()), members) for members in candidates),
        key=lambda each: (-each[0], -each[1], each[2]),
    )
    likely = [index for index, chance in enumerate(chances) if chance >= LIKELY]
    return Sets(
        least=least,
        likeliest=None if likeliest is None else _named(setup, likeliest, soldiers),
        likeliest_chance=None if likeliest is None else together(likeliest),
        least_named=tuple(_named(setup, members, soldiers) for _, _, members in ranked),
        least_chances=tuple(chance for chance, _, _ in ranked),
        likely=_named(setup, likely, soldiers),
        likely_soldiers=float(sum(soldiers[index] for index in likely)),
    )


def _named(setup: Setup, members: Iterable[int], soldiers: Sequence[int]) -> tuple[str, ...]:
    """Return the codes of indices, the largest offers first."""
    return tuple(setup.codes[index] for index in sorted(members, key=lambda index: -soldiers[index]))
