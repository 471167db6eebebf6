"""`willing explain` says why a state stands where it stands, draws it, and never writes over anything of the user's."""

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
    """Draw next to nothing, where the figure is not what a test is about."""
    monkeypatch.setattr(sim.plots, "explanation", lambda explained, scenario: None)
    monkeypatch.setattr(sim.plots, "save", lambda made, path: path.write_bytes(PNG))


unillustrated = pytest.mark.usefixtures("without_pictures")


def answered(willing: Willing, *arguments: object) -> dict[str, Any]:
    answer = willing("explain", *arguments, "--json")
    assert answer.code == 0, answer.err
    assert not answer.err
    found: dict[str, Any] = json.loads(answer.out)
    return found


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


# The answer for programs


def test_at_the_start_every_option_has_its_value_and_terms(willing: Willing) -> None:
    found = answered(willing, NAME, "POL")
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
    assert [option["value"] for option in found["options"].values()] == explained.values.tolist()
    assert list(found["chances"].values()) == explained.chances.tolist()
    assert list(found["if_conditions_were_met"]["values"].values()) == explained.values_if_met.tolist()
    assert list(found["offers"].values()) == explained.offers.tolist()
    assert [peer["state"] for peer in found["peers"]] == [peer.code for peer in explained.peers]
    assert found["enough_backing"] is None
    dutch = answered(willing, NAME, "NLD")["enough_backing"]
    assert dutch == explain_start(prepare(load_scenario(NAME)), "NLD").enough_backing
    assert 0.0 < dutch < 1.0


def test_a_program_is_told_of_a_round_too(willing: Willing) -> None:
    found = answered(willing, NAME, "SWE", "--round", 20, "--seed", 3, "--replicate", 2)
    explained = explain_round(prepare(load_scenario(NAME)), "SWE", round=20, seed=3, replicate=2)
    assert (found["round"], found["seed"], found["replicate"]) == (20, 3, 2)
    assert (found["date"], found["stance"]) == ("2025-08-06", explained.held)
    assert [list(option["considerations"].values()) for option in found["options"].values()] == explained.terms.tolist()
    assert found["environment"] == {**explained.environment, "phase": explained.phase}
    first = answered(willing, NAME, "SWE", "--round", 20)
    assert (first["seed"], first["replicate"]) == (0, 0)


def test_the_conditions_may_be_supposed(willing: Willing) -> None:
    firm, supposed = answered(willing, NAME, "NLD"), answered(willing, NAME, "NLD", "--conditional")
    assert supposed["conditional"]
    assert (supposed["environment"]["us_backing"], supposed["environment"]["sincerity"]) == (0.65, 0.6)
    values = {option: told["value"] for option, told in supposed["options"].items()}
    assert values == firm["if_conditions_were_met"]["values"]
    assert values["troops"] > firm["options"]["troops"]["value"]


def test_settings_count(willing: Willing) -> None:
    plain, more = answered(willing, NAME, "POL"), answered(willing, NAME, "POL", "--set", "weights.opinion=4")
    terms = [found["options"]["troops"]["considerations"] for found in (plain, more)]
    assert terms[1]["opinion"] == 2 * terms[0]["opinion"] != 0.0
    assert {name for name in terms[0] if terms[0][name] != terms[1][name]} == {"opinion"}


def test_nothing_is_drawn_for_a_program_unless_it_asks(willing: Willing) -> None:
    assert answered(willing, NAME, "POL")["figure"] is None
    assert files() == []
    assert answered(willing, NAME, "POL", "--figure", "why.svg")["figure"] == "why.svg"
    assert files() == ["why.svg"]


# The answer for readers


@unillustrated
def test_a_reader_is_told_values_reasons_soldiers_and_peers(willing: Willing) -> None:
    answer = willing("explain", NAME, "poland")
    assert (answer.code, answer.err) == (0, "")
    out = " ".join(answer.out.split())
    assert out.startswith(
        f"Poland (POL) in {NAME}, at the start, 26 March 2025, everybody abstaining Situation: US back"
    )
    for heading in (
        "Value and chance:",
        "If the conditions were met:",
        "Enough US backing:",
        "Would bring:",
        "Peers:",
        "Figure:",
    ):
        assert heading in answer.out
    found = answered(willing, NAME, "POL")
    rows = {line[:26].strip(): line[26:].split() for line in answer.out.splitlines()}
    for label, name in (("Solidarity", "solidarity"), ("Home defence", "home_defence"), ("US backing", "us_backing")):
        terms = [option["considerations"][name] for option in list(found["options"].values())[1:]]
        assert rows[label] == [f"{term:+.2f}" for term in terms if term], label
    assert rows["Value"] == [f"{option['value']:+.2f}" for option in list(found["options"].values())[1:]]
    assert "Abstaining over backstop: momentum among peers +0.58, public opinion +0.42," in out
    assert f"{found['offers']['troops']:,.0f} soldiers to troops (the ask is 25,000)" in out
    assert "Peers: FRA 13%" in out
    assert "Nothing comes from leadership," in out


@unillustrated
def test_rows_stand_by_their_largest_term(willing: Willing) -> None:
    found = answered(willing, NAME, "HUN", "--round", 12)
    out = willing("explain", NAME, "HUN", "--round", 12).out.splitlines()
    first = out.index(next(line for line in out if line.startswith("adds to the value of"))) + 2
    sizes = []
    for line in out[first : out.index(next(line for line in out if line.startswith("Value  "))) - 1]:
        sizes.append(max(abs(float(number)) for number in line[26:].split()))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == round(
        max(max(map(abs, each["considerations"].values())) for each in found["options"].values()), 2
    )


