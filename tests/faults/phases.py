"""`willing`, with a signal that it sends to itself when it comes to one phase of its work.

    python phases.py PHASE SIGNAL COMMAND...

The signal comes at a place in the code, not after a time, so that no test with it depends on the clock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import Any

from sim.__main__ import start

SENT: list[int] = []  # set below


def send() -> None:
    os.kill(os.getpid(), SENT[0])


def send_in_a_callback() -> None:
    """Send it while C code calls back, where an exception would be lost."""
    ctypes.CFUNCTYPE(None)(send)()


def send_while_stuck() -> None:
    """Send it to a thread that waits for a lock which nobody will let go."""
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.05, send).start()
    lock.acquire()


def send_twice() -> None:
    send()
    send()


def at_import(module: str) -> None:
    class Finder(MetaPathFinder):
        def find_spec(self, name: str, path: object, target: object = None) -> None:
            if name == module:
                send()

    sys.meta_path.insert(0, Finder())


def at_call(module: str, name: str, act: Callable[[], object] = send) -> None:
    """Act whenever a function of a module is called."""
    owner: Any = import_module(module)
    *classes, function = name.split(".")
    for each in classes:
        owner = getattr(owner, each)
    ordinary = getattr(owner, function)

    def instead(*arguments: Any, **named: Any) -> Any:
        act()
        return ordinary(*arguments, **named)

    setattr(owner, function, instead)


def at_compiling(act: Callable[[], object]) -> None:
    from numba.core import event

    class Compiling(event.Listener):
        def on_start(self, event: object) -> None:
            act()

        def on_end(self, event: object) -> None:
            pass

    event.register("numba:compile", Compiling())


def in_a_query() -> None:
    """Send it while DuckDB computes without an end, and looks for signals itself."""
    import duckdb

    ordinary = duckdb.connect

    def connect(*arguments: Any, **named: Any) -> None:
        threading.Timer(0.05, send).start()
        ordinary().execute("SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = -1")

    duckdb.connect = connect


PHASES: dict[str, Callable[[], object]] = {
    "first imports": lambda: at_import("click"),
    "later imports": lambda: at_import("pyarrow.parquet"),
    "compiling": lambda: at_compiling(send_in_a_callback),
    "compiling, stuck": lambda: at_compiling(send_while_stuck),
    "playing": lambda: at_call("sim.ensemble.simulate", "run_kernel"),
    "writing": lambda: at_call("sim.results.store", "seal_json"),
    "writing, twice": lambda: at_call("sim.results.store", "seal_json", send_twice),
    "drawing": lambda: at_call("matplotlib.figure", "Figure.savefig"),
    "simulating shards": lambda: at_call("sim.experiment.executors", "simulate_shard"),
    "keeping a shard": lambda: at_call("pathlib", "Path.replace"),
    "joining": lambda: at_call("sim.experiment.store", "SweepFolder._write_failed"),
    "summing up": in_a_query,
}

if __name__ == "__main__":
    phase = sys.argv[1]
    SENT.append(getattr(signal, sys.argv[2]))
    del sys.argv[1:3]
    if "imports" in phase:
        PHASES[phase]()
        start()
    else:
        from sim.cli.interruption import watch
        from sim.cli.main import main

        watch()
        PHASES[phase]()
        main()
