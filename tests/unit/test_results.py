"""The shelf: a run lies there whole or not at all, is never written over, and is checked when it is taken down."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.errors import ResultsError
from sim.model.setup import Setup, prepare
from sim.model.simulate import Trajectories, simulate
from sim.results.atomic import remove_leftovers, temporary_file, temporary_folder
from sim.results.checksums import parquet_bytes
from sim.results.manifest import Manifest, create_manifest
from sim.results.outcomes import numeric_outcomes
from sim.results.store import MANIFEST, TABLES, keep_figure, read_manifest, read_run, reserve, write_run
from sim.results.summary import spreads, stance_chances
from sim.results.tables import RunTables, tabulate
from sim.scenario import Scenario, digest
from sim.scenario.checksum import seal_json

type Ask = Callable[..., Scenario]

SEED, REPLICATES = 3, 4


@pytest.fixture(scope="module")
def setup(asked: Ask) -> Setup:
    return prepare(asked("rounds=5"))


@pytest.fixture(scope="module")
def played(setup: Setup) -> Trajectories:
    return simulate(setup, seed=SEED, replicates=range(REPLICATES), workers=1)


@pytest.fixture(scope="module")
def tables(setup: Setup, played: Trajectories) -> RunTables:
    return tabulate(setup, played)


@pytest.fixture(scope="module")
def manifest(setup: Setup) -> Manifest:
    return create_manifest(
        setup.scenario,
        reference="base",
        settings=("rounds=5",),
        seed=SEED,
        replicates=REPLICATES,
        engine="agents",
        started="2025-03-26T12:00:00+00:00",
    )


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# Whole or not at all


def test_a_run_that_was_written_is_read_as_it_was(tmp_path: Path, manifest: Manifest, tables: RunTables) -> None:
    written = write_run(tmp_path / "runs" / "one", manifest, tables)
    read = read_run(tmp_path / "runs" / "one")
    assert read.manifest == written.manifest
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(read.tables, name), getattr(tables, name), check_exact=True)


def test_a_run_folder_holds_three_tables_a_manifest_and_figures(
    tmp_path: Path, manifest: Manifest, tables: RunTables
) -> None:
    written = write_run(tmp_path / "one", manifest, tables)
    keep_figure(written, "map", lambda path: path.write_bytes(b"map"))
    assert set(bytes_below(tmp_path / "one")) == {
        "manifest.json",
        "rounds.parquet",
        "stances.parquet",
        "outcomes.parquet",
        str(Path("figures") / "map.png"),
    }
    assert os.listdir(tmp_path) == ["one"]


def test_a_figure_that_cannot_be_written_leaves_the_tables_and_nothing_half_written(
    tmp_path: Path, manifest: Manifest, tables: RunTables
) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    written = write_run(tmp_path / "one", manifest, tables)
    with pytest.raises(ResultsError, match=r"map\.png: cannot write there: No space left on device"):
        keep_figure(written, "map", fail)
    assert os.listdir(tmp_path / "one" / "figures") == []
    assert read_run(tmp_path / "one")


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen when the last table of a run is about to be written aside."""

    def happens(what: Callable[[], object]) -> None:
        def bytes_of(table: pd.DataFrame) -> bytes:
            if "viable" in table.columns:  # the table of outcomes
                monkeypatch.undo()
                what()
            return parquet_bytes(table)

        monkeypatch.setattr("sim.results.store.parquet_bytes", bytes_of)

    return happens


def failing(trouble: BaseException) -> Callable[[], object]:
    def fail() -> None:
        raise trouble

    return fail


@pytest.mark.parametrize("trouble", [RuntimeError("no ink"), KeyboardInterrupt(), ResultsError("full")])
def test_a_run_that_cannot_be_finished_leaves_nothing(
    tmp_path: Path, manifest: Manifest, tables: RunTables, meanwhile: Callable[..., None], trouble: BaseException
) -> None:
    meanwhile(failing(trouble))
    with pytest.raises(type(trouble)):
        write_run(tmp_path / "one", manifest, tables)
    assert not os.listdir(tmp_path)


def test_the_same_run_made_in_the_meantime_is_read_back(
    tmp_path: Path, manifest: Manifest, tables: RunTables, meanwhile: Callable[..., None]
) -> None:
    folder = tmp_path / "one"
    meanwhile(lambda: write_run(folder, manifest, tables))
    mine = write_run(folder, manifest, tables)
    assert os.listdir(tmp_path) == ["one"]
    assert mine.manifest == read_run(folder).manifest


