"""How much memory is free, and whether a run fits into it: checked at once, not noticed after an hour."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sim.errors import ModelError

GIB = 1 << 30
# Bytes of a run for each replicate and round, measured with 6 and 38 states (440 and 1,536), and a quarter more.
A_ROUND, A_STATE = 300, 43
A_DRAW = 10  # bytes of a shard for each replicate, round and state: who looks at its stance again, and how often
_GROUPS = (  # of processes, newer and older
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


def check_memory(name: str, *, replicates: int, rounds: int, states: int) -> None:
    """Raise ModelError where the tables of a run would not fit into memory; it says what would."""
    each = A_ROUND + A_STATE * states
    wanted, free = replicates * rounds * each, free_memory()
    if free is None or wanted <= free:
        return
    fits = [
        f"--{flag} {_rounded(free // (each * other)):,}"
        for flag, other in (("replicates", rounds), ("rounds", replicates))
        if free >= each * other
    ]
    raise ModelError(
        f"{name}: {replicates:,} replicates of {rounds:,} rounds take about {wanted / GIB:.1f} GiB of memory, but "
        f"only {free / GIB:.1f} GiB are free; {f'{" or ".join(fits)} would fit' if fits else 'free some'}"
    )


def check_memory_of_shards(name: str, *, replicates: int, rounds: int, states: int, workers: int) -> None:
    """Raise ModelError where what so many workers draw for a shard each would not fit into memory."""
    wanted, free = workers * replicates * rounds * states * A_DRAW, free_memory()
    if free is None or wanted <= free:
        return
    fit = free * workers // wanted
    raise ModelError(
        f"{name}: {workers} {'workers' if workers > 1 else 'worker'} at {replicates:,} replicates of {rounds:,} rounds "
        f"take about {wanted / GIB:.1f} GiB of memory, but only {free / GIB:.1f} GiB are free; "
        f"{f'--workers {fit} would fit' if fit else 'take fewer rounds, or fewer replicates with --replicates'}"
    )


def free_memory() -> int | None:
    """Return the bytes that this process may still take; None where the system does not say."""
    return min((max(0, free) for free in _limits()), default=None)


def _limits() -> Iterator[int]:
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
        yield int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    for limit, used in _GROUPS:
        with suppress(OSError, ValueError):  # ValueError: max, which is no limit
            group = Path("/sys/fs/cgroup")
            free = int((group / limit).read_text("utf-8")) - int((group / used).read_text("utf-8"))
            yield free + _cached(group / limit)
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text("utf-8").split()[0])
            yield soft - pages * os.sysconf("SC_PAGE_SIZE")


def _cached(limit: Path) -> int:
    """Return the bytes of files that a group of processes keeps in memory, and that the system takes back at need."""
    for line in (limit.parent / "memory.stat").read_text("utf-8").splitlines():
        name, _, value = line.partition(" ")
        if name == "inactive_file":
            return int(value)
    return 0


def _rounded(number: int) -> int:
    """Return a number of which only the first two digits are kept."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return number // unit * unit
