"""Runs side by side: a map and the counts of each, and under them the states that move most from one to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path

from sim.analysis.compare import Compared, Comparison, Step
from sim.plots.counts import COUNTS, draw_counts, most_soldiers
from sim.plots.map import draw_stances, label_states, lies_on_map
from sim.plots.map_states import Shown, patches, shown_states
from sim.plots.movers import draw_movers, movers_height, moving_most
from sim.plots.projection import WINDOW
from sim.plots.shared_legend import draw_shared_key, key_height
from sim.plots.style import (
    FLOOR,
    FOOTER,
    MARGIN,
    QUIET,
    SMALL,
    OptionStyle,
    axes_at,
    content_top,
    draw_text,
    figure,
    ink_on,
    line_height,
    option_styles,
    type_width,
    under_defaults,
    wrapped,
)
from sim.scenario import Scenario
from sim.scenario.differences import differences
from sim.scenario.schema import QUANTITIES
from sim.text.heading import difference_in_words
from sim.text.numbers import counted
from sim.text.words import promise, quantity_name

HEADING = 11.0  # points
CODES = 6.0  # points
MAPS: Mapping[int, float] = {2: 4.5, 3: 3.5}  # inches that a map is wide, by their number
NARROW = 3.4  # where there are more
GAP = 0.32  # inches between maps
SQUARE = (0.4, 0.2)  # inches: a state beyond the map
ROWS_BEYOND = 2  # of such squares at most
SEEN = 0.05  # change of a quantity of the environment that the title speaks of
FEW = 20  # replicates under which intervals may be far too narrow
IN_A_SENTENCE = 3  # runs that the title tells one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanel:
    """What is drawn of one run."""

    run: Compared
    shown: Mapping[str, Shown]
    beyond: Sequence[str]  # states that lie beyond the map
    heading: str
    supposes: str  # the quantities of the environment that are not alike in all runs

    @property
    def certain(self) -> bool:
        """Whether every state always ends with the same stance."""
        return all(state.chance in (0.0, 1.0) for state in self.shown.values())

    @property
    def head(self) -> float:
        """The height of what stands above the map, in inches."""
        lines = len(self.heading.splitlines()), len(self.supposes.splitlines())
        return lines[0] * line_height(HEADING) + lines[1] * line_height(SMALL) + 0.1


@under_defaults
def comparison(compared: Comparison) -> Figure:
    """Return the maps of all runs side by side with their counts, and the states that move most at each step."""
    scenarios = [run.scenario for run in compared.runs]
    focus, styles = compared.focus, common_styles(scenarios)
    wide = MAPS.get(len(scenarios), NARROW)
    high = wide * (WINDOW[3] - WINDOW[2]) / (WINDOW[1] - WINDOW[0])
    width = 2 * MARGIN + len(scenarios) * (wide + GAP) - GAP
    panels = _panels(compared, styles, wide)
    certain = all(panel.certain for panel in panels)
    moving = [moving_most(step, focus) for step in compared.steps]
    key = key_height(styles, scenarios, width, certain=certain)
    head = max(panel.head for panel in panels)
    under = max(_rows_beyond(panel, wide) for panel in panels) * (SQUARE[1] + 0.06) + 0.1
    movers = movers_height(moving, compared.steps, width)
    title, subtitle = comparison_title(compared), _subtitle(compared)
    above = 9.0 - content_top(figure(title, subtitle, size=(width, 9.0)))
    made = figure(title, subtitle, size=(width, above + key + head + high + under + COUNTS + movers + FLOOR))
    top = content_top(made)
    draw_shared_key(made, top, styles, scenarios, certain=certain)
    top -= key
    most = most_soldiers(compared.runs)
    for number, panel in enumerate(panels):
        x = MARGIN + number * (wide + GAP)
        y = top
        for line in panel.heading.splitlines():
            y -= line_height(HEADING)
            draw_text(made, x, y + 0.05, line, size=HEADING, weight="bold", gid="heading")
        y -= 0.02
        draw_text(made, x, y, panel.supposes, size=SMALL, color=QUIET, va="top", linespacing=1.15)
        y = top - head - high
        _draw_map(made, panel, (x, y, wide, high))
        _draw_beyond(made, panel, x, y - 0.06, wide)
        draw_counts(made, panel.run, styles, focus, x, y - under, wide, most)
    draw_movers(made, compared, moving, styles[focus], top - head - high - under - COUNTS)
    _footer(made, compared)
    return made


def comparison_title(compared: Comparison) -> str:
    """Return in a sentence how many states hold the option in focus, run by run, and what moves beside them."""
    runs, codes = compared.runs, compared.codes
    does = promise(compared.focus, runs[-1].scenario)
    counts = compared.counts(compared.focus)
    everywhere = all(len(run.scenario.roster.asked) == len(codes) for run in runs)
    subject = "States" if everywhere else f"Of {counted(len(codes), 'state')} asked in each run, those"
    if len(runs) > IN_A_SENTENCE:
        low, high = int(np.argmin(counts)), int(np.argmax(counts))
        return (
            f"{subject} that would {does}: from {counts[low]:.1f} in {runs[low].label} "
            f"to {counts[high]:.1f} in {runs[high].label}"
        )
    said, told = f"{subject} that would {does}", None
    each_named = len(runs) > 2 and not compared.is_chain
    if each_named:
        said += f", {counts[0]:.1f} in {runs[0].label},"
    for number, (step, after) in enumerate(zip(compared.steps, counts[1:], strict=True)):
        before = counts[number] if compared.is_chain else counts[0]
        change = step.count_change(compared.focus, codes)
        sure = change.is_positive or change.is_negative or step.replicates == 1
        said += (", and " if number else " ") + _moved(before, after, sure=sure, goes_on=number > 0 or each_named)
        said += f" in {step.after.label}" if each_named else ""
        beside = _beside(step, told) if sure else None
        if beside is not None:
            told, words = beside
            said += f" {words}"
    return said


def _moved(before: float, after: float, *, sure: bool, goes_on: bool) -> str:
    """Return how a count moves; goes_on: from a count that the sentence has named."""
    if f"{before:.1f}" == f"{after:.1f}":
        return f"stay at {after:.1f}"
    if not sure:
        counts = f"{after:.1f}" if goes_on else f"{before:.1f} and {after:.1f}"
        return f"do not change significantly ({counts})"
    verb = "rise" if after > before else "fall"
    return f"{verb} to {after:.1f}" if goes_on else f"{verb} from {before:.1f} to {after:.1f}"


def _beside(step: Step, told: str | None) -> tuple[str, str] | None:
    """Return the one setting that differs, or the one quantity of the environment, and how; told was named before.

    None where more differs than that, since any of it may be the reason.
    """
    scenarios = step.before.scenario, step.after.scenario
    settings = differences(scenarios[1], scenarios[0])
    if len(settings) == 1 and not settings[0].path.startswith("environment."):
        return settings[0].path, f"with {difference_in_words(settings[0], scenarios[1])}"
    quantities = {setting.path.split(".")[1] for setting in settings if setting.path.startswith("environment.")}
    elsewhere = any(not setting.path.startswith("environment.") for setting in settings)
    if elsewhere or len(quantities) != 1:
        return None
    quantity = quantities.pop()
    row = step.outcomes.loc[quantity]
    if abs(row["difference"]) < SEEN:
        return None
    name = "it" if quantity == told else quantity_name(quantity, scenarios[1])
    return quantity, f"as {name} {'rises' if row['difference'] > 0 else 'falls'} to {row['after']:.2f}"


def _short(quantity: str, value: float, scenario: Scenario) -> str:
    if quantity == "russian_opposition" and scenario.opponent is None:
        return "no opponent"
    return f"{quantity_name(quantity, scenario).removeprefix('the ')} {value:.2f}"


def _subtitle(compared: Comparison) -> str:
    """Return what is shown: of how many replicates, on which luck."""
    counts = sorted({len(run.tables.outcomes) for run in compared.runs})
    shown = "Likeliest stance of each state after the last round, and mean counts"
    if counts[-1] == 1:
        return f"{shown}, of one replicate under the same luck"
    few = "; so few may mislead" if counts[0] < FEW else ""
    over = counted(counts[0], "replicate") if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,} replicates"
    return f"{shown}, over {over} under the same luck{few}"


def common_styles(scenarios: Sequence[Scenario]) -> dict[str, OptionStyle]:
    """Return one style for every option on any menu, from the lowest rung to the highest, with all its labels."""
    menu = {name: option for each in scenarios for name, option in each.menu.items()}
    for name, option in menu.items():
        labels = dict.fromkeys(each.menu[name].label for each in scenarios if name in each.menu)
        menu[name] = option.model_copy(update={"label": " / ".join(labels)})
    return option_styles(scenarios[-1].model_copy(update={"menu": menu}))


def _panels(compared: Comparison, styles: Mapping[str, OptionStyle], wide: float) -> list[RunPanel]:
    means = [run.means() for run in compared.runs]
    differing = [name for name in QUANTITIES if np.ptp([each[name] for each in means]) >= SEEN]
    panels = []
    for run, measured in zip(compared.runs, means, strict=True):
        shown = shown_states(run.chances(), run.scenario, styles)
        panels.append(
            RunPanel(
                run=run,
                shown=shown,
                beyond=[code for code in shown if not lies_on_map(code)],
                heading=wrapped(run.label, wide, HEADING, weight="bold"),
                supposes=_lines([_short(name, measured[name], run.scenario) for name in differing], wide),
            )
        )
    return panels


def _lines(parts: Sequence[str], wide: float) -> str:
    """Return the parts in as few lines of equal count as the width allows, none of them broken."""
    fits = [count for count in range(1, len(parts) + 1) if _widest(parts, count) <= wide]
    return "\n".join(_cut_up(parts, fits[0] if fits else len(parts)))


def _cut_up(parts: Sequence[str], lines: int) -> list[str]:
    ends = [round(len(parts) * line / max(lines, 1)) for line in range(lines + 1)]
    return [" · ".join(parts[first:last]) for first, last in pairwise(ends)]


def _widest(parts: Sequence[str], lines: int) -> float:
    return max(type_width(line, SMALL) for line in _cut_up(parts, lines))


def _draw_map(made: Figure, panel: RunPanel, box: tuple[float, float, float, float]) -> None:
    """Draw the small map in its box (left, bottom, width, height in inches), with codes where they have room."""
    axes = axes_at(made, *box)
    on_map = draw_stances(axes, panel.shown, panel.run.scenario)
    for patch in axes.patches:
        patch.set_linewidth(0.65 * patch.get_linewidth())
        patch.set_hatch_linewidth(0.7)
    km_per_inch = (WINDOW[1] - WINDOW[0]) / box[2]
    leads = panel.run.scenario.leads
    label_states(axes, panel.shown, on_map, km_per_inch=km_per_inch, certain=True, points=CODES, outside=leads)


def _rows_beyond(panel: RunPanel, wide: float) -> int:
    return min(ROWS_BEYOND, -(-len(panel.beyond) // _a_row(wide)))


def _a_row(wide: float) -> int:
    return int(wide / (SQUARE[0] + 0.06))


def _draw_beyond(made: Figure, panel: RunPanel, x: float, top: float, wide: float) -> None:
    """Draw the states beyond the map as labelled squares, in rows."""
    a_row = _a_row(wide)
    room = a_row * ROWS_BEYOND
    drawn = panel.beyond if len(panel.beyond) <= room else panel.beyond[: room - 1]
    rows = _rows_beyond(panel, wide)
    if not rows:
        return
    height = rows * (SQUARE[1] + 0.06)
    axes = axes_at(made, x, top - height, wide, height)
    axes.set(xlim=(0, wide), ylim=(-height, 0))
    axes.set_axis_off()
    for index, code in enumerate(drawn):
        state = panel.shown[code]
        left, low = (index % a_row) * (SQUARE[0] + 0.06), -(index // a_row) * (SQUARE[1] + 0.06) - SQUARE[1]
        corners = [(left, low), (left + SQUARE[0], low), (left + SQUARE[0], low + SQUARE[1]), (left, low + SQUARE[1])]
        for patch in patches(Path([*corners, corners[0]], closed=True), state):
            patch.set_hatch_linewidth(0.7)
            axes.add_patch(patch)
        axes.text(
            left + SQUARE[0] / 2, low + SQUARE[1] / 2, code, size=CODES, weight="bold", color=ink_on(state.ground),
            ha="center", va="center", gid=code, zorder=6,
            path_effects=[effects.withStroke(linewidth=2.4, foreground=state.ground)],
        )  # fmt: skip
    if len(drawn) < len(panel.beyond):
        left = (len(drawn) % a_row) * (SQUARE[0] + 0.06)
        more = f"+{len(panel.beyond) - len(drawn)}"
        axes.text(left, -height + 0.06 + SQUARE[1] / 2, more, size=CODES, color=QUIET, va="center")


def _footer(made: Figure, compared: Comparison) -> None:
    manifests = [run.manifest for run in compared.runs]
    parts = [f"{run.label} {run.manifest.digest[:8]}" for run in compared.runs]
    replicates = sorted({manifest.replicates for manifest in manifests})
    numbers = " to ".join(f"{count:,}" for count in (replicates[0], replicates[-1])[: len(replicates)])
    parts += [f"{numbers} replicate{'' if numbers == '1' else 's'}", f"seed {manifests[0].seed}"]
    text = wrapped("  ·  ".join(parts), made.get_figwidth() - 2 * MARGIN, FOOTER)
    draw_text(made, MARGIN, 0.16, text, size=FOOTER, color=QUIET, gid="footer")