def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, manifest: Manifest, tables: RunTables, meanwhile: Callable[..., None]
) -> None:
    meanwhile(failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    with pytest.raises(ResultsError, match="one: cannot write there: No space left on device; choose another folder"):
        write_run(tmp_path / "one", manifest, tables)
    assert os.listdir(tmp_path) == []


def test_nobody_sees_the_folder_before_it_is_whole(
    tmp_path: Path, manifest: Manifest, tables: RunTables, meanwhile: Callable[..., None]
) -> None:
    seen_while_writing: list[bool] = []
    meanwhile(lambda: seen_while_writing.append((tmp_path / "one").exists()))
    write_run(tmp_path / "one", manifest, tables)
    assert seen_while_writing == [False]
    assert read_run(tmp_path / "one")


def test_a_folder_made_in_the_meantime_is_left_to_whoever_made_it(
    tmp_path: Path, manifest: Manifest, tables: RunTables, meanwhile: Callable[..., None]
) -> None:
    folder = tmp_path / "one"

    def overtake() -> None:
        folder.mkdir()
        (folder / "theirs.txt").write_text("theirs")

    meanwhile(overtake)
    with pytest.raises(ResultsError, match="one: already exists and is not a Willing run"):
        write_run(folder, manifest, tables)
    assert bytes_below(tmp_path) == {str(Path("one") / "theirs.txt"): b"theirs"}
    assert os.listdir(tmp_path) == ["one"]


# What dead processes left


def left_by_a_dead_process(folder: Path) -> list[Path]:
    """Leave what a process that was killed leaves: here one that ends while it writes a folder and a file aside."""
    text = (
        "import os, sys; from pathlib import Path; from sim.results.atomic import temporary_file, temporary_folder\n"
        "place = Path(sys.argv[1])\n"
        "with temporary_folder(place) as one, temporary_file(place / 'runs.parquet') as two:\n"
        "    (one / 'half').write_text('half'); two.write_text('half'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", text, str(folder)], check=False)
    return sorted(folder.iterdir())


def test_the_next_one_to_write_there_clears_what_a_dead_process_left(tmp_path: Path) -> None:
    assert len(left_by_a_dead_process(tmp_path)) == 2
    with temporary_folder(tmp_path) as aside:
        assert list(tmp_path.iterdir()) == [aside]
    assert list(tmp_path.iterdir()) == []


def test_what_is_being_written_is_never_taken_for_a_leftover(tmp_path: Path) -> None:
    clears = "import sys; from pathlib import Path; from sim.results.atomic import remove_leftovers as clear\n"
    with temporary_folder(tmp_path) as one, temporary_file(tmp_path / "runs.parquet") as two:
        subprocess.run([sys.executable, "-c", f"{clears}clear(Path(sys.argv[1]))", str(tmp_path)], check=True)
        assert one.is_dir()
        assert two.is_file()


def test_files_of_others_and_of_other_machines_are_left_alone(tmp_path: Path) -> None:
    for name in (".willing-elsewhere-1234-abcd", ".willing.yaml", ".notes.part", ".runs.parquet.elsewhere-12.part"):
        (tmp_path / name).touch()
    before = sorted(tmp_path.iterdir())
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, manifest: Manifest, tables: RunTables) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ResultsError, match=r"cannot write there: .*; choose another folder with --out"):
        write_run(tmp_path / "file" / "one", manifest, tables)


def test_the_same_tables_give_the_same_bytes(setup: Setup, tables: RunTables) -> None:
    again = tabulate(setup, simulate(setup, seed=SEED, replicates=range(REPLICATES), workers=1))
    for name in TABLES:
        assert parquet_bytes(getattr(tables, name)) == parquet_bytes(getattr(again, name))


def test_tables_are_packed_as_designed(tmp_path: Path, manifest: Manifest, tables: RunTables) -> None:
    write_run(tmp_path / "one", manifest, tables)
    group = pq.ParquetFile(tmp_path / "one" / "rounds.parquet").metadata.row_group(0)
    packed = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
    assert {column.compression for column in packed.values()} == {"ZSTD"}
    assert "BYTE_STREAM_SPLIT" in packed["us_backing"].encodings


# Never written over


def test_a_free_place_is_free(tmp_path: Path, manifest: Manifest) -> None:
    assert reserve(tmp_path / "one", manifest) is None
    assert not os.listdir(tmp_path)


