"""`make mutants`: plant one small fault at a time in a copy of the program, and say which of them no test notices.

The tests that are run are those of the part of the program that the fault is in; pages and pictures that are made by
the program are not among them, as whoever renews them would renew the fault. It takes an hour or more on one core,
much of it for compiling what is changed. `python -m tests.mutants plots ui/odds` plants only what is in files of sim/
that begin so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tests.planted import FAULTS, Fault

ROOT = Path(__file__).parents[1]
COPIED = ("sim", "tests", "scenarios", "experiments", "docs", "README.md", "CHANGELOG.md", "pyproject.toml")
PATIENCE = 900  # seconds that the tests of one fault may take; longer counts as noticed: it hangs

# where a fault is -> the tests that are run, quick ones first; of several beginnings the longest counts
TESTS: Mapping[str, Sequence[str]] = {
    "theory": ("unit/test_ceasefire.py", "unit/test_processes.py", "unit/test_proposal.py", "theory"),
    "model": (
        "unit/test_prepare.py",
        "unit/test_outcomes.py",
        "unit/test_draws.py",
        "theory/test_twin.py",
        "agreement",
    ),
    "ensemble": ("agreement",),
    "scenario": (
        "unit/test_load.py",
        "unit/test_export.py",
        "laws/test_round_trip.py",
        "cli/test_broken_scenarios.py",
        "cli/test_run.py",
    ),
    "scenario/differences": ("unit/test_report.py",),
    "facts": ("unit/test_open_run.py", "unit/test_facts.py"),
    "results": ("unit/test_outcomes.py", "unit/test_results.py", "unit/test_plots.py"),
    "experiment": (
        "unit/test_design.py",
        "unit/test_plan.py",
        "unit/test_experiment_load.py",
        "unit/test_point_summaries.py",
        "cli/test_sweep.py",
    ),
    "analysis": ("unit/test_interval.py", "unit/test_stance_shares.py"),
    "analysis/ablations": ("patterns/test_ablations.py",),
    "analysis/compare": ("unit/test_compare.py",),
    "analysis/discover": ("unit/test_discover.py",),
    "analysis/explain": ("unit/test_explain.py", "cli/test_explain.py"),
    "analysis/fit": ("unit/test_fit.py",),
    "analysis/hindcast": ("unit/test_hindcast.py", "cli/test_hindcast.py"),
    "analysis/stability_kernel": ("unit/test_stability.py",),
    "analysis/paired_differences": ("unit/test_interval.py", "unit/test_compare.py"),
    "analysis/variance_components": ("unit/test_variance_components.py",),
    "analysis/pivots": ("unit/test_pivots.py", "cli/test_pivots.py"),
    "analysis/pattern_checks": ("unit/test_pattern_checks.py",),
    "analysis/reasons": ("unit/test_explain.py",),
    "analysis/join_thresholds": ("unit/test_thresholds.py",),
    "analysis/baselines": ("unit/test_hindcast.py",),
    "analysis/sensitivity_convergence": ("unit/test_convergence.py",),
    "analysis/scores": ("unit/test_scores.py",),
    "analysis/sensitivity_indices": ("unit/test_sensitivity.py", "cli/test_sensitivity.py"),
    "analysis/outcome_target": ("unit/test_thresholds.py", "cli/test_thresholds.py"),
    "plots": ("unit/test_run_figures.py", "unit/test_plots.py"),
    "plots/ablations": ("patterns/test_ablations.py",),
    "plots/comparison": ("unit/test_compare.py",),
    "plots/counts": ("unit/test_compare.py",),
    "plots/discovery": ("unit/test_discover.py",),
    "plots/explanation": ("unit/test_explain.py",),
    "plots/fit": ("unit/test_fit.py",),
    "plots/hindcast": ("unit/test_hindcast.py",),
    "plots/thresholds": ("unit/test_thresholds.py",),
    "plots/movers": ("unit/test_compare.py",),
    "plots/patterns": ("patterns/test_patterns.py",),
    "plots/pivots": ("unit/test_pivots.py",),
    "plots/map_states": ("unit/test_run_figures.py", "unit/test_plots.py", "ui/test_page_numbers.py"),
    "plots/stability": ("unit/test_stability.py",),
    "plots/sweeps": ("unit/test_sweep_plots.py",),
    "text": ("unit/test_sweep_plots.py",),
    "games": ("theory/test_stability.py",),
    "report": ("unit/test_outcomes.py", "unit/test_report.py"),
    "ui": ("ui/test_page_numbers.py", "ui/test_case.py"),
    "report/comparison": ("cli/test_printed.py", "cli/test_compare.py"),
    "cli/scenario_options": ("cli/test_what_if.py",),
    "report/explanation": ("cli/test_printed.py", "cli/test_explain.py"),
    "cli/hindcast": ("cli/test_printed.py", "cli/test_hindcast.py"),
    "cli/pivots": ("cli/test_printed.py", "cli/test_pivots.py"),
    "report/run": ("unit/test_outcomes.py", "cli/test_run.py"),
    "cli/thresholds": ("cli/test_printed.py", "cli/test_thresholds.py"),
}
OF_PAGES = "not current"  # tests that hold a generated page against the program say so in their names


def files_for(fault: Fault) -> list[str]:
    """Return the tests that are run for a fault."""
    (_, found) = max((len(start), names) for start, names in TESTS.items() if fault.file.startswith(start))
    return [f"tests/{name}" for name in found]


def planted(text: str, fault: Fault) -> str:
    """Return the text of a file with the fault in it; ValueError where its place is gone or is not one."""
    count = text.count(fault.old)
    if count != 1:
        raise ValueError(f"sim/{fault.file}: {fault.old!r} stands there {count} times, and has to once")
    return text.replace(fault.old, fault.new)


def notices(copy: Path, fault: Fault) -> bool:
    """Return whether a test fails in the copy once the fault is planted there; it is taken out again."""
    path = copy / "sim" / fault.file
    before = path.read_text("utf-8")
    compiled = tempfile.mkdtemp(prefix="compiled-", dir=copy)
    is_compiled = fault.file.startswith(("theory", "ensemble", "analysis/stability_kernel"))
    own = {"NUMBA_CACHE_DIR": compiled} if is_compiled else {}
    path.write_text(planted(before, fault), "utf-8")
    try:
        return not passes(copy, files_for(fault), own)
    finally:
        path.write_text(before, "utf-8")
        shutil.rmtree(compiled, ignore_errors=True)


def passes(copy: Path, names: Sequence[str], settings: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Return whether tests pass in the copy; RuntimeError where they could not be run."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", OF_PAGES, "-m", "not proof"]
    known = os.environ | settings
    try:
        done = subprocess.run([*command, *names], cwd=copy, env=known, timeout=PATIENCE, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(names)} could not be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


def main(wanted: Sequence[str]) -> int:
    """Plant the faults one after the other, print each with what became of it, and return 1 where one survived."""
    faults = [fault for fault in FAULTS if not wanted or fault.file.startswith(tuple(wanted))]
    survived, untried = [], []
    sound: dict[tuple[str, ...], bool] = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        for number, fault in enumerate(faults, start=1):
            start, names = time.monotonic(), tuple(files_for(fault))
            if names not in sound:
                sound[names] = passes(copy, names)
            if not sound[names]:
                untried.append(fault)
                print(f"{number:3} untried: {' '.join(names)} fail without any fault", flush=True)
                continue
            caught = notices(copy, fault)
            survived += [] if caught else [fault]
            said = "caught  " if caught else "SURVIVED"
            print(f"{number:3} {said} {time.monotonic() - start:5.0f} s  {fault.file}: {fault.wrong}", flush=True)
    tried = len(faults) - len(untried)
    print(f"{tried - len(survived)} of {tried} faults were noticed")
    for fault in survived:
        print(f"  sim/{fault.file}: {fault.wrong}\n    {fault.old!r}\n    {fault.new!r}")
    return bool(survived or untried)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
