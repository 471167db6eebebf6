"""Compare runs with common random numbers, replicate by replicate: which states move, and what else changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.interval import Interval, interval
from sim.analysis.paired_differences import by_difference, paired_differences
from sim.errors import ResultsError
from sim.result import Result
from sim.results.comparison import (
    COMPARISONS,
    ComparisonManifest,
    reserve_comparison,
    unique_labels,
    write_comparison,
)
from sim.results.files import as_csv
from sim.results.manifest import Manifest
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.simulate import Simulation, plan_simulation
from sim.results.store import RUNS, reserve
from sim.scenario import Scenario
from sim.scenario.differences import differences
from sim.scenario.schema import ABSTAIN
from sim.text.encode import jsonable
from sim.text.heading import difference_in_words, heading
from sim.text.numbers import counted
from sim.text.words import promise, quantity_name

type Array = np.ndarray

FEWEST, MOST = 2, 5  # runs
NOTABLE = 0.05  # change of a quantity of the environment that a headline or a figure mentions
FEW_REPLICATES = 20  # below this number intervals may be much too narrow
_LISTED = 3  # runs that a headline mentions one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRun:
    """A run with the label that distinguishes it from the others in a comparison."""

    label: str
    run: Run

    @property
    def scenario(self) -> Scenario:
        """The scenario as it was simulated."""
        return self.run.scenario

    @property
    def manifest(self) -> Manifest:
        """What was simulated."""
        return self.run.manifest

    def means(self) -> dict[str, float]:
        """Return the mean of each outcome over all replicates of the run; NaN where it is undefined."""
        return {str(name): float(mean) for name, mean in self.run.summary()["mean"].items()}

    def count(self, option: str, codes: Sequence[str]) -> float:
        """Return how many of these states hold the option after the last round, on average."""
        stances = self.run.stances
        last = stances[stances["round"] == stances["round"].max()]
        holds = (last["stance"].astype(str) == option) & last["state"].astype(str).isin(codes)
        return int(holds.sum()) / last["replicate"].nunique()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The change from one run to another, over the replicates and the states that both have."""

    before: LabelledRun
    after: LabelledRun
    codes: tuple[str, ...]  # of the states
    options: tuple[str, ...]  # abstaining and the options of both menus, from the lowest rung to the highest
    stances_before: Array  # [replicates, states] index in options of the stance after the last round
    stances_after: Array  # [replicates, states] the same in the other run
    outcomes: pd.DataFrame  # by outcome: unit, before, after, difference, low, high
    states: pd.DataFrame  # by state, the largest difference first; see _states

    @property
    def replicates(self) -> int:
        """The number of replicates that both runs have."""
        return len(self.stances_before)

    @property
    def movers(self) -> pd.DataFrame:
        """The states whose depth of commitment changes significantly."""
        return self.states[self.states["significant"]]

    def count_change(self, option: str, codes: Sequence[str]) -> Interval:
        """Return the mean change in how many of these states hold the option."""
        states, index = [self.codes.index(code) for code in codes], self.options.index(option)
        before, after = (
            (stances[:, states] == index).sum(axis=1) for stances in (self.stances_before, self.stances_after)
        )
        return interval(after - before)

    def of_option(self, option: str) -> pd.DataFrame:
        """Return the change in the share of replicates in which each state holds the option; see paired_differences."""
        index = self.options.index(option)
        return paired_differences(self.codes, self.stances_before == index, self.stances_after == index)