def test_the_same_run_is_found_again_whenever_it_was_played(
    tmp_path: Path, manifest: Manifest, tables: RunTables
) -> None:
    written = write_run(tmp_path / "one", manifest.with_duration(12.3456), tables)
    later = replace(manifest, started="2026-01-01T00:00:00+00:00", versions={"python": "4"})
    found = reserve(tmp_path / "one", later)
    assert found is not None
    assert found.manifest == written.manifest
    assert found.manifest.seconds == 12.346


@pytest.mark.parametrize("name", ["empty", "full", "file", "link"])
def test_what_is_no_run_of_ours_is_refused_and_untouched(tmp_path: Path, manifest: Manifest, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("a file")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = bytes_below(tmp_path)
    with pytest.raises(ResultsError, match=f"{name}: already exists and is not a Willing run; choose another folder"):
        reserve(tmp_path / name, manifest)
    assert bytes_below(tmp_path) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 4}, "seed 3, not 4"),
        ({"replicates": 9}, "replicates 4, not 9"),
        ({"engine": "ensemble"}, "engine agents, not ensemble"),
        ({"digest": "0"}, "another scenario"),
        ({"facts": "0"}, "other tables of facts"),
        ({"code": "0"}, "another version of the code"),
    ],
)
def test_another_run_is_refused_by_what_differs(
    tmp_path: Path, manifest: Manifest, tables: RunTables, change: dict[str, object], said: str
) -> None:
    write_run(tmp_path / "one", manifest, tables)
    before = bytes_below(tmp_path)
    wanted = replace(manifest, **change)  # type: ignore[arg-type]
    assert wanted.identity != manifest.identity
    with pytest.raises(ResultsError, match=f"holds another run \\({said}\\); choose another folder"):
        reserve(tmp_path / "one", wanted)
    assert bytes_below(tmp_path) == before


# Checked when it is taken down


