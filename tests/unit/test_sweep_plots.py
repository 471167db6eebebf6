"""Titles of sweep figures match their data, and nothing in the figures overlaps or is cut off."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from sim.analysis.sensitivity_indices import morris_effects, saltelli_indices
from sim.errors import FigureError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import design_table
from sim.experiment.factor import Range
from sim.experiment.figure_specs import KINDS
from sim.plots import style
from sim.plots.style import COLOURS, tinted
from sim.plots.sweeps import KINDS as DRAWN
from sim.plots.sweeps import draw
from sim.plots.sweeps.axis import ticks
from sim.plots.sweeps.curves import DARKER
from sim.plots.sweeps.hysteresis import SHADE
from sim.scenario import load_scenario
from sim.text.factor_axis import axis_of
from sim.text.headlines import crossings
from sim.text.numbers import outcome_number
from sim.text.outcome_names import outcome_text
from sim.text.plane_headlines import options_headline
from sim.text.setting_names import SettingName, setting_name
from tests.figures import bands, bars, marks, points, strokes, texts

BACKING, OPPOSITION, ASK = "environment.us_backing", "environment.russian_opposition", "menu.troops.ask"
X, Y = f"{BACKING}: {{from: 0, to: 1, steps: 11}}", f"{OPPOSITION}: {{from: 0, to: 1, steps: 9}}"
ASKS = f"{ASK}: {{from: 5000, to: 100000, steps: 16, scale: log}}"
ORDER = "activation: [simultaneous, leads_first, one_at_a_time]"
OPENING = "opening: [abstain, guarantee, troops]"
LONG = (
    "dishes: {choices: {a label that goes on and on and on for no good reason at all: {}, short: {menu: {guarantee: "
    "null}}, Labels_without_any_spaces_in_them_whatsoever: {menu: {troops: {ask: 1000}}}}}"
)
HUNDRED = (
    "who: {choices: {" + ", ".join(f"level {n}: {{menu: {{troops: {{ask: {n + 1}}}}}}}" for n in range(100)) + "}}"
)
STATES = ("nobody", "GBR", "FRA", "DEU", "POL", "ITA")
FORCED = "forced: {choices: {nobody: {}, " + ", ".join(f"{code}: {{leads: [{code}]}}" for code in STATES[1:]) + "}}"
OUTCOMES = ("headline", "viable", "viable_now", "troop_states", "stance.DEU")
ALIKE = 1e-6
SHORT = "A title of one's own"
BASE = load_scenario("base")


@pytest.fixture(scope="module", autouse=True)
def measured_once() -> Iterator[None]:
    """Measure each text once: most of the time of these tests would go into measuring the same words again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "type_width", cache(style.type_width))
        yield


@cache
def experiment_of(
    *vary: str,
    scenario: str = "base",
    design: str = "grid",
    outcomes: Sequence[str] = OUTCOMES,
) -> Experiment:
    lines = "".join(f"  {factor}\n" for factor in vary)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "red-line.yaml"
        path.write_text(
            f"question: Where does it turn?\nscenario: {scenario}\nvary:\n{lines}design: {design}\nreplicates: 200\n"
            f"outcomes: [{', '.join(map(repr, outcomes))}]\n"
        )
        return load_experiment(path)


def summary_of(
    experiment: Experiment,
    pull: Sequence[float] | Callable[[np.ndarray], np.ndarray],
    *,
    runs: int = 200,
    failed: Collection[int] = (),
) -> pd.DataFrame:
    """Return a summary without luck: shares rise along a logistic curve of the factors, each scaled to 0 to 1.

    pull: how strongly each factor draws, or the latent depth as a function of the scaled factors [factor, point].
    """
    table = design_table(experiment).reset_index()
    scaled = np.array([_scaled(table[factor.name], factor) for factor in experiment.factors])
    depth = pull(scaled) if callable(pull) else (np.asarray(pull)[:, None] * (scaled - 0.5)).sum(axis=0)
    lost = np.isin(table["point"], list(failed))
    columns: dict[str, Any] = {"runs": np.where(lost, 0, runs)}
    for outcome in experiment.outcomes:
        if experiment.is_word(outcome):
            middles = np.linspace(-3.0, 3.0, len(experiment.options))
            weight = np.exp(-((depth[:, None] - middles) ** 2))
            shares = weight / weight.sum(axis=1, keepdims=True)
            words = np.array(experiment.options)[shares.argmax(axis=1)]
            columns[outcome] = np.where(lost, None, words)
            columns |= {
                f"{outcome}.{option}": np.where(lost, np.nan, shares[:, place])
                for place, option in enumerate(experiment.options)
            }
            continue
        is_share = outcome.startswith(("viable", "peace", "joins"))
        shift = 1.0 if outcome == "viable_now" else 0.0
        mean = 1.0 / (1.0 + np.exp(-depth - shift)) * (1.0 if is_share else 20.0)
        reach = 0.03 if is_share else 0.5
        for name, values in ((outcome, mean), (f"{outcome}.low", mean - reach), (f"{outcome}.high", mean + reach)):
            columns[name] = np.where(lost, np.nan, np.clip(values, 0.0, 1.0) if is_share else values)
    return pd.concat([table, pd.DataFrame(columns)], axis=1)


