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
    import datetime
    from typing import Literal

    from distributed import Client

    from sim.analysis.ablations import Ablations
    from sim.analysis.compare import Comparison
    from sim.analysis.discover import Discovery
    from sim.analysis.explain import Explanation
    from sim.analysis.fit import Fit
    from sim.analysis.hindcast import Hindcast
    from sim.analysis.pattern import Patterns
    from sim.analysis.pivots import Pivots
    from sim.analysis.sensitivity import Sensitivity
    from sim.analysis.stability import Stability
    from sim.analysis.thresholds import Thresholds
    from sim.experiment import Experiment
    from sim.experiment.sweep import Sweep
    from sim.model.agent import StateAgent
    from sim.model.setup import Setup
    from sim.results.run import Run
    from sim.scenario import Scenario
    from sim.text.catalogue import Catalogue

type ScenarioLike = str | Path | Mapping[str, Any] | Scenario
type ExperimentLike = str | Path | Mapping[str, Any] | Experiment
type Settings = Sequence[str] | Mapping[str, Any]
type OnProgress = Callable[[int, int], object]


def load_scenario(scenario: ScenarioLike, settings: Settings = ()) -> Scenario:
    """Load a scenario and replace settings in it.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The name of a shipped scenario (`willing list scenarios`), the path of a YAML file, a mapping with the keys of
        such a file, or a scenario that was loaded before. A scenario that a mapping extends is looked for in the
        working folder and among the shipped ones.
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
        If the scenario cannot be read or makes no sense. The error lists every mistake: in a file with line and
        column, in a mapping with the path of the key.

    Examples
    --------
    >>> load_scenario("paris-march-2025", {"menu.troops.ask": 40_000}).menu["troops"].ask
    40000
    >>> own = load_scenario({"extends": "base", "question": "Does clarity matter?", "environment": {"clarity": 0.5}})
    >>> own.environment.clarity.value
    0.5
    """
    from sim import scenario as scenarios

    return scenarios.load_scenario(scenario, settings)


def catalogue(kind: str = "scenarios", scenario: ScenarioLike = "base", settings: Settings = ()) -> Catalogue:
    """List what a user can choose from.

    Parameters
    ----------
    kind : {"scenarios", "experiments", "states", "options", "considerations", "outcomes", "parameters"}
        What to list. Parameters are the settings of a scenario.
    scenario : str, Path, mapping or Scenario, optional
        The scenario whose states, options, considerations, outcomes or parameters are listed.
    settings : mapping of str to values, or sequence of str, optional
        Settings to replace in the scenario, as `load_scenario` takes them.

    Returns
    -------
    Catalogue
        One row per entry.

    Raises
    ------
    ScenarioError, FactsError
        If the scenario cannot be read or makes no sense, or if a figure that it needs is unknown.

    Examples
    --------
    >>> catalogue("options").to_frame().index.tolist()
    ['guarantee', 'backstop', 'troops']
    """
    from sim.text import catalogue as catalogues

    return catalogues.catalogue(kind, load_scenario(scenario, settings))