def test_the_manifest_is_a_birth_certificate(
    tmp_path: Path, setup: Setup, manifest: Manifest, tables: RunTables
) -> None:
    write_run(tmp_path / "one", manifest, tables)
    kept = json.loads((tmp_path / "one" / MANIFEST).read_text("utf-8"))
    assert kept["scenario"] == "base"
    assert kept["digest"] == digest(setup.scenario)
    assert (kept["seed"], kept["replicates"], kept["rounds"], kept["engine"]) == (SEED, REPLICATES, 5, "agents")
    assert {"willing", "python", "mesa", "numba", "numpy", "pandas", "pyarrow"} <= set(kept["versions"])
    assert Scenario.model_validate(kept["resolved"]) == setup.scenario
    for name in TABLES:
        written = (tmp_path / "one" / f"{name}.parquet").read_bytes()
        assert kept["checksums"][f"{name}.parquet"] == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_was_changed_is_not_believed(
    tmp_path: Path, manifest: Manifest, tables: RunTables, name: str
) -> None:
    write_run(tmp_path / "one", manifest, tables)
    path = tmp_path / "one" / f"{name}.parquet"
    tampered = bytearray(path.read_bytes())
    tampered[len(tampered) // 2] ^= 1
    path.write_bytes(bytes(tampered))
    for take in (read_run, lambda folder: reserve(folder, manifest)):
        with pytest.raises(ResultsError, match=rf"{name}\.parquet: changed since it was written"):
            take(tmp_path / "one")


@pytest.mark.parametrize("name", TABLES)
def test_half_a_folder_is_no_run(tmp_path: Path, manifest: Manifest, tables: RunTables, name: str) -> None:
    write_run(tmp_path / "one", manifest, tables)
    (tmp_path / "one" / f"{name}.parquet").unlink()
    for take in (read_run, lambda folder: reserve(folder, manifest)):
        with pytest.raises(ResultsError, match=rf"{name}\.parquet: missing; the folder is no longer complete"):
            take(tmp_path / "one")


def test_a_folder_without_its_manifest_is_no_run(tmp_path: Path, manifest: Manifest, tables: RunTables) -> None:
    write_run(tmp_path / "one", manifest, tables)
    (tmp_path / "one" / MANIFEST).unlink()
    with pytest.raises(ResultsError, match=r"not the folder of a run \(no manifest.json\); `willing run` creates one"):
        read_run(tmp_path / "one")
    with pytest.raises(ResultsError, match="already exists and is not a Willing run"):
        reserve(tmp_path / "one", manifest)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "17", '"run"', "{}", '{"format": 3}', '{"format": 3, "seed": 0}', "\udcff", "[" * 100_000],
    ids=[
        "empty",
        "cut off",
        "a list",
        "null",
        "a number",
        "a word",
        "no keys",
        "one key",
        "two keys",
        "binary",
        "deep",
    ],
)
def test_a_broken_manifest_is_told_and_not_raised(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    said = r"manifest.json: has no checksum: it is cut short, damaged, or of an older version; move the folder away"
    with pytest.raises(ResultsError, match=said):
        read_manifest(tmp_path)


OF_ANOTHER_KIND: dict[str, object] = {
    "scenario": 7, "reference": None, "settings": "a=1", "digest": [], "seed": "none", "replicates": 2.5,
    "rounds": True, "engine": {}, "facts": 1, "code": None, "resolved": [], "versions": {"willing": 1},
    "started": 0, "seconds": "long", "posterior": {"reference": "x", "draws": 3},
    "checksums": {"rounds.parquet": None}, "differences": [{"path": "rounds"}],
}  # fmt: skip


@pytest.mark.parametrize("part", OF_ANOTHER_KIND)
def test_a_manifest_with_a_value_of_another_kind_is_refused_by_name(
    tmp_path: Path, manifest: Manifest, part: str
) -> None:
    (tmp_path / MANIFEST).write_text(seal_json(manifest.as_dict() | {part: OF_ANOTHER_KIND[part]}))
    with pytest.raises(ResultsError, match=rf"manifest.json: has a wrong value for {part}\b.*; move the folder away"):
        read_run(tmp_path)


def test_a_manifest_without_a_part_is_refused_by_name(tmp_path: Path, manifest: Manifest) -> None:
    kept = manifest.as_dict()
    del kept["seed"]
    (tmp_path / MANIFEST).write_text(seal_json(kept))
    with pytest.raises(ResultsError, match=r"manifest.json: has no seed; move the folder away and run it again"):
        read_manifest(tmp_path)


def test_a_manifest_of_another_format_is_refused(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / MANIFEST).write_text(seal_json(manifest.as_dict() | {"format": 99}))
    with pytest.raises(ResultsError, match="has format 99, but this version reads format 4; move the folder away"):
        read_manifest(tmp_path)


def test_every_part_of_a_manifest_is_among_those_that_are_tried(manifest: Manifest) -> None:
    assert set(OF_ANOTHER_KIND) | {"format"} == set(manifest.as_dict())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="nowhere: not the folder of a run"):
        read_run(tmp_path / "nowhere")


# What the tables say


def test_every_outcome_is_a_column_and_every_column_an_outcome(setup: Setup, tables: RunTables) -> None:
    assert set(tables.outcomes.columns) == {"replicate", "headline", *numeric_outcomes(setup.menu.names)}


def test_tables_have_a_row_for_everything(tables: RunTables) -> None:
    assert len(tables.rounds) == REPLICATES * 5
    assert len(tables.stances) == REPLICATES * 5 * 38
    assert len(tables.outcomes) == REPLICATES
    assert not tables.rounds.duplicated(["replicate", "round"]).any()
    assert not tables.stances.duplicated(["replicate", "round", "state"]).any()
    assert str(tables.rounds["date"].iloc[1]) == "2025-04-02 00:00:00"


def test_the_tables_agree_with_one_another(setup: Setup, tables: RunTables) -> None:
    offers = pd.DataFrame(setup.offers, index=list(setup.codes), columns=list(setup.menu.names))
    for (replicate, number), stances in tables.stances.groupby(["replicate", "round"]):
        row = tables.rounds.query(f"replicate == {replicate} and round == {number}").iloc[0]
        for option, column in (("troops", "troop"), ("backstop", "backstop"), ("guarantee", "guarantee")):
            who = stances.loc[stances["stance"] == option, "state"].astype(str)
            assert row[f"{column}_states"] == len(who)
            assert row[f"personnel_{option}"] == offers.loc[who, option].sum()
            assert row[f"{column}_states_conditional"] == (stances["conditional"] == option).sum()
        led = stances.loc[stances["stance"] == "troops", "state"].isin(["GBR", "FRA"]).any()
        assert row["viable"] == (row["personnel_troops"] >= 25_000 and led)
    last = tables.rounds[tables.rounds["round"] == 5].reset_index(drop=True)
    shared = [column for column in tables.outcomes if column in last]
    pd.testing.assert_frame_equal(tables.outcomes[shared], last[shared], check_dtype=False)


