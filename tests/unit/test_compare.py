"""Runs are paired replicate by replicate: equal runs do not differ at all, and the figure shows what moves."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.transforms import Bbox

from sim import facts
from sim.analysis.compare import Comparison, LabelledRun, compare
from sim.errors import ResultsError
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.plots.comparison import common_styles, maps_side_by_side
from sim.plots.map import europe
from sim.plots.style import COLOURS, INK, tinted
from sim.results.comparison import ComparisonManifest, unique_labels
from sim.results.manifest import Manifest, create_manifest
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.tables import RunTables
from sim.scenario import Scenario, load_scenario
from sim.scenario.schema import ABSTAIN
from tests.figures import bars, marks, strokes, texts

type Stances = Mapping[int, Sequence[str]]  # replicate -> stance of each state asked

THREE = ("GBR", "FRA", "POL")


def scenario_with(*settings: str) -> Scenario:
    return load_scenario("base", ["rounds=3", *settings])


def asking(*codes: str, settings: Sequence[str] = ()) -> Scenario:
    """Return the base with these states; figures that are unknown are those of France."""
    leads = [code for code in scenario_with().leads if code in codes] or codes[:1]
    asked = scenario_with(f"roster.states=[{', '.join(codes)}]", f"leads=[{', '.join(leads)}]", *settings)
    known, france = facts.states(), facts.states()["FRA"]
    lacking = {
        code: [name for name in facts.FIGURES if code not in known or getattr(known[code], name) is None]
        for code in codes
    }
    filled = {code: {"facts": {name: getattr(france, name) for name in names}} for code, names in lacking.items()}
    return Scenario.model_validate(asked.model_dump() | {"states": filled})


def with_options(count: int) -> dict[str, Any]:
    """Return a menu of this many options: first those of the base, then new ones of higher rungs."""
    menu = scenario_with().model_dump()["menu"]
    for number in range(len(menu), count):
        label = f"Option number {number} with a long name"
        menu[f"option_{number}"] = menu["backstop"] | {"label": label, "rung": 4 + number}
    return dict(itertools.islice(menu.items(), count))


THREE_STATES = asking(*THREE)


def run(
    stances: Stances,
    scenario: Scenario = THREE_STATES,
    *,
    label: str = "",
    seed: int = 0,
    settings: Sequence[str] = (),
    **outcomes: Sequence[float],
) -> LabelledRun:
    """Return a run in which all states abstain until the last round, then hold these stances; all outcomes else 0."""
    manifest = create_manifest(
        scenario, reference="own.yaml", settings=settings, seed=seed, replicates=len(stances), engine="agents",
        started="",
    )  # fmt: skip
    codes, options, last = scenario.roster.asked, scenario.option_names, scenario.rounds
    rows = [
        (replicate, number, code, stance if number == last else ABSTAIN, options[-1])
        for replicate, held in stances.items()
        for number in (1, last)
        for code, stance in zip(codes, held, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["replicate", "round", "state", "stance", "conditional"])
    counts = {states_column(option): [list(held).count(option) for held in stances.values()] for option in options[1:]}
    values = dict.fromkeys(numeric_outcomes(options), [0.0] * len(stances)) | counts | outcomes
    tables = RunTables(
        rounds=pd.DataFrame(),
        stances=table.astype({"state": "category", "stance": "category"}),
        outcomes=pd.DataFrame({"replicate": list(stances)} | values),
    )
    return LabelledRun(label=label or scenario.name, run=Run(folder=Path("kept"), manifest=manifest, tables=tables))


def all_alike(*stances: str, replicates: int = 4) -> Stances:
    return dict.fromkeys(range(replicates), stances)


BEFORE = run(
    {
        0: ("troops", "troops", "abstain"),
        1: ("troops", "backstop", "abstain"),
        2: ("troops", "abstain", "backstop"),
        3: ("troops", "abstain", "abstain"),
    },
    label="before",
    deterrence=[0.1, 0.2, 0.3, 0.4],
)
AFTER = run(
    {
        0: ("troops", "troops", "backstop"),
        1: ("troops", "troops", "backstop"),
        2: ("troops", "troops", "troops"),
        3: ("troops", "abstain", "backstop"),
    },
    label="after",
    deterrence=[0.3, 0.6, 0.5, 0.8],
)


# Pairing


def test_the_difference_and_its_interval_are_those_of_pairs() -> None:
    """Differences of 0.2, 0.4, 0.2, 0.4: mean 0.3, standard error 0.0577, times Student's 3.182 with 3 degrees."""
    row = compare([BEFORE, AFTER]).steps[0].outcomes.loc["deterrence"]
    assert (row["before"], row["after"]) == pytest.approx((0.25, 0.55))
    assert row["difference"] == pytest.approx(0.3)
    assert (row["low"], row["high"]) == pytest.approx((0.3 - 0.18374, 0.3 + 0.18374), abs=1e-5)
    assert row["unit"] == "0 to 1"


