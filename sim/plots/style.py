"""The style of all figures: colour and label of each option, fonts, titles and footers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import hsv_to_rgb, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from sim.errors import FigureError
from sim.scenario import digest
from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.heading import with_heading
from sim.text.numbers import counted
from sim.text.words import capitalised

DPI = 150
SIZE = (11.0, 6.6)  # inches
MARGIN = 0.35  # inches, left and right
TITLE, SUBTITLE, BODY, SMALL, FOOTER = 15.0, 10.0, 9.0, 7.5, 7.0  # points

INK = "#22262B"
QUIET = "#5F676F"
RULE = "#C9CED3"
SEA = "#F5F8FA"
NOT_ASKED = "#ECEAE4"
OPPONENT = "#565B61"
HOST = "#B9BEC4"
ABSTAINS = "#D4D4D4"

# The standard menu grows darker with commitment; colour-blind readers can distinguish its colours in all tints.
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        ABSTAIN: ABSTAINS,
        "guarantee": "#EEC22E",
        "backstop": "#A63A50",
        "troops": "#1B4F9C",
        "training": "#44AA99",
        "monitoring": "#88CCEE",
        "air_policing": "#7B5EA7",
        "equipment": "#8A7F2A",
    }
)
SPARE = ("#117733", "#D98C5F", "#AA4499", "#332288", "#CC6677", "#6F4E37", "#00A0C6", "#B8C24A")  # for other options


_REPRODUCIBLE: dict[Any, Any] = {
    "svg.hashsalt": "willing",  # ids that do not change between runs
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # embedded
    "timezone": "UTC",
}
_NOT_STYLE = (
    "backend",
    "date.epoch",
    "docstring",
    "interactive",
    "keymap",
    "savefig.directory",
    "tk",
    "toolbar",
    "webagg",
)
_DEFAULTS: dict[Any, Any] = {
    name: value for name, value in rcParamsDefault.items() if not name.startswith(_NOT_STYLE)
} | _REPRODUCIBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionStyle:
    """Label and colour of an option."""

    label: str
    colour: str


def option_styles(scenario: Scenario) -> dict[str, OptionStyle]:
    """Return the style of abstaining and of every option of the menu, from the lowest rung to the highest."""
    own = [name for name in scenario.option_names if name not in COLOURS]
    colours = dict(COLOURS) | dict(zip(own, _further_colours(len(own)), strict=True))
    labels = {name: capitalised(option.label) for name, option in scenario.menu.items()} | {ABSTAIN: "Abstain"}
    return {name: OptionStyle(label=labels[name], colour=colours[name]) for name in scenario.option_names}


def _further_colours(count: int) -> list[str]:
    """Return colours for options without a fixed one: the spare ones, then hues a golden angle apart."""
    hues = (np.arange(max(0, count - len(SPARE))) * 0.618034 + 0.1) % 1.0
    return [*SPARE[:count], *(to_hex(_rgb(*hsv_to_rgb((hue, 0.55, 0.7)))) for hue in hues)]


def tinted(colour: str, strength: float) -> str:
    """Return the colour mixed with white; strength 1 is the colour itself, 0 white."""
    return to_hex(_rgb(*(strength * part + 1.0 - strength for part in to_rgb(colour))))


def _rgb(red: float, green: float, blue: float) -> tuple[float, float, float]:
    return float(red), float(green), float(blue)


def ink_on(colour: str) -> str:
    """Return the text colour with more contrast on this background, dark or white."""
    return max((INK, "white"), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (W3C, WCAG 2.1)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))


def under_defaults[**Given, Result](draw: Callable[Given, Result]) -> Callable[Given, Result]:
    """Decorate a function to draw with matplotlib's defaults, independent of matplotlibrc and scripts."""

    @wraps(draw)
    def drawing(*given: Given.args, **named: Given.kwargs) -> Result:
        with rc_context(_DEFAULTS):
            return draw(*given, **named)

    return drawing


