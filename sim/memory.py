"""Free memory, and checks that a run fits into it, made before the simulation begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sim.errors import ModelError

GIB = 1 << 30
# Bytes of a run per replicate and round, measured with 6 and 38 states (440 and 1,536), plus a quarter.
BYTES_PER_ROUND, BYTES_PER_STATE = 300, 43
BYTES_PER_DRAW = 10  # of a shard per replicate, round and state: which states revise, and how often
_CONTROL_GROUPS = (  # of version 2 and 1
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


def check_memory(name: str, *, replicates: int, rounds: int, states: int) -> None:
    """Raise ModelError if the tables of a run do not fit into memory; the message gives the largest size that does."""
    per_round = BYTES_PER_ROUND + BYTES_PER_STATE * states
    needed, free = replicates * rounds * per_round, free_memory()
    if free is None or needed <= free:
        return
    fits = [
        f"{_rounded(free // (per_round * other)):,} {dimension}"
        for dimension, other in (("replicates", rounds), ("rounds", replicates))
        if free >= per_round * other
    ]
    raise ModelError(
        f"{name}: {replicates:,} replicates of {rounds:,} rounds need about {needed / GIB:.1f} GiB of memory, but "
        f"only {free / GIB:.1f} GiB are free; {f'{" or ".join(fits)} would fit' if fits else 'free some'}"
    )


def check_memory_of_shards(name: str, *, replicates: int, rounds: int, states: int, workers: int) -> None:
    """Raise ModelError if the random draws of one shard per worker do not fit into memory."""
    needed, free = workers * replicates * rounds * states * BYTES_PER_DRAW, free_memory()
    if free is None or needed <= free:
        return
    fit = free * workers // needed
    raise ModelError(
        f"{name}: {workers} {'workers' if workers > 1 else 'worker'} at {replicates:,} replicates of {rounds:,} rounds "
        f"need about {needed / GIB:.1f} GiB of memory, but only {free / GIB:.1f} GiB are free; "
        f"{f'--workers {fit} would fit' if fit else 'use fewer rounds, or fewer replicates with --replicates'}"
    )


def free_memory() -> int | None:
    """Return the bytes that this process may still use; None if the system does not report them."""
    return min((max(0, free) for free in _limits()), default=None)


def _limits() -> Iterator[int]:
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
        yield int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    for limit, used in _CONTROL_GROUPS:
        with suppress(OSError, ValueError):  # ValueError: "max" means no limit
            cgroup = Path("/sys/fs/cgroup")
            free = int((cgroup / limit).read_text("utf-8")) - int((cgroup / used).read_text("utf-8"))
            yield free + _cached(cgroup / limit)
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text("utf-8").split()[0])
            yield soft - pages * os.sysconf("SC_PAGE_SIZE")


def _cached(limit: Path) -> int:
    """Return the bytes of cached files in a control group, which the system frees when needed."""
    for line in (limit.parent / "memory.stat").read_text("utf-8").splitlines():
        name, _, value = line.partition(" ")
        if name == "inactive_file":
            return int(value)
    return 0


def _rounded(number: int) -> int:
    """Return the number rounded down to two significant digits."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return number // unit * unit
