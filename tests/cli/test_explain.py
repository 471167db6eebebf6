"""`willing explain` explains a stance as text, JSON and figure, and never overwrites a file of the user."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.plots
from sim.analysis.explain import explain_round, explain_start
from sim.model.setup import prepare
from sim.scenario import digest, load_scenario
from sim.theory.considerations import CONSIDERATIONS

type Willing = Callable[..., Any]

NAME = "paris-march-2025"
PNG, SVG, PDF = b"\x89PNG", b"<?xml", b"%PDF"


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw almost nothing in tests that are not about the figure."""
    monkeypatch.setattr("sim.plots.explanation.considerations_by_option", lambda result: None)
    monkeypatch.setattr(sim.plots, "save", lambda fig, path: path.write_bytes(PNG))


unillustrated = pytest.mark.usefixtures("without_pictures")


def json_of(willing: Willing, *arguments: object) -> dict[str, Any]:
    answer = willing("explain", *arguments, "--json")
    assert answer.code == 0, answer.err
    assert not answer.err
    found: dict[str, Any] = json.loads(answer.out)
    return found


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


# JSON


def test_at_the_start_every_option_has_its_utility_and_terms(willing: Willing) -> None:
    found = json_of(willing, NAME, "POL")
    assert found["state"] == "POL"
    assert list(found["options"]) == ["abstain", "guarantee", "backstop", "troops"]
    for option in found["options"].values():
        assert list(option["considerations"]) == list(CONSIDERATIONS)
        assert abs(sum(option["considerations"].values()) - option["value"]) < 1e-12
    assert set(found["options"]["abstain"]["considerations"].values()) == {0.0}
    assert found["options"]["abstain"]["value"] == 0.0
    assert found["environment"] == {
        "us_backing": pytest.approx(0.27),
        "russian_opposition": 1.0,
        "mandate": 0.1,
        "clarity": 0.3,
        "sincerity": pytest.approx(0.2),
        "battlefield": 0.6,
        "phase": "fighting",
    }
    assert (found["name"], found["scenario"], found["digest"]) == ("Poland", NAME, digest(load_scenario(NAME)))
    assert (found["round"], found["date"], found["seed"], found["replicate"]) == (0, "2025-03-26", None, None)
    assert (found["stance"], found["conditional"]) == ("abstain", False)
    assert found["asks"] == {"abstain": 0, "guarantee": 0, "backstop": 0, "troops": 25000}
    explained = explain_start(prepare(load_scenario(NAME)), "POL")
    assert [option["value"] for option in found["options"].values()] == explained.utilities.tolist()
    assert list(found["chances"].values()) == explained.probabilities.tolist()
    assert list(found["if_conditions_were_met"]["values"].values()) == explained.utilities_if_met.tolist()
    assert list(found["offers"].values()) == explained.offers.tolist()
    assert [peer["state"] for peer in found["peers"]] == [peer.code for peer in explained.peers]
    assert found["enough_backing"] is None
    dutch = json_of(willing, NAME, "NLD")["enough_backing"]
    assert dutch == explain_start(prepare(load_scenario(NAME)), "NLD").enough_backing
    assert 0.0 < dutch < 1.0


def test_a_round_is_explained_too(willing: Willing) -> None:
    found = json_of(willing, NAME, "SWE", "--round", 20, "--seed", 3, "--replicate", 2)
    explained = explain_round(prepare(load_scenario(NAME)), "SWE", round=20, seed=3, replicate=2)
    assert (found["round"], found["seed"], found["replicate"]) == (20, 3, 2)
    assert (found["date"], found["stance"]) == ("2025-08-06", explained.declared)
    assert [list(option["considerations"].values()) for option in found["options"].values()] == explained.terms.tolist()
    assert found["environment"] == {**explained.environment, "phase": explained.phase}
    first = json_of(willing, NAME, "SWE", "--round", 20)
    assert (first["seed"], first["replicate"]) == (0, 0)


def test_the_conditional_stance_is_explained(willing: Willing) -> None:
    firm, supposed = json_of(willing, NAME, "NLD"), json_of(willing, NAME, "NLD", "--conditional")
    assert supposed["conditional"]
    assert (supposed["environment"]["us_backing"], supposed["environment"]["sincerity"]) == (0.65, 0.6)
    values = {option: each["value"] for option, each in supposed["options"].items()}
    assert values == firm["if_conditions_were_met"]["values"]
    assert values["troops"] > firm["options"]["troops"]["value"]


def test_settings_apply(willing: Willing) -> None:
    plain, more = json_of(willing, NAME, "POL"), json_of(willing, NAME, "POL", "--set", "weights.opinion=4")
    terms = [found["options"]["troops"]["considerations"] for found in (plain, more)]
    assert terms[1]["opinion"] == 2 * terms[0]["opinion"] != 0.0
    assert {name for name in terms[0] if terms[0][name] != terms[1][name]} == {"opinion"}


