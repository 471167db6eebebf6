"""Another host, another opponent, or none: inherited settings and their consequences, calculated by hand."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from sim import facts, tabulate
from sim.analysis.explain import explain_start
from sim.analysis.lever import read_levers
from sim.analysis.positions import SHIPPED, read_positions, record
from sim.analysis.requested_state import requested_state
from sim.cli.check import check
from sim.cli.list import list_
from sim.errors import FactsError, ModelError, ScenarioError
from sim.experiment import load_experiment
from sim.model.coalition import CoalitionModel
from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.plots import FIGURES
from sim.plots.explanation import considerations_by_option
from sim.report.page import fact_sources
from sim.results.outcomes import numeric_outcomes
from sim.scenario import Scenario, digest, load_scenario, to_yaml
from sim.scenario.base_values import kept_of_the_standing_case
from sim.scenario.differences import differences
from sim.scenario.export import extending
from sim.scenario.load import load_and_warn, with_settings
from sim.scenario.parameters import parameters
from sim.scenario.parties import IDLE_WITHOUT_OPPONENT
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import setting_name
from sim.text.words import with_parties
from sim.ui.controls import groups
from tests.figures import texts

TWO_STATES = """\
extends: base
question: Who would go to Abcland?
host: ABC
opponent: XYZ
states:
  ABC: {name: Abcland}
  XYZ: {name: Xyzland, facts: {lat: 0, lon: 0}}
  AAA:
    name: First
    facts: {lat: 0, lon: 9, defence_budget_busd: 40, active_personnel: 100000, land_forces: 50000, troops_abroad: 0,
            gdp_busd: 1000, debt_pct_gdp: 60, peacekeeping_support_pct: 50, parliament_veto: 0, non_aligned: 0}
  BBB:
    name: Second
    facts: {lat: 0, lon: -3.6, defence_budget_busd: 8, active_personnel: 20000, land_forces: 10000, troops_abroad: 0,
            gdp_busd: 1000, debt_pct_gdp: 60, peacekeeping_support_pct: 50, parliament_veto: 0, non_aligned: 0}
roster: {states: [AAA, BBB]}
leads: [BBB]
relations:
  border_host: {AAA: 1, others: 0}
  border_opponent: {BBB: 1, others: 0}
  aid_pct_gdp: 0
  opponent_alignment: {BBB: 0.25, others: 0}