def _scaled(values: pd.Series, factor: Any) -> np.ndarray:
    if not factor.is_numeric:
        return np.array([factor.levels.index(value) if value in factor.levels else 0 for value in values]) / (
            len(factor.levels) - 1
        )
    found = values.to_numpy(dtype=float)
    if isinstance(factor, Range) and factor.scale == "log":
        found = np.log(found)
    low, high = np.nanmin(found), np.nanmax(found)
    return np.nan_to_num((found - low) / (high - low), nan=0.5)


def drawn(kind: str, experiment: Experiment, summary: pd.DataFrame, **wanted: Any) -> Figure:
    return draw(KINDS[kind].model_validate({"kind": kind, **wanted}), experiment, summary)


@cache
def phase_diagram() -> Figure:
    """Return the phase diagram that several tests look at."""
    return drawn("phase", *plane(), x=BACKING, y=OPPOSITION, outcome="headline", contour="viable")


def said(made: Figure, what: str) -> str:
    return next(text.get_text().replace("\n", " ") for text in made.texts if text.get_gid() == what)


def labelled(made: Figure, what: str) -> list[str]:
    return [text.get_text() for text in texts(made) if text.get_gid() == what]


def failed_patches(made: Figure) -> int:
    return sum(
        patch.get_gid() == "failed" and patch.get_hatch() is not None for axes in made.axes for patch in axes.patches
    )


def plane(**kinds: Any) -> tuple[Experiment, pd.DataFrame]:
    experiment = experiment_of(X, Y)
    return experiment, summary_of(experiment, (8.0, -5.0), **kinds)


EDGES: dict[str, tuple[str, Callable[[], tuple[Experiment, pd.DataFrame]], dict[str, Any]]] = {}


def edge(name: str, kind: str, vary: Sequence[str], pull: Sequence[float], wanted: dict[str, Any], **more: Any) -> None:
    """Note down one figure to be looked at for overlaps and cut-offs."""
    failed = more.pop("failed", ())

    def made() -> tuple[Experiment, pd.DataFrame]:
        experiment = experiment_of(*vary, **more)
        return experiment, summary_of(experiment, pull, failed=failed)

    EDGES[name] = kind, made, wanted


edge(
    "a phase diagram", "phase", (X, Y), (8, -5), {"x": BACKING, "y": OPPOSITION, "outcome": "headline"}, failed=(3, 50)
)
edge(
    "a phase diagram with lines", "phase", (X, Y), (8, -5),
    {"x": BACKING, "y": OPPOSITION, "outcome": "headline", "contour": "viable"}, scenario="paris-march-2025",
)  # fmt: skip
edge(
    "four points", "phase", (X.replace("11", "2"), Y.replace("9", "2")), (4, -3),
    {"x": BACKING, "y": OPPOSITION, "outcome": "headline", "contour": "viable"},
)  # fmt: skip
edge("long labels beside", "phase", (X, LONG), (8, 3), {"x": BACKING, "y": "dishes", "outcome": "headline"})
edge("long labels under", "heat", (LONG, X), (3, 8), {"x": "dishes", "y": BACKING, "outcome": "viable"})
edge("a hundred levels", "heat", (HUNDRED, X), (3, 8), {"x": "who", "y": BACKING, "outcome": "viable"})
edge("a log axis", "heat", (ASKS, ORDER), (-8, 3), {"x": ASK, "y": "activation", "outcome": "troop_states"})
edge("a hundred levels beside", "heat", (HUNDRED, X), (3, 8), {"x": BACKING, "y": "who", "outcome": "viable"})
edge("words over labels", "cliff", (LONG,), (5,), {"x": "dishes", "outcome": "headline"})
edge("a small gap", "hysteresis", (X, OPENING), (6, 0.1), {"x": BACKING, "outcome": "troop_states", "by": "opening"})
edge("a cliff", "cliff", (ASKS,), (-8,), {"x": ASK, "outcome": "viable"}, scenario="paris-march-2025")
edge("two cliffs", "cliff", (ASKS,), (-8,), {"x": ASK, "outcome": ["viable", "viable_now"]})
edge("cliffs by order", "cliff", (ASKS, ORDER), (-8, 4), {"x": ASK, "outcome": "viable", "by": "activation"})
edge("words over numbers", "cliff", (X,), (7,), {"x": BACKING, "outcome": "headline"}, failed=(4,))
edge("outcomes apart", "cliff", (X,), (7,), {"x": BACKING, "outcome": ["viable", "troop_states", "headline"]})
edge("small curves", "multiples", (X, LONG), (8, 3), {"x": BACKING, "outcome": "viable", "by": "dishes"})
edge("small words", "multiples", (X, ORDER), (8, 3), {"x": BACKING, "outcome": "headline", "by": "activation"})
edge(
    "small maps", "multiples", (X, Y, ORDER), (8, -5, 3),
    {"x": BACKING, "y": OPPOSITION, "outcome": "viable", "by": "activation"},
)  # fmt: skip
edge(
    "small phase diagrams", "multiples", (X, Y, ORDER), (8, -5, 3),
    {"x": BACKING, "y": OPPOSITION, "outcome": "stance.DEU", "by": "activation"},
)  # fmt: skip
edge("hysteresis", "hysteresis", (X, OPENING), (8, 4), {"x": BACKING, "outcome": "viable", "by": "opening"})
edge(
    "swings",
    "tornado",
    (X, Y, ASKS, ORDER),
    (5, -4, -3, 2),
    {"outcome": ["viable", "troop_states"]},
    design="one_at_a_time",
)
edge("indices", "tornado", (X, Y, ASKS, ORDER), (5, -4, -3, 2), {"outcome": "viable"}, design="{saltelli: {base: 64}}")
edge(
    "effects of Morris",
    "tornado",
    (X, Y, ASKS, ORDER),
    (5, -4, -3, 2),
    {"outcome": "viable"},
    design="{morris: {trajectories: 8}}",
)
edge("who moves whom", "effects", (FORCED,), (3,), {"rows": "forced", "outcome": "joins.*"}, outcomes=("joins.*",))
edge(
    "what a choice changes",
    "effects",
    (LONG,),
    (3,),
    {"rows": "dishes", "outcome": ["viable", "troop_states"], "against": "short"},
)
edge(
    "a sample", "phase", (X, Y, ASKS), (8, -5, -1),
    {"x": BACKING, "y": OPPOSITION, "outcome": "headline", "contour": "viable"},
    design="{latin_hypercube: {points: 300}}",
)  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_nothing_is_cut_off_or_overlaps(name: str) -> None:
    kind, prepare, wanted = EDGES[name]
    made = drawn(kind, *prepare(), **wanted)
    made.draw_without_rendering()
    width, height = made.canvas.get_width_height()
    seen = [
        (text.get_text(), text.get_window_extent())
        for text in texts(made)
        if text.get_gid() != "contour"  # turned along its line, so that its box says little
    ]
    assert len(seen) > 5
    for text, box in seen:
        assert box.x0 >= 0, f"{text!r} leaves the figure"
        assert box.y0 >= 0, f"{text!r} leaves the figure"
        assert box.x1 <= width, f"{text!r} leaves the figure"
        assert box.y1 <= height, f"{text!r} leaves the figure"
    for (one, first), (other, second) in itertools.combinations(seen, 2):
        shared = Bbox.intersection(first, second)
        assert shared is None or min(shared.width, shared.height) <= 2, f"{one!r} overlaps {other!r}"  # pixels


