"""The pictures say what the tables say, name every state once, and nothing in them overlaps or is cut off."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim import facts
from sim.plots import FIGURES, option_styles, save, stance_map
from sim.plots.map_states import TINTS, shown_states
from sim.plots.projection import EUROPE, azimuthal
from sim.plots.style import contrast, ink_on, spread, tinted
from sim.results.summary import stance_chances
from sim.scenario import load_scenario
from sim.scenario.schema import Scenario
from sim.text.state_counts import states_headline
from tests.figures import texts

BASE = load_scenario(Path(__file__).parents[2] / "scenarios" / "base.yaml")
QUANTITIES = ("us_backing", "russian_opposition", "mandate", "clarity", "sincerity", "battlefield")


@dataclass(frozen=True)
class Tables:
    """The tables of a run that never took place."""

    rounds: pd.DataFrame
    stances: pd.DataFrame
    outcomes: pd.DataFrame


def scenario_with(**changes: Any) -> Scenario:
    return Scenario.model_validate(BASE.model_dump() | changes)


def with_options(count: int) -> Scenario:
    """Return the base with a menu of this many options, of which those beyond the first three are new."""
    own = {
        f"option_{number}": BASE.menu["backstop"].model_dump()
        | {"label": f"Option number {number} with a long name", "rung": 4}
        for number in range(count)
    }
    menu = dict(itertools.islice((BASE.model_dump()["menu"] | own).items(), count))
    headline = "troops" if "troops" in menu else next(iter(menu))
    return scenario_with(menu=menu, proposal=BASE.proposal.model_dump() | {"headline": headline})


def with_states(*codes: str) -> Scenario:
    """Return the base with these states, figures that are unknown being those of France."""
    known, france = facts.states(), facts.states()["FRA"]
    lacking = {
        code: [name for name in facts.FIGURES if code not in known or getattr(known[code], name) is None]
        for code in codes
    }
    filled = {code: {"facts": {name: getattr(france, name) for name in names}} for code, names in lacking.items()}
    return scenario_with(roster={"states": codes}, leads=codes[:1], states=filled)


def tables_of(scenario: Scenario, *, replicates: int = 12, rounds: int = 5, seed: int = 1) -> Tables:
    """Return random but consistent tables: counts and personnel follow from the stances."""
    rng = np.random.default_rng(seed)
    codes, options = scenario.roster.asked, scenario.option_names
    dates = pd.date_range(scenario.start, periods=rounds, freq=f"{scenario.round_days}D")
    taste = rng.gumbel(size=(len(codes), len(options))) * 2
    round_rows: list[dict[str, Any]] = []
    stance_rows: list[tuple[int, int, str, str, str]] = []
    for replicate, number in itertools.product(range(replicates), range(rounds)):
        values = taste + rng.gumbel(size=taste.shape)
        held = values.argmax(axis=1)
        values[:, -1] += 2.0
        hoped = values.argmax(axis=1)
        stance_rows += [
            (replicate, number + 1, code, options[one], options[other])
            for code, one, other in zip(codes, held, hoped, strict=True)
        ]
        row = {"replicate": replicate, "round": number + 1, "date": dates[number], "phase": int(rng.integers(3))}
        row |= dict(zip(QUANTITIES, rng.random(6), strict=True))
        row |= {"headline": scenario.proposal.headline, "ask": 25_000 * 0.8 ** (number // 2)}
        for rung, name in enumerate(options[1:], start=1):
            row[f"{name.removesuffix('s')}_states"] = int((held == rung).sum())
            row[f"{name.removesuffix('s')}_states_conditional"] = int((hoped == rung).sum())
            row[f"personnel_{name}"] = 30_000.0 * scenario.menu[name].share * int((held == rung).sum())
        round_rows.append(row)
    stances = pd.DataFrame(stance_rows, columns=["replicate", "round", "state", "stance", "conditional"])
    return Tables(
        rounds=pd.DataFrame(round_rows),
        stances=stances.astype({"state": "category", "stance": "category", "conditional": "category"}),
        outcomes=pd.DataFrame({"replicate": range(replicates)}),
    )


def chances_of(scenario: Scenario, stances: dict[str, str], hoping: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return chances by which each state is sure of its stance, abstaining unless named."""
    codes = scenario.roster.asked
    table = pd.DataFrame(0.0, index=pd.Index(codes, name="state"), columns=list(scenario.option_names))
    for code in codes:
        table.loc[code, stances.get(code, "abstain")] = 1.0
    deepest = scenario.deepest
    table[f"{deepest}_conditional"] = [float(code in hoping or stances.get(code) == deepest) for code in codes]
    return table


