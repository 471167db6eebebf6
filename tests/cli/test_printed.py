"""The printed text has the same order and signs as the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.plots
from sim.text.numbers import percent
from sim.text.words import consideration_name

type Willing = Callable[..., Any]

OWN = "extends: base\nquestion: Would four do?\nrounds: 4\nroster:\n  states: [GBR, FRA, POL, EST]\n"
OTHER = (
    "extends: own\nquestion: And if Britain had had enough, and Estonia had not?\n"
    "states: {GBR: {feels: {opinion: -3}}, EST: {feels: {opinion: 3}}}\n"
)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is drawn: only what is printed counts here."""
    monkeypatch.setattr(sim.plots.run, "FIGURES", {})
    monkeypatch.setattr(sim.plots, "save", lambda made, path: path.write_bytes(b"drawn"))


def both(willing: Willing, *arguments: object) -> tuple[str, dict[str, Any]]:
    """Return what a command prints, in one line and with plain minus signs, and its answer in JSON."""
    text, answer = willing(*arguments), willing(*arguments, "--json")
    assert text.code == answer.code == 0, text.err + answer.err
    return " ".join(text.out.split()).replace("−", "-"), json.loads(answer.out)


def test_compare_lists_the_states_that_move_deeper_and_less_deep_and_by_how_much(willing: Willing) -> None:
    Path("own.yaml").write_text(OWN)
    Path("other.yaml").write_text(OTHER)
    text, answer = both(willing, "compare", "own.yaml", "other.yaml", "--replicates", 60, "--out", "kept")
    (step,) = answer["steps"]
    deeper = re.search(r"Deeper, in rungs: (.*?) Less deep", text)
    less = re.search(r"Less deep, in rungs: (.*?) after the last round", text)
    assert deeper is not None
    assert less is not None
    for listed, sign in ((deeper[1], 1), (less[1], -1)):
        moves = re.findall(r"([A-Z]{3}) ([-+]\d\.\d\d) ±", listed)
        assert moves
        for code, change in moves:
            assert float(change) == pytest.approx(step["states"][code]["difference"], abs=0.006)
            assert float(change) * sign > 0
    assert [code for code, _ in re.findall(r"([A-Z]{3}) ([-+])", deeper[1])] == ["EST"]
    assert "GBR" in less[1]
    numbers = re.search(r"states, troops (\S+) (\S+) (\S+) ±", text)
    assert numbers is not None
    troops = step["outcomes"]["troop_states"]
    assert list(map(float, numbers.groups())) == pytest.approx(
        [troops["from"], troops["to"], troops["difference"]], abs=0.06
    )
    runs = [json.loads(willing("run", f"{name}.yaml", "--replicates", 60, "--json").out) for name in ("own", "other")]
    for name, measured in step["outcomes"].items():
        for end, run in zip(("from", "to"), runs, strict=True):
            assert measured[end] == run["outcomes"][name]["mean"], (name, end)
    for code, shares in step["states"].items():
        for end, run in zip(("from", "to"), runs, strict=True):
            for option, share in shares[end].items():
                assert share == pytest.approx(run["states"][code][option])


def test_pivots_prints_the_effects_of_being_in_before_those_of_being_out(willing: Willing) -> None:
    quick = ("pivots", "paris-march-2025", "--replicates", 20, "--set", "rounds=8", "--workers", 1)
    text, answer = both(willing, *quick, "--state", "DEU", "--state", "GBR")
    for row in answer["states"]:
        found = re.search(rf"{row['state']} {row['offer']:,} (\S+) ((?:\S+ ?)*?)\d\.\d{{4}} \d\.\d{{4}}", text)
        assert found is not None, text
        assert found[1] == percent(row["joins"])
        means = [float(number) for number in re.findall(r"(?:^| )([-+]?\d+(?:\.\d+)?)(?= )", found[2])]
        wanted = [
            scale * row[way][effect]["mean"]
            for way in ("in", "out")
            for effect, scale in (("others", 1), ("viable", 100), ("peace", 100))
        ]
        assert means == pytest.approx([*wanted, row["swing"]["others"]["mean"]], abs=0.06)
    inside, outside = ([row[way]["others"]["mean"] for row in answer["states"]] for way in ("in", "out"))
    assert max(inside) > 0 > min(outside)