def test_a_state_has_shares_before_and_after_its_moves_and_its_change_of_rung() -> None:
    states = compare([BEFORE, AFTER]).steps[0].states
    poland = states.loc["POL"]
    assert [poland[f"before_{option}"] for option in ("abstain", "backstop", "troops")] == [0.75, 0.25, 0.0]
    assert [poland[f"after_{option}"] for option in ("abstain", "backstop", "troops")] == [0.0, 0.75, 0.25]
    assert poland["moves"] == 1.0
    assert (poland["likeliest_from"], poland["likeliest_to"], poland["likeliest_move"]) == ("abstain", "backstop", 0.75)
    assert poland["difference"] == 1.75  # rungs: 2, 2, 1, 2 up
    assert (poland["low"], poland["high"]) == pytest.approx((1.75 - 0.79561, 1.75 + 0.79561), abs=1e-5)
    assert poland["deepest_difference"] == 0.25
    assert states.loc["FRA", "moves"] == 0.5
    assert states.loc["FRA", "difference"] == 1.0


def test_states_are_sorted_by_the_size_of_their_change_and_movers_change_significantly() -> None:
    step = compare([BEFORE, AFTER]).steps[0]
    assert list(step.states.index) == ["POL", "FRA", "GBR"]
    assert list(step.movers.index) == ["POL"]
    assert step.states.loc["FRA", "low"] < 0.0


def test_a_run_compared_with_itself_differs_by_exactly_zero() -> None:
    step = compare([AFTER, AFTER]).steps[0]
    assert (step.outcomes[["difference", "low", "high"]] == 0.0).all(axis=None)
    assert (step.states[["moves", "difference", "low", "high", "deepest_difference"]] == 0.0).all(axis=None)
    assert step.movers.empty
    assert set(step.states["likeliest_from"]) == {""}


def test_replicates_are_paired_by_number_if_both_runs_have_them() -> None:
    early = run({0: ("troops",) * 3, 1: ("abstain",) * 3, 2: ("backstop",) * 3}, label="early")
    late = run({2: ("backstop",) * 3, 1: ("abstain",) * 3, 7: ("troops",) * 3, 8: ("troops",) * 3}, label="late")
    result = compare([early, late])
    assert result.steps[0].replicates == 2
    assert result.steps[0].states["moves"].max() == 0.0
    assert result.notes == ("early has 3 replicates, late 4; the 2 that both have are compared",)


def test_one_replicate_has_differences_but_none_is_significant() -> None:
    step = compare([run({0: ("abstain",) * 3}), run({0: ("troops",) * 3})]).steps[0]
    assert list(step.states["difference"]) == [3.0] * 3
    assert step.states["low"].isna().all()
    assert step.movers.empty


def test_steps_of_a_chain_lead_from_each_run_to_the_next() -> None:
    result = compare([BEFORE, AFTER, BEFORE], chain=True)
    there, back = result.steps
    assert (there.before, there.after, back.after) == (BEFORE, AFTER, BEFORE)
    for code in THREE:
        assert there.states.loc[code, "difference"] == -back.states.loc[code, "difference"]
    assert set(result.outcomes["step"]) == set(result.states["step"]) == {1, 2}
    assert len(result.states) == 2 * len(THREE)


