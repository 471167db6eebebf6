"""Runs are paired replicate by replicate; what is the same is exactly the same, and the picture says what moves."""

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
from sim.analysis.compare import Compared, Comparison, compare
from sim.errors import ResultsError
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.plots import comparison, comparison_title
from sim.plots.comparison import common_styles
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
) -> Compared:
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
    return Compared(label=label or scenario.name, run=Run(folder=Path("kept"), manifest=manifest, tables=tables))


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


def test_states_are_told_by_chance_move_and_change_of_rung() -> None:
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


def test_states_stand_by_the_size_of_their_change_and_movers_are_the_sure_ones() -> None:
    step = compare([BEFORE, AFTER]).steps[0]
    assert list(step.states.index) == ["POL", "FRA", "GBR"]
    assert list(step.movers.index) == ["POL"]
    assert step.states.loc["FRA", "low"] < 0.0


def test_a_run_against_itself_differs_by_exactly_nothing() -> None:
    step = compare([AFTER, AFTER]).steps[0]
    assert (step.outcomes[["difference", "low", "high"]] == 0.0).all(axis=None)
    assert (step.states[["moves", "difference", "low", "high", "deepest_difference"]] == 0.0).all(axis=None)
    assert step.movers.empty
    assert set(step.states["likeliest_from"]) == {""}


def test_replicates_are_paired_by_number_and_only_those_that_both_have() -> None:
    early = run({0: ("troops",) * 3, 1: ("abstain",) * 3, 2: ("backstop",) * 3}, label="early")
    late = run({2: ("backstop",) * 3, 1: ("abstain",) * 3, 7: ("troops",) * 3, 8: ("troops",) * 3}, label="late")
    compared = compare([early, late])
    assert compared.steps[0].replicates == 2
    assert compared.steps[0].states["moves"].max() == 0.0
    assert compared.notes == ("early has 3 replicates, late 4; compared are the 2 that both have",)


def test_one_replicate_has_differences_but_is_never_sure() -> None:
    step = compare([run({0: ("abstain",) * 3}), run({0: ("troops",) * 3})]).steps[0]
    assert list(step.states["difference"]) == [3.0] * 3
    assert step.states["low"].isna().all()
    assert step.movers.empty


def test_steps_of_a_chain_lead_from_each_run_to_the_next() -> None:
    compared = compare([BEFORE, AFTER, BEFORE], chain=True)
    there, back = compared.steps
    assert (there.before, there.after, back.after) == (BEFORE, AFTER, BEFORE)
    for code in THREE:
        assert there.states.loc[code, "difference"] == -back.states.loc[code, "difference"]
    assert set(compared.outcomes["step"]) == set(compared.states["step"]) == {1, 2}
    assert len(compared.states) == 2 * len(THREE)


def test_runs_under_other_seeds_are_refused_with_the_command_that_mends_it() -> None:
    with pytest.raises(
        ResultsError, match=r"one has seed 3, two seed 5: .* willing run own.yaml --seed 3 --replicates"
    ):
        compare([run(all_alike(*THREE), label="one", seed=3), run(all_alike(*THREE), label="two", seed=5)])


def test_one_run_and_runs_without_a_state_in_common_are_refused() -> None:
    with pytest.raises(ResultsError, match="name another"):
        compare([BEFORE])
    with pytest.raises(ResultsError, match="no state is asked in each of before, elsewhere"):
        compare([BEFORE, run(all_alike("troops"), asking("DEU"), label="elsewhere")])


# Runs of unlike form


def test_states_in_common_are_compared_and_the_others_named() -> None:
    other = run(all_alike("troops", "troops"), asking("POL", "DEU"), label="other")
    compared = compare([BEFORE, other])
    assert list(compared.steps[0].states.index) == ["POL"]
    assert compared.codes == ("POL",)
    assert "asked in before only: GBR, FRA" in compared.notes
    assert "asked in other only: DEU" in compared.notes
    assert comparison_title(compared).startswith("Of 1 state asked in each run, those that would send troops rise")


