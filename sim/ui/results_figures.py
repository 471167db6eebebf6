"""The figures of a run or a sweep: those that lie in its folder, those drawn anew, and any two factors of a sweep."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from threading import Lock

import solara
import solara.lab
from matplotlib.figure import Figure

from sim.errors import FigureError, ResultsError
from sim.experiment.adhoc_figures import adhoc_figure
from sim.experiment.experiment import Experiment
from sim.experiment.store import read_summary
from sim.plots import FIGURES, further_figures
from sim.plots.style import DPI
from sim.plots.sweeps import draw
from sim.results.open_run import open_run
from sim.ui.result_index import ResultEntry, pictures, read_picture
from sim.ui.result_reader import StoredResult
from sim.ui.results_parts import Trouble, attempt
from sim.ui.results_words import factor_label, factor_name, words_of

type Drawn = dict[str, bytes | str]  # PNG by the figure's name, or why it cannot be drawn

_PENCIL = Lock()  # one figure is drawn at a time: matplotlib is not made for threads


@solara.component
def Pictures(stored: StoredResult) -> None:
    """Show the figures that lie in the folder, or have them drawn anew where they are gone."""
    lying = solara.use_memo(lambda: read_pictures(stored), [])
    if lying:
        for name, content in lying.items():
            Picture(name, content, stored.entry)
    elif stored.note or stored.damage:
        solara.v.Html(tag="p", class_="willing-under", children=["No figures lie in its folder."])
    else:
        RedrawnFigures(stored)


@solara.component
def RedrawnFigures(stored: StoredResult) -> None:
    """Draw the figures of a run or a sweep from its tables."""
    drawing = solara.lab.use_task(lambda: attempt(lambda: redrawn(stored)), dependencies=[])
    solara.v.Html(tag="p", class_="willing-under", children=["No figures lie in its folder; these are drawn anew."])
    solara.ProgressLinear(bool(drawing.pending))
    came = drawing.value if drawing.finished else None
    if came is not None:
        if came.trouble:
            Trouble(came.trouble)
        for name, content in (came.made or {}).items():
            Picture(name, content, stored.entry)


@solara.component
def Picture(name: str, content: bytes | str, entry: ResultEntry) -> None:
    """Show a figure with its name, or say why it cannot be."""
    if isinstance(content, str):
        Trouble(content)
        return
    image = {
        "src": f"data:image/png;base64,{b64encode(content).decode()}",
        "alt": f"{name}, a figure of {entry.name}; the tables say the same in numbers",
    }
    with solara.v.Html(tag="figure", class_="willing-picture"):
        solara.v.Html(tag="figcaption", children=[name])
        solara.v.Html(tag="img", attributes=image)


@solara.component
def AnyTwoFactors(stored: StoredResult, experiment: Experiment) -> None:
    """Draw any outcome over any one or two factors: a curve, a heat map or a phase diagram."""
    factors = [factor.name for factor in experiment.factors]
    x, set_x = solara.use_state(factors[0])
    y, set_y = solara.use_state(factors[1] if len(factors) > 1 else "")
    outcome, set_outcome = solara.use_state(experiment.outcomes[0])
    over = "" if y == x else y
    drawing = solara.lab.use_task(
        lambda: attempt(lambda: drawn_over(stored, experiment, x, over, outcome)), dependencies=[x, over, outcome]
    )
    labels = solara.use_memo(lambda: {name: factor_label(stored, name) for name in factors}, [])
    words = solara.use_memo(lambda: words_of(stored), [])
    with solara.Div(classes=["willing-asked"]):
        Choice("From left to right", labels, x, set_x)
        others = {name: label for name, label in labels.items() if name != x}
        Choice("From below to above", {"": "nothing: a curve"} | others, over, set_y)
        Choice("Outcome", {name: words.label(name) for name in experiment.outcomes}, outcome, set_outcome)
    solara.ProgressLinear(bool(drawing.pending))
    came = drawing.value if drawing.finished else None
    if came is not None:
        title = " ".join(
            [words.label(outcome), "over", " and ".join(factor_name(stored, name) for name in (x, over) if name)]
        )
        Picture(title, came.trouble if came.made is None else came.made, stored.entry)


@solara.component
def Choice(label: str, names: dict[str, str], chosen: str, on_choose: Callable[[str], None]) -> None:
    """Let one of some names be chosen by what it is called."""
    solara.v.Select(
        label=label,
        items=[{"value": name, "text": text} for name, text in names.items()],
        v_model=chosen,
        on_v_model=on_choose,
    )


def read_pictures(stored: StoredResult) -> Drawn:
    """Return the figures that lie in the folder, those that a run or an experiment names first, in its order."""
    found = pictures(stored.entry)
    own = list(FIGURES) if stored.experiment is None else [str(figure.name) for figure in stored.experiment.figures]
    read: Drawn = {}
    for name in sorted(found, key=lambda name: own.index(name) if name in own else len(own)):
        try:
            read[name] = read_picture(found[name])
        except ResultsError as error:
            read[name] = str(error)
    return read


def redrawn(stored: StoredResult) -> Drawn:
    """Return the figures of a run or a sweep from its tables; ResultsError where those are gone."""
    drawn: Drawn = {}
    experiment, folder = stored.experiment, stored.entry.folder
    if experiment is None:
        run = open_run(folder, as_played=True)
        return {
            name: _png(partial(figure, run.tables, run.scenario, seed=run.manifest.seed))
            for name, figure in {**FIGURES, **further_figures(run.tables)}.items()
        }
    summary = read_summary(folder, stored.said["Asked for as"])
    for asked in experiment.figures:
        try:
            drawn[str(asked.name)] = _png(partial(draw, asked, experiment, summary))
        except FigureError as error:
            drawn[str(asked.name)] = str(error)
    return drawn


def drawn_over(stored: StoredResult, experiment: Experiment, x: str, y: str, outcome: str) -> bytes:
    """Return a figure of an outcome over one or two factors, as PNG; FigureError where it cannot be drawn."""
    asked = adhoc_figure(experiment, x, outcome, y=y or None)
    varied = {"point", "runs", *(factor.name for factor in experiment.factors)}
    needed = [
        column
        for column in stored.tables[next(iter(stored.tables))].columns
        if column in varied or column == outcome or column.startswith(f"{outcome}.")
    ]
    summary = read_summary(stored.entry.folder, stored.said["Asked for as"], needed)
    return _png(partial(draw, asked, experiment, summary))


def _png(make: Callable[[], Figure]) -> bytes:
    content = BytesIO()
    with _PENCIL:
        make().savefig(content, format="png", dpi=DPI)
    return content.getvalue()
