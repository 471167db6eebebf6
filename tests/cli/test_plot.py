"""`willing plot` draws the figures of a run anew, as files that look the same everywhere, and writes over nothing."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.plots
from sim.errors import FigureError
from sim.plots import FIGURES, save
from sim.plots.style import FORMATS, as_svg
from sim.results.open_run import open_run
from tests.conftest import below

type Willing = Callable[..., Any]

OWN = "extends: base\nquestion: Would three do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"
SIGNATURES = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.fixture
def folder(willing: Willing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of own.yaml in the folder one, without figures yet."""
    (tmp_path / "own.yaml").write_text(OWN)
    with monkeypatch.context() as without:
        without.setattr(sim.plots.run, "FIGURES", {})
        assert willing("run", "own.yaml", "--replicates", "4", "--out", "one").code == 0
    return tmp_path / "one"


def test_all_figures_are_drawn_into_the_run_and_named(willing: Willing, folder: Path) -> None:
    answer = willing("plot", "one")
    assert answer.code == 0
    assert answer.out.splitlines() == [str(Path("one") / "figures" / f"{name}.png") for name in FIGURES]
    assert sorted(os.listdir(folder / "figures")) == sorted(f"{name}.png" for name in FIGURES)


def test_figures_in_the_run_are_replaced_by_what_the_tables_say(willing: Willing, folder: Path) -> None:
    (folder / "figures" / "map.png").write_bytes(b"drawn by hand")
    assert willing("plot", "one", "map").code == 0
    run = open_run(folder)
    save(FIGURES["map"](run.tables, run.scenario, seed=run.manifest.seed), Path("again.png"))
    assert (folder / "figures" / "map.png").read_bytes() == Path("again.png").read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_figure_comes_in_each_format_into_a_folder_that_is_made(willing: Willing, folder: Path, kind: str) -> None:
    answer = willing("plot", "one", "probabilities", "--format", kind, "--out", "new/pictures", "--json")
    path = Path("new") / "pictures" / f"probabilities.{kind}"
    assert json.loads(answer.out) == {"result": "one", "figures": [str(path)]}
    assert path.read_bytes().startswith(SIGNATURES[kind])
    assert os.listdir("new/pictures") == [path.name]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_gives_the_same_bytes_in_every_format(folder: Path, name: str, kind: str) -> None:
    run = open_run(folder)
    for copy in ("a", "b"):
        save(FIGURES[name](run.tables, run.scenario, seed=0), Path(f"{copy}.{kind}"))
    content = Path(f"a.{kind}").read_bytes()
    assert content == Path(f"b.{kind}").read_bytes()
    for word in (b"Matplotlib", b"matplotlib v", b"CreationDate", b"<dc:date>"):
        assert word not in content


@pytest.mark.parametrize("name", FIGURES)
def test_type_in_an_svg_is_drawn_and_nothing_in_it_is_fetched(folder: Path, name: str) -> None:
    run = open_run(folder)
    root = ElementTree.fromstring(as_svg(FIGURES[name](run.tables, run.scenario)))
    assert not [element for element in root.iter() if element.tag.endswith(("}text", "}image", "}script"))]
    links = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]
    assert links
    assert all(link.startswith("#") for link in links)


