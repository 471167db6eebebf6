"""Stability of the final profiles of a scenario: against single states, groups, further revisions, and other weights.

A state's payoff is the utility of its option plus its scaled taste shock, with the stances of the others as in the
profile and the circumstances of the last round. Consistency and deterrence are computed with the state's own stance of
the final profile (payoffs.payoff_to); in further revisions, with its current stance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.final_profiles import FinalProfiles, check_no_own_drivers, final_profiles
from sim.analysis.group_deviations import WIDTH, joint_changes
from sim.analysis.interval import Interval, interval, share_interval
from sim.analysis.payoffs import Circumstances, add_up, payoff_workspace, payoffs, rules_of
from sim.analysis.stability_kernel import (
    AT_ONCE,
    CONVERGED,
    CYCLING,
    IN_TURN,
    STOPPED,
    buffers_for,
    draw_weights,
    judge,
    revise,
)
from sim.analysis.weight_perturbation import factors, pulls_of
from sim.errors import ModelError
from sim.model.setup import Setup, check_no_changes
from sim.result import Result
from sim.scenario import digest
from sim.text.encode import jsonable

type Array = np.ndarray
type Move = tuple[str, str]  # a state's code, and the option that it goes to

ORDERS = ("in_turn", "at_once")
VERDICTS = ("nash", "individual", "contractual", "core")
LARGEST_GROUP = 3  # states in a group
MOST_TURNS = 200  # of further revisions
_AT_A_TIME = 100  # replicates
_MOST_TRIED = 2_000_000  # joint changes of a replicate
_GROUPS_IN_ANSWER = 100
_ROWS = 4096  # first capacity for joint deviations of a part


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Profiles that recur for ever in a replicate with fixed taste shocks."""

    replicate: int
    order: str  # of ORDERS
    states: tuple[str, ...]  # that change within it
    stances: tuple[tuple[str, ...], ...]  # their stances, turn by turn until the cycle repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """Stability of the final profiles under weights drawn around the scenario's (Dellink et al. 2008).

    Profiles, taste shocks and circumstances stay the same.
    """

    draws: int
    spread: float
    nash: Interval  # share of profiles that are Nash: the mean over draws, with the range of nine draws in ten
    stays: float | None  # share of draws in which a profile stays Nash that is Nash at the scenario's weights


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Stability(Result):
    """The stability of the final profiles of a scenario."""

    setup: Setup
    seed: int
    replicates: int
    largest_group: int
    verdicts: Mapping[str, Interval]  # share of profiles that are stable, by VERDICTS
    movers: Interval  # states of a profile that would deviate alone
    regret: Interval  # mean over all states
    largest_regret: Interval  # largest in each profile
    options: pd.DataFrame  # by option: states, leave, enter, internal, external, and the last two over drawn weights
    states: pd.DataFrame  # by code: stance (likeliest), changes, regret (where it changes), to, to.OPTION, keeps
    group_sizes: Mapping[int, float]  # share of profiles from which a group of this size gains by deviating; see groups
    groups: pd.DataFrame  # moves, size, share: joint deviations from which all gain, most frequent first
    cut_short: int  # profiles in which not all joint deviations could be tried
    going_on: pd.DataFrame  # by ORDERS: settles, cycles, unfinished, turns, changed (states), longest (cycle)
    cycles: tuple[Cycle, ...]  # one of each order at most
    likelihood: Likelihood | None  # None if no weights were drawn

    @property
    def file_name(self) -> str:
        """A name for files: scenario, replicates, seed, groups and draws where they matter, and digest."""
        groups = f"-groups{self.largest_group}" if self.largest_group < LARGEST_GROUP else ""
        weights = f"-{self.likelihood.draws}draws{self.likelihood.spread:g}" if self.likelihood else ""
        scenario = self.setup.scenario
        return f"{scenario.name}-{self.replicates}x-seed{self.seed}{groups}{weights}-{digest(scenario)[:8]}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per state: the share of profiles in which it would deviate, its gain and its best option."""
        return self.states.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return the shares of stable profiles and all deviations as plain values."""
        scenario, likelihood = self.setup.scenario, self.likelihood
        answer = {
            "scenario": scenario.name,
            "digest": digest(scenario),
            "seed": self.seed,
            "replicates": self.replicates,
            "largest_group": self.largest_group,
            "stable": self.verdicts,
            "movers": self.movers,
            "regret": self.regret,
            "largest_regret": self.largest_regret,
            "options": self.options.to_dict("index"),
            "states": self.states.to_dict("index"),
            "group_sizes": self.group_sizes,
            "groups": [
                {"moves": dict(row["moves"]), "share": row["share"]}
                for row in self.groups.head(_GROUPS_IN_ANSWER).to_dict("records")
            ],
            "groups_found": len(self.groups),
            "cut_short": self.cut_short,
            "going_on": self.going_on.to_dict("index"),
            "cycles": [
                {
                    "replicate": cycle.replicate,
                    "order": cycle.order,
                    "turns": [dict(zip(cycle.states, stances, strict=True)) for stances in cycle.stances],
                }
                for cycle in self.cycles
            ],
            "likelihood": None
            if likelihood is None
            else {name: getattr(likelihood, name) for name in ("draws", "spread", "nash", "stays")},
        }
        return dict(jsonable(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Results of some consecutive replicates."""

    reached: FinalProfiles
    utility: Array
    verdicts: Array  # [replicates, 3] Nash, individual, contractual
    ends: Array
    turns: Array
    length: Array
    changed: Array  # [replicates, orders]
    cycles: Sequence[Cycle]
    rows: Array  # [changes, WIDTH] with the replicate counted within the part
    cut: Array  # [replicates]
    drawn: tuple[Array, Array, Array, Array] | None