def boxes(made: Figure, wanted: list[Text]) -> list[Bbox]:
    made.draw_without_rendering()
    return [text.get_window_extent() for text in wanted]


def title(made: Figure) -> str:
    return next(text.get_text().replace("\n", " ") for text in made.texts if text.get_gid() == "title")


def labels_of_states(made: Figure, scenario: Scenario) -> list[Text]:
    return [text for text in texts(made) if text.get_gid() in scenario.roster.asked]


def with_rounds(tables: Tables, **columns: Any) -> Tables:
    return Tables(tables.rounds.assign(**columns), tables.stances, tables.outcomes)


EDGES = {
    "the base": (BASE, {}),
    "one replicate": (BASE, {"replicates": 1}),
    "one round": (BASE, {"rounds": 1}),
    "one state": (with_states("LUX"), {}),
    "one replicate, round and state": (with_states("CAN"), {"replicates": 1, "rounds": 1}),
    "one option": (with_options(1), {}),
    "eight options": (with_options(8), {}),
    "ten options": (with_options(10), {}),
    "no Europeans": (with_states("CAN", "AUS", "NZL", "JPN", "KOR"), {}),
    "all states": (with_states(*(code for code in facts.states() if code not in ("UKR", "RUS"))), {"replicates": 3}),
    "a state of one's own": (with_states("FRA", "XAA"), {}),
    "two years": (BASE, {"rounds": 110, "replicates": 2}),
}


@pytest.fixture(scope="module", params=EDGES, ids=lambda name: name.replace(" ", "_"))
def edge(request: pytest.FixtureRequest) -> tuple[Scenario, Tables, dict[str, Figure]]:
    """Return an odd but lawful run with all its figures."""
    scenario, sizes = EDGES[request.param]
    tables = tables_of(scenario, **sizes)
    return scenario, tables, {name: draw(tables, scenario, seed=0) for name, draw in FIGURES.items()}


def test_nothing_is_cut_off_or_overlaps(edge: tuple[Scenario, Tables, dict[str, Figure]]) -> None:
    for name, made in edge[2].items():
        made.draw_without_rendering()
        width, height = made.canvas.get_width_height()
        seen = [(text.get_text(), text.get_window_extent()) for text in texts(made)]
        for text, box in seen:
            inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
            assert inside, f"{name}: {text!r} leaves the figure"
        for (one, first), (other, second) in itertools.combinations(seen, 2):
            shared = Bbox.intersection(first, second)
            apart = shared is None or min(shared.width, shared.height) <= 2  # pixels
            assert apart, f"{name}: {one!r} overlaps {other!r}"


def test_every_state_asked_is_on_the_map_once(edge: tuple[Scenario, Tables, dict[str, Figure]]) -> None:
    scenario, _, figures = edge
    counts = Counter(text.get_gid() for text in labels_of_states(figures["map"], scenario))
    assert counts == dict.fromkeys(scenario.roster.asked, 1)
    for text in labels_of_states(figures["map"], scenario):
        assert str(text.get_gid()) in text.get_text()


def test_the_footer_names_the_scenario_and_the_run(edge: tuple[Scenario, Tables, dict[str, Figure]]) -> None:
    scenario, tables, figures = edge
    replicates = tables.rounds["replicate"].nunique()
    for made in figures.values():
        said = next(text.get_text() for text in made.texts if text.get_gid() == "footer")
        assert scenario.name in said
        assert f"{replicates} replicate" in said
        assert said.endswith("seed 0")