def test_whoever_stays_with_an_option_does_not_move_when_its_rung_has_another_number() -> None:
    higher = asking(*THREE, settings=["menu.troops.rung=7"])
    step = compare([run(all_alike(*["troops"] * 3)), run(all_alike(*["troops"] * 3), higher, label="higher")]).steps[0]
    assert (step.states["difference"] == 0.0).all()
    assert (step.states["moves"] == 0.0).all()
    notes = compare([run(all_alike(*["troops"] * 3)), run(all_alike(*["troops"] * 3), higher, label="higher")]).notes
    assert any("(troops 3 and 7)" in note for note in notes)


def test_other_menus_are_compared_by_the_names_of_options() -> None:
    menu = with_options(4)
    fuller = Scenario.model_validate(THREE_STATES.model_dump() | {"menu": menu})
    compared = compare([BEFORE, run(all_alike("option_3", "troops", "abstain"), fuller, label="fuller")])
    step = compared.steps[0]
    assert step.states.loc["GBR", ["likeliest_from", "likeliest_to"]].tolist() == ["troops", "option_3"]
    assert step.states.loc["GBR", "deepest_difference"] == 0.0  # sure of the deepest option of each
    assert states_column("option_3") not in step.outcomes.index
    assert "before_option_3" not in step.states
    assert step.states.loc["GBR", "after_option_3"] == 1.0
    assert "on the menu of fuller only: option_3" in compared.notes
    assert "the deepest option is troops in before, option_3 in fuller" in compared.notes


def test_runs_of_other_lengths_are_read_after_their_last_round() -> None:
    longer = asking(*THREE, settings=["rounds=9"])
    compared = compare([BEFORE, run(all_alike("troops", "troops", "troops"), longer, label="longer")])
    assert compared.steps[0].states.loc["POL", "after_troops"] == 1.0
    assert "before has 3 rounds, longer 9; each is read after its last" in compared.notes


def test_another_proposal_is_noted() -> None:
    cheaper = asking(*THREE, settings=["menu.troops.ask=9000"])
    notes = compare([BEFORE, run(all_alike(*["troops"] * 3), cheaper, label="cheaper")]).notes
    assert any("troops with 25,000 soldiers asked in before, troops with 9,000 soldiers" in note for note in notes)


def test_like_runs_need_no_notes() -> None:
    assert compare([BEFORE, AFTER]).notes == ()


# What runs are called


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
def test_runs_of_one_heading_are_told_apart(headings: list[str], replicates: list[int], labels: list[str]) -> None:
    assert list(unique_labels([manifest(count) for count in replicates], headings)) == labels


def test_the_identity_follows_the_runs_their_order_and_the_format() -> None:
    one, two = manifest(), manifest(replicates=5)

    def identity(*runs: Manifest, figure: str = "comparison.png") -> str:
        return ComparisonManifest(labels=tuple(map(str, range(len(runs)))), runs=runs, figure=figure).identity

    assert identity(one, two) == identity(manifest(), two)
    assert len({identity(one, two), identity(two, one), identity(one, one), identity(one, two, figure="a.svg")}) == 4


def test_a_folders_name_stays_short_enough() -> None:
    long = Scenario.model_validate(THREE_STATES.model_dump() | {"name": "x" * 90})
    runs = (manifest(scenario=long), manifest(scenario=long))
    name = ComparisonManifest(labels=("1", "2"), runs=runs, figure="comparison.png").name
    assert len(name) < 150
    assert "-vs-1-others-" in name


# The picture


def test_the_focus_is_the_option_that_moves_most_and_the_deepest_if_none_does() -> None:
    assert compare([BEFORE, AFTER]).focus == "troops"  # 6 to 9, the backstop 2 to 3
    assert compare([BEFORE, BEFORE]).focus == "troops"
    backstop = run(all_alike("troops", "backstop", "backstop"))
    assert compare([run(all_alike("troops", "abstain", "abstain")), backstop]).focus == "backstop"


def test_the_focus_is_abstaining_where_menus_have_nothing_in_common() -> None:
    own = {"only": with_options(1).popitem()[1]}
    changes = {"menu": own, "proposal": THREE_STATES.proposal.model_dump() | {"headline": "only"}}
    other = Scenario.model_validate(THREE_STATES.model_dump() | changes)
    compared = compare([BEFORE, run(all_alike("only", "only", "abstain"), other, label="other")])
    assert compared.focus == ABSTAIN
    assert comparison_title(compared).startswith("States that would abstain")
    assert comparison(compared)


