"""Play a scenario for many replicates at once: all their rounds, or what they come to at many points of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from sim.ensemble.game import Game, game_of
from sim.ensemble.kernel import bargain
from sim.ensemble.luck import Key, Luck, key_of, roll, wander
from sim.ensemble.room import Record, record_for, room_for
from sim.errors import ModelError
from sim.model import play as agents
from sim.model.play import Endings, Trajectories, endings, joined
from sim.model.setup import Setup

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
    game, stop = game_of([setup]), np.zeros(1, dtype=np.uint8)

    def part(first: int) -> Trajectories:
        number = min(_AT_A_TIME, replicates.stop - first)
        luck, wandering = roll(setup, seed, first, number), wander([setup], seed, first, number, {})
        record = record_for(game, number, game.rounds)
        bargain((0,), game, luck, wandering, record, True, room_for(game), stop)
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


class Crowd:
    """Consecutive replicates that play setups on common luck, one after the other or together; for one thread."""

    def __init__(self, seed: int, replicates: range, stop: Array | None = None) -> None:
        """Take the replicates of these numbers; nothing more is played once stop[0] is set."""
        _refuse_gaps(replicates)
        self.seed = seed
        self.replicates = replicates
        self.stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
        self._luck: tuple[Key, Luck] | None = None
        self._paths: dict[object, Array] = {}

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
        """Return what the replicates come to in each of setups that share their luck (see luck.key_of)."""
        if len(setups) < _WORTH_IT:
            return [self.play(setup) for setup in setups]
        return self._play_side_by_side(setups)

    def _play_side_by_side(self, setups: Sequence[Setup]) -> list[Endings]:
        for setup in setups:
            refuse_what_it_cannot(setup)
        first, number = self.replicates.start, len(self.replicates)
        key = key_of(setups[0])
        if self._luck is None or self._luck[0] != key:
            self._luck = key, roll(setups[0], self.seed, first, number)
        wandering = wander(setups, self.seed, first, number, self._paths)
        game = game_of(setups)
        record = record_for(game, number, 1)
        points = (0,) if len(setups) == 1 else np.arange(len(setups))
        bargain(points, game, self._luck[1], wandering, record, False, room_for(game), self.stop)
        if self.stop[0]:
            raise KeyboardInterrupt
        return [_endings(record, point, self.replicates, game) for point in range(len(setups))]


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