def test_runs_with_other_seeds_are_refused_with_the_command_that_simulates_one_again() -> None:
    with pytest.raises(
        ResultsError, match=r"one has seed 3, two seed 5: .* willing run own.yaml --seed 3 --replicates"
    ):
        compare([run(all_alike(*THREE), label="one", seed=3), run(all_alike(*THREE), label="two", seed=5)])


def test_one_run_and_runs_without_a_state_in_common_are_refused() -> None:
    with pytest.raises(ResultsError, match="1 named; name 2 to 5 runs"):
        compare([BEFORE])
    with pytest.raises(ResultsError, match="no state is on the roster of each of before, elsewhere"):
        compare([BEFORE, run(all_alike("troops"), asking("DEU"), label="elsewhere")])


# Runs that differ in form


def test_states_on_both_rosters_are_compared_and_the_others_are_noted() -> None:
    other = run(all_alike("troops", "troops"), asking("POL", "DEU"), label="other")
    result = compare([BEFORE, other])
    assert list(result.steps[0].states.index) == ["POL"]
    assert result.codes == ("POL",)
    assert "on the roster of before only: GBR, FRA" in result.notes
    assert "on the roster of other only: DEU" in result.notes
    assert result.headline.startswith("Of 1 state on every roster, those that would send troops rise")


def test_a_state_that_keeps_its_option_does_not_move_if_the_rung_has_another_number() -> None:
    higher = asking(*THREE, settings=["menu.troops.rung=7"])
    step = compare([run(all_alike(*["troops"] * 3)), run(all_alike(*["troops"] * 3), higher, label="higher")]).steps[0]
    assert (step.states["difference"] == 0.0).all()
    assert (step.states["moves"] == 0.0).all()
    notes = compare([run(all_alike(*["troops"] * 3)), run(all_alike(*["troops"] * 3), higher, label="higher")]).notes
    assert any("(troops 3 and 7)" in note for note in notes)


def test_other_menus_are_compared_by_the_names_of_options() -> None:
    menu = with_options(4)
    fuller = Scenario.model_validate(THREE_STATES.model_dump() | {"menu": menu})
    result = compare([BEFORE, run(all_alike("option_3", "troops", "abstain"), fuller, label="fuller")])
    step = result.steps[0]
    assert step.states.loc["GBR", ["likeliest_from", "likeliest_to"]].tolist() == ["troops", "option_3"]
    assert step.states.loc["GBR", "deepest_difference"] == 0.0  # certain of the deepest option of each
    assert states_column("option_3") not in step.outcomes.index
    assert "before_option_3" not in step.states
    assert step.states.loc["GBR", "after_option_3"] == 1.0
    assert "on the menu of fuller only: option_3" in result.notes
    assert "the deepest option is troops in before, option_3 in fuller" in result.notes


def test_runs_of_different_length_are_compared_after_their_last_round() -> None:
    longer = asking(*THREE, settings=["rounds=9"])
    result = compare([BEFORE, run(all_alike("troops", "troops", "troops"), longer, label="longer")])
    assert result.steps[0].states.loc["POL", "after_troops"] == 1.0
    assert "before has 3 rounds, longer 9; each is compared after its last round" in result.notes


def test_another_proposal_is_noted() -> None:
    cheaper = asking(*THREE, settings=["menu.troops.ask=9000"])
    notes = compare([BEFORE, run(all_alike(*["troops"] * 3), cheaper, label="cheaper")]).notes
    assert any("troops with an ask of 25,000 soldiers in before, troops with an ask of 9,000" in note for note in notes)


def test_runs_of_the_same_form_have_no_notes() -> None:
    assert compare([BEFORE, AFTER]).notes == ()


# Labels


def manifest(replicates: int = 4, scenario: Scenario = THREE_STATES) -> Manifest:
    return create_manifest(scenario, reference="own.yaml", seed=0, replicates=replicates, engine="agents", started="")