def test_with_json_a_figure_is_drawn_only_if_it_is_requested(willing: Willing) -> None:
    assert json_of(willing, NAME, "POL")["figure"] is None
    assert files() == []
    assert json_of(willing, NAME, "POL", "--figure", "why.svg")["figure"] == "why.svg"
    assert files() == ["why.svg"]


# Text


@unillustrated
def test_the_text_has_utilities_reasons_soldiers_and_peers(willing: Willing) -> None:
    answer = willing("explain", NAME, "poland")
    assert (answer.code, answer.err) == (0, "")
    out = " ".join(answer.out.split()).replace("−", "-")
    assert out.startswith(
        f"Poland (POL) in {NAME}, at the start, 26 March 2025, when all states abstain Situation: US back"
    )
    for heading in (
        "Utility and probability:",
        "If the conditions were met:",
        "Required US backing:",
        "Offers:",
        "Peers:",
        "Figure:",
    ):
        assert heading in answer.out
    found = json_of(willing, NAME, "POL")
    rows = {line[:30].strip(): line[30:].replace("−", "-").split() for line in answer.out.splitlines()}
    for label, name in (("Solidarity", "solidarity"), ("Home defence", "home_defence"), ("US backing", "us_backing")):
        terms = [option["considerations"][name] for option in list(found["options"].values())[1:]]
        assert rows[label] == [f"{term:+.2f}" for term in terms if term], label
    assert rows["Utility"] == [f"{option['value']:+.2f}" for option in list(found["options"].values())[1:]]
    assert "Abstaining rather than backstop: momentum among peers +0.58, public opinion +0.42," in out
    assert f"{found['offers']['troops']:,.0f} soldiers to troops (the ask is 25,000)" in out
    assert "Peers: FRA 13%" in out
    assert "No contribution from leadership," in out


@unillustrated
def test_rows_are_sorted_by_their_largest_term(willing: Willing) -> None:
    found = json_of(willing, NAME, "HUN", "--round", 12)
    out = willing("explain", NAME, "HUN", "--round", 12).out.splitlines()
    first = out.index(next(line for line in out if line.startswith("contribution to the utility of"))) + 2
    sizes = []
    for line in out[first : out.index(next(line for line in out if line.startswith("Utility  "))) - 1]:
        sizes.append(max(abs(float(number)) for number in line[30:].replace("−", "-").split()))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == round(
        max(max(map(abs, each["considerations"].values())) for each in found["options"].values()), 2
    )


@unillustrated
def test_a_stance_that_its_considerations_speak_against_is_said_to_be_luck(willing: Willing) -> None:
    setup = prepare(load_scenario("base", ["revision=0", "opening=troops"]))
    assert explain_round(setup, "HUN", round=1, seed=0).declared == "troops"
    answer = willing("explain", "base", "HUN", "--round", 1, "--set", "revision=0", "--set", "opening=troops")
    assert "Stance: troops" in answer.out
    assert "its taste shocks favour it, or it has not revised" in " ".join(answer.out.split())


@unillustrated
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("NLD",), "{enough:g} makes troops its best option, all else equal (now 0.27)"),
        (("HUN",), "none suffices; troops is not its best option at any level, all else equal (now 0.27)"),
        (("GBR",), "none needed; troops is its best option even without any, all else equal (now 0.27)"),
        (
            ("DEU", "--conditional", "--set", "weights.us_backing=4"),
            "{enough:g} makes troops its best option, all else equal (with the conditions met 0.65)",
        ),
        (
            ("NLD", "--set", "weights.us_backing=-3", "--set", "environment.us_backing=0.9"),
            "none needed; troops is its best option even without any, "
            "all else equal (now 0.90, at which it is not the best option any more)",
        ),
    ],
)
def test_the_text_has_the_us_backing_that_is_required(
    willing: Willing, arguments: tuple[str, ...], message: str
) -> None:
    answer, found = willing("explain", NAME, *arguments), json_of(willing, NAME, *arguments)
    assert f"Required US backing: {message.format(enough=found['enough_backing'])} Offers" in " ".join(
        answer.out.split()
    )


@unillustrated
def test_a_state_without_peers_is_said_to_have_none(willing: Willing) -> None:
    answer = willing("explain", "base", "GBR", "--set", "roster.states=[GBR]", "--set", "leads=[GBR]")
    assert "Peers: none" in answer.out


# The figure


def test_a_figure_is_written_under_results(willing: Willing) -> None:
    short = digest(load_scenario(NAME))[:8]
    first = f"results/explain/{NAME}-POL-{short}.png"
    assert willing("explain", NAME, "POL").out.splitlines()[-1] == f"Figure: {first}"
    bytes_ = Path(first).read_bytes()
    assert bytes_.startswith(PNG)
    assert willing("explain", NAME, "Poland").code == 0  # the same name, the same figure
    assert files() == [first]
    assert Path(first).read_bytes() == bytes_