def _standing(played: Trajectories, stances: np.ndarray) -> Trajectories:
    """A trajectory of one replicate with these stances [rounds, states]."""
    rounds = stances.shape[0]
    first = {name: np.repeat(getattr(played, name)[:1, :1], rounds, axis=1) for name in Trajectories.__slots__[1:]}
    both = {"stances": stances[None].astype(np.int8), "conditional": stances[None].astype(np.int8)}
    return Trajectories(replicates=np.array([0]), **(first | both))


@pytest.mark.parametrize(("moves_in", "settled"), [([], 0), ([1], 1), ([1, 3], 3), ([30], 30)])
def test_a_run_settles_in_the_round_of_its_last_move(
    setup: Setup, played: Trajectories, moves_in: list[int], settled: int
) -> None:
    stances = np.zeros((30, 38), dtype=int)
    for place, number in enumerate(moves_in):
        stances[number - 1 :, place] = 3
    assert tabulate(setup, _standing(played, stances)).outcomes["rounds_to_settle"].tolist() == [settled]


def test_stances_are_kept_that_stand_as_they_stood_five_months_before(setup: Setup, played: Trajectories) -> None:
    stances = np.zeros((40, 38), dtype=int)
    stances[10:, :19] = 3  # moved long before
    stances[30:, 19] = 1  # moved within the last 22 weeks
    stances[30:35, 20] = 1  # came and went
    kept = tabulate(setup, _standing(played, stances)).outcomes["stances_kept"]
    assert kept.tolist() == [37 / 38]
    assert tabulate(setup, _standing(played, stances[:22])).outcomes["stances_kept"].isna().all()
    assert tabulate(setup, _standing(played, stances[:23])).outcomes["stances_kept"].notna().all()


def test_a_burden_that_one_state_bears_alone_is_as_unequal_as_can_be(setup: Setup, played: Trajectories) -> None:
    stances = np.zeros((1, 38), dtype=int)
    nobody = tabulate(setup, _standing(played, stances)).outcomes["burden_gini"]
    stances[0, 0] = 3
    alone = tabulate(setup, _standing(played, stances)).outcomes["burden_gini"]
    assert nobody.isna().all()
    assert alone.tolist() == pytest.approx([37 / 38])


def test_a_force_without_a_lead_is_not_viable(setup: Setup, played: Trajectories) -> None:
    stances = np.full((1, 38), 3)
    viable = tabulate(setup, _standing(played, stances)).outcomes
    assert viable["viable"].tolist() == viable["viable_now"].tolist() == [1]
    assert viable["troop_states"].tolist() == [38]
    for lead in ("GBR", "FRA"):
        stances[0, setup.codes.index(lead)] = 2
    led_by_nobody = tabulate(setup, _standing(played, stances)).outcomes
    assert led_by_nobody["personnel_troops"].iloc[0] > 25_000
    assert led_by_nobody["viable"].tolist() == led_by_nobody["viable_now"].tolist() == [0]


def test_chances_are_shares_of_replicates_in_the_last_round(setup: Setup, tables: RunTables) -> None:
    chances = stance_chances(tables.stances, setup.menu.names)
    assert tuple(chances.index) == setup.codes
    assert tuple(chances.columns) == (*setup.menu.names, "troops_conditional")
    assert chances[list(setup.menu.names)].sum(axis=1).to_numpy() == pytest.approx(1.0)
    last = tables.stances.query("round == 5 and state == 'NOR'")
    assert chances.loc["NOR", "backstop"] == (last["stance"] == "backstop").mean()
    assert chances.loc["NOR", "troops_conditional"] == (last["conditional"] == "troops").mean()


def test_a_spread_is_of_the_known_values_and_undefined_without_any(setup: Setup) -> None:
    names = setup.menu.names
    table = pd.DataFrame({name: [np.nan] * 4 for name in numeric_outcomes(names)})
    table["troop_states"] = [1.0, 2.0, np.nan, 6.0]
    measured = spreads(table, names)
    assert measured["troop_states"] == pytest.approx(
        {"mean": 3.0, "sd": np.sqrt(14 / 3), "p05": 1.1, "p50": 2.0, "p95": 5.6}
    )
    assert set(measured["stances_kept"].values()) == {None}