@dataclass(kw_only=True, eq=False, repr=False)
class Comparison(Result):
    """Two to five runs, each compared with the first one, or in a chain with the one before.

    Attributes
    ----------
    runs : tuple of LabelledRun
        The runs in the order in which they were named.
    steps : tuple of Step
        The comparison of each run but the first.
    notes : tuple of str
        Differences in form between the runs, such as states that are on one roster only.
    is_chain : bool
        Whether each run is compared with the one before.
    folder : Path or None
        The folder that holds the comparison; None until it is saved.
    reused : bool
        Whether the folder held the comparison already.

    Examples
    --------
    >>> import sim
    >>> result = sim.compare("paris-march-2025", "un-mandate", replicates=20, rounds=10)
    >>> result.states.loc[0, ["from", "to"]].tolist()
    ['paris-march-2025', 'un-mandate']
    """

    runs: tuple[LabelledRun, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    is_chain: bool = False
    folder: Path | None = None
    reused: bool = False

    @property
    def manifest(self) -> ComparisonManifest:
        """What is compared."""
        return ComparisonManifest(
            labels=tuple(run.label for run in self.runs),
            runs=tuple(run.manifest for run in self.runs),
            is_chain=self.is_chain,
        )

    @property
    def file_name(self) -> str:
        """The names of the scenarios and the identity of the comparison."""
        return self.manifest.name

    @property
    def codes(self) -> tuple[str, ...]:
        """The states that are on the roster of every run."""
        rosters = [run.scenario.roster.asked for run in self.runs]
        return tuple(code for code in rosters[0] if all(code in roster for roster in rosters))

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcomes of every step: one row per step and outcome.

        The columns are `step`, `from`, `to`, `outcome`, `unit`, the means `before` and `after`, and the mean paired
        `difference` with its 95 % interval from `low` to `high`.
        """
        return _stacked([(step, step.outcomes) for step in self.steps])

    @property
    def states(self) -> pd.DataFrame:
        """The states of every step: one row per step and state, the largest difference first.

        The columns are `step`, `from`, `to` and `state`; `before_OPTION` and `after_OPTION`, the share of replicates
        with each option of the menu; `moves`, the share in which the stance differs; `difference`, `low`, `high`, the
        mean change of the rung with its 95 % interval, and `significant`, whether that excludes 0;
        `deepest_difference`, `deepest_low`, `deepest_high`, the same for the share with the deepest option; and the
        most frequent move from `likeliest_from` to `likeliest_to`, in the share `likeliest_move` of replicates.
        """
        return _stacked([(step, step.states) for step in self.steps])

    @cached_property
    def focus(self) -> str:
        """The option whose number of states changes most, among those on all menus; of equals the deepest.

        Abstaining if the menus have no option in common.
        """
        menus = [run.scenario.menu for run in self.runs]
        shared = [name for name in self.runs[-1].scenario.option_names if all(name in menu for menu in menus)]

        def change(option: str) -> float:
            return sum(
                round(abs(after - before), 9) for before, after in _pairs(self.counts(option), chain=self.is_chain)
            )

        return max(reversed(shared), key=change, default=ABSTAIN)

    @cached_property
    def headline(self) -> str:
        """A sentence: how many states hold the option in focus in each run, and the reason if one thing differs."""
        return _headline(self)

    def counts(self, option: str) -> list[float]:
        """Return for each run how many of the states on all rosters hold the option, on average."""
        return [run.count(option, self.codes) for run in self.runs]

    def to_frame(self) -> pd.DataFrame:
        """Return the states of every step, as `states`."""
        return self.states

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values, the same that `willing compare` prints with `--json`."""
        answer = {
            "runs": [
                {
                    "label": each.label,
                    "scenario": each.manifest.scenario,
                    "digest": each.manifest.digest,
                    "seed": each.manifest.seed,
                    "replicates": each.manifest.replicates,
                    "rounds": each.manifest.rounds,
                    "result": each.run.folder,
                }
                for each in self.runs
            ],
            "each_with": "the one before" if self.is_chain else "the first",
            "steps": [_step_to_dict(step) for step in self.steps],
            "notes": self.notes,
            "result": self.folder,
        }
        return dict(jsonable(answer))

    def save(self, folder: str | Path) -> Path:
        """Write the tables (`states.csv`, `outcomes.csv`) and a manifest into a new folder, completely or not at all.

        A folder that already holds this comparison is accepted; nothing else is ever overwritten.

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
        path = Path(folder)
        self.reused = reserve_comparison(path, self.manifest)
        if not self.reused:
            tables = {"states.csv": as_csv(self.states.round(6)), "outcomes.csv": as_csv(self.outcomes.round(6))}
            write_comparison(path, self.manifest, tables)
        self.folder = path
        return path


def compare(runs: Sequence[LabelledRun], *, chain: bool = False) -> Comparison:
    """Compare each run with the first one, or in a chain with the one before.

    Raises ResultsError for fewer than two or more than five runs, for runs with different seeds, which share no random
    draws, and for runs that have no state in common.
    """
    check_paired([run.label for run in runs], [run.manifest for run in runs])
    steps = tuple(_step(before, after) for before, after in _pairs(runs, chain=chain))
    notes = [note for step in steps for note in _notes(step)]
    return Comparison(runs=tuple(runs), steps=steps, notes=tuple(dict.fromkeys(notes)), is_chain=chain)


def compare_cases(
    cases: Sequence[tuple[str, Run | Scenario]],
    *,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    chain: bool = False,
    folder: Path | None = None,
    cache: Path | None = None,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Comparison:
    """Compare runs and scenarios, each with its name for messages; scenarios are simulated first.

    Everything is checked before anything is simulated. See `sim.api.compare` for the parameters.
    """
    first = next((case.manifest for _, case in cases if isinstance(case, Run)), None)
    planned = [
        case
        if isinstance(case, Run)
        else plan_simulation(
            case,
            replicates=replicates or (first.replicates if first else 400),
            seed=seed if seed is not None else (first.seed if first else 0),
            workers=workers,
        )
        for _, case in cases
    ]
    manifests = [each.manifest for each in planned]
    check_paired([name for name, _ in cases], manifests)
    headings = [heading(manifest.as_scenario(), before=False) for manifest in manifests]
    manifest = ComparisonManifest(labels=unique_labels(manifests, headings), runs=tuple(manifests), is_chain=chain)
    target = folder if folder is not None or cache is None else cache / COMPARISONS.name / manifest.name
    if target is not None:
        reserve_comparison(target, manifest)
    runs = _simulated(planned, cache, on_progress)
    result = compare([LabelledRun(label=label, run=run) for label, run in zip(manifest.labels, runs, strict=True)],
                     chain=chain)  # fmt: skip
    if target is not None:
        result.save(target)
    return result


def _simulated(
    planned: Sequence[Run | Simulation], cache: Path | None, on_progress: Callable[[int, int], object]
) -> list[Run]:
    """Return the runs; those that are in the cache are read, all others are simulated and saved in the cache."""
    runs: dict[str, Run] = {}
    waiting: dict[str, Simulation] = {}
    for each in planned:
        if isinstance(each, Run):
            continue
        name = each.manifest.name
        stored = None if cache is None else reserve(cache / RUNS.name / name, each.manifest)
        if stored is None:
            waiting[name] = each
        else:
            runs[name] = stored
    total = sum(simulation.manifest.replicates for simulation in waiting.values())
    done = 0

    def advance(replicates: int) -> None:
        nonlocal done
        done += replicates
        on_progress(done, total)

    for name, simulation in waiting.items():
        runs[name] = simulation.run(advance)
        if cache is not None:
            runs[name].save(cache / RUNS.name / name)
    return [each if isinstance(each, Run) else runs[each.manifest.name] for each in planned]


def check_applicable(cases: Sequence[tuple[str, bool]], given: Sequence[str]) -> None:
    """Raise ResultsError if parameters of a simulation are given where there is nothing to simulate.

    cases: names, and whether each is a run; given: names of the parameters. Settings are refused beside any run, since
    they would apply to the scenarios only.
    """
    runs = [name for name, is_run in cases if is_run]
    if runs and "settings" in given:
        raise ResultsError(
            f"settings apply to scenarios that are still to be simulated, but {runs[0]} is a run; simulate the other "
            "scenarios with these settings first (`willing run`, or sim.run), then compare the runs"
        )
    if given and len(runs) == len(cases):
        raise ResultsError(
            f"{given[0]} applies to scenarios that are still to be simulated, but each of these is a run"
        )


def check_paired(names: Sequence[str], manifests: Sequence[Manifest]) -> None:
    """Raise ResultsError if runs with these names cannot be compared.

    That is, if there are too few or too many, if they have different seeds, or if no state is on all rosters.
    """
    if not FEWEST <= len(manifests) <= MOST:
        raise ResultsError(f"{len(manifests)} named; name {FEWEST} to {MOST} runs, each a folder or a scenario")
    first = manifests[0]
    for name, manifest in zip(names[1:], manifests[1:], strict=True):
        if manifest.seed != first.seed:
            raise ResultsError(
                f"{names[0]} has seed {first.seed}, {name} seed {manifest.seed}: they have no random draws in common, "
                f"so replicates cannot be paired; simulate one again: {replace(manifest, seed=first.seed).command}"
            )
    rosters = [set(manifest.as_scenario().roster.asked) for manifest in manifests]
    if not set.intersection(*rosters):
        raise ResultsError(f"no state is on the roster of each of {', '.join(names)}; nothing can be compared")


def _pairs[T](values: Sequence[T], *, chain: bool) -> list[tuple[T, T]]:
    """Return each value but the first with the one it is compared with: the first, or in a chain the one before."""
    return list(pairwise(values)) if chain else [(values[0], value) for value in values[1:]]


def _step(before: LabelledRun, after: LabelledRun) -> Step:
    rosters = [run.scenario.roster.asked for run in (before, after)]
    codes = tuple(code for code in rosters[0] if code in rosters[1])
    replicates = np.intersect1d(before.run.outcomes["replicate"], after.run.outcomes["replicate"])
    rungs = _rungs(before.scenario) | _rungs(after.scenario)
    options = tuple(sorted(rungs, key=lambda name: (rungs[name], name)))
    stances = [_last_stances(each.run.stances, replicates, codes, options) for each in (before, after)]
    return Step(
        before=before,
        after=after,
        codes=codes,
        options=options,
        stances_before=stances[0],
        stances_after=stances[1],
        outcomes=_outcomes(before, after, replicates),
        states=_states(before, after, codes, rungs, options, stances[0], stances[1]),
    )


def _rungs(scenario: Scenario) -> dict[str, int]:
    return {ABSTAIN: 0} | {name: option.rung for name, option in scenario.menu.items()}


def _last_stances(stances: pd.DataFrame, replicates: Array, codes: Sequence[str], options: Sequence[str]) -> Array:
    """Return the index in options of each stance after the last round, as [replicates, states]."""
    last = stances[stances["round"] == stances["round"].max()]
    indices = last["stance"].astype(str).map({option: index for index, option in enumerate(options)}).astype(np.int64)
    table = pd.DataFrame({"replicate": last["replicate"], "state": last["state"].astype(str), "index": indices})
    wide = table.pivot(index="replicate", columns="state", values="index")
    return wide.loc[replicates, list(codes)].to_numpy()


def _outcomes(before: LabelledRun, after: LabelledRun, replicates: Array) -> pd.DataFrame:
    """Return one row for each outcome that both runs have."""
    known = numeric_outcomes(after.scenario.option_names)
    tables = [each.run.outcomes.set_index("replicate").loc[replicates] for each in (before, after)]
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
    before: LabelledRun,
    after: LabelledRun,
    codes: Sequence[str],
    rungs: Mapping[str, int],
    options: Sequence[str],
    stances_before: Array,
    stances_after: Array,
) -> pd.DataFrame:
    """Return one row for each state, the largest difference first; see Comparison.states for the columns."""
    table = pd.DataFrame(index=pd.Index(codes, name="state"))
    for when, run, stances in (("before", before, stances_before), ("after", after, stances_after)):
        for option in run.scenario.option_names:
            table[f"{when}_{option}"] = (stances == options.index(option)).mean(axis=0)
    table["moves"] = (stances_before != stances_after).mean(axis=0)
    depth = np.array([rungs[option] for option in options])
    change = paired_differences(codes, depth[stances_before], depth[stances_after])
    table = table.join(change[["difference", "low", "high", "significant"]])
    deepest = [options.index(run.scenario.deepest) for run in (before, after)]
    change = paired_differences(codes, stances_before == deepest[0], stances_after == deepest[1])
    table = table.join(change[["difference", "low", "high"]].add_prefix("deepest_"))
    moves = [_likeliest_move(stances_before[:, s], stances_after[:, s], options) for s in range(len(codes))]
    table[["likeliest_from", "likeliest_to", "likeliest_move"]] = pd.DataFrame(moves, index=table.index)
    return by_difference(table)


def _likeliest_move(before: Array, after: Array, options: Sequence[str]) -> tuple[str, str, float]:
    """Return the most frequent move of a state and the share of replicates with it; empty texts if it never moves."""
    moved = before != after
    counts = np.bincount(before[moved] * len(options) + after[moved])
    if not counts.size:
        return "", "", 0.0
    first, then = divmod(int(counts.argmax()), len(options))
    return options[first], options[then], float(counts.max() / len(before))


def _stacked(tables: Sequence[tuple[Step, pd.DataFrame]]) -> pd.DataFrame:
    """Return the tables of all steps as one, each row with the runs that are compared."""
    numbered = []
    for number, (step, table) in enumerate(tables, start=1):
        own = table.reset_index()
        own.insert(0, "step", number)
        own.insert(1, "from", step.before.label)
        own.insert(2, "to", step.after.label)
        numbered.append(own)
    return pd.concat(numbered, ignore_index=True)


def _step_to_dict(step: Step) -> dict[str, Any]:
    change = ("difference", "low", "high")
    ends = {"from": ("before", step.before), "to": ("after", step.after)}
    return {
        "from": step.before.label,
        "to": step.after.label,
        "outcomes": {
            name: {"from": row["before"], "to": row["after"], **{key: row[key] for key in change}}
            for name, row in step.outcomes.to_dict("index").items()
        },
        "states": {
            code: {
                end: {option: row[f"{when}_{option}"] for option in run.scenario.option_names}
                for end, (when, run) in ends.items()
            }
            | {key: row[key] for key in ("moves", *change)}
            for code, row in step.states.to_dict("index").items()
        },
    }


def _headline(result: Comparison) -> str:
    runs, codes, counts = result.runs, result.codes, result.counts(result.focus)
    does = promise(result.focus, runs[-1].scenario)
    same_roster = all(len(run.scenario.roster.asked) == len(codes) for run in runs)
    subject = "States" if same_roster else f"Of {counted(len(codes), 'state')} on every roster, those"
    if len(runs) > _LISTED:
        low, high = int(np.argmin(counts)), int(np.argmax(counts))
        return (
            f"{subject} that would {does}: from {counts[low]:.1f} in {runs[low].label} "
            f"to {counts[high]:.1f} in {runs[high].label}"
        )
    text, mentioned = f"{subject} that would {does}", None
    names_runs = len(runs) > 2 and not result.is_chain
    if names_runs:
        text += f", {counts[0]:.1f} in {runs[0].label},"
    for number, (step, after) in enumerate(zip(result.steps, counts[1:], strict=True)):
        before = counts[number] if result.is_chain else counts[0]
        is_certain = step.count_change(result.focus, codes).excludes_zero or step.replicates == 1
        continues = number > 0 or names_runs
        text += (", and " if number else " ") + _verb_and_counts(before, after, certain=is_certain, continues=continues)
        text += f" in {step.after.label}" if names_runs else ""
        reason = _single_difference(step, mentioned) if is_certain else None
        if reason is not None:
            mentioned, words = reason
            text += f" {words}"
    return text


def _verb_and_counts(before: float, after: float, *, certain: bool, continues: bool) -> str:
    """Return how a count changes; continues: from a count that the sentence has given already."""
    if f"{before:.1f}" == f"{after:.1f}":
        return f"stay at {after:.1f}"
    if not certain:
        counts = f"{after:.1f}" if continues else f"{before:.1f} and {after:.1f}"
        return f"do not change significantly ({counts})"
    verb = "rise" if after > before else "fall"
    return f"{verb} to {after:.1f}" if continues else f"{verb} from {before:.1f} to {after:.1f}"


def _single_difference(step: Step, mentioned: str | None) -> tuple[str, str] | None:
    """Return the only setting or quantity of the environment that differs, with the words for it.

    None if more than one differs, since either could be the cause. mentioned: the one that the sentence has named
    already.
    """
    scenarios = step.before.scenario, step.after.scenario
    settings = differences(scenarios[1], scenarios[0])
    if len(settings) == 1 and not settings[0].path.startswith("environment."):
        return settings[0].path, f"with {difference_in_words(settings[0], scenarios[1])}"
    quantities = {each.path.split(".")[1] for each in settings if each.path.startswith("environment.")}
    others = any(not each.path.startswith("environment.") for each in settings)
    if others or len(quantities) != 1:
        return None
    quantity = quantities.pop()
    row = step.outcomes.loc[quantity]
    if abs(row["difference"]) < NOTABLE:
        return None
    name = "it" if quantity == mentioned else quantity_name(quantity, scenarios[1])
    return quantity, f"as {name} {'rises' if row['difference'] > 0 else 'falls'} to {row['after']:.2f}"


def _notes(step: Step) -> list[str]:
    before, after = step.before, step.after
    runs = (before, after)
    notes = []
    counts = [len(each.run.outcomes) for each in runs]
    if set(counts) != {step.replicates}:
        notes.append(
            f"{before.label} has {counted(counts[0], 'replicate')}, {after.label} {counts[1]:,}; "
            f"the {step.replicates:,} that both have are compared"
        )
    rounds = [run.scenario.rounds for run in runs]
    if rounds[0] != rounds[1]:
        notes.append(
            f"{before.label} has {counted(rounds[0], 'round')}, {after.label} {rounds[1]:,}; "
            "each is compared after its last round"
        )
    drawn = [run.label for run in runs if run.manifest.posterior is not None]
    if drawn:
        notes.append(
            f"weights were drawn in {' and '.join(drawn)}; all replicates of a draw share them, so intervals are too "
            "narrow"
        )
    notes += _only("on the roster of", runs, [run.scenario.roster.asked for run in runs])
    notes += _only("on the menu of", runs, [run.scenario.option_names for run in runs])
    proposals = [_proposal(run.scenario) for run in runs]
    if proposals[0] != proposals[1]:
        notes.append(
            f"the first proposal is {proposals[0]} in {before.label}, {proposals[1]} in {after.label}; "
            "each run's viability refers to its own"
        )
    if before.scenario.deepest != after.scenario.deepest:
        notes.append(
            f"the deepest option is {before.scenario.deepest} in {before.label}, "
            f"{after.scenario.deepest} in {after.label}"
        )
    first, then = (_rungs(run.scenario) for run in runs)
    other = [name for name in first if name in then and first[name] != then[name]]
    if other:
        rungs = ", ".join(f"{name} {first[name]} and {then[name]}" for name in other)
        notes.append(
            f"rungs differ between {before.label} and {after.label} ({rungs}); "
            f"changes are measured in the rungs of {after.label}"
        )
    return notes


def _proposal(scenario: Scenario) -> str:
    """Return the headline with its ask, in words."""
    headline = scenario.proposal.headline
    ask = 0 if headline == ABSTAIN else scenario.menu[headline].ask
    return f"{headline} with an ask of {ask:,} soldiers" if ask else headline


def _only(where: str, runs: Sequence[LabelledRun], names: Sequence[Sequence[str]]) -> list[str]:
    """Return what only one of two runs has."""
    return [
        f"{where} {run.label} only: {', '.join(only)}"
        for run, own, others in zip(runs, names, reversed(names), strict=True)
        if (only := [name for name in own if name not in others])
    ]