def figure(title: str, subtitle: str, *, size: tuple[float, float] = SIZE) -> Figure:
    """Return an empty figure with its title, which states the finding, and a line about what is shown.

    size in inches. The content goes between `FLOOR` and `content_top`.
    """
    fig = Figure(figsize=size, dpi=DPI, facecolor="white")
    FigureCanvasAgg(fig)
    lines = wrapped(title, size[0] - 2 * MARGIN, TITLE, weight="bold")
    height = len(lines.splitlines()) * TITLE * 1.25 / 72
    draw_text(fig, MARGIN, size[1] - 0.28, lines, size=TITLE, weight="bold", va="top", linespacing=1.15, gid="title")
    under = wrapped(subtitle, size[0] - 2 * MARGIN, SUBTITLE)
    draw_text(fig, MARGIN, size[1] - 0.33 - height, under, size=SUBTITLE, color=QUIET, va="top", gid="subtitle")
    return fig


FLOOR = 0.42  # inches for the footer


def content_top(fig: Figure) -> float:
    """Return the upper limit of the content, in inches from the bottom."""
    subtitle = next(text for text in fig.texts if text.get_gid() == "subtitle")
    lines = len(subtitle.get_text().splitlines())
    top = subtitle.get_position()[1] * fig.get_figheight()
    return float(top - lines * SUBTITLE * 1.25 / 72 - 0.12)


def axes_at(fig: Figure, left: float, bottom: float, width: float, height: float, **settings: Any) -> Axes:
    """Return axes at a position in inches from the lower left corner of the figure."""
    wide, high = fig.get_size_inches()
    return fig.add_axes((left / wide, bottom / high, width / wide, height / high), **settings)


def draw_text(fig: Figure, x: float, y: float, text: str, **looks: Any) -> Text:
    """Write plain text, without mathtext, at a position in inches from the lower left corner."""
    wide, high = fig.get_size_inches()
    plain_looks: dict[str, Any] = {"color": INK, "ha": "left", "size": BODY}
    return fig.text(x / wide, y / high, text, parse_math=False, **(plain_looks | looks))


def footer(fig: Figure, scenario: Scenario, *, replicates: int | None, seed: int | None) -> None:
    """Write the scenario and the run at the bottom of the figure."""
    changed = len(scenario.differences)
    settings = f" with {counted(changed, 'setting')} changed" if changed else ""
    parts = [f"Scenario {scenario.name}{settings}", f"digest {digest(scenario)[:12]}"]
    if replicates is not None:
        parts.append(counted(replicates, "replicate"))
    if seed is not None:
        parts.append(f"seed {seed}")
    draw_text(fig, MARGIN, 0.16, "  ·  ".join(parts), size=FOOTER, color=QUIET, gid="footer")