def test_every_kind_of_an_experiment_can_be_drawn() -> None:
    assert DRAWN.keys() == KINDS.keys()
    assert {kind for kind, _, _ in EDGES.values()} == KINDS.keys()


def test_a_given_title_is_used_and_the_footer_names_the_experiment_and_its_size() -> None:
    experiment, summary = plane(failed=(0, 1))
    made = drawn("heat", experiment, summary, x=BACKING, y=OPPOSITION, outcome="viable", title=SHORT)
    assert said(made, "title") == SHORT
    parts = said(made, "footer").split(" · ")
    assert parts[:4] == ["Experiment red-line", "99 points", "200 replicates per point", "seed 0"]
    assert "2 points failed, hatched grey" in parts
    assert failed_patches(made) == 2


# Phase diagrams


def test_a_cell_has_the_colour_of_the_likeliest_option_paler_if_it_is_less_likely() -> None:
    made = phase_diagram()
    colours = {to_hex(cell) for cell in made.axes[0].collections[0].get_array().reshape(-1, 4)}
    tints = {tinted(colour, tint) for colour in COLOURS.values() for tint in (1.0, 0.8, 0.6)}
    assert colours <= tints
    assert tinted(COLOURS["troops"], 1.0) in colours
    assert len(colours) > 4


def test_the_title_of_a_phase_diagram_names_where_the_likeliest_option_changes() -> None:
    experiment = experiment_of(X, Y)
    summary = summary_of(experiment, lambda scaled: np.where(scaled[0] > 0.35 + 0.4 * scaled[1], 3.0, -3.0))
    made = drawn("phase", experiment, summary, x=BACKING, y=OPPOSITION, outcome="headline")
    assert said(made, "title") == (
        "The likeliest headline changes from abstaining to troops in Ukraine as US backing passes about 0.35 "
        "with Russian opposition at 0, 0.75 with it at 1"
    )


def test_with_many_bands_the_title_names_where_the_scenarios_headline_begins() -> None:
    made = phase_diagram()
    assert said(made, "title").startswith(
        "The likeliest headline is troops in Ukraine where US backing is at least about"
    )


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (lambda x, y: x < 9, "The likeliest headline is A throughout"),
        (lambda x, y: x < 5, "The likeliest headline changes from A to B as US backing passes about 0.45"),
        (
            lambda x, y: (x < 8) | (y < 8),
            "The likeliest headline is A nearly everywhere, B only where US backing is 0.8 or more and Russian "
            "opposition is 0.8 or more",
        ),
        (
            lambda x, y: (x < 6) | (y < 6),
            "The likeliest headline is A in most cells, B only where US backing is 0.6 or more and Russian opposition "
            "is 0.6 or more",
        ),
    ],
)
def test_titles_of_phase_diagrams_follow_the_cells(word: Callable[..., np.ndarray], told: str) -> None:
    levels = pd.Series(np.round(np.linspace(0.0, 1.0, 11), 1))
    axes = [
        axis_of(levels, name, SettingName(phrase=name, unit="0 to 1")) for name in ("US backing", "Russian opposition")
    ]
    x, y = np.meshgrid(np.arange(11), np.arange(11))
    if told.endswith("throughout"):
        x = x * 0
    cells = np.where(word(x, y), "a", "b")
    assert options_headline(*axes, cells, {"a": "A", "b": "B"}, name="headline", focus="a") == told


