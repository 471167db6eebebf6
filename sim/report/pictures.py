"""The figures of a report: pictures inside the page, with captions and alternative texts."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from matplotlib.figure import Figure

from sim.plots.style import as_svg
from sim.results.run import Run

CAPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "map": "The most frequent stance of each state after the last round; paler colours mean a smaller share of "
        "replicates. Counts are means over replicates, as in the text. Hatched states would choose the deepest option "
        "in at least half of the replicates if the conditions were met.",
        "probabilities": "The probability of each stance of each state after the last round. The black mark shows the "
        "probability that the state would choose the deepest option if the conditions were met.",
        "stances": "The number of states at each stance, round by round. The dashed line counts the states that would "
        "choose the deepest option if the conditions were met.",
        "personnel": "The number of soldiers that the stances add up to, round by round, and the number asked for.",
        "parts": "The part of the variance between replicates that comes from uncertain weights.",
        "environment": "The environment of the bargaining, round by round: six quantities from 0 to 1, and the phase "
        "of the ceasefire.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure inside the page."""

    name: str
    source: str  # a data: URI
    alt: str
    caption: str
    width: int  # pixels on a page; the height follows
    height: int


def pictures(run: Run, on_progress: Callable[[int], object] = lambda done: None) -> list[Picture]:
    """Return the figures of a run; on_progress is called with the number that were just drawn."""
    result = []
    for kind in run.kinds:
        result.append(_picture(kind, run.plot(kind)))
        on_progress(1)
    return result


def _picture(name: str, fig: Figure) -> Picture:
    width, height = fig.get_size_inches()
    caption = CAPTIONS.get(name, "")
    content = base64.b64encode(as_svg(fig)).decode()
    return Picture(
        name=name,
        source=f"data:image/svg+xml;base64,{content}",
        alt=" ".join([*_sentences(fig, ("title", "subtitle")), caption]).strip(),
        caption=caption,
        width=round(96 * width),
        height=round(96 * height),
    )


def _sentences(fig: Figure, parts: Sequence[str]) -> list[str]:
    """Return the texts of these parts of a figure as sentences."""
    texts = {text.get_gid(): " ".join(text.get_text().split()) for text in fig.texts}
    return [f"{texts[part].rstrip('.')}." for part in parts]
