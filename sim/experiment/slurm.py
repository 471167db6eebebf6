"""The file with which SLURM plays an experiment as an array of tasks, each a share of the shards."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.errors import ResultsError

_MOST_RESTARTS = 5


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
    """Return the text of the file: an array of tasks that play the experiment into one folder.

    replicates at each point are the experiment's unless they are given; options are further lines for sbatch, such as
    partition=short. ResultsError where one of these would break out of the line in which it stands.
    """
    for text in (name, reference, str(folder), *options):
        if not text.isprintable() or '"' in text or "\\" in text:
            raise ResultsError(
                f"{text!r}: cannot be written to a batch file; leave out line breaks, quotes, backslashes and the like"
            )
    more = "".join(f"#SBATCH --{option}\n" for option in options)
    own = [] if replicates is None else ["--replicates", str(replicates)]
    logs = str(folder).replace("%", "%%")  # SLURM puts numbers in the place of %a and its like
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
# SLURM itself starts a task again when its node fails or others go first, but not when it was killed or its time is
# up. Only its place in the array names a task: the last one has the number of the whole array.
again() {{
    if [ "${{SLURM_RESTART_COUNT:-0}}" -ge {_MOST_RESTARTS} ]; then
        echo "$1, and already restarted {_MOST_RESTARTS} times; to resume, submit this file again" >&2
        exit 1
    fi
    echo "$1; asking for the task again" >&2
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
