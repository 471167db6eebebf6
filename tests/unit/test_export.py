"""A scenario with some settings changed can be written as a file that extends it, with the same meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario import digest, load_scenario
from sim.scenario.export import extending

PARIS = "paris-march-2025"
FULL = (
    "{label: Two words, rung: 4, ask: 100, share: 0.01, home_tie_counts: 1, deters: 1, punishes: 0, provokes: 0, "
    "peer_norm: 0.3, raises: {solidarity: 0.5, hub: -1e-5}}"
)
LOGIT = "{process: logit_ar1, level: 0.6, persistence: 0.5, volatility: 0.1}"
RAMP = "{process: ramp, start_value: 0.1, end_value: 1, end_round: 9}"

CASES: list[tuple[str, list[str]]] = [
    (PARIS, []),
    (PARIS, ["environment.us_backing=0.6"]),
    (PARIS, ["environment.us_backing.level=0.6"]),
    (PARIS, ["menu.troops.ask=40000"]),
    (PARIS, ["weights.cost=-20", "weights.cost=-2.5e-3", "weights.seat=null", "menu.troops.raises.seat=null"]),
    (PARIS, ["roster.leave_out=[HUN]", "roster.leave_out=[HUN, NOR]", "leads=[POL]"]),
    (PARIS, ["sharpness=.inf", "rounds=52"]),
    (PARIS, ["start=2025-06-01", "proposal.redimensions=false", "momentum.formats=[EU, NATO]"]),
    # a quantity that is given anew, and then in part
    (PARIS, ["environment.us_backing=0.6", f"environment.us_backing={LOGIT}", "environment.us_backing.level=0.7"]),
    (PARIS, [f"environment.us_backing={LOGIT}", "environment.us_backing=0.6"]),
    (PARIS, ["environment.us_backing=0.6", "environment.us_backing={value: 0.5}"]),
    (PARIS, ["environment.us_backing.level=0.4", f"environment.us_backing={RAMP}"]),
    (PARIS, [f"environment.mandate={RAMP}", "environment.mandate.start_round=3"]),
    (PARIS, ["environment.us_backing.process=constant", "environment.us_backing.value=0.3"]),
    ("us-opposes", ["environment.us_backing.value=0.2"]),
    ("replay-2025", ["environment.us_backing.values.2025-06-01=0.5", "environment.us_backing.between=linear"]),
    # options, stances and states that come and go
    (PARIS, ["menu.backstop=null", "weights.hub=0"]),
    (PARIS, ["menu.troops=null", "proposal.headline=backstop", "menu.backstop.raises.hub=null"]),
    (PARIS, ["menu.troops.share=0.1", "menu.troops=null", f"menu.troops={FULL}", "menu.troops.ask=7"]),
    (PARIS, [f"menu.escort={FULL}", "menu.escort=null"]),
    (PARIS, [f"menu.escort={FULL}", "menu.escort.raises.hub=null", "proposal.headline=escort"]),
    (PARIS, ["opening={GBR: troops}", "opening.FRA=backstop"]),
    (PARIS, ["opening=troops", "opening={}"]),
    (PARIS, ["opening={GBR: troops}", "opening=troops"]),
    (PARIS, ["states.POL.facts.land_forces=90000", "states.POL.facts.aid_pct_gdp=2", "states.NOR.name='1_000'"]),
    (PARIS, ["states.POL.feels.opinion=-1", "states.POL=null"]),
    (PARIS, ["states.POL={}", "weights={}"]),
    # words
    (PARIS, ["name=mine", "sources=['Said: by me', '2025-01-01', no]", "question=Which?", "about=Nothing"]),
]


def kept(folder: Path, text: str) -> Path:
    path = folder / "kept.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("base", "changes"), CASES, ids=lambda value: "; ".join(value) if isinstance(value, list) else value
)
def test_the_file_has_the_meaning_of_the_settings(base: str, changes: list[str], tmp_path: Path) -> None:
    text = extending(base, changes, question="What if?", about="For a test.")
    assert text.startswith(f"extends: {base}\nquestion: What if?\n")
    found, meant = load_scenario(kept(tmp_path, text)), load_scenario(base, changes)
    assert digest(found) == digest(meant)
    assert (found.question, found.about) == ("What if?", "For a test.")


@pytest.mark.parametrize("base", ["base", "replay-2025", "security-buffet"])
def test_a_shipped_scenario_can_be_extended(base: str, tmp_path: Path) -> None:
    changes = ["environment.us_backing=0.6", "menu.guarantee.ask=40000"]
    text = extending(base, changes, question="And now?")
    assert digest(load_scenario(kept(tmp_path, text))) == digest(load_scenario(base, changes))


def test_the_file_reads_as_written_by_hand() -> None:
    about = (
        "A paragraph that is longer than a line of a hundred and twenty characters and therefore goes on in the next "
        "one, as they do in the scenarios that come with the program."
    )
    changes = ["weights.cost=-20", "menu.troops.ask=30000", "rounds=30", "roster.leave_out=[HUN, NOR]"]
    changes += [f"environment.us_backing={LOGIT}", "menu.troops.ask=40000", "menu.backstop.raises.hub=null"]
    assert extending(PARIS, changes, question="Who stays?", about=about) == (
        f"""extends: {PARIS}
