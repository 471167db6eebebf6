"""Simulate many replicates at once: all their rounds, or the end states at many points of a sweep."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from sim.ensemble.arrays import Game, game_of
from sim.ensemble.buffers import KernelOutput, output_for, workspace_for
from sim.ensemble.draws import DrawArrays, Fluctuations, Key, key_in_force, key_of, roll, wander
from sim.ensemble.kernel import run_kernel
from sim.errors import ModelError
from sim.model import simulate as agents
from sim.model.setup import Setup
from sim.model.simulate import EndStates, Trajectories, end_states, joined

type Array = np.ndarray

_AT_A_TIME = 50  # replicates that a thread simulates before it reports progress
_SIDE_BY_SIDE = 32  # most points that are simulated together
_WORTH_IT = 4  # least points, below which each alone is faster


def check_supported(setup: Setup) -> None:
    """Raise ModelError for a setup that only agents can simulate: compiled code cannot call Python functions."""
    if setup.own_drivers:
        named = ", ".join(getattr(driver, "__name__", str(driver)) for driver in setup.own_drivers)
        raise ModelError(
            f"{setup.scenario.name}: driver {named} is a function of your own, which the ensemble engine cannot call; "
            "use the engine 'agents'"
        )


def simulate(
    setup: Setup,
    *,
    seed: int,
    replicates: range,
    threads: int = 1,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Trajectories:
    """Simulate consecutive replicates and return every round, equal to the result with agents to the last bit.

    on_progress is called with the number of replicates just finished. Raises ModelError if there are no replicates, or
    if the ensemble cannot simulate the setup.
    """
    check_supported(setup)
    _check_consecutive(replicates)
    if not replicates:
        raise ModelError("no replicates to simulate; the number must be at least 1")
    stages, stop = _stages([setup]), np.zeros(1, dtype=np.uint8)

    def part(first: int) -> Trajectories:
        numbers = range(first, min(first + _AT_A_TIME, replicates.stop))
        cache = DrawCache(seed, numbers)
        output = output_for(stages[0].game, len(numbers), setup.scenario.rounds)
        _run_stages(stages, cache, output, stop, keeps_rounds=True)
        return _trajectories(output, first)

    starts = iter(range(replicates.start, replicates.stop, _AT_A_TIME))
    parts = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            while turn := list(islice(starts, 4 * threads)):
                for each in pool.map(part, turn):
                    parts.append(each)
                    on_progress(len(each.replicates))
        except BaseException:
            stop[0] = 1  # Ctrl-C does not wait for threads that compute
            pool.shutdown(cancel_futures=True)
            raise
    return joined(parts)


def _check_consecutive(replicates: range) -> None:
    if not isinstance(replicates, range) or replicates.step != 1:
        raise ModelError(f"replicates {replicates}: must be consecutive, such as range(0, 400)")


def run_to_end(setup: Setup, *, seed: int, replicates: range, stop: Array | None = None) -> EndStates:
    """Return the end states of consecutive replicates, from agents if only they can simulate the setup.

    stop: the simulation stops when stop[0] is set.
    """
    if setup.own_drivers:
        return end_states(setup, agents.simulate(setup, seed=seed, replicates=replicates))
    return EnsembleRunner(seed, replicates, stop).run(setup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Rounds that are simulated together, until a setting changes at one of the points."""

    rounds: tuple[int, int]  # the first, and the one after the last, counted from 0
    setups: Sequence[Setup]  # one per point
    game: Game


class DrawCache:
    """The random draws of consecutive replicates, generated when they are first needed."""

    def __init__(self, seed: int, replicates: range) -> None:
        self.seed = seed
        self.replicates = replicates
        self._key: Key | None = None
        self._draws: dict[Key, DrawArrays] = {}
        self._paths: dict[object, Array] = {}

    def draws(self, setup: Setup) -> DrawArrays:
        """Return the revisions and the taste shocks of the states while the setup does not change."""
        key = key_in_force(setup)
        if key not in self._draws:
            self._draws[key] = roll(setup, self.seed, self.replicates.start, len(self.replicates))
        return self._draws[key]

    def keep_only(self, key: Key) -> None:
        """Discard the draws for setups with another key (see draws.key_of)."""
        if key != self._key:
            self._key = key
            self._draws.clear()

    def wander(self, setups: Sequence[Setup]) -> Fluctuations:
        """Return the random paths of the environment at each point."""
        return wander(setups, self.seed, self.replicates.start, len(self.replicates), self._paths)


