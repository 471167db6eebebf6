"""A flipped bit in any file of a run, a sweep or a comparison is found by whatever reads the file."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.errors import ResultsError, WillingError
from sim.experiment.open_sweep import open_sweep
from sim.experiment.store import read_summary
from sim.results.comparison import ComparisonManifest, reserve_comparison, write_comparison
from sim.results.store import read_manifest, read_run
from sim.ui.result_index import find, read_picture
from sim.ui.result_reader import open_result
from tests.checksums import rewrite
from tests.small_results import copy_results

type Read = Callable[[Path], object]

FLIPS = 40  # in each file, besides those in its first and last bytes
FAILING = """\
question: Which points cannot be played?
about: >
  Where 5 meets 4, levels contradict each other.
scenario: own.yaml
vary:
  ceasefire.violations_sincere: [3, 5]
  ceasefire.violations_insincere: [4, 6]
replicates: 2
outcomes: [viable]
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, two sweeps, of which one has a point that failed, and a comparison."""
    folder = tmp_path_factory.mktemp("flipped")
    run, _ = copy_results(folder)
    (folder / "failing.yaml").write_text(FAILING)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        with pytest.raises(SystemExit):
            main(["sweep", "failing.yaml", "--out", "results/sweeps/failing"])
    manifest = read_manifest(folder / "results" / run)
    compared = ComparisonManifest(labels=("one", "two"), runs=(manifest, manifest))
    tables = {"states.csv": "state,before\nPOL,0.25\n", "outcomes.csv": "outcome,before\nviable,0.5\n"}
    write_comparison(folder / "both", compared, tables)
    return folder


def _run(path: Path) -> None:
    read_run(path.parent)


def _sweep(path: Path) -> None:
    open_sweep(path.parent)


def _summary(path: Path) -> None:
    read_summary(path.parent, "crossed.yaml", ["viable"])


def _shard(path: Path) -> None:
    sweep = open_sweep(path.parents[1])
    sweep.require_shard(sweep.plan.shards[int(path.stem)])


def _failed(path: Path) -> None:
    damage = open_result(find(Path("results"), f"sweeps/{path.parent.name}")).damage
    if damage:
        raise ResultsError(damage)


def _comparison(path: Path) -> None:
    manifest = read_manifest(next(Path("results/runs").iterdir()))
    reserve_comparison(path.parent, ComparisonManifest(labels=("one", "two"), runs=(manifest, manifest)))


READ: dict[str, Read | None] = {  # by which pattern a path is read by what; None: by nothing
    r"results/runs/[^/]+/(manifest\.json|\w+\.parquet)": _run,
    r"results/\w+/[^/]+/figures/\S+\.png": read_picture,
    r"results/sweeps/[^/]+/manifest\.json": _sweep,
    r"results/sweeps/[^/]+/summary\.parquet": _summary,
    r"results/sweeps/[^/]+/shards/\d+\.parquet": _shard,
    r"results/sweeps/[^/]+/failed\.csv": _failed,
    r"both/\S+": _comparison,
    r"results/sweeps/[^/]+/(runs\.parquet|\.lock)": None,
}


def _flipped(content: bytes) -> list[bytes]:
    """Return contents of which each differs in one bit."""
    chance = random.Random(len(content))
    ends = [*range(min(8, len(content))), *range(max(0, len(content) - 8), len(content))]
    found = []
    for place in sorted({*ends, *(chance.randrange(len(content)) for _ in range(FLIPS))}):
        flipped = bytearray(content)
        flipped[place] ^= 1 << chance.randrange(8)
        found.append(bytes(flipped))
    return found


def test_a_flipped_bit_in_any_file_is_found(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kept)
    tried = set()
    for path in sorted(path for top in ("results", "both") for path in Path(top).rglob("*") if path.is_file()):
        (kind,) = (pattern for pattern in READ if re.fullmatch(pattern, path.as_posix()))  # or nothing is known of it
        read, content = READ[kind], path.read_bytes()
        tried.add(kind)
        if read is None:
            continue
        read(path)  # whole, it can be read
        for flipped in _flipped(content):
            path.write_bytes(flipped)
            with pytest.raises(ResultsError) as refused:
                read(path)
            assert str(path) in str(refused.value) or str(path.parent) in str(refused.value)
        path.write_bytes(content)
    assert tried == set(READ)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_place_of_any_file_is_refused_at_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kept)
    for path in sorted(path for top in ("results", "both") for path in Path(top).rglob("*") if path.is_file()):
        (read,) = (read for pattern, read in READ.items() if re.fullmatch(pattern, path.as_posix()))
        if read is None or read is read_picture:  # figures are listed before they are read, and pipes are not
            continue
        path.rename(f"{path}.kept")
        os.mkfifo(path)
        with pytest.raises(ResultsError):
            read(path)
        path.unlink()
        Path(f"{path}.kept").rename(path)


def test_a_damaged_table_of_runs_is_written_again_from_the_shards(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kept)
    path = Path("results/sweeps/failing/runs.parquet")
    content = path.read_bytes()
    path.write_bytes(_flipped(content)[20])
    with pytest.raises(SystemExit):
        main(["collect", "results/sweeps/failing"])
    assert path.read_bytes() == content


OTHERS: tuple[object, ...] = (None, -1, 2.5, "x", ["x", 7], {"x": None}, True)


@pytest.mark.parametrize("kind", ["sweep", "comparison"])
def test_a_manifest_with_a_value_of_another_type_is_read_or_refused_with_a_message(
    kept: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(kept)
    path = Path("results/sweeps/failing/manifest.json" if kind == "sweep" else "both/manifest.json")
    text, entry = path.read_text("utf-8"), find(Path("results"), "sweeps/failing")
    reads: list[Callable[[], object]] = [lambda: read_run(path.parent), lambda: _comparison(path)]
    if kind == "sweep":
        reads = [lambda: open_sweep(path.parent), lambda: open_result(entry)]
    for part in json.loads(text):
        for change, value in [*((rewrite, value) for value in OTHERS), (_edit, "x")]:
            change(path, **{part: value})
            for read in reads:
                with suppress(WillingError):
                    read()
            path.write_text(text, "utf-8")


def _edit(path: Path, **entries: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | entries, indent=2), "utf-8")
