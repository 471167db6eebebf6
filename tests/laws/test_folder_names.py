"""The output of a sweep or a run does not depend on the name of its folder, nor on other files beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.experiment.point_summaries import replicates_at, summarise
from sim.experiment.store import SweepFolder, open_folder, read_summary
from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.results.manifest import create_manifest
from sim.results.store import read_run, write_run
from sim.results.tables import tabulate
from sim.scenario import load_scenario
from tests.faults.sweeps import played, written

SMALL = """\
question: Does the name of the folder matter?
about: >
  A sweep to be kept under many names.
scenario: paris-march-2025
vary:
  environment.us_backing: [0.2, 0.8]
rounds: 3
replicates: 5
outcomes: [headline, viable, troop_states, ask, stance.DEU]
"""
OTHER = SMALL.replace("[0.2, 0.8]", "[0.9, 0.1]")

COLUMNS = ("ask", "viable", "point", "replicate", "headline", "environment.us_backing")
LETTERS = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/\\")
NAMES = st.one_of(
    st.text(st.sampled_from("ab1*?[]{}~=!^$%&#:;,'\"+@ .-é☃"), min_size=1, max_size=12),
    st.text(LETTERS, min_size=1, max_size=12),
    st.builds("{}={}".format, st.sampled_from(COLUMNS), st.sampled_from(["1", "40000", "troops", "x", ""])),
    st.builds("run[{}]".format, st.sampled_from(["0", "1", "0-9", "!x", "*"])),
).filter(lambda name: name not in (".", ".."))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """A sweep under a plain name."""
    folder = tmp_path_factory.mktemp("names")
    return played(written(folder, SMALL), folder / "plain")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """A sweep with other numbers, to lie where a pattern would find it."""
    folder = tmp_path_factory.mktemp("others")
    return played(written(folder, OTHER), folder / "plain")


@given(name=NAMES)
@example(name="ask=40000")
@example(name="viable=1")
@example(name="run[1]")
@example(name="**")
@example(name="~")
@example(name="-rf")
@example(name="s3:")
@example(name="file:")
def test_a_sweep_prints_the_same_under_any_name(sweep: SweepFolder, other: SweepFolder, name: str) -> None:
    with TemporaryDirectory() as place:
        for beside in ("run1", "a", "b"):
            shutil.copytree(other.folder, Path(place) / beside, dirs_exist_ok=True)
        home = Path(place) / "in"
        shutil.copytree(other.folder, home / "run1")
        kept = open_folder(home / name, sweep.plan, fresh=name == "run1")
        shutil.copytree(sweep.folder / "shards", kept.folder / "shards", dirs_exist_ok=True)
        kept.collect()
        kept.write_summary(summarise(kept))
        kept.write_csv(home / f"{name[:60]}.csv")
        assert kept.runs.read_bytes() == sweep.runs.read_bytes()
        assert kept.summary.read_bytes() == sweep.summary.read_bytes()
        pd.testing.assert_frame_equal(
            read_summary(kept.folder, "x"), summarise(sweep), check_dtype=False, check_exact=True
        )
        np.testing.assert_array_equal(replicates_at(kept, 1, "ask"), replicates_at(sweep, 1, "ask"))
        csv = pd.read_csv((home / f"{name[:60]}.csv").open("rb"))
        assert csv["ask"].tolist() == [25_000] * 10  # no lead changes its proposal within three rounds


@given(name=NAMES)
@example(name="replicate=7")
@example(name="state=XXX")
def test_a_run_is_read_back_as_it_was_under_any_name(name: str) -> None:
    scenario = load_scenario("base", ["rounds=2", "roster.states=[GBR,FRA,POL]"])
    setup = prepare(scenario)
    tables = tabulate(setup, simulate(setup, seed=0, replicates=range(2)))
    manifest = create_manifest(scenario, reference="base", seed=0, replicates=2, engine="agents", started="")
    with TemporaryDirectory() as place:
        folder = Path(place) / name
        write_run(folder, manifest, tables)
        back = read_run(folder).tables
    for table in ("rounds", "stances", "outcomes"):
        written_, read = getattr(tables, table), getattr(back, table)
        assert list(read.columns) == list(written_.columns)
        pd.testing.assert_frame_equal(read, written_, check_dtype=False, check_exact=True)


def test_a_file_whose_name_is_not_utf8_is_refused_before_the_simulation(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.yaml"
    try:
        path.write_text("extends: base\nquestion: What?\n", "utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    with pytest.raises(ScenarioError, match=r"caf[?]\.yaml: has a name that is not UTF-8; rename it"):
        load_scenario(path)