def _stages(setups: Sequence[Setup]) -> list[Stage]:
    """Return the stages, each of which begins when a setting changes at one of the points."""
    rounds = setups[0].scenario.rounds
    firsts = sorted({1, *(first for setup in setups for first, _ in setup.later)})
    found = []
    for first, end in itertools.pairwise([*firsts, rounds + 1]):
        held = [setup.at(first) for setup in setups]
        found.append(Stage(rounds=(first - 1, end - 1), setups=held, game=game_of(held)))
    return found


def _run_stages(
    stages: Sequence[Stage], cache: DrawCache, output: KernelOutput, stop: Array, *, keeps_rounds: bool
) -> None:
    """Simulate the stages in turn; if there are several, each replicate completely before the next."""
    number = len(cache.replicates)
    at_a_time = number if len(stages) == 1 else 1  # the number that the workspace can carry from stage to stage
    points = (0,) if len(stages[0].setups) == 1 else np.arange(len(stages[0].setups))
    workspace = workspace_for(stages[0].game)
    rolled = [(stage, cache.draws(stage.setups[0]), cache.wander(stage.setups)) for stage in stages]
    for first in range(0, number, at_a_time):
        before = stages[0].game
        for stage, draws, wandering in rolled:
            run_kernel(
                points,
                (first, first + at_a_time),
                stage.rounds,
                before,
                stage.game,
                draws,
                wandering,
                output,
                keeps_rounds,
                workspace,
                stop,
            )
            before = stage.game


class EnsembleRunner:
    """Simulate setups with common random numbers, one after another or together; for one thread."""

    def __init__(self, seed: int, replicates: range, stop: Array | None = None) -> None:
        """Use the replicates of these numbers; the simulation stops when stop[0] is set."""
        _check_consecutive(replicates)
        self.seed = seed
        self.replicates = replicates
        self.stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
        self._cache = DrawCache(seed, replicates)

    def end_states(self, setups: Iterable[Setup]) -> Iterator[EndStates]:
        """Yield the end states of the replicates in each setup; ModelError if the ensemble cannot simulate it.

        Consecutive setups that share their random draws, as the points of most sweeps do, are simulated together, which
        is several times faster than one by one.
        """
        together: list[Setup] = []
        for setup in setups:
            check_supported(setup)
            if together and (len(together) == _SIDE_BY_SIDE or key_of(setup) != key_of(together[0])):
                yield from self.run_together(together)
                together = []
            together.append(setup)
        yield from self.run_together(together)

    def run(self, setup: Setup) -> EndStates:
        """Return the end states of the replicates; ModelError if the ensemble cannot simulate the setup."""
        return self._run_side_by_side([setup])[0]

    def run_together(self, setups: Sequence[Setup]) -> list[EndStates]:
        """Return the end states in each of several setups that share their random draws (see draws.key_of)."""
        if len(setups) < _WORTH_IT:
            return [self.run(setup) for setup in setups]
        return self._run_side_by_side(setups)

    def _run_side_by_side(self, setups: Sequence[Setup]) -> list[EndStates]:
        for setup in setups:
            check_supported(setup)
        self._cache.keep_only(key_of(setups[0]))
        stages = _stages(setups)
        output = output_for(stages[0].game, len(self.replicates), 1)
        _run_stages(stages, self._cache, output, self.stop, keeps_rounds=False)
        if self.stop[0]:
            raise KeyboardInterrupt
        return [_end_states(output, point, self.replicates, stages[0].game) for point in range(len(setups))]


def _trajectories(output: KernelOutput, first: int) -> Trajectories:
    return Trajectories(
        replicates=np.arange(first, first + output.last_change.shape[1]),
        environment=output.environment[0],
        phase=output.phase[0],
        headline=output.headline[0],
        asks=output.asks[0],
        deterrence=output.deterrence[0],
        redimensioned=output.redimensioned[0],
        stances=output.stances[0],
        conditional=output.conditional[0],
    )


def _end_states(output: KernelOutput, point: int, replicates: range, game: Game) -> EndStates:
    return EndStates(
        replicates=np.arange(replicates.start, replicates.stop),
        environment=output.environment[point, :, 0],
        phase=output.phase[point, :, 0],
        headline=output.headline[point, :, 0],
        asks=output.asks[point, :, 0],
        deterrence=output.deterrence[point, :, 0],
        redimensioned=output.redimensioned[point, :, 0],
        stances=output.stances[point, :, 0],
        conditional=output.conditional[point, :, 0],
        earlier=output.earlier[point] if game.stability_window[point] < game.rounds else None,
        last_change=output.last_change[point],
    )