def test_chances_are_shares_of_the_last_round() -> None:
    rows = [(0, 1, "FRA", "troops", "troops"), (1, 1, "FRA", "troops", "troops")]
    rows += [(0, 2, "FRA", "backstop", "troops"), (1, 2, "FRA", "abstain", "abstain")]
    rows += [(0, 2, "DEU", "guarantee", "troops"), (1, 2, "DEU", "guarantee", "troops")]
    stances = pd.DataFrame(rows, columns=["replicate", "round", "state", "stance", "conditional"])
    chances = stance_chances(stances, BASE.option_names)
    assert list(chances.index) == ["FRA", "DEU"]
    assert list(chances.columns) == ["abstain", "guarantee", "backstop", "troops", "troops_conditional"]
    assert chances.loc["FRA"].tolist() == [0.5, 0.0, 0.5, 0.0, 0.5]
    assert chances.loc["DEU"].tolist() == [0.0, 1.0, 0.0, 0.0, 1.0]


def test_the_map_says_who_would_and_how_many_more() -> None:
    chances = chances_of(BASE, {"GBR": "troops", "FRA": "troops", "POL": "backstop"}, hoping=("POL", "DEU", "SWE"))
    said = "The United Kingdom and France would send troops; 3 more would if the conditions were met"
    assert states_headline(chances, BASE) == said
    assert title(stance_map(chances, BASE)) == said


@pytest.mark.parametrize(
    ("troops", "hoping", "said"),
    [
        ((), (), "No state would send troops, even if the conditions were met"),
        ((), ("DEU", "NLD"), "No state would send troops as things stand; 2 would if the conditions were met"),
        (("EST",), (), "Estonia would send troops; no more would if the conditions were met"),
        (("EST", "LVA", "LTU", "GBR"), ("DNK",), "4 states would send troops; 1 more would if the conditions were met"),
        (BASE.roster.asked, (), "All 38 states would send troops"),
    ],
)
def test_the_map_title_follows_the_data(troops: tuple[str, ...], hoping: tuple[str, ...], said: str) -> None:
    assert states_headline(chances_of(BASE, dict.fromkeys(troops, "troops"), hoping), BASE) == said


def test_of_equal_chances_the_shallower_stance_is_shown() -> None:
    chances = chances_of(BASE, {})
    chances.loc["POL", ["abstain", "backstop", "troops"]] = (0.0, 0.5, 0.5)
    assert shown_states(chances, BASE)["POL"].stance == "backstop"


def test_where_replicates_differ_titles_and_keys_count_states_in_the_mean() -> None:
    chances = chances_of(BASE, {})
    chances.loc["GBR", ["abstain", "troops", "troops_conditional"]] = (0.1, 0.9, 1.0)
    chances.loc["POL", ["abstain", "backstop", "troops", "troops_conditional"]] = (0.0, 0.6, 0.4, 0.7)
    said = "On average 1.3 states would send troops; 1.7 would if the conditions were met"  # 0.9 + 0.4, 1 + 0.7
    assert states_headline(chances, BASE) == said
    made = stance_map(chances, BASE, replicates=20)
    written = " ".join(" ".join(text.get_text() for text in made.texts).split())
    assert "Counts are means over 20 replicates" in written
    assert "Troops in Ukraine: 1.3" in written
    assert "Abstain: 36.1" in written  # 36 others, and Britain in one replicate of ten


def test_the_key_counts_the_states_of_each_stance() -> None:
    made = stance_map(chances_of(BASE, {"GBR": "troops", "POL": "backstop", "ROU": "backstop"}), BASE)
    said = " ".join(text.get_text() for text in made.texts)
    assert "Troops in Ukraine: 1" in said
    assert "Abstain: 35" in said
    assert "Article-5-like guarantee: 0" in said


def test_a_conditional_state_is_hatched_and_a_firm_one_is_not() -> None:
    scenario = with_states("FRA", "POL")

    def hatched(hoping: tuple[str, ...]) -> int:
        axes = stance_map(chances_of(scenario, {"FRA": "troops"}, hoping), scenario).axes[0]
        return sum(patch.get_hatch() is not None for patch in axes.patches)

    assert hatched(()) == 0
    assert hatched(("FRA",)) == 0
    assert hatched(("FRA", "POL")) == 1


def test_leads_carry_a_star() -> None:
    scenario = scenario_with(roster={"states": ("FRA", "GBR", "POL")})
    made = stance_map(chances_of(scenario, {}), scenario)
    starred = {text.get_gid() for text in labels_of_states(made, scenario) if "★" in text.get_text()}
    assert starred == {"FRA", "GBR"}