geography: {far: 401, fading: 600, border_share: 0.5, host_border: 0.5, home_tie_base: 0.15, home_tie_front: 0.55}
momentum: {formats: everyone}
"""


@pytest.fixture
def two(tmp_path: Path):
    path = tmp_path / "abcland.yaml"
    path.write_text(TWO_STATES, encoding="utf-8")
    return lambda *settings: load_scenario(path, settings)


def test_exposure_and_offers_in_an_invented_case_are_those_of_a_calculation_by_hand(two):
    """On the equator a degree is 2 pi * 6371.0088 / 360 = 111.195 km: 9 degrees are 1001 km, 3.6 are 400 km.

    First: closeness exp(-(1001 - 401) / 600) = 0.36788; its border with the host counts 0.5, so its front is
    0.5 * 0.36788 + 0.5 * 0.5 = 0.43394 and 0.15 + 0.55 * 0.43394 = 0.38867 of its force stay at home. Its budget of
    400,000 USD a soldier sustains all 50,000; troops take 0.04 * 50,000 * (1 - 0.38867) = 1222.7 soldiers.
    Second: nearer than 401 km and on the border, so its front is 1 and 0.7 stay at home; as a lead it offers twice
    0.04 * 10,000 * 0.3 = 120, which is 240.
    """
    setup = prepare(two())
    assert [state.dist_moscow_km for state in setup.states] == [1001, 400]
    front = 0.5 * math.exp(-1) + 0.25
    assert setup.characteristics.front == pytest.approx([front, 1.0])
    assert setup.characteristics.home_tie == pytest.approx([0.15 + 0.55 * front, 0.7])
    assert setup.offers[:, setup.menu.index("troops")].tolist() == [1223, 240]


def test_sensitivities_in_an_invented_case_follow_its_relations(two):
    """Troops: escalation is felt 0.45 + 0.5 * front + 0.15 for the border with the host; the hub is not raised.

    Security with aid 0: 0.25 + 0.55 * front, for Second times 1 - 0.8 * 0.25 = 0.8.
    """
    setup = prepare(two())
    troops = setup.menu.index("troops")
    front = 0.5 * math.exp(-1) + 0.25
    felt = {name: setup.felt[:, troops, place] for place, name in enumerate(setup.considerations)}
    assert felt["escalation"] == pytest.approx([0.45 + 0.5 * front + 0.15, 0.95])
    assert felt["security"] == pytest.approx([0.25 + 0.55 * front, 0.8 * 0.8])
    assert felt["moscow_alignment"] == pytest.approx([0.0, 0.25])
    assert felt["solidarity"] == pytest.approx([0.0, 0.0])


def test_labels_name_the_host(two):
    assert two().menu["troops"].label == "Troops in Abcland"
    there = "relations={border_host: {others: 0}, aid_pct_gdp: 0}"
    assert two("host=NZL", "states.ABC=null", there).menu["troops"].label == "Troops in New Zealand"
    assert load_scenario("base").menu["troops"].label == "Troops in Ukraine"


def test_labels_follow_the_host_of_a_scenario_that_was_loaded_before():
    relations = "relations={border_host: 0, aid_pct_gdp: 0}"
    for name, option, label in (
        ("base", "troops", "Troops in Kosovo"),
        ("security-buffet", "equipment", "Equipment for Kosovo's army"),
    ):
        assert with_settings(load_scenario(name), ["host=XKX", relations]).menu[option].label == label
        assert load_scenario(name, ["host=XKX", relations]).menu[option].label == label
    kept = with_settings(load_scenario("base"), ["host=XKX", relations, "menu.troops.label=Boots"])
    assert kept.menu["troops"].label == "Boots"


def test_others_of_a_relation_can_be_written_as_a_file_that_extends(two, tmp_path, monkeypatch):
    two()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "more.yaml").write_text(
        extending("abcland.yaml", ["relations.border_host.others=1"], question="?"), "utf-8"
    )
    assert load_scenario("more.yaml").relations["border_host"] == {"others": 1.0}


def test_a_case_of_ones_own_survives_being_written_out(two, tmp_path):
    for number, settings in enumerate(((), ("opponent=none",))):
        scenario = two(*settings)
        path = tmp_path / f"out{number}.yaml"
        path.write_text(to_yaml(scenario), encoding="utf-8")
        assert load_scenario(path) == scenario
        assert digest(load_scenario(path)) == digest(scenario)


def test_relations_are_part_of_the_digest_and_none_leave_it_as_it_was(two):
    assert digest(two()) != digest(two("relations.aid_pct_gdp=0.1"))
    assert digest(load_scenario("base", ["relations={}"])) == digest(load_scenario("base"))


KOSOVO = ("host=XKX", "states.XKX={name: Kosovo, facts: {lat: 42.67, lon: 21.17}}")


def test_the_table_s_relations_are_never_taken_over_for_another_host():
    with pytest.raises(FactsError) as refused:
        prepare(load_scenario("base", KOSOVO))
    said = str(refused.value)
    assert "border_host (land border with Kosovo, 0 or 1) of all 38 states" in said
    assert "aid_pct_gdp (prior aid to Kosovo, % of GDP) of all 38 states" in said
    assert "opponent" not in said
    assert "relations: {border_host: {GBR: 0, others: 0}, aid_pct_gdp: {GBR: 0, others: 0}}" in said


def test_every_state_keeps_its_own_figures_and_gets_its_relations():
    given = "relations={border_host: {ALB: 1, others: 0}, aid_pct_gdp: {ALB: 0.3, others: 0}}"
    setup = prepare(load_scenario("base", [*KOSOVO, given]))
    table = facts.states()
    ours = {state.code: state for state in setup.states}
    assert (ours["ALB"].border_ukraine, ours["ALB"].aid_pct_gdp, ours["ALB"].dist_kyiv_km) == (1, 0.3, None)
    assert (ours["POL"].border_ukraine, ours["POL"].aid_pct_gdp) == (0, 0)
    kept = set(facts.FIGURES) - set(facts.columns_about("host"))
    assert all(getattr(ours[code], name) == getattr(table[code], name) for code in ours for name in kept)


def test_distances_to_another_opponent_are_those_between_the_capitals():
    """Vienna and Belgrade, 48.2 N 16.3667 E and 44.8333 N 20.5 E, lie 490 km apart by the haversine formula."""
    given = "relations={border_opponent: {HUN: 1, others: 0}, opponent_alignment: 0}"
    setup = prepare(load_scenario("base", ["opponent=SRB", given]))
    distances = {state.code: state.dist_moscow_km for state in setup.states}
    assert distances["AUT"] == pytest.approx(490, abs=2)
    assert all(state.russian_gas_pct is None for state in setup.states)


def test_distances_between_capitals_are_computed_as_those_of_the_table():
    table = facts.states()
    apart = [(facts.distance_km(state, table["RUS"]), state.dist_moscow_km) for state in table.values()]
    assert max(abs(ours - theirs) for ours, theirs in apart if ours is not None and theirs is not None) <= 1


def test_a_figure_of_a_state_counts_before_a_relation_for_all(two):
    assert prepare(two("states.AAA.facts.aid_pct_gdp=2")).states[0].aid_pct_gdp == 2


def test_a_relation_may_also_replace_a_column_of_the_standing_case():
    before, after = (prepare(load_scenario("base", each)) for each in ([], ["relations.border_host={PRT: 1}"]))
    changed = {a.code for a, b in zip(before.states, after.states, strict=True) if a != b}
    assert changed == {"PRT"}


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ("host=MDA", "relations.border_host.AAA: was given for ABC as host, but the host is now MDA; give it for MDA"),
        ("opponent=RUS", "relations.border_opponent.BBB: was given for XYZ as opponent, but the opponent is now RUS"),
    ],
)
def test_a_relation_to_one_host_or_opponent_is_never_taken_for_one_to_another(two, settings, refused):
    with pytest.raises(ScenarioError, match=re.escape(refused)):
        two(settings)


def test_a_figure_about_the_standing_host_is_never_taken_for_one_about_another(tmp_path):
    facts_of_poland = "{border_ukraine: 1, land_forces: 9}"
    (tmp_path / "mine.yaml").write_text(
        f"extends: base\nquestion: Mine?\nstates: {{POL: {{facts: {facts_of_poland}}}}}\n", "utf-8"
    )
    with pytest.raises(ScenarioError, match="was given for UKR as host, but the host is now XKX") as refused:
        load_scenario(tmp_path / "mine.yaml", KOSOVO)
    assert [mistake.path for mistake in refused.value.mistakes] == ["states.POL.facts.border_ukraine"]


def test_relations_given_again_with_others_replace_those_to_the_host_before(two, tmp_path):
    relations = "relations: {border_host: {BBB: 1, others: 0}, aid_pct_gdp: 0.3}"
    (tmp_path / "next.yaml").write_text(f"extends: abcland\nquestion: Next?\nhost: MDA\n{relations}\n", "utf-8")
    setup = prepare(load_scenario(tmp_path / "next.yaml"))
    assert [(state.border_ukraine, state.aid_pct_gdp) for state in setup.states] == [(0, 0.3), (1, 0.3)]


def test_a_relation_without_others_is_added_to(two):
    assert prepare(two("relations.border_host.BBB=1")).characteristics.borders_host.tolist() == [1, 1]


# no opponent


def test_without_an_opponent_nothing_is_feared_deterred_or_refused():
    """home_tie is geography.home_tie_base, 0.15, for all; France offers 2 * 0.04 * its deployable force * 0.85.

    Its budget of 64.675e9 USD for 200,000 soldiers sustains them all (323,375 a head), so of its 120,000 land forces
    2 * 0.04 * 120,000 * 0.85 = 8160 go.
    """
    setup = prepare(load_scenario("paris-march-2025", ["opponent=none"]))
    assert not setup.characteristics.front.any()
    assert not setup.characteristics.moscow_alignment.any()
    assert set(setup.characteristics.home_tie.tolist()) == {0.15}
    assert setup.offers[setup.codes.index("FRA"), setup.menu.index("troops")] == 8160
    model = CoalitionModel(setup, rng=3)
    for _ in range(10):
        model.step()
    state = model.states[0]
    terms = state.terms(model.outlook, state.stance)
    for name in ("escalation", "moscow_alignment", "security"):
        assert not terms[:, setup.considerations.index(name)].any(), name
    assert model.environment[1] == 0.0
    assert model.outlook.deterrence == 0.0


def test_both_ways_of_writing_that_there_is_no_opponent_mean_the_same():
    one, other = (load_scenario("base", [f"opponent={word}"]) for word in ("none", "null"))
    assert one == other
    assert one.opponent is None


def test_a_setting_that_only_an_opponent_makes_count_is_refused_without_one():
    with pytest.raises(ScenarioError, match=r"environment\.russian_opposition: has no effect: there is no opponent"):
        load_scenario("base", ["opponent=none", "environment.russian_opposition=0.5"])


def test_a_setup_of_one_host_is_not_taken_over_for_another(two):
    """What follows from relations is made again when only they, or the opponent, differ."""
    base = prepare(two())
    others = "relations={border_opponent: {others: 0}, opponent_alignment: {others: 0.1}}"
    for settings in (
        ["relations.border_host.AAA=0"],
        ["states.XYZ.facts.lon=1"],
        ["opponent=SRB", others],
        ["opponent=none"],
    ):
        new = two(*settings)
        shared, alone = prepare(new, like=base), prepare(new)
        assert np.array_equal(shared.offers, alone.offers)
        assert np.array_equal(shared.stakes, alone.stakes)


# names


STANDING = re.compile(r"Ukrain|Russia|Moscow|Kyiv")


def written(fig: Figure) -> str:
    return "\n".join(text.get_text() for text in texts(fig))


def drawn(scenario: Scenario) -> dict[str, str]:
    """Return what is written in every figure of a short run of the scenario, in small."""
    setup = prepare(scenario)
    tables = tabulate(setup, simulate(setup, replicates=range(3), seed=1))
    found = {name: written(figure(tables, scenario, seed=1)) for name, figure in FIGURES.items()}
    explained = explain_start(setup, "BBB")
    return found | {
        "explanation": written(considerations_by_option(explained)),
        "situation": explained.situation,
    }


def test_every_figure_names_the_scenario_s_own_host_and_opponent(two):
    said = drawn(two("rounds=4"))
    assert {name: found for name, text in said.items() if (found := STANDING.findall(text))} == {}
    assert "Troops in Abcland" in said["map"]
    assert "host: Abcland, beyond" in said["map"]
    assert "opponent: Xyzland," in said["map"]
    assert "Xyzland's opposition" in said["environment"]
    assert "Xyzland's opposition 1.00" in said["situation"]
    assert "Closeness to Xyzland" in said["explanation"]


def test_without_an_opponent_no_figure_mentions_one(two):
    said = drawn(two("rounds=4", "opponent=none"))
    assert {name: found for name, text in said.items() if (found := re.findall("(?i)russia|oppos|deter", text))} == {}


def test_the_standing_case_is_written_as_ever():
    base = load_scenario("base")
    texts_ = ("Russian opposition at the end", "Moscow's reaction to troops", "closeness to Moscow", "for Ukraine")
    assert tuple(with_parties(text, base) for text in texts_) == texts_


@pytest.mark.parametrize(
    ("text", "of_another", "of_none"),
    [
        ("the delay by Russian opposition", "the delay by the Netherlands's opposition", "the delay by opposition"),
        ("Moscow's refusal of {}", "the Netherlands's refusal of {}", "the opponent's refusal of {}"),
        ("ending up in a fight with Russia", "ending up in a fight with the Netherlands",
         "ending up in a fight with the opponent"),
        ("how much of a Russian border one counts", "how much of a border with the Netherlands one counts",
         "how much of a border with the opponent one counts"),
        ("soldiers for Ukraine", "soldiers for Kosovo", "soldiers for Kosovo"),
    ],
)  # fmt: skip
def test_texts_of_the_program_name_the_case(text, of_another, of_none):
    another, none = (
        load_scenario("base", ["host=XKX", f"opponent={code}", "roster.leave_out=[NLD]"]) for code in ("NLD", "none")
    )
    assert with_parties(text, another) == of_another
    assert with_parties(text, none) == of_none


def test_no_setting_of_another_case_is_named_after_the_default_one(two):
    scenario = two()
    names = {each.path: setting_name(each.path, scenario, unit=each.unit).phrase for each in parameters(scenario)}
    names |= {name: outcome_text(name, scenario).phrase for name in numeric_outcomes(scenario.option_names)}
    assert {path: name for path, name in names.items() if STANDING.search(name)} == {}
    assert names["couplings.russian_reaction"] == "Xyzland's reaction to troops"


def test_every_list_of_another_case_is_about_that_case(two, tmp_path):
    path = tmp_path / "abcland.yaml"
    for kind in ("states", "options", "considerations", "outcomes", "parameters"):
        answer = CliRunner().invoke(list_, [kind, "--scenario", str(path), "--json"])
        assert answer.exit_code == 0, answer.output
        assert STANDING.findall(answer.output) == [], kind


def test_odd_characters_in_a_name_are_shown_as_they_are(two):
    said = drawn(two("rounds=2", r"states.ABC.name='A$x$ {host} \b_1%'"))
    assert r"A$x$ {host} \b_1%" in said["map"].replace("\n", " ")


# what is said of the standing case


def test_numbers_of_the_standing_case_that_are_kept_are_named(two):
    kept = kept_of_the_standing_case(two())
    assert kept is not None
    assert kept.startswith(
        "from the case of Ukraine and Russia: deterrence.host_soldiers 450,000; environment.battlefield 0.6;"
    )
    assert "peacekeeping_support_pct, which was polled for Ukraine" in kept
    own = two(
        "deterrence.host_soldiers=5000", "environment.battlefield=0.5", "weights.opinion=0", "menu.troops.ask=1000"
    )
    now = kept_of_the_standing_case(own)
    assert now is not None
    assert "host_soldiers" not in now
    assert "polled" not in now
    assert kept_of_the_standing_case(load_scenario("paris-march-2025")) is None


def test_check_names_the_default_numbers_that_are_kept(two, tmp_path):
    answer = CliRunner().invoke(check, [str(tmp_path / "abcland.yaml")])
    assert answer.exit_code == 0
    good, kept = answer.stdout.splitlines()
    assert ": valid (digest " in good
    assert ": unchanged from the case of Ukraine and Russia: " in kept


def test_the_shipped_positions_are_not_compared_with_another_host(two):
    given = "relations={border_host: 0, aid_pct_gdp: 0}"
    setup = prepare(load_scenario("base", [*KOSOVO, given]))
    with pytest.raises(ModelError, match="are about a force for Ukraine, and the host is Kosovo"):
        record(read_positions(SHIPPED, setup), setup, source=SHIPPED)


def test_host_and_opponent_are_known_by_the_names_that_a_scenario_gives(two):
    setup = prepare(two())
    for word, why in (("Abcland", "ABC (Abcland) is the host"), ("xyz", "XYZ (Xyzland) is the opponent")):
        with pytest.raises(ModelError, match=re.escape(f"{why} and is not asked")):
            requested_state(setup, word)


# with and without an opponent in other commands


def test_a_lever_that_has_no_effect_without_an_opponent_is_refused(two):
    with pytest.raises(ModelError, match="lever russian_opposition: has no effect: there is no opponent"):
        read_levers(["russian_opposition"], prepare(two("opponent=none")))


def test_the_page_has_no_control_without_effect(two):
    def paths(scenario: Scenario) -> set[str]:
        return {each["path"] for group in groups(scenario, scenario) for each in group["settings"]}

    gone = paths(two()) - paths(two("opponent=none"))
    assert gone == {
        *(f"geography.{name}" for name in ("far", "fading", "border_share", "host_border", "home_tie_front")),
        *(f"deterrence.{name}" for name in ("opponent_soldiers", "decisiveness", "economic_reach")),
        *(f"ceasefire.{name}" for name in ("opposition_slows", "troops_slow")),
        "weights.escalation",
        "weights.security",
        "environment.russian_opposition",
        "couplings.russian_reaction",
        "deterrence.host_soldiers",
        "deterrence.us_soldiers",
        "deterrence.punishment",
        *(f"menu.{option}.{name}" for option in ("guarantee", "backstop", "troops") for name in ("deters", "provokes")),
    }


def test_settings_that_are_idle_without_an_opponent_change_no_number_of_a_run():
    """Every such setting at another value, and as many rounds as it takes for a truce to come and to break."""
    base = ["opponent=none", "rounds=30", "roster.states=[GBR, FRA, POL, ROU]", "revision=1"]
    base += ["ceasefire={truce_hazard: 1, deal_hazard: 1, breakdown_hazard: 1}"]
    other = [f"{path}={0.7 if path.startswith(('geography', 'deterrence')) else -1}" for path in IDLE_WITHOUT_OPPONENT]
    other = [each.replace("=-1", "=5") for each in other]
    other = [each.replace("soldiers=0.7", "soldiers=7").replace("fading=0.7", "fading=7") for each in other]

    def played(settings: list[str]) -> list[object]:
        run = simulate(prepare(load_scenario("base", settings)), replicates=range(2), seed=4)
        return [run.stances.tolist(), run.phase.tolist(), run.environment.tolist(), run.deterrence.tolist()]

    assert played(base) == played([*base, *other])
    phases = played(base)[1]
    assert {0, 1, 2} <= set(np.ravel(phases).tolist())


def test_settings_that_are_idle_without_an_opponent_are_warned_about():
    _, found = load_and_warn("base", ["opponent=none", "deterrence.opponent_soldiers=9", "weights.escalation=-2"])
    said = {warning.path: warning.message for warning in found}
    assert said == dict.fromkeys(
        ("deterrence.opponent_soldiers", "weights.escalation"), "has no effect: there is no opponent"
    )


EXPERIMENT = """\
question: What does the opponent change?
scenario: abcland
replicates: 2
outcomes: [troop_states]
vary:
"""


def test_an_experiment_may_compare_having_an_opponent_with_having_none(two, tmp_path):
    path = tmp_path / "with-and-without.yaml"
    path.write_text(EXPERIMENT + "  opponent: [XYZ, none]\n  deterrence.host_soldiers: [1000, 20000]\n", "utf-8")
    experiment = load_experiment(path)
    points = [
        experiment.scenario_at({"opponent": o, "deterrence.host_soldiers": n})
        for o in ("XYZ", "none")
        for n in (1000, 20000)
    ]
    assert [prepare(point).scenario.deterrence.host_soldiers for point in points] == [1000, 20000, 0, 0]


def test_a_factor_that_has_no_effect_is_refused(two, tmp_path):
    (tmp_path / "alone.yaml").write_text("extends: abcland\nquestion: Alone?\nopponent: none\n", "utf-8")
    path = tmp_path / "nothing.yaml"
    path.write_text(EXPERIMENT.replace("abcland", "alone") + "  deterrence.host_soldiers: [1000, 20000]\n", "utf-8")
    with pytest.raises(ScenarioError, match="has no effect: alone has no opponent"):
        load_experiment(path)


# what differs, and what a report takes from the table


def test_another_opponent_is_one_difference_and_not_all_that_follows_from_it():
    base = load_scenario("base")
    found = differences(load_scenario("base", ["opponent=none"]), base)
    assert [(each.path, each.standing, each.here) for each in found] == [("opponent", "Russia", "none")]
    given = ["host=NZL", "roster.leave_out=[NZL]", "relations={border_host: 0, aid_pct_gdp: {DEU: 1, others: 0}}"]
    found = differences(load_scenario("base", given), base)
    assert {each.path: each.here for each in found} == {
        "host": "New Zealand",
        "roster.leave_out": "NZL",
        "relations.border_host": "0",
        "relations.aid_pct_gdp": "DEU 1, others 0",
    }
    assert "prior aid to New Zealand" in {each.path: each.about for each in found}["relations.aid_pct_gdp"]


def test_a_report_names_no_source_of_a_column_about_the_default_case(two):
    said = " ".join(f"{each.about} {each.source}" for each in fact_sources(two()))
    assert STANDING.findall(said) == []
    assert "military expenditure" in said