@pytest.mark.parametrize(
    ("headings", "replicates", "labels"),
    [
        (["base with rounds 3", "base"], [4, 4], ["base with rounds 3", "base"]),
        (["base", "base"], [4, 4], ["base (1)", "base (2)"]),
        (["base", "base"], [4, 5], ["base (4 replicates, seed 0)", "base (5 replicates, seed 0)"]),
        (["base", "base", "other"], [4, 4, 5], ["base (1)", "base (2)", "other"]),
    ],
    ids=["other settings", "the same", "other replicates", "two the same"],
)
def test_runs_with_the_same_heading_have_different_labels(
    headings: list[str], replicates: list[int], labels: list[str]
) -> None:
    assert list(unique_labels([manifest(count) for count in replicates], headings)) == labels


def test_the_identity_depends_on_the_runs_and_their_order() -> None:
    one, two = manifest(), manifest(replicates=5)

    def identity(*runs: Manifest) -> str:
        return ComparisonManifest(labels=tuple(map(str, range(len(runs)))), runs=runs).identity

    assert identity(one, two) == identity(manifest(), two)
    assert len({identity(one, two), identity(two, one), identity(one, one)}) == 3


def test_the_name_of_a_folder_is_short_enough() -> None:
    long = Scenario.model_validate(THREE_STATES.model_dump() | {"name": "x" * 90})
    runs = (manifest(scenario=long), manifest(scenario=long))
    name = ComparisonManifest(labels=("1", "2"), runs=runs).name
    assert len(name) < 150
    assert "-vs-1-others-" in name


# The headline and the figure


def test_the_focus_is_the_option_that_moves_most_and_the_deepest_if_none_does() -> None:
    assert compare([BEFORE, AFTER]).focus == "troops"  # 6 to 9, the backstop 2 to 3
    assert compare([BEFORE, BEFORE]).focus == "troops"
    backstop = run(all_alike("troops", "backstop", "backstop"))
    assert compare([run(all_alike("troops", "abstain", "abstain")), backstop]).focus == "backstop"


def test_the_focus_is_abstaining_if_menus_have_no_option_in_common() -> None:
    own = {"only": with_options(1).popitem()[1]}
    changes = {"menu": own, "proposal": THREE_STATES.proposal.model_dump() | {"headline": "only"}}
    other = Scenario.model_validate(THREE_STATES.model_dump() | changes)
    result = compare([BEFORE, run(all_alike("only", "only", "abstain"), other, label="other")])
    assert result.focus == ABSTAIN
    assert result.headline.startswith("States that would abstain")
    assert maps_side_by_side(result)


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ([(1, 1, 1, 1), (3, 3, 3, 3)], "States that would send troops rise from 1.0 to 3.0"),
        ([(3, 3, 3, 3), (0, 0, 0, 1)], "States that would send troops fall from 3.0 to 0.2"),
        ([(1, 1, 1, 1)] * 2, "States that would send troops stay at 1.0"),
        ([(1, 1, 1, 1), (2, 0, 3, 1)], "States that would send troops do not change significantly (1.0 and 1.5)"),
        (
            [(3, 3, 3, 3), (0,) * 4, (2, 3, 2, 2)],
            "States that would send troops, 3.0 in r0, fall to 0.0 in r1, and do not change significantly (2.2) in r2",
        ),
        ([(0,) * 4, (1,) * 4, (3,) * 4, (2,) * 4], "States that would send troops: from 0.0 in r0 to 3.0 in r2"),
    ],
)
def test_the_headline_follows_the_numbers(counts: list[tuple[int, ...]], headline: str) -> None:
    runs = [
        run(
            {number: ("troops",) * count + ("abstain",) * (3 - count) for number, count in enumerate(each)},
            label=f"r{index}",
        )
        for index, each in enumerate(counts)
    ]
    assert compare(runs).headline == headline