def test_an_unknown_suffix_is_refused_with_those_there_are(folder: Path) -> None:
    run = open_run(folder)
    made = FIGURES["probabilities"](run.tables, run.scenario)
    with pytest.raises(
        FigureError, match=r"probabilities\.jpg: figures are written as png, svg or pdf; .* probabilities\.png"
    ):
        save(made, Path("probabilities.jpg"))
    assert not Path("probabilities.jpg").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("one", "mpa"), "no figure 'mpa'; did you mean 'map'?"),
        (("one", "xyzzy"), "no figure 'xyzzy'; known here: map, probabilities, stances, personnel, environment"),
        (("one", "map", "--format", "gif"), "'gif' is not one of 'png', 'svg', 'pdf'"),
        (
            ("one", "map", "--out", "map.svg"),
            "map.svg is the name of a file; give a folder, such as map",
        ),
        (
            ("paris-march-2025",),
            "paris-march-2025: not the folder of a run; `willing run paris-march-2025` creates one",
        ),
        (("own.yaml",), "own.yaml: not the folder of a run; `willing run own.yaml` creates one"),
        (("nowhere",), "nowhere: not the folder of a run; `willing run SCENARIO` creates one"),
        (("one/manifest.json",), "one/manifest.json: is a file; name the folder of a run"),
        (("one", "map", "--out", "own.yaml"), "own.yaml: cannot write there"),
        (
            ("one", "map", "probabilities", "--out", "taken"),
            "map.png, taken/probabilities.png: already exist",
        ),
        ((), "Missing argument 'RESULT'"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_what_the_user_can_mend_is_told_and_nothing_is_written(
    willing: Willing, folder: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "taken").mkdir()
    for name in ("map.png", "probabilities.png"):
        (tmp_path / "taken" / name).write_text("years of work")
    before = below(tmp_path)
    answer = willing("plot", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert below(tmp_path) == before


def test_runs_of_the_scenario_that_are_there_are_named(willing: Willing, tmp_path: Path) -> None:
    there = tmp_path / "results" / "runs" / "base-0123abcd"
    there.mkdir(parents=True)
    assert f"or name an existing one: {there.relative_to(tmp_path)}" in willing("plot", "base").err


def test_half_a_run_is_refused(willing: Willing, folder: Path) -> None:
    (folder / "stances.parquet").unlink()
    answer = willing("plot", "one")
    assert answer.code == 2
    assert "stances.parquet: missing; the folder is no longer complete" in answer.err


def test_a_scenario_that_changed_since_is_drawn_only_as_it_was_played(willing: Willing, folder: Path) -> None:
    Path("own.yaml").write_text(OWN.replace("POL", "EST"))
    answer = willing("plot", "one", "probabilities")
    assert answer.code == 2
    assert "own.yaml has changed since it was simulated" in answer.err
    assert willing("plot", "one", "probabilities", "--as-played").code == 0


def test_a_figure_that_cannot_be_finished_leaves_nothing(
    willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*tables: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sim.plots.run, "FIGURES", {"probabilities": FIGURES["probabilities"], "map": interrupted})
    before = below(folder.parent)
    assert willing("plot", "one").code == 130
    assert willing("plot", "one", "--out", "new").code == 130
    assert below(folder.parent) == before
    assert sorted(os.listdir(folder.parent)) == ["one", "own.yaml"]


# The probabilities


def _probabilities(folder: Path) -> list[Any]:
    from sim.plots.stance_shares import rows_from_deepest
    from sim.results.summary import stance_chances

    run = open_run(folder)
    return rows_from_deepest(stance_chances(run.tables.stances, run.scenario.option_names), run.setup)


def test_the_probabilities_have_every_state_and_add_up(folder: Path) -> None:
    rows = _probabilities(folder)
    assert {row.code for row in rows} == {"GBR", "FRA", "POL"}
    assert {row.code for row in rows if row.leads} == {"GBR", "FRA"}
    for row in rows:
        assert sum(row.chances) == pytest.approx(1.0)
        assert all(4 * chance == round(4 * chance) for chance in row.chances)


def test_the_probabilities_stand_from_the_likeliest_to_go_deep_down(folder: Path) -> None:
    chances = [row.chances for row in _probabilities(folder)]
    assert chances == sorted(chances, reverse=True)
    assert len(set(chances)) > 1


def test_the_bars_are_as_long_as_the_chances(folder: Path) -> None:
    run = open_run(folder)
    axes = FIGURES["probabilities"](run.tables, run.scenario).axes[0]
    drawn = [patch.get_width() for patch in axes.patches]
    rows = _probabilities(folder)
    assert drawn == [chance for row in rows for chance in row.chances if chance > 0.0]