question: Who stays?
about: >-
  A paragraph that is longer than a line of a hundred and twenty characters and therefore goes on in the next one, as
  they do in the scenarios that come with the program.

roster:
  leave_out: [HUN, NOR]
rounds: 30
menu:
  troops:
    ask: 40000
  backstop:
    raises:
      hub: null
weights:
  cost: -20
environment:
  us_backing:
    process: logit_ar1
    level: 0.6
    persistence: 0.5
    volatility: 0.1
"""
    )


def test_a_setting_with_the_value_of_the_base_is_written_too() -> None:
    assert "\nrevision: 0.25\n" in extending(PARIS, ["revision=0.25"], question="Why?")


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
ODD = "a: b # c\n- 'd' \"e\" {f} \\ \x00\t\x85\u2028\ufeff 🇺🇦 "


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    question=words,
    about=st.one_of(
        words, st.lists(st.sampled_from(["word", "#", "-", ":", "é", "x" * 130]), min_size=20).map(" ".join)
    ),
)
@example(question=ODD, about=ODD)
@example(question=" leading", about="two  spaces " + "and more " * 20)
@example(question="? what", about=load_scenario(PARIS).about)
@example(question="1_000", about="one\n\ntwo\n" * 20)
@example(question="null", about="0x1F")
@example(question="NO", about="2025-01-01")
@example(question="~", about="1e5\n")
@example(question="q " * 900, about="---")
def test_any_question_survives(question: str, about: str, tmp_path: Path) -> None:
    found = load_scenario(kept(tmp_path, extending(PARIS, ["rounds=9"], question=question, about=about)))
    assert (found.question, found.about, found.rounds) == (question, about, 9)


def test_a_file_of_ones_own_is_extended_from_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: Mine?\nrounds: 7\n")
    text = extending(str(tmp_path / "mine.yaml"), ["revision=0.5"], question="Next?")
    assert text == "extends: mine\nquestion: Next?\n\nrevision: 0.5\n"
    found = load_scenario(kept(tmp_path, text))
    assert (found.rounds, found.revision) == (7, 0.5)


# What is refused


@pytest.mark.parametrize(
    ("base", "changes", "said"),
    [
        ("nowhere", [], "nowhere"),
        (PARIS, ["menu.troops.aks=3"], "did you mean 'ask'?"),
        (PARIS, ["rounds"], "give it as path=value"),
        (PARIS, ["menu.escort=null"], "nothing to remove"),
        (PARIS, ["environment.us_backing=0.6", "environment.us_backing.level=0.6"], "environment.us_backing"),
    ],
)
def test_settings_without_meaning_are_refused(base: str, changes: list[str], said: str) -> None:
    with pytest.raises(ScenarioError, match=said.replace("?", r"\?")):
        extending(base, changes, question="What?")


def test_a_question_is_needed() -> None:
    with pytest.raises(ScenarioError, match=f"{PARIS}: question: is missing; give the question of the new scenario"):
        extending(PARIS, [], question="")


def test_a_base_that_a_file_cannot_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my own.yaml").write_text("extends: base\nquestion: Mine?\n")
    with pytest.raises(ScenarioError, match=r"a file cannot extend it; give it a plain name that ends in \.yaml"):
        extending(str(tmp_path / "my own.yaml"), [], question="Next?")


def test_entries_that_a_file_cannot_remove_are_refused(tmp_path: Path) -> None:
    own = "extends: base\nquestion: Mine?\nstates: {POL: {facts: {land_forces: 5}}}\n"
    (tmp_path / "mine.yaml").write_text(own)
    changes = ["states.POL=null", "states.POL.name=Poland"]
    load_scenario(tmp_path / "mine.yaml", changes)
    with pytest.raises(ScenarioError, match="cannot remove; write a whole scenario"):
        extending(str(tmp_path / "mine.yaml"), changes, question="Next?")