def test_in_a_chain_each_run_is_compared_with_the_one_before() -> None:
    """3, 0 and 2 of three states in every replicate: from the first -3 and -1, from run to run -3 and +2."""
    runs = [
        run(all_alike(*["troops"] * count, *["abstain"] * (3 - count)), label=f"r{number}")
        for number, count in enumerate((3, 0, 2))
    ]
    chained, straight = compare(runs, chain=True), compare(runs)
    assert chained.headline == "States that would send troops fall from 3.0 to 0.0, and rise to 2.0"
    assert straight.headline == "States that would send troops, 3.0 in r0, fall to 0.0 in r1, and fall to 2.0 in r2"
    for result, pairs, changes in (
        (chained, [("r0", "r1"), ("r1", "r2")], [-3.0, 2.0]),
        (straight, [("r0", "r1"), ("r0", "r2")], [-3.0, -1.0]),
    ):
        assert [(step.before.label, step.after.label) for step in result.steps] == pairs
        troops = result.outcomes[result.outcomes["outcome"] == states_column("troops")]
        assert list(zip(troops["from"], troops["to"], strict=True)) == pairs
        assert troops["difference"].tolist() == changes
    manifests = tuple(manifest(count) for count in (4, 5, 6))
    names = {
        ComparisonManifest(labels=("a", "b", "c"), runs=manifests, is_chain=chain).identity for chain in (True, False)
    }
    assert len(names) == 2


def test_the_headline_names_the_only_setting_that_differs() -> None:
    cheaper = asking(*THREE, settings=["menu.troops.ask=9000"])
    runs = [run(all_alike(*["abstain"] * 3)), run(all_alike(*["troops"] * 3), cheaper)]
    assert compare(runs).headline == (
        "States that would send troops rise from 0.0 to 3.0 "
        "with the ask for troops in Ukraine at 9,000 instead of 25,000"
    )


def test_the_headline_names_the_only_quantity_of_the_environment_that_differs() -> None:
    def held(troops: int, backing: float, **outcomes: Sequence[float]) -> LabelledRun:
        scenario = asking(*THREE, settings=[f"environment.us_backing={backing}"])
        stances = ("troops",) * troops + ("abstain",) * (3 - troops)
        return run(all_alike(*stances), scenario, us_backing=[backing] * 4, **outcomes)

    cold, warm = held(0, 0.2, sincerity=[0.0] * 4), held(3, 0.7, sincerity=[0.9] * 4)
    assert compare([warm, cold, warm], chain=True).headline == (
        "States that would send troops fall from 3.0 to 0.0 as US backing falls to 0.20, "
        "and rise to 3.0 as it rises to 0.70"
    )


def test_the_headline_names_no_quantity_if_two_differ_since_either_may_be_the_cause() -> None:
    """US backing falls while a mandate comes: the count falls in spite of the mandate."""
    backed = asking(*THREE, settings=["environment.us_backing=0.9", "environment.mandate=0.1"])
    mandated = asking(*THREE, settings=["environment.us_backing=0.3", "environment.mandate=0.9"])
    runs = [
        run(all_alike(*["troops"] * 3), backed, us_backing=[0.9] * 4, mandate=[0.1] * 4),
        run(all_alike(*["abstain"] * 3), mandated, us_backing=[0.3] * 4, mandate=[0.9] * 4),
    ]
    assert compare(runs).headline == "States that would send troops fall from 3.0 to 0.0"


@pytest.mark.parametrize("setting", ["weights.momentum=3", "ceasefire.truce_hazard=0.2", "revision=0.5"])
def test_the_headline_names_no_quantity_if_any_other_setting_differs_too(setting: str) -> None:
    cold = asking(*THREE, settings=["environment.us_backing=0.2"])
    other = asking(*THREE, settings=["environment.us_backing=0.7", setting])
    runs = [
        run(all_alike(*["abstain"] * 3), cold, us_backing=[0.2] * 4),
        run(all_alike(*["troops"] * 3), other, us_backing=[0.7] * 4),
    ]
    assert compare(runs).headline == "States that would send troops rise from 0.0 to 3.0"


def test_the_headline_names_no_quantity_if_the_proposal_differs_too() -> None:
    cold = asking(*THREE, settings=["environment.us_backing=0.2"])
    other = asking(*THREE, settings=["environment.us_backing=0.7", "menu.troops.ask=9000"])
    runs = [
        run(all_alike(*["abstain"] * 3), cold, us_backing=[0.2] * 4),
        run(all_alike(*["troops"] * 3), other, us_backing=[0.7] * 4),
    ]
    assert compare(runs).headline == "States that would send troops rise from 0.0 to 3.0"


