"""Runs held against one another, replicate by replicate on common shocks: who moves, what changes, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from sim.analysis.interval import Interval, interval
from sim.analysis.paired_differences import by_difference, paired_differences
from sim.errors import ResultsError
from sim.results.manifest import Manifest
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.summary import spreads, stance_chances
from sim.results.tables import RunTables
from sim.scenario import Scenario
from sim.scenario.schema import ABSTAIN
from sim.text.numbers import counted

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A run as it is held against others."""

    label: str
    run: Run

    @property
    def scenario(self) -> Scenario:
        """The scenario as it was played."""
        return self.run.scenario

    @property
    def tables(self) -> RunTables:
        """What happened."""
        return self.run.tables

    @property
    def manifest(self) -> Manifest:
        """What was played."""
        return self.run.manifest

    def means(self) -> dict[str, float]:
        """Return the mean of every outcome over all replicates of the run; not-a-number where it is undefined."""
        measured = spreads(self.tables.outcomes, self.scenario.option_names)
        return {name: float("nan") if spread["mean"] is None else spread["mean"] for name, spread in measured.items()}

    def chances(self) -> pd.DataFrame:
        """Return how likely each state holds each stance in the last round, as results.summary.stance_chances does."""
        return stance_chances(self.tables.stances, self.scenario.option_names)

    def count(self, option: str, codes: Sequence[str]) -> float:
        """Return how many of these states hold the option in the last round, on average."""
        stances = self.tables.stances
        last = stances[stances["round"] == stances["round"].max()]
        holds = (last["stance"].astype(str) == option) & last["state"].astype(str).isin(codes)
        return int(holds.sum()) / last["replicate"].nunique()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one run to the next, on the replicates and the states that both have."""

    before: Compared
    after: Compared
    codes: tuple[str, ...]  # of the states
    options: tuple[str, ...]  # abstaining and what is on either menu, from the lowest rung to the highest
    was: Array  # [replicates, states] place in options of the stance after the last round
    will: Array  # [replicates, states] the same in the later run
    outcomes: pd.DataFrame  # by outcome: unit, before, after, difference, low, high
    states: pd.DataFrame  # by state, the largest difference first; see _states

    @property
    def replicates(self) -> int:
        """How many replicates both runs have."""
        return len(self.was)

    @property
    def movers(self) -> pd.DataFrame:
        """The states whose depth of commitment surely changes: the interval of its change lies off zero."""
        return self.states[self.states["significant"]]

    def count_change(self, option: str, codes: Sequence[str]) -> Interval:
        """Return by how many these states change in number that hold the option."""
        places, option_place = [self.codes.index(code) for code in codes], self.options.index(option)
        held = [(stances[:, places] == option_place).sum(axis=1) for stances in (self.was, self.will)]
        return interval(held[1] - held[0])

    def of_option(self, option: str) -> pd.DataFrame:
        """Return by state how likely it holds the option before and after, the difference with its interval, surely."""
        place = self.options.index(option)
        return paired_differences(self.codes, self.was == place, self.will == place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs or more, each compared with the first, or in a chain with the one before."""

    runs: tuple[Compared, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]  # in what the runs are not alike in form
    is_chain: bool = False  # whether each is held against the one before

    @property
    def codes(self) -> tuple[str, ...]:
        """The states that are asked in all runs."""
        rosters = [run.scenario.roster.asked for run in self.runs]
        return tuple(code for code in rosters[0] if all(code in roster for roster in rosters))

    def counts(self, option: str) -> list[float]:
        """Return for each run how many of the states asked in all runs hold the option, on average."""
        return [run.count(option, self.codes) for run in self.runs]

    @property
    def focus(self) -> str:
        """The option of which the number of states changes most, among those on all menus; of equals the deepest.

        Abstaining if the menus have no option in common.
        """
        menus = [run.scenario.menu for run in self.runs]
        shared = [name for name in self.runs[-1].scenario.option_names if all(name in menu for menu in menus)]

        def change(option: str) -> float:
            return sum(
                round(abs(after - before), 9) for before, after in _pairs(self.counts(option), chain=self.is_chain)
            )

        return max(reversed(shared), key=change, default=ABSTAIN)

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcomes of every step, one row a step and outcome."""
        return _stacked([(step, step.outcomes) for step in self.steps])

    @property
    def states(self) -> pd.DataFrame:
        """The states of every step, one row a step and state."""
        return _stacked([(step, step.states) for step in self.steps])


def compare(runs: Sequence[Compared], *, chain: bool = False) -> Comparison:
    """Return what changes from the first run to each other one, or in a chain from each run to the next.

    Raises ResultsError for fewer than two runs, for runs under different seeds, which share no random draws, and
    for runs that have no state in common.
    """
    if len(runs) < 2:
        raise ResultsError("one run alone cannot be compared; name another")
    check_paired([run.label for run in runs], [run.manifest for run in runs])
    steps = tuple(_step(before, after) for before, after in _pairs(runs, chain=chain))
    notes = [note for step in steps for note in _notes(step)]
    return Comparison(runs=tuple(runs), steps=steps, notes=tuple(dict.fromkeys(notes)), is_chain=chain)


def _pairs[T](values: Sequence[T], *, chain: bool) -> list[tuple[T, T]]:
    """Return each value but the first with the one it is compared with: the first, or in a chain the one before."""
    return list(pairwise(values)) if chain else [(values[0], value) for value in values[1:]]


def check_paired(names: Sequence[str], manifests: Sequence[Manifest]) -> None:
    """Raise ResultsError where runs, called so, were played under different seeds or have no state in common.

    Of the seeds it tells the command that plays one anew.
    """
    first = manifests[0]
    for name, manifest in zip(names[1:], manifests[1:], strict=True):
        if manifest.seed != first.seed:
            raise ResultsError(
                f"{names[0]} has seed {first.seed}, {name} seed {manifest.seed}: their luck is not the same, so they "
                f"cannot be paired; play one anew: {replace(manifest, seed=first.seed).command}"
            )
    asked = [set(manifest.as_scenario().roster.asked) for manifest in manifests]
    if not set.intersection(*asked):
        raise ResultsError(f"no state is asked in each of {', '.join(names)}; nothing can be compared")


def _step(before: Compared, after: Compared) -> Step:
    asked = [run.scenario.roster.asked for run in (before, after)]
    codes = tuple(code for code in asked[0] if code in asked[1])
    replicates = np.intersect1d(before.tables.outcomes["replicate"], after.tables.outcomes["replicate"])
    rungs = _rungs(before.scenario) | _rungs(after.scenario)
    options = tuple(sorted(rungs, key=lambda name: (rungs[name], name)))
    was, will = (_last_stances(run.tables.stances, replicates, codes, options) for run in (before, after))
    return Step(
        before=before,
        after=after,
        codes=codes,
        options=options,
        was=was,
        will=will,
        outcomes=_outcomes(before, after, replicates),
        states=_states(before, after, codes, rungs, options, was, will),
    )


def _rungs(scenario: Scenario) -> dict[str, int]:
    return {ABSTAIN: 0} | {name: option.rung for name, option in scenario.menu.items()}


def _last_stances(stances: pd.DataFrame, replicates: Array, codes: Sequence[str], options: Sequence[str]) -> Array:
    """Return the place in options of each stance after the last round, as [replicates, states]."""
    last = stances[stances["round"] == stances["round"].max()]
    places = last["stance"].astype(str).map({option: place for place, option in enumerate(options)}).astype(np.int64)
    table = pd.DataFrame({"replicate": last["replicate"], "state": last["state"].astype(str), "place": places})
    wide = table.pivot(index="replicate", columns="state", values="place")
    return wide.loc[replicates, list(codes)].to_numpy()


def _outcomes(before: Compared, after: Compared, replicates: Array) -> pd.DataFrame:
    """Return a row for every outcome that both runs measure."""
    known = numeric_outcomes(after.scenario.option_names)
    tables = [run.tables.outcomes.set_index("replicate").loc[replicates] for run in (before, after)]
    rows = {}
    for name, outcome in known.items():
        if any(name not in table for table in tables):
            continue
        first, then = (table[name].to_numpy(dtype=float) for table in tables)
        change = interval(then - first)
        rows[name] = {
            "unit": outcome.unit,
            "before": interval(first).mean,
            "after": interval(then).mean,
            "difference": change.mean,
            "low": change.low,
            "high": change.high,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")


def _states(
    before: Compared,
    after: Compared,
    codes: Sequence[str],
    rungs: Mapping[str, int],
    options: Sequence[str],
    was: Array,
    will: Array,
) -> pd.DataFrame:
    """Return a row a state, the largest difference first.

    before_OPTION, after_OPTION: how likely it holds each option of the menu. moves: the share of replicates in which
    it ends elsewhere on the same luck; likeliest_from, likeliest_to: its likeliest move, in the share likeliest_move.
    difference, low, high: mean change of its rung with the 95 % interval; surely: whether that lies off zero.
    deepest_difference and so on: the same for the chance of the deepest option, of each run its own.
    """
    table = pd.DataFrame(index=pd.Index(codes, name="state"))
    for when, run, held in (("before", before, was), ("after", after, will)):
        for option in run.scenario.option_names:
            table[f"{when}_{option}"] = (held == options.index(option)).mean(axis=0)
    table["moves"] = (was != will).mean(axis=0)
    depth = np.array([rungs[option] for option in options])
    moved = paired_differences(codes, depth[was], depth[will])
    table = table.join(moved[["difference", "low", "high", "significant"]])
    deepest = [options.index(run.scenario.deepest) for run in (before, after)]
    changed = paired_differences(codes, was == deepest[0], will == deepest[1])
    table = table.join(changed[["difference", "low", "high"]].add_prefix("deepest_"))
    found = [_likeliest_move(was[:, s], will[:, s], options) for s in range(len(codes))]
    table[["likeliest_from", "likeliest_to", "likeliest_move"]] = pd.DataFrame(found, index=table.index)
    return by_difference(table)


def _likeliest_move(was: Array, will: Array, options: Sequence[str]) -> tuple[str, str, float]:
    """Return from where to where the state moves most often, in which share of replicates; empty if it never moves."""
    moved = was != will
    counts = np.bincount(was[moved] * len(options) + will[moved])
    if not counts.size:
        return "", "", 0.0
    first, then = divmod(int(counts.argmax()), len(options))
    return options[first], options[then], float(counts.max() / len(was))


def _stacked(tables: Sequence[tuple[Step, pd.DataFrame]]) -> pd.DataFrame:
    """Return the tables of steps under one another, each row with the runs that it leads from and to."""
    numbered = []
    for number, (step, table) in enumerate(tables, start=1):
        own = table.reset_index()
        own.insert(0, "step", number)
        own.insert(1, "from", step.before.label)
        own.insert(2, "to", step.after.label)
        numbered.append(own)
    return pd.concat(numbered, ignore_index=True)


def _notes(step: Step) -> list[str]:
    before, after = step.before, step.after
    runs = (before, after)
    notes = []
    counts = [len(run.tables.outcomes) for run in runs]
    if set(counts) != {step.replicates}:
        notes.append(
            f"{before.label} has {counted(counts[0], 'replicate')}, {after.label} {counts[1]:,}; "
            f"compared are the {step.replicates:,} that both have"
        )
    rounds = [run.scenario.rounds for run in runs]
    if rounds[0] != rounds[1]:
        notes.append(
            f"{before.label} has {counted(rounds[0], 'round')}, {after.label} {rounds[1]:,}; "
            "each is read after its last"
        )
    drawn = [run.label for run in runs if run.manifest.posterior is not None]
    if drawn:
        notes.append(
            f"weights were drawn in {' and '.join(drawn)}, the same for all replicates of a draw, so that intervals "
            "are too narrow"
        )
    notes += _only("asked in", runs, [run.scenario.roster.asked for run in runs])
    notes += _only("on the menu of", runs, [run.scenario.option_names for run in runs])
    proposed = [_proposed(run.scenario) for run in runs]
    if proposed[0] != proposed[1]:
        notes.append(
            f"proposed at the start is {proposed[0]} in {before.label}, {proposed[1]} in {after.label}; "
            "viable is said of each one's own"
        )
    if before.scenario.deepest != after.scenario.deepest:
        notes.append(
            f"the deepest option is {before.scenario.deepest} in {before.label}, "
            f"{after.scenario.deepest} in {after.label}"
        )
    first, then = (_rungs(run.scenario) for run in runs)
    other = [name for name in first if name in then and first[name] != then[name]]
    if other:
        told = ", ".join(f"{name} {first[name]} and {then[name]}" for name in other)
        notes.append(
            f"rungs differ between {before.label} and {after.label} ({told}); "
            f"from the first to the second, changes are counted by those of {after.label}"
        )
    return notes


def _proposed(scenario: Scenario) -> str:
    """Return the headline with its ask, in words."""
    headline = scenario.proposal.headline
    ask = 0 if headline == ABSTAIN else scenario.menu[headline].ask
    return f"{headline} with {ask:,} soldiers asked" if ask else headline


def _only(where: str, runs: Sequence[Compared], names: Sequence[Sequence[str]]) -> list[str]:
    """Return what one of two runs has and the other has not."""
    return [
        f"{where} {run.label} only: {', '.join(only)}"
        for run, own, others in zip(runs, names, reversed(names), strict=True)
        if (only := [name for name in own if name not in others])
    ]
