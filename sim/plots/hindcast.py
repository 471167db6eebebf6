"""The figure of a hindcast: probabilities by state, calibration, and scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.hindcast import BY_LOGIT, MODEL, Hindcast
from sim.analysis.positions import option_of
from sim.plots.style import (
    BODY,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SIZE,
    SMALL,
    OptionStyle,
    axes_at,
    content_top,
    draw_text,
    figure,
    footer,
    heading_height,
    option_styles,
    under_defaults,
)
from sim.text.forecasts import forecast_name
from sim.text.heading import with_heading
from sim.text.numbers import counted, percent
from sim.text.words import capitalised, date_text, option_name

ROW = 0.205  # inches from state to state
STATES, RIGHT = 5.0, 4.6  # inches: states on the left, curves on the right
MISS = "#C4512D"
LINES: Mapping[str, str] = MappingProxyType({MODEL: "#1B4F9C", BY_LOGIT: "#8A7F2A"})


def figures(result: Hindcast) -> dict[str, Callable[[], Figure]]:
    """Return what draws each kind of figure."""
    return {"hindcast": lambda: hindcast_figure(result)}


def hindcast_title(found: Hindcast) -> str:
    """Return the headline: the number of hits, and how a logit on four figures ranks."""
    rows = len(found.record.decided())
    right = int((found.states["verdict"] == "hit").sum())
    said = f"The model predicts {right} of {rows} recorded stances"
    area, other = _score(found, MODEL, "auc"), _score(found, "binary_logit", "auc")
    if math.isnan(area):
        return said
    does = "better" if other > area else "worse" if other < area else "as well"
    return (
        f"{said}; a logit on four figures ranks {option_name(found.deepest)} against the rest {does} "
        f"(AUC {other:.2f} against {area:.2f})"
    )


@under_defaults
def hindcast_figure(found: Hindcast) -> Figure:
    """Draw the probabilities of each state on record with its stance, the calibration curve, and the scores."""
    styles = option_styles(found.setup.scenario)
    shown = _shown(found)
    subtitle = (
        f"{capitalised(found.spec.which)} stances on {date_text(found.day)}, share of {found.spec.replicates:,} "
        f"replicates, against {found.record.source}; {counted(len(found.record.undecided), 'undecided state')} left out"
    )
    height = max(len(shown) * ROW, 5.2)
    scenario, title = found.setup.scenario, hindcast_title(found)
    above = 2.15 + heading_height(scenario, title, subtitle)
    made = figure(title, with_heading(scenario, subtitle), size=(SIZE[0], height + above))
    top = content_top(made) - 0.1
    _draw_key(made, styles, top)
    bottom = top - 0.35 - height
    _draw_states(made, found, styles, bottom, height)
    left = SIZE[0] - MARGIN - RIGHT
    _draw_calibration(made, found, left, bottom + height - 2.75)
    _draw_scores(made, found, left, bottom + 0.22, height - 3.87)
    footer(made, scenario, replicates=found.spec.replicates, seed=found.spec.seed)
    return made


def _shown(found: Hindcast) -> pd.DataFrame:
    """Return the decided states, those most likely at the deepest option first."""
    decided = found.states[found.states["verdict"] != "undecided"]
    return decided.sort_values(f"chance_{found.deepest}", ascending=False, kind="stable")


def _score(found: Hindcast, forecast: str, column: str) -> float:
    return float(found.scores[column].to_dict()[forecast])


def _draw_key(made: Figure, styles: Mapping[str, OptionStyle], top: float) -> None:
    x = MARGIN
    for name, style in reversed(list(styles.items())):
        _swatch(made, x, top - 0.12, style.colour)
        text = draw_text(made, x + 0.22, top - 0.12, option_name(name), va="center_baseline")
        x += 0.22 + _width(made, text) + 0.22
    draw_text(made, x, top - 0.12, "square: on record  ✕ miss", va="center_baseline", color=QUIET)


def _width(made: Figure, text: object) -> float:
    return float(text.get_window_extent(made.canvas.get_renderer()).width) / made.dpi  # type: ignore[attr-defined]


def _swatch(made: Figure, x: float, y: float, colour: str) -> None:
    wide, high = made.get_size_inches()
    square = Rectangle((x / wide, (y - 0.07) / high), 0.15 / wide, 0.14 / high, transform=made.transFigure)
    square.set(facecolor=colour, edgecolor="white", linewidth=0.0)
    made.add_artist(square)


def _draw_states(
    made: Figure, found: Hindcast, styles: Mapping[str, OptionStyle], bottom: float, height: float
) -> None:
    """Draw each decided state's chances side by side, the deepest option first, beside the stance on record."""
    shown = _shown(found)
    row = min(ROW, height / len(shown))
    axes = axes_at(made, MARGIN + 0.95, bottom + height - row * len(shown), STATES - 0.95, row * len(shown))
    _bare(axes)
    axes.set(xlim=(0, 1), ylim=(0, len(shown)), yticks=[], xticks=[0, 0.5, 1])
    axes.set_xticklabels(["0%", "50%", "100%"])
    for index, state in enumerate(shown.reset_index().to_dict("records")):
        middle = len(shown) - index - 0.5
        y = bottom + height - (index + 0.5) * row
        draw_text(made, MARGIN, y, state["state"], weight="bold", size=SMALL, va="center_baseline")
        _swatch(made, MARGIN + 0.4, y, styles[option_of(state["recorded"])].colour)
        if state["verdict"] == "miss":
            draw_text(made, MARGIN + 0.72, y, "✕", size=SMALL, color=MISS, va="center", ha="center", weight="bold")
        start = 0.0
        for name in reversed(found.setup.menu.names):
            chance = state[f"chance_{name}"]
            axes.barh(middle, chance, left=start, height=0.78, color=styles[name].colour, linewidth=0.0)
            start += chance