def minimal_axes(axes: Axes) -> None:
    """Remove frames and heavy ticks, and draw faint grid lines."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(labelsize=BODY, colors=INK, length=0, pad=4)
    axes.tick_params(axis="x", length=3, color=RULE)
    axes.grid(axis="y", color=RULE, linewidth=0.6, alpha=0.7)
    axes.set_axisbelow(True)


def wrapped(text: str, width: float, points: float, *, weight: str = "normal") -> str:
    """Break a text into as few lines as fit the width (inches), of similar lengths.

    A word that is wider is broken too, after a hyphen or similar if it has one.
    """
    pieces = [
        (piece, "" if number else " ")
        for word in text.split()
        for number, piece in enumerate(_pieces(word, width, points, weight))
    ]
    lines = _filled(pieces, width, points, weight)
    for narrower in np.arange(width * 0.95, width * 0.5, -0.05 * width):
        tried = _filled(pieces, float(narrower), points, weight)
        if len(tried) > len(lines):
            break
        lines = tried
    return "\n".join(lines)


def _pieces(word: str, width: float, points: float, weight: str) -> list[str]:
    """Return the parts between which a word may be broken: one if it fits the width, single letters at worst."""
    if type_width(word, points, weight=weight) <= width:
        return [word]
    parts = re.split(r"(?<=[-_=./,])", word)
    if len(parts) == 1:
        return list(word)
    return [piece for part in parts for piece in _pieces(part, width, points, weight)]


def _filled(pieces: Sequence[tuple[str, str]], width: float, points: float, weight: str) -> list[str]:
    """Join pieces, each with the text before it in a line, to lines of at most this width."""
    lines: list[str] = []
    for piece, before in pieces:
        if lines and type_width(f"{lines[-1]}{before}{piece}", points, weight=weight) <= width:
            lines[-1] += before + piece
        else:
            lines.append(piece)
    return lines or [""]


@lru_cache(maxsize=4096)
def type_width(text: str, points: float, *, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    font = FontProperties(family="DejaVu Sans", size=points, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) / 72


def line_height(points: float) -> float:
    """Return the height of a line of text with its spacing, in inches."""
    return points * 1.3 / 72


def spread(middles: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return the centres of boxes of these heights, moved as little as possible so that they do not overlap.

    If there is not enough room between low and high, they overlap evenly. Least squares, by pooling adjacent boxes.
    """
    order = np.argsort(np.asarray(middles, dtype=float), kind="stable")
    sizes = np.asarray(heights, dtype=float)[order]
    offsets = np.concatenate([[0.0], np.cumsum((sizes[1:] + sizes[:-1]) / 2)])
    if len(offsets) > 1:
        offsets *= min(1.0, (high - low) / offsets[-1])
    pooled: list[tuple[float, int]] = []  # mean of the group, its size
    for wish in np.asarray(middles, dtype=float)[order] - offsets:
        mean, size = float(wish), 1
        while pooled and pooled[-1][0] > mean:
            before, count = pooled.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        pooled.append((mean, size))
    starts = np.concatenate([np.full(size, mean) for mean, size in pooled])
    result = np.empty(len(offsets))
    result[order] = np.clip(starts, low, max(low, high - offsets[-1])) + offsets
    return [float(middle) for middle in result]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLabel:
    """The label at the right end of a line or band."""

    at: float
    text: str
    colour: str
    dashes: tuple[float, tuple[float, ...]] | None = None  # None: solid


def label_ends(axes: Axes, labels: Sequence[EndLabel], *, width: float) -> None:
    """Write labels at the right of the axes beside their lines, moved apart so that they do not overlap.

    width in inches. A stroke has the colour, so that the text is dark.
    """
    fig = axes.get_figure()
    assert isinstance(fig, Figure)
    box = axes.get_position()
    wide, high = fig.get_size_inches()
    x, y, height = box.x1 * wide, box.y0 * high, box.height * high
    low, top = axes.get_ylim()
    texts = [wrapped(label.text, width - 0.3, BODY) for label in labels]
    heights = [len(text.splitlines()) * line_height(BODY) + 0.06 for text in texts]
    ends = [(label.at - low) / (top - low) * height for label in labels]
    for label, text, end, middle in zip(labels, texts, ends, spread(ends, heights, 0.05, height - 0.05), strict=True):
        stroke = Line2D(
            np.array([x + 0.05, x + 0.24]) / wide, np.array([y + end, y + middle]) / high, color=label.colour,
            linewidth=2.2, linestyle="solid" if label.dashes is None else label.dashes,
        )  # fmt: skip
        fig.add_artist(stroke)
        draw_text(fig, x + 0.3, y + middle, text, va="center", linespacing=1.1, gid="end label")


FORMATS = ("png", "svg", "pdf")
KNOWN_FORMATS = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
_METADATA: Mapping[str, dict[str, None]] = MappingProxyType(
    {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
)


def save(fig: Figure, path: Path) -> None:
    """Write the figure in the format of the path's suffix; FigureError for another suffix.

    The same figure gives the same bytes on every machine; files contain neither time nor program.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise FigureError(f"{path}: figures are written as {KNOWN_FORMATS}; use a name such as {path.stem}.png")
    _write(fig, path, kind)


def as_svg(fig: Figure) -> bytes:
    """Return the content of an SVG file."""
    content = BytesIO()
    _write(fig, content, "svg")
    return content.getvalue()


@under_defaults
def _write(fig: Figure, target: Path | BytesIO, kind: str) -> None:
    fig.savefig(target, format=kind, dpi=DPI, metadata=_METADATA[kind])


def heading_height(scenario: Scenario, title: str, subtitle: str) -> float:
    """Return the height in inches that the heading of changed settings adds to a figure."""
    without, with_it = (content_top(figure(title, text)) for text in (subtitle, with_heading(scenario, subtitle)))
    return without - with_it