@unillustrated
def test_a_stance_that_its_considerations_speak_against_is_said_to_be_luck(willing: Willing) -> None:
    setup = prepare(load_scenario("base", ["revision=0", "opening=troops"]))
    assert explain_round(setup, "HUN", round=1, seed=0).held == "troops"
    answer = willing("explain", "base", "HUN", "--round", 1, "--set", "revision=0", "--set", "opening=troops")
    assert "Stance: troops" in answer.out
    assert "its taste, or it has not revised" in " ".join(answer.out.split())


@unillustrated
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("NLD",), "{enough:g} for troops to be its best option, all else as it is (now 0.27)"),
        (("HUN",), "none: at no US backing would troops be its best option, all else as it is (now 0.27)"),
        (("GBR",), "0: troops would be its best option even without any, all else as it is (now 0.27)"),
        (
            ("DEU", "--conditional", "--set", "weights.us_backing=4"),
            "{enough:g} for troops to be its best option, all else as it is (supposed 0.65)",
        ),
        (
            ("NLD", "--set", "weights.us_backing=-3", "--set", "environment.us_backing=0.9"),
            "0: troops would be its best option even without any, "
            "all else as it is (now 0.90, where it is not any more)",
        ),
    ],
)
def test_a_reader_is_told_how_much_us_backing_is_enough(
    willing: Willing, arguments: tuple[str, ...], said: str
) -> None:
    answer, found = willing("explain", NAME, *arguments), answered(willing, NAME, *arguments)
    assert f"Enough US backing: {said.format(enough=found['enough_backing'])} Would" in " ".join(answer.out.split())


@unillustrated
def test_a_state_without_peers_is_said_to_have_none(willing: Willing) -> None:
    answer = willing("explain", "base", "GBR", "--set", "roster.states=[GBR]", "--set", "leads=[GBR]")
    assert "Peers: none" in answer.out


# The figure


def test_a_figure_is_left_under_results(willing: Willing) -> None:
    short = digest(load_scenario(NAME))[:8]
    first = f"results/explain/{NAME}-POL-{short}.png"
    assert willing("explain", NAME, "POL").out.splitlines()[-1] == f"Figure: {first}"
    bytes_ = Path(first).read_bytes()
    assert bytes_.startswith(PNG)
    assert willing("explain", NAME, "Poland").code == 0  # the same name, the same figure
    assert files() == [first]
    assert Path(first).read_bytes() == bytes_


@unillustrated
def test_figures_of_other_moments_have_other_names(willing: Willing) -> None:
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
def test_a_figure_is_written_as_its_name_says(willing: Willing, name: str, start: bytes) -> None:
    answer = willing("explain", NAME, "POL", "--figure", name)
    assert answer.out.splitlines()[-1] == f"Figure: {name}"
    assert Path(name).read_bytes().startswith(start)
    assert files() == [name]


# What is wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((NAME, "Grmany"), f"{NAME}: no state 'Grmany' on the roster; did you mean DEU (Germany)?"),
        ((NAME, "CHE"), "CHE (Switzerland) is not asked"),
        ((NAME, "POL", "--round", "60"), "no round 60; there are rounds 1 to 52"),
        ((NAME, "POL", "--round", "0"), "'--round': 0 is not in the range x>=1"),
        ((NAME, "POL", "--round", "4", "--seed", "-1"), "'--seed': -1 is not in the range"),
        ((NAME, "POL", "--seed", "1"), "--seed and --replicate go with --round"),
        ((NAME, "POL", "--replicate", "1"), "--seed and --replicate go with --round"),
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
        (("folder", "POL"), "folder: is a folder"),
        ((NAME,), "Missing argument 'STATE'"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(willing: Willing, arguments: tuple[str, ...], said: str) -> None:
    Path("taken.png").write_bytes(b"mine")
    Path("empty.yaml").touch()
    Path("folder").mkdir()
    for more in ((), ("--json",)):
        answer = willing("explain", *arguments, *more)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err
    assert files() == ["empty.yaml", "taken.png"]
    assert Path("taken.png").read_bytes() == b"mine"
    assert not Path("results").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_place_is_told(willing: Willing, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        answer = willing("explain", NAME, "POL")
    finally:
        tmp_path.chmod(0o700)
    assert (answer.code, answer.out) == (2, "")
    assert "you may not write to " in answer.err


def test_a_place_that_is_not_a_folder_is_named(willing: Willing) -> None:
    Path("results").touch()
    answer = willing("explain", NAME, "POL")
    assert (answer.code, answer.out) == (2, "")
    assert "results is not a folder; choose another path with --figure" in answer.err
    assert files() == ["results"]


def test_the_folder_of_a_run_leads_to_its_scenario(willing: Willing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.plots.run, "FIGURES", {})
    played = willing("run", NAME, "--replicates", 1, "--rounds", 3, "--seed", 4, "--out", "mine")
    assert played.code == 0
    before = files()
    answer = willing("explain", "mine", "POL")
    assert (answer.code, answer.out) == (2, "")
    command = f"willing explain {NAME} POL --set rounds=3 --round 3 --seed 4"
    assert answer.err == f"mine: is the folder of a run; name its scenario, such as: {command}\n"
    assert files() == before
    assert answered(willing, *command.split()[2:])["round"] == 3
    Path("mine/manifest.json").write_text("{")
    broken = willing("explain", "mine", "POL")
    assert broken.code == 2
    assert "manifest.json: has no checksum" in broken.err