@pytest.mark.parametrize(("constant", "logit"), [(-0.35, "worse"), (6, "better")])  # at 6 all states would go
def test_hindcast_prints_which_forecasts_score_better_or_worse_than_the_model(
    willing: Willing, constant: float, logit: str
) -> None:
    quick = ("--replicates", 20, "--set", "rounds=5", "--workers", 1, "--set", f"weights.constant={constant}")
    text, answer = both(willing, "hindcast", *quick)
    verdicts = re.findall(r"(Brier score[^:]*?) (worse|better) than the model's by (\d\.\d{3})", text)
    scores = answer["scores"]["all"]
    names = ("multinomial_logit", "binary_logit", "last_kept", "majority", "model_alone")
    assert len(verdicts) == len(names)
    for name, (score, verdict, by) in zip(names, verdicts, strict=True):
        worse = scores[name]["worse_brier" if score == "Brier score" else "worse_brier_deepest"]
        assert verdict == ("worse" if worse > 0 else "better"), name
        assert float(by) == pytest.approx(abs(worse), abs=6e-4)
    assert verdicts[0][1] == logit


def test_explain_lists_the_reasons_in_favour_of_the_stance_before_those_against_it(willing: Willing) -> None:
    text, answer = both(willing, "explain", "base", "POL")
    found = re.search(r"(\w+) rather than (\w+): (.*?); against it (.*?); in total ([-+][\d.]+)\.", text)
    assert found is not None
    stance, other = ("abstain" if found[n].lower() == "abstaining" else found[n].lower() for n in (1, 2))
    options = answer["options"]
    differences = {
        consideration_name(name): options[stance]["considerations"][name] - options[other]["considerations"][name]
        for name in options[stance]["considerations"]
    }
    for part, sign in ((found[3], 1), (found[4], -1)):
        named = re.findall(r"([a-zA-Z ]+?) ([-+]\d\.\d\d)", part)
        assert named
        for name, by in named:
            assert float(by) == pytest.approx(differences[name.strip()], abs=0.006)
            assert float(by) * sign > 0
    assert float(found[5]) == pytest.approx(options[stance]["value"] - options[other]["value"], abs=0.006)
    met, values = answer["if_conditions_were_met"], {name: each["value"] for name, each in options.items()}
    for heading, of in (("Utility and probability", values), ("If the conditions were met", met["values"])):
        found = re.search(rf"{heading}: (.*?)\)(?= [A-Z]| contribution)", text)
        assert found is not None
        numbers = dict(re.findall(r"(\w+) (-?[\d.]+|[-+][\d.]+) \(", found[1]))
        assert {name: float(number) for name, number in numbers.items()} == pytest.approx(of, abs=0.006)
    assert values != met["values"]


@pytest.mark.parametrize("target", ["viable>=0.5", "troop_states>=9"])
def test_what_it_takes_comes_with_its_interval_from_the_lower_to_the_upper_end(willing: Willing, target: str) -> None:
    quick = ("thresholds", "base", "--replicates", 40, "--set", "rounds=8", "--workers", 1, "--no-states")
    text, answer = both(willing, *quick, "--target", target, "--levers", "ask,us_backing", "--no-pairs")
    tried = 0
    for lever in answer["levers"]:
        found = re.search(rf"{lever['lever']} [\d.,]+ ([\d.,]+) ([\d.,]+) to ([\d.,]+) ", text)
        if lever["answer"] is None or lever["farthest_end"] is None:
            continue
        assert found is not None, text
        answer_, low, high = (float(number.replace(",", "")) for number in found.groups())
        assert answer_ == pytest.approx(lever["answer"], rel=1e-3)
        assert [low, high] == pytest.approx(sorted([lever["nearest_end"], lever["farthest_end"]]), rel=1e-3)
        assert low < high
        tried += 1
    assert tried