@unillustrated
def test_figures_of_different_moments_have_different_names(willing: Willing) -> None:
    short = digest(load_scenario(NAME))[:8]
    for more in (
        (),
        ("--round", 3),
        ("--round", 3, "--seed", 1),
        ("--round", 3, "--replicate", 2),
        ("--conditional",),
        ("--set", "rounds=60"),
    ):
        assert willing("explain", NAME, "POL", *more).code == 0
    other = digest(load_scenario(NAME, ["rounds=60"]))[:8]
    stem = f"results/explain/{NAME}-POL"
    assert files() == sorted(
        [
            f"{stem}-{short}.png",
            f"{stem}-round3-seed0-{short}.png",
            f"{stem}-round3-seed1-{short}.png",
            f"{stem}-round3-seed0-replicate2-{short}.png",
            f"{stem}-conditional-{short}.png",
            f"{stem}-{other}.png",
        ]
    )


@pytest.mark.parametrize(("name", "start"), [("why.png", PNG), ("new/why.SVG", SVG), ("why.pdf", PDF)])
def test_a_figure_has_the_format_of_its_name(willing: Willing, name: str, start: bytes) -> None:
    answer = willing("explain", NAME, "POL", "--figure", name)
    assert answer.out.splitlines()[-1] == f"Figure: {name}"
    assert Path(name).read_bytes().startswith(start)
    assert files() == [name]


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((NAME, "Grmany"), f"{NAME}: no state 'Grmany' on the roster; did you mean DEU (Germany)?"),
        ((NAME, "CHE"), "CHE (Switzerland) is not asked"),
        ((NAME, "POL", "--round", "60"), "no round 60; there are rounds 1 to 52"),
        ((NAME, "POL", "--round", "0"), "'--round': 0 is not in the range x>=1"),
        ((NAME, "POL", "--round", "4", "--seed", "-1"), "'--seed': -1 is not in the range"),
        ((NAME, "POL", "--seed", "1"), "seed and replicate apply to a round"),
        ((NAME, "POL", "--replicate", "1"), "seed and replicate apply to a round"),
        ((NAME, "POL", "--figure", "why.gif"), "figures are written as png, svg or pdf; give a file such as why.png"),
        ((NAME, "POL", "--figure", "folder/"), "give a file such as folder.png"),
        (
            (NAME, "POL", "--figure", "taken.png"),
            "taken.png: already exists; choose another path with --fig",
        ),
        (
            (NAME, "POL", "--figure", "taken.png/why.png"),
            "taken.png is not a folder; choose another path with",
        ),
        ((NAME, "POL", "--set", "weights.opinoin=4"), "did you mean 'opinion'?"),
        ((NAME, "POL", "--set", "states.POL.facts.land_forces=null"), "figures unknown that the scenario needs"),
        (("pariss-march-2025", "POL"), "did you mean 'paris-march-2025'?"),
        (("empty.yaml", "POL"), "empty.yaml:1:1: holds no settings"),
        (("folder", "POL"), "folder: not the folder of a run; `willing run SCENARIO` creates one"),
        ((NAME,), "Missing argument 'STATE'"),
    ],
)
def test_a_mistake_is_reported_and_nothing_is_written(
    willing: Willing, arguments: tuple[str, ...], message: str
) -> None:
    Path("taken.png").write_bytes(b"mine")
    Path("empty.yaml").touch()
    Path("folder").mkdir()
    for more in ((), ("--json",)):
        answer = willing("explain", *arguments, *more)
        assert (answer.code, answer.out) == (2, "")
        assert message in answer.err
    assert files() == ["empty.yaml", "taken.png"]
    assert Path("taken.png").read_bytes() == b"mine"
    assert not Path("results").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_reported(willing: Willing, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        answer = willing("explain", NAME, "POL")
    finally:
        tmp_path.chmod(0o700)
    assert (answer.code, answer.out) == (2, "")
    assert "you may not write to " in answer.err


def test_a_file_in_place_of_a_folder_is_reported(willing: Willing) -> None:
    Path("results").touch()
    answer = willing("explain", NAME, "POL")
    assert (answer.code, answer.out) == (2, "")
    assert "results is not a folder; choose another path with --figure" in answer.err
    assert files() == ["results"]


def test_a_run_is_explained_after_its_last_round(willing: Willing) -> None:
    command = ("run", NAME, "--replicates", 2, "--rounds", 3, "--seed", 4, "--no-figures", "--out", "mine")
    assert willing(*command).code == 0
    scenario = (NAME, "POL", "--set", "rounds=3", "--round", 3, "--seed", 4)
    assert json_of(willing, "mine", "POL") == json_of(willing, *scenario)
    assert json_of(willing, "mine", "POL", "--replicate", 1) == json_of(willing, *scenario, "--replicate", 1)
    for more, message in (
        (("--replicate", 2), "no replicate 2 in the run; it has replicates 0 to 1"),
        (("--seed", 5), "the run has seed 4, not 5"),
        (("--set", "rounds=4"), "settings cannot change a run that exists"),
    ):
        answer = willing("explain", "mine", "POL", *more)
        assert (answer.code, answer.out) == (2, "")
        assert message in answer.err
    Path("mine/manifest.json").write_text("{")
    broken = willing("explain", "mine", "POL")
    assert broken.code == 2
    assert "manifest.json: has no checksum" in broken.err