def stability(
    setup: Setup,
    *,
    seed: int,
    replicates: int,
    draws: int = 0,
    spread: float = 0.2,
    largest_group: int = LARGEST_GROUP,
    threads: int = 1,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Stability:
    """Return the stability of the final profiles of the first replicates under a seed.

    draws: sets of weights, with this spread; 0 for none. largest_group: 1 to 3. on_progress is called with the number
    of replicates just finished. Raises ModelError if there are no replicates, or for a driver of the user.
    """
    check_no_own_drivers(setup)
    check_no_changes(setup, "the audit of stability", forced=True)
    if replicates < 1:
        raise ModelError("no replicates to audit; ask for one at least")
    if not 1 <= largest_group <= LARGEST_GROUP:
        raise ModelError(f"groups of {largest_group}: joint changes are looked for in groups of 1 to {LARGEST_GROUP}")
    pulls = pulls_of(setup, factors(setup, seed=seed, draws=draws, spread=spread)) if draws else None
    task = partial(_audit_part, setup, seed, pulls, largest_group)
    ranges = [range(at, min(at + _AT_A_TIME, replicates)) for at in range(0, replicates, _AT_A_TIME)]
    parts = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            for part in pool.map(task, ranges):
                parts.append(part)
                on_progress(len(part.cut))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for parts that have not begun
            raise
    return _joined(setup, seed, replicates, largest_group, parts, draws, spread)


def payoff_of(setup: Setup, reached: FinalProfiles, index: int) -> Callable[[Sequence[int]], list[float]]:
    """Return the payoff function of a replicate, from its final profile, for sim.games.stability."""
    rules = rules_of(setup)
    workspace, case = (
        payoff_workspace(rules),
        Circumstances(reached.environment[index], reached.asks[index], reached.scaled_tastes[index]),
    )
    current = reached.profiles[index]

    def of(profile: Sequence[int]) -> list[float]:
        result = np.empty(len(current))
        payoffs(rules, case, current, np.array(profile, dtype=np.int64), workspace, result)
        return [float(utility) for utility in result]

    return of


def _audit_part(setup: Setup, seed: int, pulls: Array | None, largest_group: int, replicates: range) -> _Part:
    reached = final_profiles(setup, seed=seed, replicates=replicates)
    rules = rules_of(setup)
    workspace = payoff_workspace(rules)
    final = reached.environment, reached.asks, reached.scaled_tastes, reached.profiles
    buffers = buffers_for(*reached.scaled_tastes.shape)
    judge(rules, *final, workspace, MOST_TURNS, buffers)
    number = len(replicates)
    rows, cut = np.empty((0, WIDTH), dtype=np.int64), np.zeros(number, dtype=np.bool_)
    if largest_group > 1:
        capacity = _ROWS
        while True:
            rows = np.empty((capacity, WIDTH), dtype=np.int64)
            count = joint_changes(rules, *final, workspace, largest_group, _MOST_TRIED, rows, cut)
            if count <= capacity:
                break
            capacity = count
        rows = rows[:count]
    drawn = None
    if pulls is not None:
        draws, states, options, _ = pulls.shape
        drawn = (
            np.empty((number, len(pulls)), dtype=np.bool_),
            np.zeros((draws, states), dtype=np.int64),
            np.zeros((draws, options), dtype=np.int64),
            np.zeros((draws, options), dtype=np.int64),
        )
        draw_weights(rules, pulls, *final, workspace, *drawn)
    return _Part(
        reached=reached,
        utility=buffers.utility,
        verdicts=np.stack(
            [(_regrets(reached, buffers.utility) == 0.0).all(axis=1), buffers.individual, buffers.contractual]
        ).T,
        ends=buffers.ends,
        turns=buffers.turns,
        length=buffers.length,
        changed=(buffers.leads_to != reached.profiles[:, None]).sum(axis=2),
        cycles=[
            _cycle(setup, reached, replicates, int(index), order, buffers.leads_to, buffers.turning, buffers.length)
            for order in (IN_TURN, AT_ONCE)
            for index in np.flatnonzero(buffers.ends[:, order] == CYCLING)[:1]
        ],
        rows=rows,
        cut=cut,
        drawn=drawn,
    )


def _regrets(reached: FinalProfiles, utility: Array) -> Array:
    """Return the largest gain of each state by deviating alone, as [replicates, states]."""
    current = np.take_along_axis(utility, reached.profiles[:, :, None], axis=2)[:, :, 0]
    regrets: Array = utility.max(axis=2) - current
    return regrets


def _cycle(
    setup: Setup,
    reached: FinalProfiles,
    replicates: range,
    index: int,
    order: int,
    leads: Array,
    turning: Array,
    long: Array,
) -> Cycle:
    """Return the cycle that a replicate ends in, by simulating it once."""
    rules = rules_of(setup)
    workspace, case = (
        payoff_workspace(rules),
        Circumstances(reached.environment[index], reached.asks[index], reached.scaled_tastes[index]),
    )
    profile, moving = leads[index, order].copy(), np.flatnonzero(turning[index, order])
    add_up(rules, case, profile, workspace)
    stances = []
    for _ in range(int(long[index, order])):
        stances.append(tuple(setup.menu.names[profile[i]] for i in moving))
        revise(rules, case, profile, workspace, order, np.empty_like(profile))
    return Cycle(
        replicate=replicates[index],
        order=ORDERS[order],
        states=tuple(setup.codes[i] for i in moving),
        stances=tuple(stances),
    )


def _joined(
    setup: Setup,
    seed: int,
    replicates: int,
    largest_group: int,
    parts: Sequence[_Part],
    draws: int,
    spread: float,
) -> Stability:
    profiles = np.concatenate([part.reached.profiles for part in parts])
    utility = np.concatenate([part.utility for part in parts])
    regrets = np.concatenate([_regrets(part.reached, part.utility) for part in parts])
    verdicts = np.concatenate([part.verdicts for part in parts])
    gained = _gained(parts, verdicts[:, 0])
    in_core = np.stack([~gained[size] for size in range(1, largest_group + 1)]).all(axis=0)
    shares = [*verdicts.T, in_core]
    best = np.where(regrets > 0.0, utility.argmax(axis=2), profiles)
    keeps, internal, external, likelihood = _likelihood(parts, verdicts[:, 0], draws, spread)
    return Stability(
        setup=setup,
        seed=seed,
        replicates=replicates,
        largest_group=largest_group,
        verdicts={name: share_interval(share) for name, share in zip(VERDICTS, shares, strict=True)},
        movers=interval((regrets > 0.0).sum(axis=1)),
        regret=interval(regrets.mean(axis=1)),
        largest_regret=interval(regrets.max(axis=1)),
        options=_options(setup, profiles, utility, internal, external),
        states=_states(setup, profiles, best, regrets, keeps),
        group_sizes={size: float(gained[size].mean()) for size in range(1, largest_group + 1)},
        groups=_groups(setup, parts, replicates),
        cut_short=int(sum(part.cut.sum() for part in parts)),
        going_on=_going_on(parts),
        cycles=tuple(
            next(cycle for part in parts for cycle in part.cycles if cycle.order == order)
            for order in ORDERS
            if any(cycle.order == order for part in parts for cycle in part.cycles)
        ),
        likelihood=likelihood,
    )


def _options(setup: Setup, profiles: Array, utility: Array, internal: Array, external: Array) -> pd.DataFrame:
    names = setup.menu.names
    own = np.take_along_axis(utility, profiles[:, :, None], axis=2)
    gains = utility > own  # [replicates, states, options]
    holds = profiles[:, :, None] == np.arange(len(names))
    leaves = holds & gains.any(axis=2)[:, :, None]
    return pd.DataFrame(
        {
            "states": holds.sum(axis=1).mean(axis=0),
            "leave": leaves.sum(axis=1).mean(axis=0),
            "enter": gains.sum(axis=1).mean(axis=0),
            "internal": (~leaves.any(axis=1)).mean(axis=0),
            "external": (~gains.any(axis=1)).mean(axis=0),
            "internal_drawn": internal,
            "external_drawn": external,
        },
        index=pd.Index(names, name="option"),
    )


def _states(setup: Setup, profiles: Array, best: Array, regrets: Array, keeps: Array) -> pd.DataFrame:
    """Return the deviations of each state, the most frequent first."""
    names, changes = setup.menu.names, best != profiles
    often = changes.sum(axis=0)
    options = np.arange(len(names))
    to = ((best[:, :, None] == options) & changes[:, :, None]).mean(axis=0)
    shares = (profiles[:, :, None] == options).mean(axis=0)
    table = pd.DataFrame(
        {
            "stance": [names[index] for index in shares.argmax(axis=1)],
            "changes": changes.mean(axis=0),
            "regret": np.divide(regrets.sum(axis=0), often, out=np.zeros(len(often)), where=often > 0),
            "to": [names[row.argmax()] if row.any() else None for row in to],
            **{f"to.{name}": to[:, index] for index, name in enumerate(names)},
            "keeps": keeps,
        },
        index=pd.Index(setup.codes, name="state"),
    )
    return table.sort_values("changes", ascending=False, kind="stable")


def _gained(parts: Sequence[_Part], nash: Array) -> dict[int, Array]:
    """Return by size of the group the replicates with a joint deviation from which all gain, and no part of it."""
    gained = {1: ~nash, 2: np.zeros(len(nash), dtype=bool), 3: np.zeros(len(nash), dtype=bool)}
    first = 0
    for part in parts:
        in_pairs = part.rows[:, 5] < 0
        gained[2][first + part.rows[in_pairs, 0]] = True
        gained[3][first + part.rows[~in_pairs, 0]] = True
        first += len(part.cut)
    return gained


def _groups(setup: Setup, parts: Sequence[_Part], replicates: int) -> pd.DataFrame:
    """Return the joint deviations of pairs and threes with their share of replicates, the most frequent first."""
    counts = Counter(moves for part in parts for moves in _moves(setup, part.rows))
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return pd.DataFrame(
        {
            "moves": [moves for moves, _ in ordered],
            "size": [len(moves) for moves, _ in ordered],
            "share": [count / replicates for _, count in ordered],
        }
    )


def _moves(setup: Setup, rows: Array) -> Iterator[tuple[Move, ...]]:
    for row in rows.tolist():
        pairs = zip(row[1::2], row[2::2], strict=True)
        yield tuple((setup.codes[state], setup.menu.names[option]) for state, option in pairs if state >= 0)


def _going_on(parts: Sequence[_Part]) -> pd.DataFrame:
    ends, turns, length, changed = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("ends", "turns", "length", "changed")
    )
    return pd.DataFrame(
        {
            "settles": (ends == CONVERGED).mean(axis=0),
            "cycles": (ends == CYCLING).mean(axis=0),
            "unfinished": (ends == STOPPED).mean(axis=0),
            "turns": turns.mean(axis=0),
            "changed": changed.mean(axis=0),
            "longest": length.max(axis=0),
        },
        index=pd.Index(ORDERS, name="order"),
    )


def _likelihood(
    parts: Sequence[_Part], nash: Array, draws: int, spread: float
) -> tuple[Array, Array, Array, Likelihood | None]:
    """Return the shares in which states keep their stances and options are stable, and the likelihood, by weights."""
    known = [part.drawn for part in parts if part.drawn is not None]
    if not known:
        states, options = parts[0].utility.shape[1:]
        return np.full(states, np.nan), np.full(options, np.nan), np.full(options, np.nan), None
    stable = np.concatenate([drawn[0] for drawn in known])  # [replicates, draws]
    keeps, internal, external = (
        np.sum([drawn[index] for drawn in known], axis=0).mean(axis=0) / len(nash) for index in (1, 2, 3)
    )
    by_draw = stable.mean(axis=0)
    low, high = np.quantile(by_draw, [0.05, 0.95])
    return (
        keeps,
        internal,
        external,
        Likelihood(
            draws=draws,
            spread=spread,
            nash=Interval(mean=float(by_draw.mean()), low=float(low), high=float(high)),
            stays=float(stable[nash].mean()) if nash.any() else None,
        ),
    )