def run(
    scenario: ScenarioLike,
    *,
    settings: Settings = (),
    replicates: int = 400,
    seed: int = 0,
    rounds: int | None = None,
    engine: str = "auto",
    agent_class: type[StateAgent] | None = None,
    workers: int | None = None,
    posterior: str | Path | None = None,
    draws: int | None = None,
    on_progress: OnProgress | None = None,
    folder: str | Path | None = None,
    cache: str | Path | None = None,
) -> Run:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The scenario, as `load_scenario` takes it.
    settings : mapping of str to values, or sequence of str, optional
        Settings to replace, as `load_scenario` takes them.
    replicates : int, optional
        Number of replicates, each with its own random draws.
    seed : int, optional
        Random seed. The same seed gives the same numbers with either engine and any number of workers.
    rounds : int, optional
        Number of rounds, by default the scenario's.
    engine : {"auto", "agents", "ensemble"}, optional
        Mesa agents, or the compiled ensemble, which is about a thousand times as fast; both give the same numbers to
        the last bit. "auto" takes agents for up to 20 replicates and for drivers that are functions of your own.
    agent_class : type, optional
        A subclass of `StateAgent` to simulate with agents.
    workers : int, optional
        Number of threads, or of processes with agents; by default one per processor where that saves time.
    posterior : str or Path, optional
        A file from `willing fit`. Weights are drawn from it, so that ranges include the uncertainty about weights.
    draws : int, optional
        Number of draws of the weights, which share the replicates equally; by default up to 100.
    on_progress : callable, optional
        Called with the number of replicates done and in total.
    folder : str or Path, optional
        Folder to save the run in. If it already holds this run, the run is read from there and not simulated again.
    cache : str or Path, optional
        Folder of many runs: the same, in a subfolder named after the scenario and the identity of the run.

    Returns
    -------
    Run
        The run, with its tables as data frames.

    Raises
    ------
    ScenarioError, FactsError
        If the scenario cannot be read or makes no sense, or if a figure that it needs is unknown.
    ModelError
        If the engine cannot simulate the scenario, or the tables would not fit into memory.
    ResultsError
        If the folder holds something else or cannot be written.

    Examples
    --------
    >>> print(run("paris-march-2025", replicates=20).probabilities().loc["ITA", "abstain"])
    0.9
    """
    from sim.results.simulate import plan_simulation
    from sim.results.store import reserve

    loaded = load_scenario(scenario, settings)
    simulation = plan_simulation(
        loaded if rounds is None else load_scenario(loaded, {"rounds": rounds}),
        replicates=replicates,
        seed=seed,
        engine=engine,
        agent_class=agent_class,
        workers=workers,
        posterior=None if posterior is None else Path(posterior),
        draws=draws,
    )
    target = None if folder is None else Path(folder)
    if target is None and cache is not None:
        target = Path(cache) / simulation.manifest.name
    stored = None if target is None else reserve(target, simulation.manifest)
    if stored is not None:
        return stored
    result = simulation.run(_counting(on_progress, replicates))
    if target is not None:
        result.save(target)
    return result


def load_experiment(experiment: ExperimentLike) -> Experiment:
    """Load an experiment, which says which settings of a scenario to vary, and what to measure.

    Parameters
    ----------
    experiment : str, Path, mapping or Experiment
        The name of a shipped experiment (`willing list experiments`), the path of a YAML file, a mapping with the keys
        of such a file, or an experiment that was loaded before. Scenarios and tables of points that a mapping names are
        looked for among the shipped ones and in the working folder.

    Returns
    -------
    Experiment
        The checked experiment.

    Raises
    ------
    ScenarioError
        If the experiment cannot be read or makes no sense. The error lists every mistake: in a file with line and
        column, in a mapping with the path of the key.

    Examples
    --------
    >>> experiment = load_experiment("clarity-x-mandate")
    >>> [factor.name for factor in experiment.factors]
    ['environment.clarity', 'environment.mandate']
    """
    from sim import experiment as experiments

    return experiments.load_experiment(experiment)


def sweep(
    experiment: ExperimentLike,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    engine: str = "ensemble",
    executor: str | Client = "threads",
    workers: int | None = None,
    folder: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> Sweep:
    """Simulate an experiment: every point of its design, each with the same random draws.

    Parameters
    ----------
    experiment : str, Path, mapping or Experiment
        The experiment, as `load_experiment` takes it.
    replicates : int, optional
        Runs per point, by default the experiment's.
    seed : int, optional
        Random seed of the runs, by default the experiment's.
    engine : {"ensemble", "agents"}, optional
        The compiled ensemble, or Mesa agents; both give the same numbers to the last bit.
    executor : str or dask.distributed.Client, optional
        Where the runs are simulated: ``"threads"`` or ``"processes"`` of this machine, a Dask client, or the address of
        a Dask cluster: ``"tcp://HOST:PORT"``, or ``"local"`` for one that is started on this machine. A script that
        uses processes needs the usual ``if __name__ == "__main__":``.
    workers : int, optional
        Number of threads or processes, by default one per processor.
    folder : str or Path, optional
        Folder for the sweep. If it holds a part of this sweep, only the rest is simulated, so that the same call
        resumes a sweep that was interrupted. Without a folder everything stays in memory.
    on_progress : callable, optional
        Called with the number of runs done and in total.

    Returns
    -------
    Sweep
        The runs and their summary by point.

    Raises
    ------
    ScenarioError
        If the experiment cannot be read or makes no sense.
    ModelError
        If the engine does not exist, a number is out of range, the random draws would not fit into memory, or a Dask
        cluster cannot be used.
    ResultsError
        If the folder holds something else or cannot be written.

    Examples
    --------
    >>> result = sweep("clarity-x-mandate", replicates=2)
    >>> result.summary[["environment.clarity", "environment.mandate", "viable"]].shape
    (676, 3)
    """
    from sim.experiment import sweep as sweeps

    return sweeps.sweep(
        experiment,
        replicates=replicates,
        seed=seed,
        engine=engine,
        executor=executor,
        workers=workers,
        folder=folder,
        on_progress=on_progress,
    )


def open_results(folder: str | Path, *, as_played: bool = False) -> Run | Sweep:
    """Open the folder of a run or a sweep.

    Parameters
    ----------
    folder : str or Path
        A folder that `save` or a command has written.
    as_played : bool, optional
        Whether to open a run of a scenario file that has changed since. The run keeps the scenario as it was.

    Returns
    -------
    Run or Sweep
        The result, read back and checked against its checksums.

    Raises
    ------
    ResultsError
        If the folder holds no results, if a part is missing or was changed, or if the program, its tables of facts or
        the scenario have changed since.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saved = run("base", replicates=2, rounds=2).save(f"{folder}/short")
    ...     open_results(saved).outcomes["replicate"].tolist()
    [0, 1]
    """
    from sim.experiment.store import is_sweep
    from sim.experiment.sweep import read_sweep
    from sim.results.open_run import open_run

    if is_sweep(Path(folder)):
        return read_sweep(folder)
    return open_run(Path(folder), as_played=as_played)


def compare(
    *cases: ScenarioLike | Run,
    settings: Settings = (),
    replicates: int | None = None,
    seed: int | None = None,
    rounds: int | None = None,
    workers: int | None = None,
    chain: bool = False,
    as_played: bool = False,
    on_progress: OnProgress | None = None,
    folder: str | Path | None = None,
    cache: str | Path | None = None,
) -> Comparison:
    """Compare two to five runs or scenarios with common random numbers.

    Parameters
    ----------
    *cases : Run, str, Path, mapping or Scenario
        Runs, in memory or by their folder, and scenarios, as `load_scenario` takes them. Scenarios are simulated. All
        runs need the same seed: they then have the same random draws in each replicate, so that differences are due to
        the scenarios alone.
    settings : mapping of str to values, or sequence of str, optional
        Settings to replace in each scenario, as `load_scenario` takes them.
    replicates : int, optional
        Number of replicates of scenarios, by default that of the first run among the cases, or 400.
    seed : int, optional
        Random seed of scenarios, by default that of the first run among the cases, or 0.
    rounds : int, optional
        Number of rounds of scenarios, by default their own.
    workers : int, optional
        Number of threads, or of processes with agents; by default one per processor where that saves time.
    chain : bool, optional
        Whether to compare each run with the one before it, instead of the first.
    as_played : bool, optional
        Whether to open folders of runs whose scenario file has changed since.
    on_progress : callable, optional
        Called with the number of replicates done and in total.
    folder : str or Path, optional
        Folder to save the comparison in.
    cache : str or Path, optional
        Folder of many results: runs are read from and saved in its subfolder `runs`, and the comparison is saved in
        `comparisons` unless a folder is given.

    Returns
    -------
    Comparison
        Changes of states and outcomes, with 95 % intervals of the differences paired by replicate.

    Raises
    ------
    ScenarioError, FactsError
        If a scenario cannot be read or makes no sense, or if a figure that it needs is unknown.
    ResultsError
        If the runs have different seeds or no state in common, or if a folder cannot be read or written.

    Examples
    --------
    >>> base = run("paris-march-2025", replicates=20, rounds=10)
    >>> result = compare(base, "un-mandate", rounds=10)
    >>> result.outcomes.set_index("outcome").loc["mandate", ["before", "after"]].round(2).tolist()
    [0.1, 0.9]
    """
    from sim.analysis import compare as analysis
    from sim.results.run import Run
    from sim.scenario.setting_text import settings_of

    opened = [_open_case(case, as_played) for case in cases]
    names = [_name_of_case(case) for case in opened]
    parameters = {"settings": settings, "replicates": replicates, "rounds": rounds, "seed": seed, "workers": workers}
    analysis.check_applicable(
        [(name, isinstance(case, Run)) for name, case in zip(names, opened, strict=True)],
        [name for name, value in parameters.items() if value is not None and value != ()],
    )
    changed = [*settings_of(settings), *([] if rounds is None else [f"rounds={rounds}"])]
    return analysis.compare_cases(
        [
            (name, case if isinstance(case, Run) else load_scenario(case, changed))
            for name, case in zip(names, opened, strict=True)
        ],
        replicates=replicates,
        seed=seed,
        workers=workers,
        chain=chain,
        folder=None if folder is None else Path(folder),
        cache=None if cache is None else Path(cache),
        on_progress=on_progress or (lambda done, total: None),
    )


def explain(
    scenario: ScenarioLike | Run,
    state: str,
    *,
    settings: Settings = (),
    round: int | None = None,
    seed: int | None = None,
    replicate: int | None = None,
    conditional: bool = False,
    as_played: bool = False,
    on_progress: OnProgress | None = None,
) -> Explanation:
    """Explain the stance of a state: the contribution of each consideration to the utility of each option.

    Parameters
    ----------
    scenario : str, Path, mapping, Scenario or Run
        A scenario, as `load_scenario` takes it, or a run, in memory or by its folder.
    state : str
        The code of a state, such as ``"POL"`` or ``"PL"``, or its name.
    settings : mapping of str to values, or sequence of str, optional
        Settings to replace in a scenario, as `load_scenario` takes them.
    round : int, optional
        Explain the stance after this round of a replicate. By default a scenario is explained at the start, when all
        states abstain, and a run after its last round.
    seed : int, optional
        Random seed of the rounds of a scenario, by default 0.
    replicate : int, optional
        Number of the replicate, by default 0.
    conditional : bool, optional
        Whether to explain the conditional stance, as if the conditions of the proposal were met.
    as_played : bool, optional
        Whether to open the folder of a run whose scenario file has changed since.
    on_progress : callable, optional
        Called with the number of rounds done and in total.

    Returns
    -------
    Explanation
        Utilities, choice probabilities and the contributions of considerations, without taste shocks.

    Raises
    ------
    ScenarioError, FactsError
        If the scenario cannot be read or makes no sense, or if a figure that it needs is unknown.
    ModelError
        If the state is not on the roster, the round or the replicate does not exist, or the run has drawn weights.

    Examples
    --------
    >>> result = explain("paris-march-2025", "POL", round=26, seed=1)
    >>> print(result.to_frame().loc["troops", "solidarity"].round(2))
    1.16
    """
    from sim.analysis import explain as analysis
    from sim.errors import ModelError
    from sim.results.run import Run

    case = _open_case(scenario, as_played)
    if isinstance(case, Run) and settings:
        raise ModelError("settings cannot change a run that exists; explain its scenario with these settings instead")
    return analysis.explain(
        case if isinstance(case, Run) else load_scenario(case, settings),
        state,
        round=round,
        seed=seed,
        replicate=replicate,
        conditional=conditional,
        on_progress=on_progress or (lambda done, total: None),
    )


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
    from sim.analysis.requested_state import requested_state

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
    from sim.analysis.outcome_target import read_target

    setup = _setup(scenario)
    read = default_levers(setup) if levers is None else read_levers(levers, setup)
    simulations = analysis.plays(len(read), pairs=pairs) + (join_thresholds.plays(len(setup.codes)) if states else 0)
    evaluator = analysis.Evaluator(
        setup,
        read_target(target, setup),
        seed=seed,
        replicates=replicates,
        threads=_threads(workers),
        on_progress=_counting(on_progress, simulations),
    )
    result = analysis.find_thresholds(evaluator, read, pairs=pairs)
    analysis.check_reached(result)
    return dataclasses.replace(result, joining=join_thresholds.joining(evaluator, read)) if states else result


def hindcast(
    scenario: ScenarioLike = "paris-march-2025",
    *,
    positions: str | Path | None = None,
    date: datetime.date | str | None = None,
    stances: Literal["conditional", "firm"] = "conditional",
    replicates: int = 1000,
    seed: int = 0,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Hindcast:
    """Score the model, and simpler forecasts, on the positions that governments are on record with.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario, optional
        The scenario, as `load_scenario` takes it.
    positions : str or Path, optional
        A CSV table of dated positions, by default the included one of spring 2025.
    date : date or str, optional
        The day on which the model is read, with the positions up to it; by default the day of the last position.
    stances : {"conditional", "firm"}, optional
        Which stances of the model are scored.
    replicates : int, optional
        Number of replicates; probabilities are shares of them.
    seed : int, optional
        Random seed.
    workers : int, optional
        Number of threads, by default one per processor.
    on_progress : callable, optional
        Called with the number of replicates done and in total.

    Returns
    -------
    Hindcast
        The scores of every forecast, the counts, the calibration and the states one by one.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read or makes no sense.
    FactsError
        If the positions cannot be read.
    ModelError
        If the day is outside the scenario, or too few states have a stance.

    Examples
    --------
    >>> result = hindcast(load_scenario("paris-march-2025", {"rounds": 5}), replicates=20)
    >>> result.to_frame()["verdict"].value_counts()["undecided"].item()
    7
    """
    import datetime

    from sim.analysis import hindcast as analysis
    from sim.analysis.positions import SHIPPED

    spec = analysis.HindcastSpec(
        scenario=load_scenario(scenario),
        positions=SHIPPED if positions is None else Path(positions),
        day=datetime.date.fromisoformat(date) if isinstance(date, str) else date,
        which=stances,
        replicates=replicates,
        seed=seed,
        threads=_threads(workers),
    )
    return analysis.hindcast(spec, _counting(on_progress, spec.steps))


def sensitivity(
    experiment: ExperimentLike | Sweep = "global-sensitivity",
    *,
    method: Literal["sobol", "morris", "one-at-a-time"] | None = None,
    outcome: str | None = None,
    base: int | None = None,
    trajectories: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    folder: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> Sensitivity:
    """Measure how much an outcome depends on each factor of an experiment.

    Parameters
    ----------
    experiment : str, Path, mapping, Experiment or Sweep, optional
        The experiment, as `load_experiment` takes it: its factors are varied with the design that the method requires.
        Or a sweep with the design saltelli, morris or one_at_a_time, in memory or by its folder.
    method : {"sobol", "morris", "one-at-a-time"}, optional
        Sobol' indices, elementary effects, or one factor at a time; by default the method of the experiment's design,
        or else Sobol' indices.
    outcome : str, optional
        A numeric outcome of the experiment, by default the first.
    base : int, optional
        Size of the sample of Sobol' indices, a power of two; by default the experiment's, or 512.
    trajectories : int, optional
        Number of trajectories of elementary effects, by default the experiment's, or 40.
    replicates : int, optional
        Runs per point, by default the experiment's.
    seed : int, optional
        Random seed of the runs, by default the experiment's.
    workers : int, optional
        Number of threads, by default one per processor.
    folder : str or Path, optional
        Folder for the sweep, as `sweep` takes it. Without a folder everything stays in memory.
    on_progress : callable, optional
        Called with the number of runs done and in total.

    Returns
    -------
    Sensitivity
        The effect of each factor with its 95 % interval, and whether the analysis has converged.

    Raises
    ------
    ScenarioError
        If the experiment cannot be read or makes no sense.
    ModelError
        If the method, the outcome or the size of the sample does not fit the experiment or the sweep, if the outcome
        does not vary, or if too many points failed.
    ResultsError
        If the folder holds something else or cannot be written.

    Examples
    --------
    >>> result = sensitivity("global-sensitivity", method="morris", trajectories=2, replicates=2, outcome="viable")
    >>> result.to_frame().columns.tolist()
    ['mu', 'mu_star', 'mu_star.reach', 'sigma']
    """
    from sim.analysis import sensitivity as analysis
    from sim.experiment import sweep as sweeps

    given = _stored_sweep(
        experiment,
        method=method,
        base=base,
        trajectories=trajectories,
        replicates=replicates,
        seed=seed,
        folder=folder,
    )
    if not isinstance(given, sweeps.Sweep):
        plan = analysis.sensitivity_plan(
            given, method=method, base=base, trajectories=trajectories, replicates=replicates, seed=seed
        )
        outcome = analysis.find_outcome(plan.experiment, outcome)
        given = sweeps.begin(plan, folder)
    return analysis.sensitivity(sweeps.resume(given, workers=workers, on_progress=on_progress), outcome)


def discover(
    experiment: ExperimentLike | Sweep = "no-viable-force",
    condition: str | Sequence[str] = "viable < 0.5",
    *,
    boxes: int = 1,
    density: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    folder: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> Discovery:
    """Find the ranges of factors in which a condition holds: scenario discovery with PRIM.

    The ranges are found on one half of the points and tested on the other half.

    Parameters
    ----------
    experiment : str, Path, mapping, Experiment or Sweep, optional
        The experiment, as `load_experiment` takes it, or a sweep, in memory or by its folder.
    condition : str or sequence of str, optional
        The condition on the outcomes of a point, such as ``"troop_states >= 10"``; of several, all have to hold.
    boxes : int, optional
        Largest number of boxes. Each box after the first is searched for among the points outside the earlier ones.
    density : float, optional
        Select the box with the highest coverage that has at least this density; by default the box closest to one that
        contains all cases and nothing else.
    replicates : int, optional
        Runs per point, by default the experiment's.
    seed : int, optional
        Random seed of the runs and of the division into halves, by default the experiment's; for a sweep only that of
        the division.
    workers : int, optional
        Number of threads, by default one per processor.
    folder : str or Path, optional
        Folder for the sweep, as `sweep` takes it. Without a folder everything stays in memory.
    on_progress : callable, optional
        Called with the number of steps done and in total: of runs, then of boxes.

    Returns
    -------
    Discovery
        The boxes, each with its limits, coverage and density. `Discovery.save` writes them into a folder.

    Raises
    ------
    ScenarioError
        If the experiment cannot be read or makes no sense.
    ModelError
        If a condition cannot be read, or holds at no point, at every point or at too few; if no box has the density;
        or if the library ema_workbench is missing.
    ResultsError
        If the folder holds something else or cannot be written.

    Examples
    --------
    >>> experiment = {
    ...     "question": "Where do few states send troops?",
    ...     "scenario": "paris-march-2025",
    ...     "vary": {"environment.us_backing": {"from": 0, "to": 1}, "environment.clarity": {"from": 0, "to": 1}},
    ...     "design": {"sobol": {"points": 128}},
    ...     "replicates": 2,
    ...     "outcomes": ["troop_states"],
    ... }
    >>> result = discover(experiment, "troop_states < 8")
    >>> result.boxes[0].box.factors[0]
    'environment.us_backing'
    """
    from sim.analysis import discover as analysis
    from sim.analysis.outcome_condition import read_condition
    from sim.analysis.prim import prim
    from sim.experiment import sweep as sweeps

    given = _stored_sweep(experiment, replicates=replicates, folder=folder)
    if not isinstance(given, sweeps.Sweep):
        given = sweeps.begin(sweeps.plan_sweep(given, replicates=replicates, seed=seed), folder)
    texts = [condition] if isinstance(condition, str) else condition
    conditions = [read_condition(text, given.experiment) for text in texts]
    prim()  # raises ModelError before anything is simulated
    return analysis.discover_in_sweep(
        sweeps.resume(given, workers=workers, on_progress=on_progress),
        conditions,
        seed=seed,
        boxes=boxes,
        least_density=density,
        on_progress=_counting(on_progress, boxes),
    )


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of scenario or experiment files, with which editors complete and check them.

    The schema refuses nothing that `willing check` accepts. docs/reference/schema.md lists what only `check` finds.

    Parameters
    ----------
    kind : {"scenario", "experiment"}
        The kind of file.

    Returns
    -------
    dict
        The schema (JSON Schema, draft 2020-12), with the title, description, range and unit of each key.

    Raises
    ------
    ValueError
        If there is no such kind of file.

    Examples
    --------
    >>> schema("scenario")["properties"]["rounds"]["description"]
    'number of rounds (1 to 10,000; rounds)'
    """
    from sim.experiment.json_schema import experiment_schema
    from sim.scenario.json_schema import scenario_schema

    kinds = {"scenario": scenario_schema, "experiment": experiment_schema}
    if kind not in kinds:
        raise ValueError(f"no kind of file '{kind}'; must be {' or '.join(kinds)}")
    return kinds[kind]()