def test_chances_are_written_unless_all_replicates_agree() -> None:
    scenario = with_states("FRA", "POL")
    chances = chances_of(scenario, {"FRA": "troops"})
    assert {text.get_text() for text in labels_of_states(stance_map(chances, scenario), scenario)} == {"★ FRA", "POL"}
    chances.loc["FRA", ["troops", "backstop"]] = (0.7, 0.3)
    said = {text.get_text().replace("\n", " ") for text in labels_of_states(stance_map(chances, scenario), scenario)}
    assert said == {"★ FRA 70", "POL 100"}


def test_the_projection_keeps_areas() -> None:
    def area(longitude: float, latitude: float) -> float:
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * 0.1 + (longitude, latitude)
        points = azimuthal(corners, EUROPE)
        x, y = points.T
        return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2

    for longitude, latitude in ((-20.0, 64.0), (15.0, 52.0), (40.0, 38.0)):
        true = 6371.0**2 * np.radians(0.1) * (np.sin(np.radians(latitude + 0.1)) - np.sin(np.radians(latitude)))
        assert area(longitude, latitude) == pytest.approx(true, rel=1e-3)


def test_stances_say_how_many_states_came_over() -> None:
    tables = with_rounds(tables_of(BASE, replicates=2, rounds=2), troop_states=[5, 10, 5, 10])
    made = FIGURES["stances"](with_rounds(tables, troop_states_conditional=18), BASE)
    assert title(made) == (
        "States that would send troops rise from 5.0 to 10.0 on average; 18.0 would if the conditions were met"
    )
    made = FIGURES["stances"](with_rounds(tables, troop_states=6, troop_states_conditional=6), BASE)
    assert title(made) == "On average 6.0 states would send troops throughout"


def test_the_bands_of_stances_add_up_to_the_states_asked() -> None:
    made = FIGURES["stances"](tables_of(BASE), BASE)
    axes = made.axes[0]
    assert axes.get_ylim() == (0, 38)
    assert axes.get_ylabel() == "states"
    top = max(path.vertices[:, 1].max() for band in axes.collections for path in band.get_paths())
    assert top == pytest.approx(38)


def test_personnel_is_held_against_the_ask() -> None:
    tables = with_rounds(tables_of(BASE, rounds=2, replicates=1), personnel_troops=[9_000.0, 14_210.0])
    made = FIGURES["personnel"](with_rounds(tables, ask=[25_000, 25_000]), BASE)
    assert title(made) == "Troops in Ukraine: 14,200 of the 25,000 soldiers asked are offered"
    assert not [line for line in made.axes[0].lines if line.get_gid() == "ask in force"]
    made = FIGURES["personnel"](with_rounds(tables, ask=[25_000, 20_000]), BASE)
    assert title(made).endswith("; the ask falls to 20,000")
    assert [line for line in made.axes[0].lines if line.get_gid() == "ask in force"]
    made = FIGURES["personnel"](with_rounds(tables, personnel_troops=26_000.0), BASE)
    assert title(made) == "Troops in Ukraine: 26,000 soldiers offered, at least the 25,000 asked"


def test_personnel_is_in_soldiers_with_thousands_separated() -> None:
    made = FIGURES["personnel"](tables_of(BASE), BASE)
    made.canvas.draw()
    axes = made.axes[0]
    assert axes.get_ylabel() == "soldiers"
    assert any("," in tick.get_text() for tick in axes.get_yticklabels())


def test_the_environment_names_what_moved_most() -> None:
    still = dict.fromkeys(QUANTITIES, 0.5)
    tables = with_rounds(tables_of(BASE, rounds=2, replicates=1), **still, phase=1)
    assert (
        title(FIGURES["environment"](tables, BASE))
        == "The environment hardly changes; a limited truce holds at the end"
    )
    tables = with_rounds(tables, clarity=[0.8, 0.3])
    made = FIGURES["environment"](tables, BASE)
    assert title(made) == "Clarity of the mission falls from 0.80 to 0.30; a limited truce holds at the end"


