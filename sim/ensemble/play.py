"""Play a scenario for many replicates at once: all their rounds, or what they come to at many points of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from sim.ensemble.game import game_of
from sim.ensemble.kernel import Record, bargain, record_for, room_for
from sim.ensemble.luck import Key, Luck, key_of, roll, wander
from sim.errors import ModelError
from sim.model import play as agents
from sim.model.play import Endings, Trajectories, endings, five_months, joined
from sim.model.setup import Setup

type Array = np.ndarray

_AT_A_TIME = 50  # replicates that a thread plays before it looks up


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
    if not replicates:
        raise ModelError("no replicates to play; ask for one at least")
    game, stop = game_of(setup), np.zeros(1, dtype=np.uint8)

    def part(first: int) -> Trajectories:
        number = min(_AT_A_TIME, replicates.stop - first)
        luck, wandering = roll(setup, seed, first, number), wander(setup, seed, first, number, {})
        record = record_for(game, number, game.rounds)
        bargain(game, luck, wandering, record, True, five_months(setup), room_for(game), stop)
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


def come_to(setup: Setup, *, seed: int, replicates: range) -> Endings:
    """Return what consecutive replicates come to: by the ensemble, or by agents where only they can play the setup."""
    if setup.own_drivers:
        return endings(setup, agents.play(setup, seed=seed, replicates=replicates))
    return Crowd(seed, replicates).play(setup)


class Crowd:
    """Consecutive replicates that play one setup after the other on common luck; for one thread at a time."""

    def __init__(self, seed: int, replicates: range, stop: Array | None = None) -> None:
        """Take the replicates of these numbers; nothing more is played once stop[0] is set."""
        self.seed = seed
        self.replicates = replicates
        self.stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
        self._luck: tuple[Key, Luck] | None = None
        self._paths: dict[object, Array] = {}

    def endings(self, setups: Iterable[Setup]) -> Iterator[Endings]:
        """Yield what the replicates come to in each setup; ModelError where the ensemble cannot play it."""
        for setup in setups:
            yield self.play(setup)

    def play(self, setup: Setup) -> Endings:
        """Return what the replicates come to; ModelError where the ensemble cannot play the setup."""
        refuse_what_it_cannot(setup)
        first, number = self.replicates.start, len(self.replicates)
        key = key_of(setup)
        if self._luck is None or self._luck[0] != key:
            self._luck = key, roll(setup, self.seed, first, number)
        wandering = wander(setup, self.seed, first, number, self._paths)
        game = game_of(setup)
        record = record_for(game, number, 1)
        back = five_months(setup)
        bargain(game, self._luck[1], wandering, record, False, back, room_for(game), self.stop)
        if self.stop[0]:
            raise KeyboardInterrupt
        return _endings(record, self.replicates, back < game.rounds)


def _trajectories(record: Record, first: int) -> Trajectories:
    return Trajectories(
        replicates=np.arange(first, first + record.settled.size),
        environment=record.environment,
        phase=record.phase,
        headline=record.headline,
        asks=record.asks,
        deterrence=record.deterrence,
        redimensioned=record.redimensioned,
        stances=record.stances,
        conditional=record.conditional,
    )


def _endings(record: Record, replicates: range, is_long: bool) -> Endings:
    return Endings(
        replicates=np.arange(replicates.start, replicates.stop),
        environment=record.environment[:, 0],
        phase=record.phase[:, 0],
        headline=record.headline[:, 0],
        asks=record.asks[:, 0],
        deterrence=record.deterrence[:, 0],
        redimensioned=record.redimensioned[:, 0],
        stances=record.stances[:, 0],
        conditional=record.conditional[:, 0],
        earlier=record.earlier if is_long else None,
        settled=record.settled,
    )
