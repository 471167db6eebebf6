"""The kernel's twin in plain C: compile it, hand it the same arrays, and let it write the same record."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sim.ensemble.arrays import Game
from sim.ensemble.buffers import KernelOutput
from sim.ensemble.draws import DrawArrays, Wandering

FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC")
SOURCE = Path(__file__).with_name("kernel.c")
MOST_STATES, MOST_OPTIONS = 512, 16  # as in kernel.c

type Twin = Callable[[Game, DrawArrays, Wandering, KernelOutput, bool], None]


def compiled() -> Twin | None:
    """Return the twin's bargain(game, luck, wandering, record, keeps_rounds); None where there is no gcc."""
    gcc = shutil.which("gcc")
    if gcc is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "kernel.so"
        subprocess.run([gcc, *FLAGS, "-o", str(library), str(SOURCE), "-lm"], check=True)
        twin = ctypes.CDLL(str(library)).bargain

    def bargain(game: Game, draws: DrawArrays, wandering: Wandering, output: KernelOutput, keeps_rounds: bool) -> None:
        states, options, _, points = game.pulls.shape
        if points != 1 or states > MOST_STATES or options > MOST_OPTIONS:
            raise ValueError(f"the twin plays one point of at most {MOST_STATES} states and {MOST_OPTIONS} options")
        numbers = (game.redimensions, game.phase, game.headline, game.stability_window)
        arrays = (
            *(game.is_lead, game.rules, game.rungs, game.asks, game.multipliers, game.punishes, game.provokes),
            *(game.peer_norms, game.stands_for, game.pulls, game.offers, game.has_peers, game.economy, game.opening),
            *(game.fixed_paths, game.looks_to),
        )
        its_game = _fields(states, options, game.rounds, game.grouping, *(number[0] for number in numbers), *arrays)
        its_luck = _fields(draws.sincerity.size, *draws, wandering.paths, wandering.rows)
        twin(its_game, its_luck, _fields(*output), int(keeps_rounds))

    return bargain


def _fields(*values: int | np.ndarray) -> ctypes.Array:
    """Return a C structure of whole numbers and of pointers to arrays."""
    given = [value.ctypes.data if isinstance(value, np.ndarray) else int(value) for value in values]
    return (ctypes.c_int64 * len(given))(*given)