def _draw_calibration(made: Figure, found: Hindcast, left: float, bottom: float) -> None:
    """Draw how often an option came against the chance that it was given, for the model and for the logit."""
    axes = axes_at(made, left + 0.45, bottom, 2.5, 2.5)
    _bare(axes)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axes.set_xticklabels(["0%", "50%", "100%"])
    axes.set_yticklabels(["0%", "50%", "100%"])
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=1.2, zorder=1)
    for shift, (name, colour) in zip((-0.008, 0.008), LINES.items(), strict=True):
        bins = found.calibration[name]
        x = [each.foreseen + shift for each in bins]
        axes.vlines(x, [b.came.low for b in bins], [b.came.high for b in bins], color=colour, linewidth=1.4, alpha=0.6)
        axes.plot(x, [each.came.mean for each in bins], color=colour, marker="o", markersize=4.5, linewidth=1.6)
    draw_text(made, left, bottom + 2.62, "Chance given, and how often it came", weight="bold")
    beside = left + 3.1
    for place, (name, colour) in enumerate(LINES.items()):
        draw_text(
            made, beside, bottom + 2.2 - 0.2 * place, "model" if name == MODEL else "logit", color=colour, weight="bold"
        )
    chances = sum(each.count for each in found.calibration[MODEL])
    words = f"{chances} chances:\nevery option of\nevery state; bars\nare 95 % intervals"
    draw_text(made, beside, bottom + 1.75, words, size=SMALL, color=QUIET, va="top", linespacing=1.3)


def _draw_scores(made: Figure, found: Hindcast, left: float, bottom: float, height: float) -> None:
    """Draw by how much each forecast's Brier score is worse than the model's, with its AUC."""
    names = [str(name) for name in found.scores.index if name != MODEL]
    draw_text(made, left, bottom + height + 0.22, f"Brier score, worse (+) than the {_short(found)}", weight="bold")
    draw_text(made, left + RIGHT, bottom + height + 0.22, "AUC", weight="bold", ha="right")
    axes = axes_at(made, left + 1.95, bottom, RIGHT - 2.45, height)
    _bare(axes)
    axes.set(ylim=(0, len(names)), yticks=[])
    axes.axvline(0.0, color=INK, linewidth=0.8)
    for index, name in enumerate(names):
        middle = len(names) - index - 0.5
        y = bottom + middle * height / len(names)
        which = "worse_brier_deepest" if math.isnan(_score(found, name, "worse_brier")) else "worse_brier"
        low, mean, high = (_score(found, name, f"{which}{end}") for end in ("_low", "", "_high"))
        colour = QUIET if low <= 0.0 <= high else "#1B4F9C" if low > 0.0 else MISS
        axes.plot([low, high], [middle, middle], color=colour, linewidth=2.2, solid_capstyle="round")
        axes.plot(mean, middle, marker="o", color=colour, markersize=5.5)
        starred = "*" if which == "worse_brier_deepest" else ""
        draw_text(made, left, y, forecast_name(name, found.spec.which) + starred, size=BODY, va="center")
        area = _score(found, name, "auc")
        draw_text(made, left + RIGHT, y, "–" if math.isnan(area) else f"{area:.2f}", ha="right", va="center")
    own = _score(found, MODEL, "auc")
    words = (
        f"model: Brier {_score(found, MODEL, 'brier'):.2f}, AUC {'–' if math.isnan(own) else f'{own:.2f}'}, "
        f"hits {percent(_score(found, MODEL, 'accuracy'))}; * of {option_name(found.deepest)} or not"
    )
    draw_text(made, left, bottom - 0.42, words, size=SMALL, color=QUIET)


def _short(found: Hindcast) -> str:
    return f"model’s ({found.spec.which})"


def _bare(axes: Axes) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=SMALL, colors=INK, length=3, color=RULE, pad=3)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
