"""Settings that have no effect given the others are warned about, by name and at their lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario import load_scenario, shipped, to_yaml
from sim.scenario.load import load_and_warn
from sim.scenario.scheduled_changes import changed_throughout

BASE = "base"


def warned(*settings: str, name: str | Path = BASE) -> list[tuple[str, str]]:
    return [(warning.path, warning.message) for warning in load_and_warn(name, settings)[1]]


@pytest.mark.parametrize("name", shipped())
def test_every_setting_of_shipped_scenarios_has_an_effect(name: str) -> None:
    assert warned(name=name) == []


# Of base: 52 rounds a week apart from 26 March 2025, so the last one is on 18 March 2026; an ask of 25,000 and a floor
# of 10,000; states revise with probability 0.25, so after 1 / 0.25 = 4 rounds on average.
@pytest.mark.parametrize(
    ("settings", "path", "said"),
    [
        (["opening.POL=troops"], "opening.POL", "on average after 4 rounds, .* write force: {POL: troops}, or --force"),
        (["opening.POL=troops", "revision=1"], "opening.POL", "on average after 1 round, "),
        (["opening.POL=troops", "activation=one_at_a_time"], "opening.POL", "on average after 38 rounds"),
        (["opening.USA=troops"], "opening.USA", "USA is not asked"),
        (["opening.POL=backstop", "force.POL=troops"], "opening.POL", "forced to declare troops from the first round"),
        (["leads=[]"], "leads", "there are no leads, so the proposal is never changed, and no force is ever viable"),
        (["proposal.floor=30000"], "proposal.floor", "the floor of 30,000 soldiers is above the ask .* 25,000"),
        (["menu.troops.ask=9999"], "menu.troops.ask", "the floor of 10,000 soldiers is above the ask .* 9,999"),
        (["menu.guarantee.ask=1"], "menu.guarantee.ask", "asks for 1 soldiers and no state offers any"),
        (["menu.guarantee.deters=2"], "menu.guarantee.deters", "no state offers soldiers to guarantee"),
        (["weights.hub=1", "menu.backstop.raises.hub=0"], "weights.hub", "no option raises hub"),
        (["weights.hub=0", "menu.troops.raises.hub=1"], "menu.troops.raises.hub", "the weight of hub is 0"),
        (["weights.hub=0", "states.POL.feels.hub=1"], "states.POL.feels.hub", "the weight of hub is 0"),
        (["states.USA.name=America"], "states.USA", "USA is not asked"),
        (
            ["environment.mandate={process: schedule, values: {2025-01-01: 0, 2026-03-18: 0.3, 2026-03-19: 1}}"],
            "environment.mandate.values.2026-03-19",
            "after the last round, 2026-03-18$",
        ),
        (
            ["environment.mandate={process: ramp, start_value: 0, end_value: 1, start_round: 52, end_round: 60}"],
            "environment.mandate.start_round",
            "begins to change in round 52, and the run has 52 rounds; it stays at 0",
        ),
        (
            ["environment.mandate={process: logit_ar1, level: 0.3, persistence: 0.9, volatility: 0}"],
            "environment.mandate.volatility",
            "never changes",
        ),
        (
            ["environment.mandate={process: logit_ar1, level: 0.3, persistence: 0, volatility: 1, jump_chance: 0.5}"],
            "environment.mandate.jump_chance",
            "jump_size is 0",
        ),
        (["proposal.redimensions=false", "proposal.cut=0.3"], "proposal.cut", "proposal.redimensions is false"),
        (["deterrence.punishment=0", "menu.troops.punishes=0.5"], "menu.troops.punishes", "deterrence.punishment is 0"),
        (["couplings.us_response=0", "couplings.solid_offer=2"], "couplings.solid_offer", "us_response is 0"),
        (["menu.troops.provokes=0", "couplings.russian_reaction=0.4"], "couplings.russian_reaction", "provokes"),
        (["weights.momentum=0", "momentum.lead_factor=3"], "momentum.lead_factor", "the weight of momentum is 0"),
        (["menu.troops.ask=0", "belief.floor=0.1"], "belief.floor", "no option has an ask"),
        (["sharpness=.inf", "turnover=0.2"], "turnover", "there are no taste shocks"),
        (["activation=one_at_a_time", "revision=0.5"], "revision", "one state a round revises"),
        (["revision=0", "turnover=0.2"], "turnover", "no state ever revises"),
        (["ceasefire.sincere_chance=1", "ceasefire.breakdown_hazard=1"], "ceasefire.breakdown_hazard", "chance is 1"),
        (["ceasefire.truce_hazard=0", "ceasefire.deal_hazard=1"], "ceasefire.deal_hazard", "no truce ever begins"),
        (["force.POL={option: troops, from: 2026-03-19}"], "force.POL", "no round falls between its dates"),
        (
            ["force.POL={option: troops, from: 2025-05-01, until: 2025-05-06}"],
            "force.POL",
            "no round falls between its dates",
        ),
        (
            ["2026-03-19 sharpness=3"],
            "changes",
            "no round falls between its dates; the rounds run from 2025-03-26 to 2026-03-18",
        ),
        (["2025-01-01 sharpness=3"], "changes.at", "before the first round, 2025-03-26; it applies from the start"),
        (["2025-06-01 sharpness=2.4"], "changes", "its settings are the same without it"),
    ],
)
def test_settings_without_effect_are_warned_about_by_name(settings: list[str], path: str, said: str) -> None:
    ((where, message),) = warned(*settings)
    assert where == path

    assert re.search(said, message), message


@pytest.mark.parametrize(
    "settings",
    [
        ["opening=troops"],  # for all: where a society begins is what hysteresis is about
        ["opening.POL=troops", "revision=0.01"],  # that holds longer than the run
        ["opening.POL=troops", "force.POL=troops"],
        ["weights.momentum=0"],  # to leave a consideration out is to say something
        ["proposal.floor=25000"],
        ["environment.mandate={process: schedule, between: linear, values: {2025-01-01: 0, 2026-06-01: 1}}"],
        ["deterrence.punishment=0"],
        ["proposal.redimensions=false"],
        ["sharpness=.inf"],
        ["rounds=5"],
        ["force.POL={option: troops, from: 2026-03-18}"],
        ["2026-03-18 sharpness=3"],
        ["2025-06-01 sharpness=3", "2025-09-01 sharpness=2.4"],  # the second takes the first back
        ["proposal.redimensions=false", "2025-06-01 proposal.redimensions=true", "proposal.cut=0.3"],
    ],
)
def test_settings_with_an_effect_are_not_warned_about(settings: list[str]) -> None:
    assert warned(*settings) == []


def test_only_settings_of_the_scenario_itself_are_reported_and_at_their_lines(tmp_path: Path) -> None:
    parent, child = tmp_path / "parent.yaml", tmp_path / "child.yaml"
    parent.write_text("extends: base\nquestion: What if?\nproposal: {floor: 30000}\n", "utf-8")
    child.write_text("extends: parent\nquestion: And then?\nrevision: 0.3\nopening:\n  POL: troops\n", "utf-8")
    assert [path for path, _ in warned(name=parent)] == ["proposal.floor"]
    (warning,) = load_and_warn(child)[1]
    assert (warning.file, warning.line, warning.path) == (str(child), 5, "opening.POL")


def test_settings_of_a_file_that_a_setting_switches_off_are_not_reported_unless_idle_before(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: base\nquestion: What if?\nproposal: {cut: 0.3}\nopening: {POL: troops}\n", "utf-8")
    assert [path for path, _ in warned("proposal.redimensions=false", name=mine)] == ["opening.POL"]
    assert warned("revision=0", name=mine) == []


def test_a_whole_scenario_may_have_idle_settings(tmp_path: Path) -> None:
    whole = tmp_path / "whole.yaml"
    whole.write_text(to_yaml(load_scenario(BASE, ["weights.momentum=0", "proposal.redimensions=false"])), "utf-8")
    assert warned(name=whole) == []
    assert [path for path, _ in warned("momentum.lead_factor=3", name=whole)] == ["momentum.lead_factor"]


def test_a_forced_stance_or_a_change_that_fewer_rounds_cut_off_is_warned_about(tmp_path: Path) -> None:
    """Five rounds a week apart from 26 March 2025 end on 23 April."""
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: base\nquestion: q\nforce: {POL: {option: troops, from: 2025-05-01}}\n"
        "changes: [{at: 2025-05-01, set: {environment.us_backing: 0.9}}]\n"
    )
    assert warned(name=own) == []
    cut = "has no effect: no round falls between its dates; the rounds run from 2025-03-26 to 2025-04-23"
    assert warned("rounds=5", name=own) == [("force.POL", cut), ("changes", cut)]
    assert warned("rounds=7", name=own) == []  # the last on 7 May


def test_a_value_that_changes_replace_in_every_round_is_warned_about() -> None:
    """Four rounds: 26 March, 2, 9 and 16 April 2025. The first change holds in 1 and 2, the second in 3 and 4."""
    early, late = "2025-03-26..2025-04-09 menu.troops.ask=20000", "2025-04-09 menu.troops.ask=15000"
    own = ["rounds=4", "menu.troops.ask=30000", early]
    never = [("menu.troops.ask", "its value is never used: changes set it in every round")]
    assert warned(*own) == []
    assert warned(*own, "2025-04-16 menu.troops.ask=15000") == []  # 30,000 in round 3
    assert warned(*own, late) == never
    assert warned("rounds=4", early, late) == []  # what is inherited is nobody's mistake
    for path in ("environment.us_backing", "environment.us_backing.level"):
        assert changed_throughout(path, load_scenario(BASE, ["2025-03-26 environment.us_backing=0.9"]))
    assert not changed_throughout("environment.us_backing.volatility", load_scenario(BASE, [*own, late]))
