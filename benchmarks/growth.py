"""How the ensemble's time grows with states, options, rounds, replicates, threads and points; drawn as growth.png.

make bench
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contenders import EACH, SCENARIO, SETUP, crowd, ensemble, kernel, seconds, sweep
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sim.model.setup import Setup, prepare
from sim.plots.style import BODY, FLOOR, MARGIN, QUIET, axes_at, content_top, draw_text, figure, minimal_axes, save
from sim.scenario import Scenario, load_scenario
from sim.scenario.schema import StateOverride

PICTURE = Path(__file__).with_name("growth.png")
COLOUR = "#1B4F9C"
TURNS = 7  # of which the fastest counts, as only a disturbance makes one slower
STATES, OPTIONS, ROUNDS = (20, 38, 80, 160), (2, 4, 8, 16), (13, 26, 52, 104, 208)
REPLICATES, POINTS, THREADS = (10, 100, 1000, 10_000), (1, 2, 4, 8, 16, 32, 64), (1, 2)


def with_states(number: int) -> Setup:
    """Return the scenario with this many states; beyond the coded ones, copies of them under codes of their own."""
    scenario = load_scenario(SCENARIO)
    roster, overrides = list(scenario.roster.asked[:number]), dict(scenario.states)
    copies = SETUP.states
    for place in range(number - len(roster)):
        code, like = f"Q{chr(65 + place // 26)}{chr(65 + place % 26)}", copies[place % len(copies)]
        overrides[code] = StateOverride(name=f"{like.name} again", facts=_figures(like))
        roster.append(code)
    asked = scenario.roster.model_copy(update={"states": tuple(roster)})
    formats = scenario.momentum.model_copy(update={"formats": "everyone"})
    return prepare(scenario.model_copy(update={"roster": asked, "states": overrides, "momentum": formats}))


def with_options(number: int) -> Setup:
    """Return the scenario with this many options, abstaining included; those beyond the menu are copies of troops."""
    scenario: Scenario = load_scenario(SCENARIO)
    menu = {name: scenario.menu[name] for name in ("troops", "backstop", "guarantee")[: number - 1]}
    for place in range(number - 1 - len(menu)):
        menu[f"troops_{chr(97 + place)}"] = scenario.menu["troops"].model_copy(update={"rung": 4 + place})
    return prepare(scenario.model_copy(update={"menu": menu}))


def time_of(setup: Setup) -> float:
    """Return how many microseconds the kernel takes for a replicate of a setup."""
    return _side_by_side([setup])


def main() -> None:
    """Measure, print and draw."""
    kernel([SETUP], 1)[0]()  # compile first
    kernel(sweep(2), 1)[0]()
    ensemble(1, 1)
    points = sweep(max(POINTS))
    panels = [
        ("States", "µs a replicate", STATES, [time_of(with_states(number)) for number in STATES]),
        ("Options, abstaining included", "µs a replicate", OPTIONS, [time_of(with_options(n)) for n in OPTIONS]),
        ("Rounds", "µs a replicate", ROUNDS, [time_of(_with_rounds(number)) for number in ROUNDS]),
        ("Points side by side", "µs a replicate of a point", POINTS, [_side_by_side(points[:n]) for n in POINTS]),
        ("Replicates, luck included", "seconds", REPLICATES, [_of_replicates(number) for number in REPLICATES]),
        ("Threads, in a sweep", "replicates a second", THREADS, [_in_a_sweep(points, threads) for threads in THREADS]),
    ]
    for name, unit, numbers, values in panels:
        pairs = ", ".join(f"{number:,}: {value:,.3g}" for number, value in zip(numbers, values, strict=True))
        print(f"{name} ({unit}): {pairs}")
    _draw(panels)


def _with_rounds(number: int) -> Setup:
    return prepare(load_scenario(SCENARIO, [f"rounds={number}"]))


def _side_by_side(setups: Sequence[Setup]) -> float:
    work, _ = kernel(setups, EACH)
    return min(seconds(work) for _ in range(TURNS)) / EACH / len(setups) * 1e6


def _of_replicates(number: int) -> float:
    return min(seconds(lambda: ensemble(number, 1)) for _ in range(TURNS))


def _in_a_sweep(setups: Sequence[Setup], threads: int) -> float:
    return len(setups) * EACH / min(seconds(lambda: crowd(setups, threads)) for _ in range(TURNS))


def _figures(state: object) -> dict[str, float]:
    """Return the figures of a state that are known, as an override gives them."""
    return {
        name: float(value)
        for name in type(state).__dataclass_fields__  # type: ignore[attr-defined]
        if isinstance(value := getattr(state, name), (int, float)) and value == value
    }


def _draw(panels: Sequence[tuple[str, str, Sequence[int], Sequence[float]]]) -> None:
    made = figure(
        "Time grows in step with states, rounds and options, and points side by side share the work",
        f"{SCENARIO}, ensemble engine, the fastest of {TURNS} turns; dotted: in proportion",
    )
    wide, top = made.get_figwidth(), content_top(made) - 0.3
    width, height = (wide - 2 * MARGIN - 1.6) / 3 - 0.25, (top - FLOOR - 1.3) / 2
    for place, (name, unit, numbers, values) in enumerate(panels):
        left = MARGIN + 0.55 + (place % 3) * (width + 0.8)
        bottom = top - height - (place // 3) * (height + 0.85)
        axes = axes_at(made, left, bottom, width, height)
        minimal_axes(axes)
        axes.plot(numbers, values, color=COLOUR, linewidth=2.0, marker="o", markersize=5)
        falls = name.startswith("Points")
        if not falls:
            axes.plot(numbers, [values[0] * n / numbers[0] for n in numbers], color=QUIET, linewidth=1.0, linestyle=":")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(numbers, [f"{number:,}" for number in numbers])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(min(values) / 1.6, max(values) * 1.6)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_xlabel(name, size=BODY)
        draw_text(made, left - 0.5, bottom + height + 0.08, unit, color=QUIET)
    save(made, PICTURE)


if __name__ == "__main__":
    main()