@pytest.mark.parametrize(
    ("part", "setting"),
    [
        ("force", "force.POL=troops"),
        ("changes", "2025-05-07 environment.clarity=0.9"),
        ("opening", "opening.POL=troops"),
        ("opponent", "opponent=none"),
    ],
)
def test_the_headline_names_no_quantity_if_stances_changes_or_parties_differ_too(part: str, setting: str) -> None:
    besides = {part: getattr(load_scenario("base", [setting]), part)}
    cold = asking(*THREE, settings=["environment.us_backing=0.2"])
    other = asking(*THREE, settings=["environment.us_backing=0.7"]).model_copy(update=besides)
    runs = [
        run(all_alike(*["abstain"] * 3), cold, us_backing=[0.2] * 4),
        run(all_alike(*["troops"] * 3), other, us_backing=[0.7] * 4),
    ]
    assert compare(runs).headline == "States that would send troops rise from 0.0 to 3.0"


def test_moves_are_found_on_long_menus_too() -> None:
    long = Scenario.model_validate(THREE_STATES.model_dump() | {"menu": with_options(17)})
    first, then = run(all_alike(*["option_15"] * 3), long), run(all_alike(*["option_16"] * 3), long)
    moves = compare([first, then]).steps[0].states.loc["POL"]
    assert moves[["likeliest_from", "likeliest_to", "likeliest_move"]].tolist() == ["option_15", "option_16", 1.0]


def test_the_subtitle_warns_of_few_replicates() -> None:
    subtitles = [
        next(text.get_text() for text in maps_side_by_side(compare([played(BASE, replicates=count)] * 2)).texts
             if text.get_gid() == "subtitle")
        for count in (4, 40)
    ]  # fmt: skip
    assert ["too few for reliable intervals" in " ".join(subtitle.split()) for subtitle in subtitles] == [True, False]


def test_the_users_own_options_have_different_colours_across_menus() -> None:
    one, two = (
        Scenario.model_validate(
            THREE_STATES.model_dump() | {"menu": with_options(3) | {name: with_options(4)["option_3"]}}
        )
        for name in ("mine", "yours")
    )
    styles = common_styles([one, two])
    assert len({style.colour for style in styles.values()}) == len(styles) == 6


def played(scenario: Scenario, *, replicates: int = 12, seed: int = 1, label: str = "") -> LabelledRun:
    """Return a run of random stances whose outcomes count them."""
    rng = np.random.default_rng(seed)
    codes, options = scenario.roster.asked, scenario.option_names
    taste = 2.0 * rng.gumbel(size=(len(codes), len(options)))
    held = (taste + rng.gumbel(size=(replicates, *taste.shape))).argmax(axis=2)
    more = {personnel_column(option): list(30_000.0 * rng.random(replicates)) for option in options[1:]}
    more[conditional_column(options[-1])] = [0.6 * len(codes)] * replicates
    more |= {name: list(rng.random(replicates)) for name in ("us_backing", "clarity", "sincerity", "mandate")}
    more["viable"] = list(rng.integers(0, 2, replicates).astype(float))
    return run(
        {number: [options[place] for place in row] for number, row in enumerate(held)}, scenario, label=label, **more
    )


BASE = scenario_with()
FULL = Scenario.model_validate(BASE.model_dump() | {"menu": with_options(8)})
ALONE = Scenario.model_validate(
    BASE.model_dump()
    | {"menu": {"troops": BASE.model_dump()["menu"]["troops"]}}
)  # fmt: skip
ALL = asking(*(code for code in facts.states() if code not in ("UKR", "RUS")))
LONG = "the-question-whether-anybody-would-ever-come (menu.troops.ask=40000, environment.us_backing=0.65)"

EDGES: dict[str, list[LabelledRun]] = {
    "two": [played(BASE, seed=1), played(BASE, seed=2)],
    "three": [played(BASE, seed=seed) for seed in (1, 2, 3)],
    "five": [played(BASE, seed=seed) for seed in range(5)],
    "one replicate": [played(BASE, seed=seed, replicates=1) for seed in (1, 2)],
    "the same": [played(BASE)] * 2,
    "eight options": [played(FULL, seed=seed) for seed in (1, 2, 3)],
    "one option": [played(ALONE, seed=seed) for seed in (1, 2)],
    "another menu": [played(ALONE), played(FULL)],
    "all states": [played(ALL, seed=seed) for seed in (1, 2, 3)],
    "one state": [played(asking("LUX")), played(BASE)],
    "long labels": [played(BASE, seed=seed, label=f"{LONG} {seed}") for seed in range(4)],
}


