"""Play a scenario for many replicates at once: all their rounds, or what they come to at many points of a sweep."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from sim.ensemble.arrays import Game, game_of
from sim.ensemble.buffers import Record, record_for, room_for
from sim.ensemble.draws import Key, Luck, Wandering, key_in_force, key_of, roll, wander
from sim.ensemble.kernel import bargain
from sim.errors import ModelError
from sim.model import simulate as agents
from sim.model.setup import Setup
from sim.model.simulate import Endings, Trajectories, endings, joined

type Array = np.ndarray

_AT_A_TIME = 50  # replicates that a thread plays before it looks up
_SIDE_BY_SIDE = 32  # points that are played together at most
_WORTH_IT = 4  # points at least, below which each alone is faster


def refuse_what_it_cannot(setup: Setup) -> None:
    """Raise ModelError for a setup that only agents can play: compiled code calls no function of the user's own."""
    if setup.own_drivers:
        named = ", ".join(getattr(driver, "__name__", str(driver)) for driver in setup.own_drivers)
        raise ModelError(
            f"{setup.scenario.name}: driver {named} is a function of your own, which the ensemble engine cannot call; "
            "play it with --engine agents"
        )


def play(
    setup: Setup,
    *,
    seed: int,
    replicates: range,
    threads: int = 1,
    tell: Callable[[int], object] = lambda done: None,
) -> Trajectories:
    """Play consecutive replicates and return every round of them, equal to the last bit to what agents play.

    tell is called with the number of replicates that have just been finished. Raises ModelError where there is nothing
    to play, or what the ensemble cannot.
    """
    refuse_what_it_cannot(setup)
    _refuse_gaps(replicates)
    if not replicates:
        raise ModelError("no replicates to play; ask for one at least")
    stages, stop = _stages([setup]), np.zeros(1, dtype=np.uint8)

    def part(first: int) -> Trajectories:
        numbers = range(first, min(first + _AT_A_TIME, replicates.stop))
        draws = Draws(seed, numbers)
        record = record_for(stages[0].game, len(numbers), setup.scenario.rounds)
        _bargain(stages, draws, record, stop, keeps_rounds=True)
        return _trajectories(record, first)

    starts = iter(range(replicates.start, replicates.stop, _AT_A_TIME))
    played = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            while turn := list(islice(starts, 4 * threads)):
                for each in pool.map(part, turn):
                    played.append(each)
                    tell(len(each.replicates))
        except BaseException:
            stop[0] = 1  # Ctrl-C does not wait for threads that compute
            pool.shutdown(cancel_futures=True)
            raise
    return joined(played)


def _refuse_gaps(replicates: range) -> None:
    if not isinstance(replicates, range) or replicates.step != 1:
        raise ModelError(f"replicates {replicates}: must be consecutive, such as range(0, 400)")


