"""The page: one case on the desk of each visitor, watched as a bargaining or as odds, and the shelf of results."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.errors import AddressError, WillingError
from sim.scenario import Scenario
from sim.ui.bargaining import Bargaining
from sim.ui.case import Case, PageState, address_of, mistakes, read, seed_of, with_settings
from sim.ui.catalogue import USUAL
from sim.ui.components import Address
from sim.ui.live_model import LiveModel
from sim.ui.probabilities import ProbabilitiesView
from sim.ui.results import ResultsView
from sim.ui.sidebar import Sidebar, in_words

VIEWS = {"": "Bargaining", "probabilities": "Probabilities", "results": "Results"}
STYLE = Path(__file__).parent / "page.css"


@solara.component
def Layout(children: list[Any]) -> None:
    """Leave the layout to the page: Solara's own takes more width than a phone has."""
    solara.Div(classes=["willing-page"], children=children)


@solara.component
def Window() -> None:
    """Lay out the page; every visitor has a desk of their own."""
    router = solara.use_router()
    opened, trouble = solara.use_memo(lambda: read(router.search), [])
    with solara.Div():
        solara.Title("Willing")
        solara.Style(STYLE)
        VisitorCase(opened, trouble)


@solara.component
def VisitorCase(opened: PageState, trouble: str) -> None:
    """Keep one visitor's case, and show it in the view that the address names."""
    router = solara.use_router()
    view = "/".join(router.parts)
    began = solara.use_memo(lambda: _begin(opened), [])
    watched, set_watched = solara.use_state(began[0])
    error, set_error = solara.use_state("\n".join(filter(None, (trouble, began[1]))))
    failed, set_failed = solara.use_state(opened.case if began[1] else None)  # what was asked for and cannot be played
    chosen, set_chosen = solara.use_state(opened.state)
    pinned, set_pinned = solara.use_state(opened.pinned)
    result, set_result = solara.use_state(opened.result)
    update_counter.get()
    case = watched.case

    def begin(wanted: Case) -> None:
        try:
            set_watched(LiveModel(wanted))
        except WillingError as mistake:
            set_failed(wanted)
            set_error(_told(mistake, case))
        else:
            set_failed(None)
            set_error("")

    def begin_with(seed: str) -> None:
        try:
            begin(replace(case, seed=seed_of(seed)))
        except AddressError as mistake:
            set_error(str(mistake))

    def change(move: Callable[[], None]) -> None:
        try:
            move()
        except WillingError as mistake:
            set_error(mistakes(mistake))
        else:
            set_failed(None)
            set_error("")
        force_update()

    address = address_of(
        PageState(case=failed or case, round=watched.round, state=chosen, pinned=pinned, result=result)
    )
    with solara.Div():
        Address(address=f"/{view}?{address}")
        Views(view, address)
        with solara.Div(classes=["willing-body" if view != "results" else "willing-alone"]):
            scenario = (
                with_settings(watched.taken, case.in_force) if view == "probabilities" else watched.setup.scenario
            )
            if view != "results":
                Sidebar(watched, case, scenario, (failed or case).scenario, begin, begin_with, change, view == "")
            with solara.v.Html(tag="main", class_="willing-main"):
                if error:
                    with solara.Div(classes=["willing-trouble"]):
                        solara.Error(children=[solara.v.Html(tag="pre", children=[error])])
                if view == "results":
                    ResultsView(result, set_result)
                else:
                    Question(case, scenario, view == "")
                if view == "probabilities":
                    ProbabilitiesView(case, scenario, pinned, set_pinned, chosen, set_chosen)
                elif view == "":
                    Bargaining(watched, chosen, set_chosen)


@solara.component
def Views(view: str, address: str) -> None:
    """Show the bar over the page, with its views."""
    with solara.v.Html(tag="header", class_="willing-bar"):
        solara.v.Html(tag="span", children=["Willing"], class_="willing-name")
        with solara.v.Html(tag="nav", class_="willing-views"):
            for path, title in VIEWS.items():
                with solara.Link(f"/{path}?{address}"):
                    here = " willing-here" if path == view else ""
                    solara.v.Html(tag="span", children=[title], class_=f"willing-view{here}")


@solara.component
def Question(case: Case, scenario: Scenario, plays: bool) -> None:
    """Say what the scenario asks, and what was moved since."""
    solara.v.Html(tag="h1", children=[scenario.question], class_="willing-question")
    if scenario.about:
        with solara.Details(summary="What it supposes"):
            solara.v.Html(tag="p", children=[scenario.about])
            for source in scenario.sources:
                solara.v.Html(tag="p", children=[f"Source: {source}"], class_="willing-note")
    for turn in case.turns if plays else ():
        said = f"From round {turn.after + 1}: {in_words(turn.setting, scenario)}"
        solara.v.Html(tag="p", children=[said], class_="willing-turn")
    if case.turns and not plays:
        solara.v.Html(
            tag="p",
            children=["Settings that were moved in mid-run hold from the first round here."],
            class_="willing-turn",
        )


def _begin(opened: PageState) -> tuple[LiveModel, str]:
    """Return a model that plays a case; or what comes nearest to it, and what is wrong with the case."""
    try:
        return LiveModel(opened.case, opened.round), ""
    except WillingError as mistake:
        for nearest in (Case(scenario=opened.case.scenario), Case(scenario=USUAL)):
            with contextlib.suppress(WillingError):
                return LiveModel(nearest), _told(mistake, nearest)
        raise


def _told(mistake: WillingError, shown: Case) -> str:
    return f"{mistakes(mistake)}\nShown instead: {shown.scenario}"


routes = [
    solara.Route(path=view or "/", component=Window, layout=None if view else Layout, label="Willing") for view in VIEWS
]
