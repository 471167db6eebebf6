"""A Dask cluster on this machine that listens at the loopback address only and runs no web server."""

from __future__ import annotations

import os
from typing import Any

from distributed import Nanny, Scheduler, SpecCluster, Worker

HERE = "127.0.0.1"


class QuietScheduler(Scheduler):
    """A scheduler without a web server."""

    def start_http_server(self, *arguments: Any, **settings: Any) -> None:
        """Open no port."""


class QuietWorker(Worker):
    """A worker without a web server."""

    def start_http_server(self, *arguments: Any, **settings: Any) -> None:
        """Open no port."""


def local_cluster(silence_logs: int) -> SpecCluster:
    """Return a cluster with one process per processor; processes that die are replaced."""
    options = {"host": HERE, "nthreads": 1, "worker_class": QuietWorker, "silence_logs": silence_logs}
    return SpecCluster(
        workers={number: {"cls": Nanny, "options": options} for number in range(os.cpu_count() or 1)},
        scheduler={"cls": QuietScheduler, "options": {"host": HERE, "port": 0, "dashboard": False}},
        silence_logs=silence_logs,
    )
