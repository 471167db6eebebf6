"""A whole `willing sweep`, files and figures included: seconds and memory for 1e5, 1e6 and 1e7 runs.

make bench-sweep
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXPERIMENT = """question: How fast is a sweep of two factors?
scenario: paris-march-2025
vary:
  environment.russian_opposition: {{from: 0, to: 1, steps: 50}}
  menu.troops.ask: {{from: 2000, to: 100000, steps: 50}}
replicates: {replicates}
outcomes: [headline, viable, peace_holds, deterrence, troop_states, personnel_troops]
figures:
  - {{kind: phase, x: menu.troops.ask, y: environment.russian_opposition, outcome: headline, contour: viable}}
"""
POINTS = 50 * 50
SIZES = (100_000, 1_000_000, 10_000_000)


def sweep(runs: int, folder: Path) -> tuple[float, float, float]:
    """Return seconds of the whole command, peak memory in MiB and the size of the table of runs in MiB."""
    experiment = folder / f"sweep-{runs}.yaml"
    experiment.write_text(EXPERIMENT.format(replicates=runs // POINTS), "utf-8")
    out = folder / f"sweep-{runs}"
    command = [sys.executable, "-m", "sim", "sweep", str(experiment), "--out", str(out), "--json"]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        answer = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode or json.loads(answer)["runs"] != runs:
        raise SystemExit(f"the sweep of {runs:,} runs failed: {answer}")
    return seconds, used.ru_maxrss / 1024, (out / "runs.parquet").stat().st_size / 2**20


def main() -> None:
    """Print the table."""
    sizes = [int(float(word)) for word in sys.argv[1:]] or SIZES
    print(f"{os.cpu_count()} processors; 2 factors, 2,500 points, 6 outcomes, table, summary and figure included\n")
    print(f"{'runs':>12} {'seconds':>9} {'runs/s':>9} {'peak memory, MiB':>17} {'runs.parquet, MiB':>18}")
    with tempfile.TemporaryDirectory() as folder:
        for runs in sizes:
            seconds, memory, table = sweep(runs, Path(folder))
            print(f"{runs:12,} {seconds:9.1f} {runs / seconds:9,.0f} {memory:17.0f} {table:18.1f}", flush=True)


if __name__ == "__main__":
    main()