def fit(
    scenario: ScenarioLike = "base",
    *,
    positions: str | Path | None = None,
    date: datetime.date | str | None = None,
    stances: Literal["conditional", "firm"] = "conditional",
    sure: bool = False,
    priors: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> Fit:
    """Fit the weights to the positions that governments are on record with.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario, optional
        The scenario whose weights are fitted, as `load_scenario` takes it.
    positions : str or Path, optional
        A CSV table of dated positions, by default the included one of spring 2025.
    date : date or str, optional
        Fit in the environment of this day, to the positions up to it; by default in that of the start, to all.
    stances : {"conditional", "firm"}, optional
        Whether the positions suppose that the conditions of the proposal are met.
    sure : bool, optional
        Whether to use only rows of confidence 2 and 3.
    priors : str or Path, optional
        A YAML file with the priors, by default the scenario's weights with a standard deviation of half their size.
    on_progress : callable, optional
        Called with the number of weights and states done and in total.

    Returns
    -------
    Fit
        The weights of the highest posterior density, their covariance, and scores. `Fit.save` writes a scenario and a
        posterior, from which `run` draws weights.

    Raises
    ------
    ScenarioError
        If the scenario or the priors cannot be read or make no sense.
    FactsError
        If the positions cannot be read.
    ModelError
        If there is nothing to fit, or too few states have a stance.

    Examples
    --------
    >>> fit().weights["says"].unique().tolist()
    ['prior only', 'identified']
    """
    import datetime

    from sim.analysis import fit as analysis
    from sim.analysis import priors as prior_files
    from sim.analysis.positions import SHIPPED

    loaded = load_scenario(scenario)
    spec = analysis.FitSpec(
        scenario=loaded,
        positions=SHIPPED if positions is None else Path(positions),
        priors=prior_files.SHIPPED if priors is None else Path(priors),
        day=datetime.date.fromisoformat(date) if isinstance(date, str) else date,
        which=stances,
        sure=sure,
    )
    return analysis.fit(spec, _counting(on_progress, len(loaded.weights) + len(loaded.roster.asked)))


def _open_case(case: ScenarioLike | Run, as_played: bool = False) -> ScenarioLike | Run:
    """Return the run in a folder; anything else as it is. The name of a scenario has precedence over a folder."""
    from sim.results.open_run import check_is_not_a_file, open_run
    from sim.scenario import shipped

    if not isinstance(case, str | Path) or str(case) in shipped():
        return case
    check_is_not_a_file(Path(case))
    return open_run(Path(case), as_played=as_played) if Path(case).is_dir() else case


def _name_of_case(case: ScenarioLike | Run) -> str:
    """Return the name of a case in messages: its folder, its reference, or the name of its scenario."""
    from sim.results.run import Run
    from sim.scenario import Scenario

    match case:
        case str() | Path():
            return str(case)
        case Run():
            return str(case.folder or case.manifest.scenario)
        case Scenario():
            return case.origin.reference if case.origin else case.name
    return str(case.get("name", "scenario"))


def patterns(
    numbers: Sequence[int] | None = None,
    *,
    replicates: int = 400,
    seed: int = 0,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Patterns:
    """Test whether the model reproduces patterns that were reported of the talks.

    Parameters
    ----------
    numbers : sequence of int, optional
        Numbers of the patterns to measure, by default all.
    replicates : int, optional
        Replicates of each situation; all use common random numbers.
    seed : int, optional
        Random seed.
    workers : int, optional
        Number of threads, by default one per processor.
    on_progress : callable, optional
        Called with the number of situations done and in total.

    Returns
    -------
    Patterns
        The findings, each with the measures that decide it.

    Raises
    ------
    ModelError
        If there is no pattern of such a number.

    Examples
    --------
    >>> patterns([16], replicates=4).to_frame()["unit"].tolist()
    ['states']
    """
    from sim.analysis import pattern as analysis
    from sim.analysis.pattern_catalogue import PATTERNS
    from sim.errors import ModelError

    known = [pattern.number for pattern in PATTERNS]
    if unknown := [str(number) for number in numbers or () if number not in known]:
        raise ModelError(f"no pattern {', '.join(unknown)}; there are {', '.join(map(str, known))}")
    chosen = [pattern for pattern in PATTERNS if not numbers or pattern.number in numbers]
    return analysis.measure(
        chosen,
        seed=seed,
        replicates=replicates,
        workers=_threads(workers),
        on_progress=_counting(on_progress, len(analysis.situations(chosen))),
    )


def ablations(
    parts: Sequence[str] | None = None,
    *,
    replicates: int = 400,
    seed: int = 0,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Ablations:
    """Leave out parts of the model, one at a time, and measure all patterns and scores again.

    Parameters
    ----------
    parts : sequence of str, optional
        The parts: considerations, ``"momentum and security"``, ``"turnover"`` or ``"proposal revision"``; by default
        all.
    replicates : int, optional
        Replicates of each situation; all use common random numbers.
    seed : int, optional
        Random seed.
    workers : int, optional
        Number of threads, by default one per processor.
    on_progress : callable, optional
        Called with the number of situations done and in total.

    Returns
    -------
    Ablations
        The patterns and scores of the whole model, and without each part.

    Raises
    ------
    ModelError
        If there is no such part.

    Examples
    --------
    >>> result = ablations(["security"], replicates=3)
    >>> [part.ablation.name for part in result.parts]
    ['security']
    """
    from sim.analysis import ablations as analysis
    from sim.analysis.pattern_catalogue import PATTERNS
    from sim.errors import ModelError
    from sim.scenario.suggestions import did_you_mean

    known = {part.name: part for part in analysis.ablations()}
    for name in parts or ():
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise ModelError(f"no part {name[:40]!r}{hint}")
    chosen = [part for name, part in known.items() if not parts or name in parts]
    return analysis.ablate(
        PATTERNS,
        chosen,
        seed=seed,
        replicates=replicates,
        workers=_threads(workers),
        on_progress=_counting(on_progress, analysis.situations_each(PATTERNS) * (len(chosen) + 1)),
    )


def _stored_sweep(experiment: ExperimentLike | Sweep, **options: object) -> ExperimentLike | Sweep:
    """Return the sweep in a folder; an experiment or a sweep as it is.

    ModelError for a sweep if options are given that would change the sweep.
    """
    from sim.errors import ModelError
    from sim.experiment import shipped_experiments
    from sim.experiment.sweep import Sweep, read_sweep

    if isinstance(experiment, Sweep):
        stored = experiment
    elif (
        isinstance(experiment, str | Path)
        and str(experiment) not in shipped_experiments()
        and Path(experiment).is_dir()
    ):
        stored = read_sweep(experiment)
    else:
        return experiment
    if given := [name for name, value in options.items() if value is not None]:
        name = stored.folder or stored.experiment.name
        raise ModelError(f"{', '.join(given)}: {name} is a sweep and is used as it was simulated")
    return stored


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