@pytest.mark.parametrize("name", ["personnel", "environment"])
def test_one_replicate_has_no_spread(name: str) -> None:
    def bands(replicates: int) -> int:
        made = FIGURES[name](tables_of(BASE, replicates=replicates), BASE)
        found = made.findobj(FillBetweenPolyCollection)
        return sum(band.get_alpha() is not None for band in found)

    assert bands(1) == 0
    assert bands(3) > 0


def test_axes_have_units() -> None:
    tables = tables_of(BASE, replicates=2)
    assert [axes.get_ylabel() for axes in FIGURES["environment"](tables, BASE).axes[:6]] == ["0 to 1", "", ""] * 2
    for name in ("stances", "personnel"):
        assert FIGURES[name](tables, BASE).axes[0].get_xlabel() == "2025, rounds of a week"


def test_dollars_in_a_label_stay_dollars() -> None:
    menu = BASE.model_dump()["menu"]
    menu["troops"] |= {"label": "$5 for $10"}
    made = FIGURES["stances"](tables_of(BASE), scenario_with(menu=menu))
    assert any("$5 for $10" in text.get_text() and not text.get_parse_math() for text in made.texts)


@pytest.mark.parametrize("count", [1, 3, 8, 10, 15])
def test_every_option_has_its_own_colour_and_label(count: int) -> None:
    scenario = with_options(count)
    styles = option_styles(scenario)
    assert list(styles) == list(scenario.option_names)
    assert len({style.label for style in styles.values()}) == count + 1
    for one, other in itertools.combinations(styles.values(), 2):
        assert np.linalg.norm(np.subtract(_lab(one.colour), _lab(other.colour))) > 9


def test_the_standard_options_look_the_same_on_every_menu() -> None:
    assert option_styles(with_options(8)).items() >= option_styles(BASE).items()


# Machado, Oliveira & Fernandes (2009), severity 1: how the colour-blind see linear light.
SIGHTS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def _lab(colour: str, sight: Any = SIGHTS["normal"]) -> tuple[float, float, float]:
    """Return the colour in CIE L*a*b*, as this sight sees it."""
    parts = np.array(to_rgb(colour))
    light = np.clip(sight @ np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x, y, z = (
        part if part > 0.206893 else 7.787 * part**3 + 16 / 116
        for part in np.cbrt(to_xyz @ light / (0.95047, 1, 1.08883))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_standard_options_stay_apart_for_every_sight_in_every_tint(sight: str) -> None:
    styles = option_styles(BASE)
    seen = [("abstain", _lab(styles["abstain"].colour, SIGHTS[sight]))]
    for name in BASE.menu:
        seen += [(name, _lab(tinted(styles[name].colour, tint), SIGHTS[sight])) for _, tint in TINTS]
    for (one, first), (other, second) in itertools.combinations(seen, 2):
        assert one == other or np.linalg.norm(np.subtract(first, second)) > 15


@pytest.mark.parametrize("name", BASE.option_names)
def test_type_reads_on_every_ground(name: str) -> None:
    for _, tint in TINTS:
        ground = tinted(option_styles(BASE)[name].colour, tint)
        assert contrast(ink_on(ground), ground) > 3.5


@pytest.mark.parametrize("seed", range(20))
def test_labels_spread_no_farther_than_needed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wishes, heights = rng.random(7) * 10, rng.random(7)
    found = np.array(spread(list(wishes), list(heights), 0.0, 10.0))
    order = np.argsort(wishes)
    gaps = np.diff(found[order]) - (heights[order][1:] + heights[order][:-1]) / 2
    assert gaps.min() > -1e-9
    assert found.min() >= 0
    assert found.max() <= 10 + 1e-9
    free = spread([1.0, 5.0, 9.0], [1.0, 1.0, 1.0], 0.0, 10.0)
    assert free == [1.0, 5.0, 9.0]


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_tables_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    scenario = with_states("FRA", "LUX", "CAN")
    for copy in ("one.png", "other.png"):
        save(FIGURES[name](tables_of(scenario), scenario, seed=3), tmp_path / copy)
    first = (tmp_path / "one.png").read_bytes()
    assert first == (tmp_path / "other.png").read_bytes()
    assert b"tEXt" not in first
    assert b"tIME" not in first