@pytest.fixture(scope="module", params=EDGES, ids=lambda name: name.replace(" ", "_"))
def edge(request: pytest.FixtureRequest) -> tuple[Comparison, Figure]:
    """Return an unusual but valid comparison with its figure."""
    result = compare(EDGES[request.param])
    return result, maps_side_by_side(result)


def seen(fig: Figure) -> list[tuple[str, Bbox]]:
    """Return the texts of a figure and their extents, except for numbers inside bars and maps."""
    fig.draw_without_rendering()
    return [(text.get_text(), text.get_window_extent()) for text in texts(fig) if text.axes is None or text.get_gid()]


def test_nothing_is_cut_off_or_overlaps(edge: tuple[Comparison, Figure]) -> None:
    fig = edge[1]
    shown = seen(fig)
    width, height = fig.canvas.get_width_height()
    for text, box in shown:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for (one, first), (other, second) in itertools.combinations(shown, 2):
        shared = Bbox.intersection(first, second)
        assert shared is None or min(shared.width, shared.height) <= 2, f"{one!r} overlaps {other!r}"


def test_every_run_is_named_and_counted(edge: tuple[Comparison, Figure]) -> None:
    result, fig = edge
    numbers = [text.get_text() for text in fig.texts if text.get_gid() == "number"]
    means = [run.count(result.focus, run.scenario.roster.asked) for run in result.runs]
    assert numbers == [f"{mean:.1f}" for mean in means]
    shown = " ".join(text.get_text().replace("\n", " ") for text in fig.texts if text.get_gid() == "heading")
    for run in result.runs:
        assert run.label in shown


def test_states_that_change_significantly_are_drawn_the_largest_change_first(edge: tuple[Comparison, Figure]) -> None:
    result, fig = edge
    drawn = [str(text.get_gid()).split()[1] for text in fig.texts if str(text.get_gid()).startswith("mover ")]
    wanted = []
    for step in result.steps:
        changes = step.of_option(result.focus)
        sizes = (
            changes[changes["significant"]]["difference"].abs().round(12).sort_values(ascending=False, kind="stable")
        )
        wanted += list(sizes.index[:10])
    assert drawn == wanted


def run_with_wishes(
    held: dict[int, tuple[str, ...]], hoping: dict[int, tuple[str, ...]], **outcomes: Sequence[float]
) -> LabelledRun:
    """Return a run whose firm and conditional stances differ."""
    plain = run(held, label=f"run of {len(outcomes)}", **outcomes)
    wishes = [
        hoping[replicate][THREE.index(code)] for replicate, code in plain.run.stances[["replicate", "state"]].to_numpy()
    ]
    stances = plain.run.stances.assign(conditional=pd.Categorical(wishes))
    tables = RunTables(rounds=plain.run.rounds, stances=stances, outcomes=plain.run.outcomes)
    return LabelledRun(label=plain.label, run=Run(folder=Path("kept"), manifest=plain.manifest, tables=tables))


