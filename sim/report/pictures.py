"""The figures of a report: each as a picture that travels inside the page, with what it shows in words."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from matplotlib.figure import Figure

from sim.plots import FIGURES, further_figures
from sim.plots.style import as_svg
from sim.results.store import StoredRun

CAPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "map": "The likeliest stance of each state after the last round; the paler, the less sure. Counts are means "
        "over replicates, as in the text. Hatched states "
        "would, in at least half of the replicates, take the deepest option if the conditions were met.",
        "odds": "Every state against every stance, after the last round. The black mark says how likely the state "
        "would take the deepest option if the conditions were met.",
        "stances": "How many states hold each stance, round by round. The dashed line counts those that would take the "
        "deepest option if the conditions were met.",
        "personnel": "How many soldiers the stances add up to, round by round, against the soldiers asked for.",
        "parts": "Which part of what differs between replicates comes from weights that are not known.",
        "environment": "What the states look out on, round by round: six quantities from 0 to 1, and the phase of the "
        "ceasefire.",
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


def pictures(run: StoredRun, on_progress: Callable[[int], object] = lambda done: None) -> list[Picture]:
    """Return the figures of a run; on_progress is called with how many have just been drawn."""
    found = []
    for name, draw in {**FIGURES, **further_figures(run.tables)}.items():
        found.append(_picture(name, draw(run.tables, run.scenario, seed=run.manifest.seed)))
        on_progress(1)
    return found


def _picture(name: str, made: Figure) -> Picture:
    wide, high = made.get_size_inches()
    caption = CAPTIONS.get(name, "")
    content = base64.b64encode(as_svg(made)).decode()
    return Picture(
        name=name,
        source=f"data:image/svg+xml;base64,{content}",
        alt=" ".join([*_written(made, ("title", "subtitle")), caption]).strip(),
        caption=caption,
        width=round(96 * wide),
        height=round(96 * high),
    )


def _written(made: Figure, parts: Sequence[str]) -> list[str]:
    """Return what stands in these parts of a figure, each as a sentence."""
    texts = {text.get_gid(): " ".join(text.get_text().split()) for text in made.texts}
    return [f"{texts[part].rstrip('.')}." for part in parts]