def come_to(setup: Setup, *, seed: int, replicates: range, stop: Array | None = None) -> Endings:
    """Return what consecutive replicates come to: by the ensemble, or by agents where only they can play the setup.

    stop: nothing more is played once stop[0] is set.
    """
    if setup.own_drivers:
        return endings(setup, agents.play(setup, seed=seed, replicates=replicates))
    return Crowd(seed, replicates, stop).play(setup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is played side by side until something changes at one of the points."""

    rounds: tuple[int, int]  # the first, and the one after the last, counted from 0
    setups: Sequence[Setup]  # one a point
    game: Game


class Draws:
    """The random draws of consecutive replicates, rolled when they are first asked for."""

    def __init__(self, seed: int, replicates: range) -> None:
        self.seed = seed
        self.replicates = replicates
        self._key: Key | None = None
        self._luck: dict[Key, Luck] = {}
        self._paths: dict[object, Array] = {}

    def luck(self, setup: Setup) -> Luck:
        """Return who looks at its stance again when, and with which tastes, while the setup holds."""
        key = key_in_force(setup)
        if key not in self._luck:
            self._luck[key] = roll(setup, self.seed, self.replicates.start, len(self.replicates))
        return self._luck[key]

    def keep_only(self, key: Key) -> None:
        """Forget the draws for setups of another key (see draws.key_of)."""
        if key != self._key:
            self._key = key
            self._luck.clear()

    def wander(self, setups: Sequence[Setup]) -> Wandering:
        """Return how the quantities that wander do so at each point."""
        return wander(setups, self.seed, self.replicates.start, len(self.replicates), self._paths)


def _stages(setups: Sequence[Setup]) -> list[Stage]:
    """Return what is played at the points from each round on in which something changes at one of them."""
    rounds = setups[0].scenario.rounds
    firsts = sorted({1, *(first for setup in setups for first, _ in setup.later)})
    found = []
    for first, end in itertools.pairwise([*firsts, rounds + 1]):
        held = [setup.at(first) for setup in setups]
        found.append(Stage(rounds=(first - 1, end - 1), setups=held, game=game_of(held)))
    return found


def _bargain(stages: Sequence[Stage], draws: Draws, record: Record, stop: Array, *, keeps_rounds: bool) -> None:
    """Play the stages one after the other; where there are several, each replicate before the next begins."""
    number = len(draws.replicates)
    at_a_time = number if len(stages) == 1 else 1  # as many as the room can carry from stage to stage
    points = (0,) if len(stages[0].setups) == 1 else np.arange(len(stages[0].setups))
    room = room_for(stages[0].game)
    rolled = [(stage, draws.luck(stage.setups[0]), draws.wander(stage.setups)) for stage in stages]
    for first in range(0, number, at_a_time):
        before = stages[0].game
        for stage, luck, wandering in rolled:
            bargain(
                points,
                (first, first + at_a_time),
                stage.rounds,
                before,
                stage.game,
                luck,
                wandering,
                record,
                keeps_rounds,
                room,
                stop,
            )
            before = stage.game


class Crowd:
    """Consecutive replicates that play setups on common luck, one after the other or together; for one thread."""

    def __init__(self, seed: int, replicates: range, stop: Array | None = None) -> None:
        """Take the replicates of these numbers; nothing more is played once stop[0] is set."""
        _refuse_gaps(replicates)
        self.seed = seed
        self.replicates = replicates
        self.stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
        self._draws = Draws(seed, replicates)

    def endings(self, setups: Iterable[Setup]) -> Iterator[Endings]:
        """Yield what the replicates come to in each setup; ModelError where the ensemble cannot play it.

        Setups next to each other that share their luck, as the points of most sweeps do, are played together, which
        is several times faster than one by one.
        """
        together: list[Setup] = []
        for setup in setups:
            refuse_what_it_cannot(setup)
            if together and (len(together) == _SIDE_BY_SIDE or key_of(setup) != key_of(together[0])):
                yield from self.play_together(together)
                together = []
            together.append(setup)
        yield from self.play_together(together)

    def play(self, setup: Setup) -> Endings:
        """Return what the replicates come to; ModelError where the ensemble cannot play the setup."""
        return self._play_side_by_side([setup])[0]

    def play_together(self, setups: Sequence[Setup]) -> list[Endings]:
        """Return what the replicates come to in each of setups that share their luck (see draws.key_of)."""
        if len(setups) < _WORTH_IT:
            return [self.play(setup) for setup in setups]
        return self._play_side_by_side(setups)

    def _play_side_by_side(self, setups: Sequence[Setup]) -> list[Endings]:
        for setup in setups:
            refuse_what_it_cannot(setup)
        self._draws.keep_only(key_of(setups[0]))
        stages = _stages(setups)
        record = record_for(stages[0].game, len(self.replicates), 1)
        _bargain(stages, self._draws, record, self.stop, keeps_rounds=False)
        if self.stop[0]:
            raise KeyboardInterrupt
        return [_endings(record, point, self.replicates, stages[0].game) for point in range(len(setups))]


def _trajectories(record: Record, first: int) -> Trajectories:
    return Trajectories(
        replicates=np.arange(first, first + record.settled.shape[1]),
        environment=record.environment[0],
        phase=record.phase[0],
        headline=record.headline[0],
        asks=record.asks[0],
        deterrence=record.deterrence[0],
        redimensioned=record.redimensioned[0],
        stances=record.stances[0],
        conditional=record.conditional[0],
    )


def _endings(record: Record, point: int, replicates: range, game: Game) -> Endings:
    return Endings(
        replicates=np.arange(replicates.start, replicates.stop),
        environment=record.environment[point, :, 0],
        phase=record.phase[point, :, 0],
        headline=record.headline[point, :, 0],
        asks=record.asks[point, :, 0],
        deterrence=record.deterrence[point, :, 0],
        redimensioned=record.redimensioned[point, :, 0],
        stances=record.stances[point, :, 0],
        conditional=record.conditional[point, :, 0],
        earlier=record.earlier[point] if game.five_months[point] < game.rounds else None,
        settled=record.settled[point],
    )