def test_maps_counts_and_soldiers_of_a_comparison_are_those_of_each_run() -> None:
    """Of four replicates: Poland holds the backstop in three, and would send troops under the conditions in two."""
    held = {n: ("troops", "troops" if n < 2 else "backstop", "backstop" if n else "abstain") for n in range(4)}
    hoping = {n: ("troops", "troops" if n < 1 else "backstop", "troops" if n < 2 else "backstop") for n in range(4)}
    one = run_with_wishes(
        held, hoping, personnel_troops=[9_000.0, 11_000.0, 6_000.0, 6_000.0],
        troop_states_conditional=[3.0, 2.0, 1.0, 1.0], viable=[1.0, 0.0, 0.0, 0.0],
    )  # fmt: skip
    fig = maps_side_by_side(compare([one, BEFORE]))
    land, _, _ = europe()
    maps = [axes for axes in fig.axes if any(isinstance(each, PathPatch) for each in axes.patches)]
    grounds = {
        code: [to_hex(each.get_facecolor()) for each in maps[0].patches if each.get_path() is land[code]]
        for code in THREE
    }
    assert grounds["GBR"] == [COLOURS["troops"].lower()]
    assert grounds["FRA"] == [tinted(COLOURS["backstop"], 0.8)]  # of two equally likely the shallower, at 50 %
    assert grounds["POL"][0] == tinted(COLOURS["backstop"], 0.8)  # 75 %
    hatched = {code for code in THREE for each in maps[0].patches if each.get_path() is land[code] and each.get_hatch()}
    assert hatched == {"POL"}
    colour_of = {COLOURS[option].lower(): option for option in ("troops", "backstop", "guarantee", "abstain")}
    counts = next(axes for axes in fig.axes if axes.get_xlim() == (0, 3) and len(bars(axes)) == 4)
    drawn = [(colour_of[bar.colour], bar.left, bar.width) for bar in bars(counts)]
    assert drawn == [("troops", 0.0, 1.5), ("backstop", 1.5, 1.25), ("guarantee", 2.75, 0.0), ("abstain", 2.75, 0.25)]
    (more,) = (patch for patch in counts.patches if patch.get_hatch())
    assert (more.get_x(), more.get_width()) == (1.5, 0.25)  # 1.75 would send troops under the conditions
    force = next(axes for axes in fig.axes if axes.get_xlim()[1] == pytest.approx(25_000 * 1.005))
    assert [(bar.left, bar.width) for bar in bars(force)] == [(0.0, 25_000.0), (0.0, 8_000.0)]
    shown = " ".join(text.get_text().replace("\n", " ") for text in fig.texts)
    assert "8,000 soldiers" in shown
    assert "25,000 asked: viable in 25%" in shown


def test_a_mover_is_drawn_hollow_before_and_filled_after_with_the_interval_of_its_change() -> None:
    """Poland goes from never to always in 19 of 20 replicates: +0.95, with 0.05 * 2.093 either way, cut at 1."""
    before = run(dict.fromkeys(range(20), ("troops", "abstain", "abstain")), label="then")
    after = run({n: ("troops", "abstain", "troops" if n else "abstain") for n in range(20)}, label="later")
    fig = maps_side_by_side(compare([before, after]))
    assert [text.get_gid() for text in fig.texts if str(text.get_gid()).startswith("mover")] == ["mover POL"]
    rows = next(
        axes for axes in fig.axes if [tick.get_text() for tick in axes.get_xticklabels()][::2] == ["0%", "50%", "100%"]
    )
    assert [(x, colour) for x, _, colour in marks(rows)] == [(0.0, "#ffffff"), (0.95, COLOURS["troops"].lower())]
    ends = [each[:, 0].tolist() for each, colour in strokes(rows) if colour == INK.lower()]
    assert ends[0] == pytest.approx([0.95 - 0.05 * 2.09302, 1.0], abs=1e-5)


def test_signs_of_changes_are_those_from_the_first_run_to_the_second() -> None:
    """Five stances of troops in four replicates before, eight after; of France one before and three after."""
    there, back = (compare(pair).steps[0] for pair in ([BEFORE, AFTER], [AFTER, BEFORE]))
    assert there.outcomes.loc["troop_states", ["before", "after", "difference"]].tolist() == [1.25, 2.0, 0.75]
    assert back.outcomes.loc["troop_states", ["before", "after", "difference"]].tolist() == [2.0, 1.25, -0.75]
    assert there.of_option("troops").loc["FRA", ["before", "after", "difference"]].tolist() == [0.25, 0.75, 0.5]
    assert back.of_option("troops").loc["FRA", ["before", "after", "difference"]].tolist() == [0.75, 0.25, -0.5]
    assert there.count_change("troops", THREE).mean == 0.75
    assert back.count_change("troops", THREE).mean == -0.75
    assert back.states.loc["FRA", "deepest_difference"] == -0.5
