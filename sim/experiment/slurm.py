"""The batch file with which SLURM simulates an experiment as an array of tasks, each of which takes some shards."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.errors import ResultsError
from sim.experiment.plan import Plan
from sim.experiment.store import folder_for_logs
from sim.ordinary_file import read_file
from sim.results.files import write_page

_MOST_RESTARTS = 5


def write_batch_file(
    plan: Plan,
    folder: Path,
    *,
    tasks: int,
    minutes: int,
    processors: int,
    replicates: int | None = None,
    options: Sequence[str] = (),
) -> Path:
    """Write the batch file beside the folder of the sweep, create the folder for its logs, and return its path.

    Parameters
    ----------
    plan : Plan
        The sweep.
    folder : Path
        The folder of the sweep, which need not exist yet.
    tasks : int
        Number of tasks of the array, at most the number of shards.
    minutes, processors : int
        What a task may use.
    replicates : int, optional
        Runs per point, if they differ from the experiment's.
    options : sequence of str, optional
        Further options for sbatch, such as ``"partition=short"``.

    Raises
    ------
    ResultsError
        If an option or a name cannot be written to a batch file, or another file has this name.
    """
    for option in options:
        if not re.fullmatch(r"[a-z][\w-]*=.*", option):
            raise ResultsError(f"--option {option!r}: give it as NAME=VALUE, such as partition=short")
    path = folder.with_name(f"{folder.name}.sbatch")
    text = batch_file(
        plan.experiment.name,
        plan.reference,
        folder,
        tasks=tasks,
        minutes=minutes,
        processors=processors,
        replicates=replicates,
        options=options,
    )
    if not _contains(path, text):
        write_page(path, text)
    folder_for_logs(folder)  # SLURM does not create it
    return path


def batch_file(
    name: str,
    reference: str,
    folder: Path,
    *,
    tasks: int,
    minutes: int,
    processors: int,
    replicates: int | None = None,
    options: Sequence[str] = (),
) -> str:
    """Return the text of the batch file: an array of tasks that simulate the experiment into one folder.

    ResultsError if a name or an option would break out of its line.
    """
    for text in (name, reference, str(folder), *options):
        if not text.isprintable() or '"' in text or "\\" in text:
            raise ResultsError(
                f"{text!r}: cannot be written to a batch file; leave out line breaks, quotes and backslashes"
            )
    more = "".join(f"#SBATCH --{option}\n" for option in options)
    own = [] if replicates is None else ["--replicates", str(replicates)]
    logs = str(folder).replace("%", "%%")  # SLURM replaces %a and the like by numbers
    command = shlex.join([sys.executable, "-m", "sim", "sweep", reference, *own, "--out", str(folder)])
    return f'''#!/bin/bash
#SBATCH --job-name=willing-{name}
#SBATCH --array=0-{tasks - 1}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={processors}
#SBATCH --time={minutes}
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output="{logs}.logs/%a.log"
{more}
# SLURM restarts a task if its node fails or it is preempted, but not if it is killed or runs out of time. Only the
# index in the array identifies a task: the job id of the last task is that of the whole array.
again() {{
    if [ "${{SLURM_RESTART_COUNT:-0}}" -ge {_MOST_RESTARTS} ]; then
        echo "$1, and already restarted {_MOST_RESTARTS} times; to resume, submit this file again" >&2
        exit 1
    fi
    echo "$1; queueing the task again" >&2
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}" || exit 1
    wait
    exit 0
}}
trap 'again "time is nearly up"' USR1

{command} --workers "$SLURM_CPUS_PER_TASK" --shard "$SLURM_ARRAY_TASK_ID/{tasks}" &
wait $!
code=$?
if [ "$code" -eq 137 ]; then again "killed"; fi
exit "$code"
'''


def _contains(path: Path, text: str) -> bool:
    """Return whether a file already has this text."""
    try:
        return read_file(path, len(text.encode())) == text.encode()
    except (OSError, ValueError):
        return False