def test_the_shipped_scenarios_are_marked_with_one_dot_per_position() -> None:
    made = phase_diagram()
    listed = " ".join(text.replace("\n", " ") for text in labelled(made, "key"))
    for name in ("base", "paris-march-2025", "us-opposes", "firm-us-backstop"):
        assert name in listed
    numbers = labelled(made, "mark")
    assert sorted(numbers, key=int) == [str(n) for n in range(1, len(numbers) // 2 + 1) for _ in range(2)]


def test_scenarios_beyond_the_axes_are_not_marked() -> None:
    experiment = experiment_of(f"{BACKING}: {{from: 0.95, to: 1, steps: 3}}", Y)
    made = drawn("phase", experiment, summary_of(experiment, (1.0, -5.0)), x=BACKING, y=OPPOSITION, outcome="headline")
    assert not labelled(made, "mark")


def test_contour_lines_are_drawn_at_one_half_and_at_the_quarters() -> None:
    made = phase_diagram()
    assert set(labelled(made, "contour")) == {"25%", "50%", "75%"}
    experiment = experiment_of(X, Y)
    low = summary_of(experiment, lambda scaled: scaled[0] - 4.0)
    made = drawn("phase", experiment, low, x=BACKING, y=OPPOSITION, outcome="headline", contour="viable")
    assert not labelled(made, "contour")
    assert any("no lines" in text for text in labelled(made, "key"))


# Curves


def test_the_title_of_a_cliff_names_where_viability_falls_below_one_half() -> None:
    experiment = experiment_of(ASKS, scenario="paris-march-2025")
    made = drawn("cliff", experiment, summary_of(experiment, (-8.0,)), x=ASK, outcome="viable")
    at = np.sqrt(5_000 * 100_000)  # half-way on the log scale, where the logistic curve is one half
    assert said(made, "title") == (
        "The probability of a viable force falls below one half as the ask for troops in Ukraine passes about "
        f"{round(at, -3):,.0f} soldiers"
    )
    assert labelled(made, "crossing") == [f"{round(at, -3):,.0f} soldiers"]
    assert labelled(made, "own") == ["paris-march-2025: 25,000 soldiers"]


def test_a_crossing_between_distant_levels_is_named_as_a_range() -> None:
    experiment = experiment_of(f"{ASK}: [5000, 100000]")
    made = drawn("cliff", experiment, summary_of(experiment, (-8.0,)), x=ASK, outcome="viable")
    assert "passes between 5,000 and 100,000 soldiers" in said(made, "title")


def test_the_title_of_a_curve_below_one_half_says_so() -> None:
    experiment = experiment_of(X)
    made = drawn(
        "cliff", experiment, summary_of(experiment, lambda scaled: scaled[0] - 3.0), x=BACKING, outcome="viable"
    )
    assert said(made, "title") == (
        "The probability of a viable force, never above one half, rises from 5% to 12% as US backing goes from 0 to 1"
    )


def test_the_band_is_that_of_the_summary() -> None:
    experiment = experiment_of(X)
    summary = summary_of(experiment, (6.0,))
    made = drawn("cliff", experiment, summary, x=BACKING, outcome="viable", title=SHORT)
    band = made.axes[0].collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(summary["viable.high"].max())
    assert band[:, 1].min() == pytest.approx(summary["viable.low"].min())


def test_a_curve_of_one_at_a_time_has_only_points_with_all_other_factors_at_the_baseline() -> None:
    experiment = experiment_of(X, ASKS, design="one_at_a_time")
    summary = summary_of(experiment, (6.0, -3.0))
    made = drawn("cliff", experiment, summary, x=BACKING, outcome="viable", title=SHORT)
    assert "12 of 28 points" in said(made, "footer")
    with pytest.raises(FigureError, match="never changed together"):
        drawn("heat", experiment, summary, x=BACKING, y=ASK, outcome="viable")


def test_other_factors_are_averaged_over_and_named() -> None:
    experiment = experiment_of(X, Y)
    made = drawn("cliff", experiment, summary_of(experiment, (6.0, -3.0)), x=BACKING, outcome="viable", title=SHORT)
    assert "mean over all levels of Russian opposition" in said(made, "footer")


def test_crossings_are_found_on_the_scale_of_the_axis() -> None:
    linear = axis_of(pd.Series([0.0, 1.0]), "x", SettingName(phrase="x"))
    log = axis_of(pd.Series([1.0, 100.0]), "x", SettingName(phrase="x"), is_log=True)
    values = np.array([1.0, 0.0])
    assert crossings(linear, values)[0].at == pytest.approx(0.5)
    assert crossings(log, values)[0].at == pytest.approx(10.0)
    assert not crossings(linear, np.array([1.0, np.nan]))


def test_hysteresis_names_the_shift_of_the_crossing_and_the_widest_gap() -> None:
    experiment = experiment_of(X, OPENING)
    summary = summary_of(experiment, lambda scaled: 12.0 * (scaled[0] - 0.7 + 0.4 * scaled[1]))
    made = drawn("hysteresis", experiment, summary, x=BACKING, outcome="viable", by="opening")
    assert said(made, "title") == (
        "With troops in Ukraine as the opening, the probability of a viable force rises above one half at US backing "
        "of about 0.3; with abstaining, only at about 0.7"
    )
    wide = summary.groupby(BACKING)["viable"].agg(np.ptp).max()
    assert labelled(made, "widest") == [f"gap {100 * wide:.0f} points"]
    assert any(band.get_gid() == "gap" for band in made.axes[0].collections)


def test_openings_without_an_effect_are_named_as_such() -> None:
    experiment = experiment_of(X, OPENING)
    made = drawn(
        "hysteresis", experiment, summary_of(experiment, (6.0, 0.1)), x=BACKING, outcome="troop_states", by="opening"
    )
    assert said(made, "title").startswith(
        "The opening does not significantly change the number of states that would send troops"
    )


def test_small_multiples_have_one_panel_per_level_and_one_scale() -> None:
    experiment = experiment_of(ASKS, ORDER)
    made = drawn(
        "multiples", experiment, summary_of(experiment, (-8, 4)), x=ASK, outcome="troop_states", by="activation"
    )
    assert labelled(made, "heading") == ["simultaneous", "leads first", "one at a time"]
    assert len({axes.get_ylim() for axes in made.axes}) == 1


# Sensitivity


def test_a_tornado_has_the_longest_bar_on_top_and_the_levels_at_its_ends() -> None:
    experiment = experiment_of(X, Y, ORDER, design="one_at_a_time")
    made = drawn("tornado", experiment, summary_of(experiment, (2.0, -5.0, 0.5)), outcome="troop_states")
    factors = [text.get_text() for text in made.texts if text.get_gid() == "factor"]
    assert factors == ["Russian opposition", "US backing", "Order of declaring"]
    assert said(made, "title").startswith("Russian opposition")
    assert labelled(made, "level")[0] == "0"


def test_at_most_twenty_bars_are_drawn_and_the_others_are_counted() -> None:
    names = BASE.weights.keys() - {"momentum", "sincerity", "hub", "security", "consistency"}
    weights = [f"weights.{name}: [0.5, 1.5]" for name in sorted(names)]
    more = [
        f"geography.{name}: [0.1, 0.9]" for name in ("border_share", "host_border", "home_tie_base", "home_tie_front")
    ]
    experiment = experiment_of(*weights, *more, X, Y, ORDER, design="one_at_a_time")
    summary = summary_of(experiment, np.linspace(3.0, 0.1, 22))
    made = drawn("tornado", experiment, summary, outcome="troop_states", title=SHORT)
    assert len([text for text in made.texts if text.get_gid() == "factor"]) == 20
    assert "the 20 strongest of 22 factors" in said(made, "footer")


def test_indices_draw_the_first_order_within_the_total() -> None:
    experiment = experiment_of(X, Y, design="{saltelli: {base: 64}}")
    made = drawn("tornado", experiment, summary_of(experiment, (4.0, -2.0)), outcome="viable")
    heights = sorted({round(patch.get_height(), 2) for patch in made.axes[0].patches})
    assert heights == [0.3, 0.68]
    assert said(made, "title").startswith("US backing explains")


# Who moves whom


def influences(values: np.ndarray) -> tuple[Experiment, pd.DataFrame]:
    """Return a sweep in which forcing state i in moves the chance of state j by values[i, j]."""
    experiment = experiment_of(FORCED, outcomes=("joins.*",))
    summary = summary_of(experiment, (0.0,))
    for place, code in enumerate(STATES[1:]):
        mean = np.concatenate([[0.5], 0.5 + values[:, place]])
        summary[f"joins.{code}"], summary[f"joins.{code}.low"], summary[f"joins.{code}.high"] = (
            mean,
            mean - 0.01,
            mean + 0.01,
        )
    return experiment, summary


def test_effects_are_differences_from_nobody_with_the_strongest_first_and_without_effects_on_oneself() -> None:
    values = np.zeros((5, 5))
    values[2] = [0.1, 0.1, 0.5, 0.1, 0.3]  # Germany moves the others, Italy most; its own place is its forced stance
    experiment, summary = influences(values)
    made = drawn("effects", experiment, summary, rows="forced", outcome="joins.*")
    assert said(made, "title") == (
        "Germany has the largest effect on other states: 0.6 more join; Italy is affected most, by up to +30 points"
    )
    assert labelled(made, "row")[0] == "DEU Germany"
    assert labelled(made, "column")[0] == "ITA"
    assert labelled(made, "sum")[0] == "+0.6"
    assert "+50" not in labelled(made, "change")


def test_colours_of_effects_are_centred_on_zero() -> None:
    values = np.zeros((5, 5))
    values[0, 1], values[1, 0] = 0.4, -0.2
    made = drawn("effects", *influences(values), rows="forced", outcome="joins.*", title=SHORT)
    low, high = made.axes[0].collections[0].get_clim()
    assert low == -high


def test_effects_need_the_level_to_compare_with() -> None:
    experiment = experiment_of(LONG)
    with pytest.raises(FigureError, match="'dishes' has no level 'nobody' to compare with"):
        drawn("effects", experiment, summary_of(experiment, (1.0,)), rows="dishes", outcome="viable")


def test_legible_with_all_states() -> None:
    codes = BASE.roster.asked
    vary = "forced: {choices: {nobody: {}, " + ", ".join(f"{code}: {{leads: [{code}]}}" for code in codes) + "}}"
    experiment = experiment_of(vary, outcomes=("joins.*",))
    made = drawn("effects", experiment, summary_of(experiment, (3.0,)), rows="forced", outcome="joins.*", title=SHORT)
    for kind in ("row", "column", "sum"):
        sizes = [text.get_size() for text in texts(made) if text.get_gid() == kind]
        assert len(sizes) == 38
        assert min(sizes) >= 7.0


# Too little, too much


@pytest.mark.parametrize(
    ("kind", "wanted", "told"),
    [
        ("heat", {"x": BACKING, "y": "clarity", "outcome": "viable"}, "'clarity' is not varied in this experiment"),
        ("heat", {"x": BACKING, "y": BACKING, "outcome": "viable"}, "cannot be shown twice"),
        ("heat", {"x": BACKING, "y": OPPOSITION, "outcome": "peace_holds"}, "'peace_holds' was not measured"),
        ("tornado", {"outcome": "viable"}, "a tornado needs points of the design one_at_a_time, saltelli or morris"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_refused_with_advice(kind: str, wanted: dict[str, Any], told: str) -> None:
    with pytest.raises(FigureError, match=told):
        drawn(kind, *plane(), **wanted)


def test_one_level_is_not_an_axis() -> None:
    experiment, summary = plane()
    with pytest.raises(FigureError, match="has only one level in the sweep"):
        drawn("cliff", experiment, summary[summary[BACKING] == 0.5], x=BACKING, outcome="viable")


def test_a_sweep_of_failures_draws_nothing() -> None:
    experiment = experiment_of(X)
    for summary in (summary_of(experiment, (1.0,), failed=range(11)), summary_of(experiment, (1.0,)).head(0)):
        with pytest.raises(FigureError, match="nothing to draw"):
            drawn("cliff", experiment, summary, x=BACKING, outcome="viable")


def test_too_many_panels_are_refused() -> None:
    experiment = experiment_of(HUNDRED, X)
    with pytest.raises(FigureError, match="too many for small multiples"):
        drawn("multiples", experiment, summary_of(experiment, (1.0, 2.0)), x=BACKING, outcome="viable", by="who")


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_an_outcome_that_never_moves_or_is_negative_is_drawn(value: float) -> None:
    experiment, summary = plane()
    summary = summary.assign(**dict.fromkeys(("troop_states", "troop_states.low", "troop_states.high"), value))
    made = drawn("heat", experiment, summary, x=BACKING, y=OPPOSITION, outcome="troop_states")
    assert said(made, "title").endswith(f"are {outcome_number(value)} for all values of the two settings")


# Words and numbers


@pytest.mark.parametrize(
    ("path", "unit", "label"),
    [
        ("menu.troops.ask", "soldiers", "Ask for troops in Ukraine (soldiers)"),
        ("menu.guarantee.share", "share", "Share of forces offered to Article-5-like guarantee (0 to 1)"),
        ("environment.us_backing", "0 to 1", "US backing (0 to 1)"),
        ("environment.us_backing.volatility", "logits", "Volatility of US backing (logits)"),
        ("weights.opinion", "", "Weight of public opinion"),
        ("states.DEU.feels.opinion", "", "Sensitivity of Germany to public opinion"),
        ("dishes", "", "Dishes"),
    ],
)
def test_settings_have_labels_and_units(path: str, unit: str, label: str) -> None:
    assert setting_name(path, BASE, unit=unit).label == label


@pytest.mark.parametrize(
    ("outcome", "label"),
    [
        ("viable", "Viable force (% of replicates)"),
        ("personnel_troops", "Soldiers declared for troops in Ukraine"),
        ("troop_states", "States that would send troops"),
        ("deterrence", "Deterrence (0 to 1)"),
        ("stance.DEU", "Stance of Germany"),
        ("joins.GBR", "United Kingdom joins (% of replicates)"),
        ("headline.abstain", "Headline is abstaining (% of replicates)"),
    ],
)
def test_outcomes_have_labels_and_units(outcome: str, label: str) -> None:
    assert outcome_text(outcome, BASE).label == label


def test_ticks_of_a_log_axis_are_round() -> None:
    axis = axis_of(pd.Series(np.geomspace(5_000, 100_000, 30)), ASK, SettingName(phrase="ask", unit="soldiers"))
    assert axis.is_log
    assert all(tick / 10 ** np.floor(np.log10(tick)) % 1.0 < ALIKE for tick in ticks(axis, 6.0))


def test_evenly_spaced_numbers_are_not_taken_for_a_log_range() -> None:
    assert not axis_of(pd.Series(np.linspace(1.0, 100.0, 12)), "x", SettingName(phrase="x")).is_log


# Every kind draws the summary


def cells(summary: pd.DataFrame, column: str, x: str = BACKING, y: str = OPPOSITION) -> np.ndarray:
    """Return a column of the summary as [levels of y, levels of x]."""
    return summary.pivot(index=y, columns=x, values=column).sort_index().sort_index(axis=1).to_numpy()


def at_levels(summary: pd.DataFrame, factor: str, column: str, where: tuple[str, object] | None = None) -> np.ndarray:
    """Return a column over the levels of a factor, ascending; where: only at this level of another."""
    rows = summary if where is None else summary[summary[where[0]] == where[1]]
    return rows.sort_values(factor)[column].to_numpy(dtype=float)


def curve_and_band(axes: Axes, place: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values of a curve of a panel and both edges of its band, at the levels along the axis."""
    curves = [points(line) for line in axes.lines if line.get_marker() == "o" and len(points(line)) > 1]
    shades = [edges for edges, colour in bands(axes) if colour != SHADE.lower()]
    edges = shades[place]
    found = np.array([edges[x] for x in curves[place][:, 0]])
    return curves[place][:, 1], found[:, 0], found[:, 1]


def test_every_cell_of_a_phase_diagram_has_the_colour_of_its_likeliest_option_and_share() -> None:
    experiment, summary = plane()
    made = drawn("phase", experiment, summary, x=BACKING, y=OPPOSITION, outcome="headline")
    image = made.axes[0].collections[0].get_array()
    shares = np.stack([cells(summary, f"headline.{option}") for option in experiment.options])
    assert image.shape == (9, 11, 4)
    for row, column in np.ndindex(9, 11):
        place = int(shares[:, row, column].argmax())
        share = shares[place, row, column]
        tint = 1.0 if share >= 0.8 else 0.8 if share >= 0.5 else 0.6
        assert to_hex(image[row, column]) == tinted(COLOURS[experiment.options[place]], tint), (row, column)


def test_every_cell_of_a_heat_map_has_the_colour_of_its_mean() -> None:
    experiment, summary = plane(failed=(12,))
    made = drawn("heat", experiment, summary, x=BACKING, y=OPPOSITION, outcome="troop_states")
    mesh = made.axes[0].collections[0]
    values = np.ma.filled(mesh.get_array(), np.nan).reshape(9, 11)
    np.testing.assert_array_equal(values, cells(summary, "troop_states"))
    assert np.isnan(values).sum() == 1
    low, high = mesh.get_clim()
    assert low <= np.nanmin(values) < np.nanmax(values) <= high


def test_a_cliff_goes_through_the_means_and_its_band_from_low_to_high_at_every_level() -> None:
    experiment = experiment_of(X)
    summary = summary_of(experiment, (6.0,))
    summary["viable.low"] -= np.linspace(0.0, 0.02, 11)  # not alike on both sides, nor everywhere
    made = drawn("cliff", experiment, summary, x=BACKING, outcome="viable", title=SHORT)
    mean, low, high = curve_and_band(made.axes[0])
    for seen, part in ((mean, ""), (low, ".low"), (high, ".high")):
        assert seen == pytest.approx(at_levels(summary, BACKING, f"viable{part}"))


def test_each_level_has_its_own_curve_in_the_order_of_the_levels() -> None:
    experiment = experiment_of(X, OPENING)
    summary = summary_of(experiment, (6.0, 3.0))
    made = drawn("cliff", experiment, summary, x=BACKING, outcome="viable", by="opening", title=SHORT)
    panel, levels = made.axes[0], ("abstain", "guarantee", "troops")
    for place, level in enumerate(levels):
        mean, low, high = curve_and_band(panel, place)
        for seen, part in ((mean, ""), (low, ".low"), (high, ".high")):
            assert seen == pytest.approx(at_levels(summary, BACKING, f"viable{part}", ("opening", level)))
    colours = [to_hex(line.get_color()) for line in panel.lines if len(points(line)) > 2]
    assert colours == [DARKER["abstain"].lower(), COLOURS["guarantee"].lower(), COLOURS["troops"].lower()]
    ends = " ".join(labelled(made, "end label"))
    for level in levels:
        assert f"{100 * at_levels(summary, BACKING, 'viable', ('opening', level))[-1]:.0f}%" in ends


def test_an_option_over_a_factor_is_drawn_as_stacked_shares() -> None:
    experiment = experiment_of(X)
    summary = summary_of(experiment, (7.0,))
    made = drawn("cliff", experiment, summary, x=BACKING, outcome="headline")
    floor = np.zeros(11)
    for (edges, colour), option in zip(bands(made.axes[0]), reversed(experiment.options), strict=True):
        share = at_levels(summary, BACKING, f"headline.{option}")
        found = np.array([edges[level] for level in sorted(summary[BACKING])])
        assert colour == COLOURS[option].lower()
        assert found[:, 0] == pytest.approx(floor)
        assert found[:, 1] == pytest.approx(floor + share)
        floor = floor + share


def test_each_panel_of_small_multiples_shows_its_own_level() -> None:
    experiment = experiment_of(X, ORDER)
    summary = summary_of(experiment, (6.0, 4.0))
    made = drawn("multiples", experiment, summary, x=BACKING, outcome="viable", by="activation")
    for axes, level in zip(made.axes, ("simultaneous", "leads_first", "one_at_a_time"), strict=True):
        mean, low, high = curve_and_band(axes)
        for seen, part in ((mean, ""), (low, ".low"), (high, ".high")):
            assert seen == pytest.approx(at_levels(summary, BACKING, f"viable{part}", ("activation", level)))


def test_each_map_of_small_multiples_shows_its_own_level() -> None:
    experiment = experiment_of(X, Y, ORDER)
    summary = summary_of(experiment, (8.0, -5.0, 3.0))
    made = drawn("multiples", experiment, summary, x=BACKING, y=OPPOSITION, outcome="viable", by="activation")
    for axes, level in zip(made.axes, ("simultaneous", "leads_first", "one_at_a_time"), strict=False):
        values = np.ma.filled(axes.collections[0].get_array(), np.nan).reshape(9, 11)
        np.testing.assert_array_equal(values, cells(summary[summary["activation"] == level], "viable"))


def test_openings_have_their_own_curves_and_the_gap_between_them_is_shaded() -> None:
    experiment = experiment_of(X, OPENING)
    summary = summary_of(experiment, lambda scaled: 12.0 * (scaled[0] - 0.7 + 0.4 * scaled[1]))
    made = drawn("hysteresis", experiment, summary, x=BACKING, outcome="viable", by="opening")
    stack = []
    for place, level in enumerate(("abstain", "guarantee", "troops")):
        stack.append(at_levels(summary, BACKING, "viable", ("opening", level)))
        assert curve_and_band(made.axes[0], place)[0] == pytest.approx(stack[-1])
    (gap,) = (edges for edges, colour in bands(made.axes[0]) if colour == SHADE.lower())
    found = np.array([gap[level] for level in sorted(set(summary[BACKING]))])
    assert found[:, 0] == pytest.approx(np.min(stack, axis=0))
    assert found[:, 1] == pytest.approx(np.max(stack, axis=0))


def test_a_bar_of_a_tornado_reaches_from_the_baseline_to_the_means_of_its_end_levels() -> None:
    """Four levels and the baseline by hand: down to 4 at a backing of 0, up to 9 at 1, against 6 as things are."""
    experiment = experiment_of(f"{BACKING}: [0, 1]", f"{OPPOSITION}: [0.1, 0.9]", design="one_at_a_time")
    summary = summary_of(experiment, (2.0, -5.0)).sort_values("point")
    assert list(summary[BACKING].iloc[1:3]) == [0.0, 1.0]
    for column, values in (
        ("", (6, 4, 9, 7, 6)),
        (".low", (5.5, 3.7, 8.6, 6.9, 5.0)),
        (".high", (6.5, 4.2, 9.3, 7.2, 7.0)),
    ):
        summary[f"troop_states{column}"] = np.array(values, dtype=float)
    made = drawn("tornado", experiment, summary, outcome="troop_states")
    (axes,) = made.axes
    ends = [bar for bar in bars(axes) if bar.height == 0.62]
    assert [(bar.middle, bar.left, bar.width, bar.colour) for bar in ends] == [
        (0.0, 6.0, -2.0, "#c98a3c"),
        (0.0, 6.0, 3.0, "#1d3f63"),
        (1.0, 6.0, 1.0, "#c98a3c"),
    ]
    intervals = [line[:, 0].tolist() for line, _ in strokes(axes) if len(set(line[:, 1])) == 1]
    assert intervals == [[3.7, 4.2], [8.6, 9.3], [6.9, 7.2]]
    assert labelled(made, "level") == ["0", "1", "0.1"]
    own = next(bar for bar in bars(axes) if bar.height == 1.0)
    assert (own.left, own.left + own.width) == (5.5, 6.5)


@pytest.mark.parametrize(
    ("design", "of", "columns"),
    [
        ("{saltelli: {base: 64}}", saltelli_indices, ("total", "first")),
        ("{morris: {trajectories: 8}}", morris_effects, ("mu_star", "sigma")),
    ],
)
def test_bars_of_sensitivity_are_the_indices_and_their_lines_the_intervals(
    design: str, of: Callable[..., pd.DataFrame], columns: tuple[str, str]
) -> None:
    experiment = experiment_of(X, Y, design=design)
    summary = summary_of(experiment, (4.0, -2.0))
    (axes,) = drawn("tornado", experiment, summary, outcome="viable").axes
    whole, part = columns
    table = of(experiment, summary, "viable").sort_values(whole, ascending=False)
    assert [bar.width for bar in bars(axes) if bar.height > 0.5] == pytest.approx(table[whole].clip(lower=0.0))
    inner = [bar.width for bar in bars(axes) if bar.height < 0.5] or [x for x, _, _ in marks(axes)]
    assert inner == pytest.approx(table[part].clip(lower=0.0))
    lines = np.array([line[:, 0] for line, _ in strokes(axes)])
    assert lines[:, 0] == pytest.approx((table[whole] - table[f"{whole}.reach"]).clip(lower=0.0))
    assert lines[:, 1] == pytest.approx(table[whole] + table[f"{whole}.reach"])


def test_the_effect_of_a_forced_state_is_drawn_with_its_sign_in_its_row_and_column() -> None:
    """Forcing Germany brings Italy in by 30 points and drives Poland off by 20; it sums up to +10 points."""
    values = np.zeros((5, 5))
    codes = STATES[1:]
    values[codes.index("DEU"), codes.index("ITA")] = 0.3
    values[codes.index("DEU"), codes.index("POL")] = -0.2
    made = drawn("effects", *influences(values), rows="forced", outcome="joins.*", title=SHORT)
    rows = [text.split()[0] for text in labelled(made, "row")]
    columns = labelled(made, "column")
    (mesh,) = made.axes[0].collections
    parts = np.ma.filled(mesh.get_array(), np.nan).reshape(len(rows), len(columns))
    moved = {(row, column): values[codes.index(row), codes.index(column)] for row in codes for column in codes}
    wanted = np.array([[moved.get((row, column), 0.0) for column in columns] for row in rows]) / 0.3
    wanted[[[row == column for column in columns] for row in rows]] = np.nan
    np.testing.assert_allclose(parts, wanted, atol=1e-12)
    assert labelled(made, "sum")[rows.index("DEU")] == "+0.1"
    written = {
        (rows[int(text.get_position()[1])], columns[int(text.get_position()[0])]): text.get_text()
        for text in made.axes[0].texts
        if text.get_gid() == "change"
    }
    assert written["DEU", "ITA"] == "+30"
    assert written["DEU", "POL"].replace("−", "-") == "-20"
