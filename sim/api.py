"""The library: one function for each question, whose result has `to_frame`, `to_dict`, `plot` and a short text.

Every function takes a scenario as a name (`willing list scenarios`), the path of a YAML file, a mapping with the same
keys, or a `Scenario` from `load_scenario`. Nothing is written to disk unless a folder is given or `save` is called.
What a function needs is imported when it is called, since numba, pandas and matplotlib take a second to import.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.analysis.pivots import Pivots
    from sim.analysis.stability import Stability
    from sim.analysis.thresholds import Thresholds
    from sim.model.setup import Setup
    from sim.scenario import Scenario

type ScenarioLike = str | Path | Mapping[str, Any] | Scenario
type Settings = Sequence[str] | Mapping[str, Any]
type OnProgress = Callable[[int, int], object]


def load_scenario(scenario: ScenarioLike, settings: Settings = ()) -> Scenario:
    """Load a scenario and replace settings in it.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The name of a shipped scenario, the path of a YAML file, a mapping with the keys of such a file, or a scenario
        that was loaded before.
    settings : mapping of str to values, or sequence of str, optional
        Settings to replace: values by path, such as ``{"menu.troops.ask": 40_000}``, or texts such as
        ``"menu.troops.ask=40000"``.

    Returns
    -------
    Scenario
        The checked scenario.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read or makes no sense. The error lists every mistake with its place.

    Examples
    --------
    >>> load_scenario("paris-march-2025", {"menu.troops.ask": 40_000}).menu["troops"].ask
    40000
    """
    from sim import scenario as scenarios
    from sim.scenario.load import with_settings
    from sim.scenario.setting_text import settings_of

    if isinstance(scenario, scenarios.Scenario):
        return with_settings(scenario, settings_of(settings))
    if isinstance(scenario, Mapping):
        raise NotImplementedError
    return scenarios.load_scenario(scenario, settings)


def pivots(
    scenario: ScenarioLike,
    *,
    option: str | None = None,
    states: Sequence[str] | None = None,
    replicates: int = 1000,
    seed: int = 0,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Pivots:
    """Find pivotal states: force each state into an option, and out of all, and measure the effect on the others.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The scenario, as `load_scenario` takes it.
    option : str, optional
        The option that states are forced into, by default the scenario's headline.
    states : sequence of str, optional
        Codes or names of the states to force, by default all that are on the roster.
    replicates : int, optional
        Replicates of each simulation; all use common random numbers.
    seed : int, optional
        Random seed.
    workers : int, optional
        Number of threads, by default one per processor.
    on_progress : callable, optional
        Called with the number of runs done and in total.

    Returns
    -------
    Pivots
        The effects with 95 % intervals, the power indices and the smallest sufficient sets.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read or makes no sense.
    ModelError
        If the option or a state does not exist, or the scenario changes over time.

    Examples
    --------
    >>> result = pivots("paris-march-2025", states=["DEU"], replicates=20)
    >>> result.states.index.tolist()
    ['DEU']
    """
    from sim.analysis import pivots as analysis
    from sim.analysis.requested_state import asked_state as requested_state

    setup = _setup(scenario)
    forced = None if states is None else [requested_state(setup, state) for state in states]
    simulations = 2 * len(set(setup.codes if forced is None else forced)) + 1
    return analysis.pivots(
        setup,
        seed=seed,
        replicates=replicates,
        threads=_threads(workers),
        option=option,
        forced=forced,
        on_progress=_counting(on_progress, simulations * replicates),
    )


def stability(
    scenario: ScenarioLike,
    *,
    replicates: int = 1000,
    seed: int = 0,
    largest_group: int = 3,
    draws: int = 0,
    spread: float = 0.2,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Stability:
    """Test whether the final profiles are stable: against single states, against groups, and under other weights.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The scenario, as `load_scenario` takes it.
    replicates : int, optional
        Number of final profiles, one per replicate.
    seed : int, optional
        Random seed.
    largest_group : {1, 2, 3}, optional
        Largest group of states whose joint deviations are tried.
    draws : int, optional
        Number of sets of weights to draw around the scenario's; 0 for none.
    spread : float, optional
        Standard deviation of the logarithm of the factor by which each weight is multiplied.
    workers : int, optional
        Number of threads, by default one per processor.
    on_progress : callable, optional
        Called with the number of profiles done and in total.

    Returns
    -------
    Stability
        Shares of profiles that are stable in each sense, and the deviations by state, by option and by group.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read or makes no sense.
    ModelError
        If the scenario changes over time, or uses drivers defined outside the package.

    Examples
    --------
    >>> result = stability("paris-march-2025", replicates=20, largest_group=1)
    >>> 0.0 <= result.verdicts["nash"].mean <= 1.0
    True
    """
    from sim.analysis import stability as analysis

    return analysis.stability(
        _setup(scenario),
        seed=seed,
        replicates=replicates,
        draws=draws,
        spread=spread,
        largest_group=largest_group,
        threads=_threads(workers),
        on_progress=_counting(on_progress, replicates),
    )


def thresholds(
    scenario: ScenarioLike,
    target: str,
    *,
    levers: Sequence[str] | None = None,
    pairs: bool = True,
    states: bool = True,
    replicates: int = 1000,
    seed: int = 0,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Thresholds:
    """Find the smallest change of each lever, or of two together, at which an outcome reaches a target.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The scenario, as `load_scenario` takes it.
    target : str
        The target, such as ``"viable>=0.8"`` or ``"troop_states<=4"``. An outcome that is true or false counts as a
        share of replicates, any other as a mean.
    levers : sequence of str, optional
        The levers: a quantity of the environment such as ``"us_backing"``, ``"ask"``, or the path of a number;
        ``"us_backing:0.2:0.8"`` gives a range. By default US backing, clarity, mandate and ask.
    pairs : bool, optional
        Whether to change two levers together as well.
    states : bool, optional
        Whether to find the thresholds at which each state joins the headline.
    replicates : int, optional
        Replicates of each simulation; all use common random numbers.
    seed : int, optional
        Random seed.
    workers : int, optional
        Number of threads, by default one per processor.
    on_progress : callable, optional
        Called with the number of simulations done and about how many there are in total.

    Returns
    -------
    Thresholds
        The outcome along each lever, the thresholds with 95 % intervals, and the frontiers of pairs.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read or makes no sense.
    ModelError
        If the target or a lever does not exist, or the target is out of reach; the message gives the nearest value.

    Examples
    --------
    >>> result = thresholds("paris-march-2025", "troop_states>=8", levers=["clarity"], states=False, replicates=20)
    >>> result.to_frame().columns.tolist()
    ['now', 'threshold', 'nearest_end', 'farthest_end', 'outcome']
    """
    import dataclasses

    from sim.analysis import join_thresholds
    from sim.analysis import thresholds as analysis
    from sim.analysis.lever import default_levers, read_levers
    from sim.analysis.target import read_target

    setup = _setup(scenario)
    read = default_levers(setup) if levers is None else read_levers(levers, setup)
    simulations = analysis.plays(len(read), pairs=pairs) + (join_thresholds.plays(len(setup.codes)) if states else 0)
    desk = analysis.Evaluator(
        setup,
        read_target(target, setup),
        seed=seed,
        replicates=replicates,
        threads=_threads(workers),
        on_progress=_counting(on_progress, simulations),
    )
    result = analysis.find_thresholds(desk, read, pairs=pairs)
    analysis.check_reached(result)
    return dataclasses.replace(result, joining=join_thresholds.joining(desk, read)) if states else result


def _setup(scenario: ScenarioLike) -> Setup:
    from sim.model.setup import prepare

    return prepare(load_scenario(scenario))


def _threads(workers: int | None) -> int:
    return workers or os.cpu_count() or 1


def _counting(on_progress: OnProgress | None, total: int) -> Callable[[int], None]:
    """Return a callback for steps that were just done, which reports how many are done of the total."""
    done = 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        if on_progress is not None:
            on_progress(done, total)

    return advance
