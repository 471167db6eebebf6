"""`willing gallery` writes a small table and a map of each scenario, and the one in the repository is current."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.report.gallery import GalleryEntry, entry, page, states_table
from sim.scenario import digest, load_scenario, shipped
from tests.conftest import played, shipped_run

type Willing = Callable[..., Any]

KEPT = Path(__file__).parents[2] / "results" / "gallery"
TWO = ("us-opposes", "own.yaml", "--replicates", "3")
OWN = "extends: base\nquestion: Would they come at all?\nrounds: 3\nmenu:\n  troops:\n    ask: 0\n"


@pytest.fixture(scope="module")
def entries() -> list[GalleryEntry]:
    return [entry(shipped_run(name)) for name in shipped()]


def test_the_page_of_the_gallery_is_current(entries: list[GalleryEntry]) -> None:
    assert (KEPT / "README.md").read_text("utf-8") == page(entries, seed=0, replicates=400), "run `make gallery`"


@pytest.mark.parametrize("name", shipped())
def test_the_gallery_has_the_table_map_and_manifest_of(name: str) -> None:
    run = shipped_run(name)
    assert (KEPT / name / "states.csv").read_text("utf-8") == states_table(run), "run `make gallery`"
    manifest = json.loads((KEPT / name / "manifest.json").read_text("utf-8"))
    assert manifest["digest"] == digest(run.scenario)
    assert (manifest["seed"], manifest["replicates"], manifest["reference"]) == (0, 400, name)
    assert (KEPT / name / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", shipped())
def test_every_number_of_every_round_of_a_shipped_scenario_is_finite(name: str) -> None:
    rounds = played(name).rounds
    assert len(rounds) == 400 * load_scenario(name).rounds
    assert np.isfinite(rounds.select_dtypes("number").to_numpy(dtype=float)).all()


def test_the_gallery_has_no_scenario_that_no_longer_exists() -> None:
    assert sorted(path.name for path in KEPT.iterdir() if path.is_dir()) == sorted(shipped())


def test_a_gallery_may_contain_scenarios_of_ones_own(willing: Willing) -> None:
    Path("own.yaml").write_text(OWN)
    answer = willing("gallery", *TWO)
    assert answer.code == 0, answer.err
    assert answer.out.strip() == str(Path("gallery") / "README.md")
    text = Path("gallery/README.md").read_text()
    assert "Would they come at all?" in text
    assert "soldiers for troops, no number asked" in text
    table = pd.read_csv(io.StringIO(Path("gallery/own/states.csv").read_text()))
    assert table[["abstain", "guarantee", "backstop", "troops"]].sum(axis=1).round(3).eq(1.0).all()
    assert willing("gallery", *TWO, "--seed", "5").code == 0
    assert "and seed 5" in Path("gallery/README.md").read_text()


def test_an_entry_is_not_a_run_and_names_the_command_that_makes_one(willing: Willing) -> None:
    for command in ("plot", "report"):
        answer = willing(command, KEPT / "us-opposes")
        assert answer.code == 2
        assert "rounds.parquet was not saved with it; simulate it again: willing run us-opposes --seed 0" in answer.err


def test_a_folder_that_is_not_a_gallery_is_not_overwritten(willing: Willing) -> None:
    Path("own.yaml").write_text(OWN)
    Path("gallery/own").mkdir(parents=True)
    answer = willing("gallery", *TWO)
    assert answer.code == 2
    assert "gallery/own: already exists and is not a gallery" in answer.err
    assert os.listdir("gallery") == ["own"]
    Path("run").mkdir()
    Path("run/manifest.json").write_text("{}")
    assert "run: already exists and is not a gallery" in willing("gallery", *TWO, "--out", "run").err
    assert os.listdir("run") == ["manifest.json"]


def test_two_scenarios_with_the_same_name_and_a_typo_are_reported(willing: Willing) -> None:
    Path("own.yaml").write_text(OWN)
    Path("more").mkdir()
    Path("more/own.yaml").write_text(OWN)
    assert "two scenarios are called own" in willing("gallery", "own.yaml", "more/own.yaml").err
    answer = willing("gallery", "us-oposes")
    assert answer.code == 2
    assert "did you mean 'us-opposes'?" in answer.err
    assert not Path("gallery").exists()