@pytest.mark.parametrize(
    ("counts", "said"),
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
def test_the_title_follows_the_numbers(counts: list[tuple[int, ...]], said: str) -> None:
    runs = [
        run(
            {number: ("troops",) * count + ("abstain",) * (3 - count) for number, count in enumerate(each)},
            label=f"r{index}",
        )
        for index, each in enumerate(counts)
    ]
    assert comparison_title(compare(runs)) == said


def test_in_a_chain_each_run_is_compared_with_the_one_before() -> None:
    """3, 0 and 2 of three states in every replicate: from the first -3 and -1, from run to run -3 and +2."""
    runs = [
        run(all_alike(*["troops"] * count, *["abstain"] * (3 - count)), label=f"r{number}")
        for number, count in enumerate((3, 0, 2))
    ]
    chained, straight = compare(runs, chain=True), compare(runs)
    assert comparison_title(chained) == "States that would send troops fall from 3.0 to 0.0, and rise to 2.0"
    assert (
        comparison_title(straight)
        == "States that would send troops, 3.0 in r0, fall to 0.0 in r1, and fall to 2.0 in r2"
    )
    for compared, pairs, changes in (
        (chained, [("r0", "r1"), ("r1", "r2")], [-3.0, 2.0]),
        (straight, [("r0", "r1"), ("r0", "r2")], [-3.0, -1.0]),
    ):
        assert [(step.before.label, step.after.label) for step in compared.steps] == pairs
        troops = compared.outcomes[compared.outcomes["outcome"] == states_column("troops")]
        assert list(zip(troops["from"], troops["to"], strict=True)) == pairs
        assert troops["difference"].tolist() == changes
    manifests = tuple(manifest(count) for count in (4, 5, 6))
    names = {
        ComparisonManifest(labels=("a", "b", "c"), runs=manifests, figure="comparison.png", is_chain=chain).identity
        for chain in (True, False)
    }
    assert len(names) == 2


def test_the_title_names_the_single_setting_that_was_asked_about() -> None:
    cheaper = asking(*THREE, settings=["menu.troops.ask=9000"])
    runs = [run(all_alike(*["abstain"] * 3)), run(all_alike(*["troops"] * 3), cheaper)]
    assert comparison_title(compare(runs)) == (
        "States that would send troops rise from 0.0 to 3.0 "
        "with the ask for troops in Ukraine at 9,000 instead of 25,000"
    )


def test_the_title_names_the_one_circumstance_that_is_set_otherwise() -> None:
    def held(troops: int, backing: float, **outcomes: Sequence[float]) -> Compared:
        scenario = asking(*THREE, settings=[f"environment.us_backing={backing}"])
        stances = ("troops",) * troops + ("abstain",) * (3 - troops)
        return run(all_alike(*stances), scenario, us_backing=[backing] * 4, **outcomes)

    cold, warm = held(0, 0.2, sincerity=[0.0] * 4), held(3, 0.7, sincerity=[0.9] * 4)
    assert comparison_title(compare([warm, cold, warm], chain=True)) == (
        "States that would send troops fall from 3.0 to 0.0 as US backing falls to 0.20, "
        "and rise to 3.0 as it rises to 0.70"
    )


def test_the_title_names_no_circumstance_where_two_differ_since_either_may_be_the_reason() -> None:
    """A guarantee that fades while a mandate comes: the count falls in spite of the mandate."""
    backed = asking(*THREE, settings=["environment.us_backing=0.9", "environment.mandate=0.1"])
    mandated = asking(*THREE, settings=["environment.us_backing=0.3", "environment.mandate=0.9"])
    runs = [
        run(all_alike(*["troops"] * 3), backed, us_backing=[0.9] * 4, mandate=[0.1] * 4),
        run(all_alike(*["abstain"] * 3), mandated, us_backing=[0.3] * 4, mandate=[0.9] * 4),
    ]
    assert comparison_title(compare(runs)) == "States that would send troops fall from 3.0 to 0.0"


@pytest.mark.parametrize("setting", ["weights.momentum=3", "ceasefire.truce_hazard=0.2", "revision=0.5"])
def test_the_title_names_no_circumstance_where_any_other_setting_differs_too(setting: str) -> None:
    cold = asking(*THREE, settings=["environment.us_backing=0.2"])
    other = asking(*THREE, settings=["environment.us_backing=0.7", setting])
    runs = [
        run(all_alike(*["abstain"] * 3), cold, us_backing=[0.2] * 4),
        run(all_alike(*["troops"] * 3), other, us_backing=[0.7] * 4),
    ]
    assert comparison_title(compare(runs)) == "States that would send troops rise from 0.0 to 3.0"


def test_the_title_names_no_circumstance_where_something_else_is_proposed_too() -> None:
    cold = asking(*THREE, settings=["environment.us_backing=0.2"])
    other = asking(*THREE, settings=["environment.us_backing=0.7", "menu.troops.ask=9000"])
    runs = [
        run(all_alike(*["abstain"] * 3), cold, us_backing=[0.2] * 4),
        run(all_alike(*["troops"] * 3), other, us_backing=[0.7] * 4),
    ]
    assert comparison_title(compare(runs)) == "States that would send troops rise from 0.0 to 3.0"


@pytest.mark.parametrize(
    ("part", "setting"),
    [
        ("force", "force.POL=troops"),
        ("changes", "2025-05-07 environment.clarity=0.9"),
        ("opening", "opening.POL=troops"),
        ("opponent", "opponent=none"),
    ],
)
def test_the_title_names_no_circumstance_where_stances_changes_or_parties_differ_too(part: str, setting: str) -> None:
    besides = {part: getattr(load_scenario("base", [setting]), part)}
    cold = asking(*THREE, settings=["environment.us_backing=0.2"])
    other = asking(*THREE, settings=["environment.us_backing=0.7"]).model_copy(update=besides)
    runs = [
        run(all_alike(*["abstain"] * 3), cold, us_backing=[0.2] * 4),
        run(all_alike(*["troops"] * 3), other, us_backing=[0.7] * 4),
    ]
    assert comparison_title(compare(runs)) == "States that would send troops rise from 0.0 to 3.0"


def test_moves_are_told_on_long_menus_too() -> None:
    long = Scenario.model_validate(THREE_STATES.model_dump() | {"menu": with_options(17)})
    first, then = run(all_alike(*["option_15"] * 3), long), run(all_alike(*["option_16"] * 3), long)
    moves = compare([first, then]).steps[0].states.loc["POL"]
    assert moves[["likeliest_from", "likeliest_to", "likeliest_move"]].tolist() == ["option_15", "option_16", 1.0]


def test_few_replicates_are_owned_up_to() -> None:
    subtitles = [
        next(text.get_text() for text in comparison(compare([played(BASE, replicates=count)] * 2)).texts
             if text.get_gid() == "subtitle")
        for count in (4, 40)
    ]  # fmt: skip
    assert ["so few may mislead" in " ".join(subtitle.split()) for subtitle in subtitles] == [True, False]


def test_options_of_ones_own_have_colours_of_their_own_across_menus() -> None:
    one, two = (
        Scenario.model_validate(
            THREE_STATES.model_dump() | {"menu": with_options(3) | {name: with_options(4)["option_3"]}}
        )
        for name in ("mine", "yours")
    )
    styles = common_styles([one, two])
    assert len({style.colour for style in styles.values()}) == len(styles) == 6


def played(scenario: Scenario, *, replicates: int = 12, seed: int = 1, label: str = "") -> Compared:
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

EDGES: dict[str, list[Compared]] = {
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
    """Return an odd but lawful comparison with its figure."""
    compared = compare(EDGES[request.param])
    return compared, comparison(compared)


def seen(made: Figure) -> list[tuple[str, Bbox]]:
    """Return what is written in a figure and where, but for numbers inside bars and maps."""
    made.draw_without_rendering()
    return [(text.get_text(), text.get_window_extent()) for text in texts(made) if text.axes is None or text.get_gid()]


def test_nothing_is_cut_off_or_overlaps(edge: tuple[Comparison, Figure]) -> None:
    made = edge[1]
    shown = seen(made)
    width, height = made.canvas.get_width_height()
    for text, box in shown:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for (one, first), (other, second) in itertools.combinations(shown, 2):
        shared = Bbox.intersection(first, second)
        assert shared is None or min(shared.width, shared.height) <= 2, f"{one!r} overlaps {other!r}"


def test_every_run_is_named_and_counted(edge: tuple[Comparison, Figure]) -> None:
    compared, made = edge
    numbers = [text.get_text() for text in made.texts if text.get_gid() == "number"]
    means = [run.count(compared.focus, run.scenario.roster.asked) for run in compared.runs]
    assert numbers == [f"{mean:.1f}" for mean in means]
    said = " ".join(text.get_text().replace("\n", " ") for text in made.texts if text.get_gid() == "heading")
    for run in compared.runs:
        assert run.label in said


def test_only_states_that_surely_change_are_drawn_the_largest_first(edge: tuple[Comparison, Figure]) -> None:
    compared, made = edge
    drawn = [str(text.get_gid()).split()[1] for text in made.texts if str(text.get_gid()).startswith("mover ")]
    wanted = []
    for step in compared.steps:
        changes = step.of_option(compared.focus)
        sizes = (
            changes[changes["significant"]]["difference"].abs().round(12).sort_values(ascending=False, kind="stable")
        )
        wanted += list(sizes.index[:10])
    assert drawn == wanted


def told(held: dict[int, tuple[str, ...]], hoping: dict[int, tuple[str, ...]], **outcomes: Sequence[float]) -> Compared:
    """Return a run of which firm and conditional stances differ."""
    made = run(held, label=f"run of {len(outcomes)}", **outcomes)
    wishes = [
        hoping[replicate][THREE.index(code)]
        for replicate, code in made.tables.stances[["replicate", "state"]].to_numpy()
    ]
    stances = made.tables.stances.assign(conditional=pd.Categorical(wishes))
    tables = RunTables(rounds=made.tables.rounds, stances=stances, outcomes=made.tables.outcomes)
    return Compared(label=made.label, run=Run(folder=Path("kept"), manifest=made.manifest, tables=tables))


def test_maps_counts_and_soldiers_of_a_comparison_are_those_of_each_run() -> None:
    """Of four replicates: Poland holds the backstop in three, and would send troops under the conditions in two."""
    held = {n: ("troops", "troops" if n < 2 else "backstop", "backstop" if n else "abstain") for n in range(4)}
    hoping = {n: ("troops", "troops" if n < 1 else "backstop", "troops" if n < 2 else "backstop") for n in range(4)}
    one = told(
        held, hoping, personnel_troops=[9_000.0, 11_000.0, 6_000.0, 6_000.0],
        troop_states_conditional=[3.0, 2.0, 1.0, 1.0], viable=[1.0, 0.0, 0.0, 0.0],
    )  # fmt: skip
    made = comparison(compare([one, BEFORE]))
    land, _, _ = europe()
    maps = [axes for axes in made.axes if any(isinstance(each, PathPatch) for each in axes.patches)]
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
    counts = next(axes for axes in made.axes if axes.get_xlim() == (0, 3) and len(bars(axes)) == 4)
    drawn = [(colour_of[bar.colour], bar.left, bar.width) for bar in bars(counts)]
    assert drawn == [("troops", 0.0, 1.5), ("backstop", 1.5, 1.25), ("guarantee", 2.75, 0.0), ("abstain", 2.75, 0.25)]
    (more,) = (patch for patch in counts.patches if patch.get_hatch())
    assert (more.get_x(), more.get_width()) == (1.5, 0.25)  # 1.75 would send troops under the conditions
    force = next(axes for axes in made.axes if axes.get_xlim()[1] == pytest.approx(25_000 * 1.005))
    assert [(bar.left, bar.width) for bar in bars(force)] == [(0.0, 25_000.0), (0.0, 8_000.0)]
    said = " ".join(text.get_text().replace("\n", " ") for text in made.texts)
    assert "8,000 soldiers" in said
    assert "25,000 asked: viable in 25%" in said


def test_a_state_that_moves_is_drawn_hollow_before_and_full_after_with_the_interval_of_its_change() -> None:
    """Poland goes from never to always in 19 of 20 replicates: +0.95, with 0.05 * 2.093 either way, cut at 1."""
    before = run(dict.fromkeys(range(20), ("troops", "abstain", "abstain")), label="then")
    after = run({n: ("troops", "abstain", "troops" if n else "abstain") for n in range(20)}, label="later")
    made = comparison(compare([before, after]))
    assert [text.get_gid() for text in made.texts if str(text.get_gid()).startswith("mover")] == ["mover POL"]
    rows = next(
        axes for axes in made.axes if [tick.get_text() for tick in axes.get_xticklabels()][::2] == ["0%", "50%", "100%"]
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
