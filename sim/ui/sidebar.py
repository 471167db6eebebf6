"""The sidebar: controls that set, simulate and save a case."""

from __future__ import annotations

import threading
from collections.abc import Callable

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.scenario import Scenario, to_yaml
from sim.scenario.export import extending
from sim.text.setting_names import setting_name
from sim.text.words import date_text, listed
from sim.ui import controls
from sim.ui.case import Case, path_of, scenario_of_case, settings_of_case, value_of
from sim.ui.catalogue import references
from sim.ui.components import Seed, Settings
from sim.ui.live_model import LiveModel

MAX_SPEED = 20  # rounds per second
DESCRIPTIVE = ("name", "question", "about", "sources")  # settings without effect on the simulation


@solara.component
def Sidebar(
    model: LiveModel,
    case: Case,
    scenario: Scenario,
    selected: str,
    begin: Callable[[Case], None],
    begin_with: Callable[[str], None],
    change: Callable[[Callable[[], None]], None],
    is_bargaining: bool,
) -> None:
    """Show the controls: scenario, simulation, random seed, all settings, and saving.

    scenario: with the settings that the controls show; selected: the name of the requested scenario.
    """
    with solara.Div(classes=["willing-side"]):
        with solara.Div(classes=["willing-play"]):
            solara.Select(
                "Scenario",
                values=list(references()),
                value=selected,
                on_value=lambda name: begin(Case(scenario=name or "")),
            )
            if is_bargaining:
                Play(model, begin).key(f"play {id(model)}")
            Seed(seed=str(case.seed), event_set=begin_with)
        with solara.Div(classes=["willing-settings"]):
            Settings(
                groups=controls.groups(scenario, model.own),
                event_set=lambda new: change(lambda: model.set(controls.as_setting(new["path"], new["value"]))),
                event_restore=lambda path: change(lambda: model.restore(path)),
            )
            if case.settings or case.changes:
                solara.Button(
                    "Restore all settings",
                    icon_name="mdi-restore",
                    on_click=lambda: begin(Case(scenario=case.scenario, seed=case.seed)),
                    text=True,
                )
            solara.FileDownload(
                lambda: as_scenario(model, scenario),
                filename=f"{scenario.name}-what-if.yaml",
                label="Save as scenario",
                mime_type="application/yaml",
            )


@solara.component
def Play(model: LiveModel, begin: Callable[[Case], None]) -> None:
    """Step the model, let it run, or reset it to the start with the settings in force.

    Mesa's own controller simulates one more round after a pause, even if the model has been replaced by then.
    """
    playing, set_playing = solara.use_state(False)
    speed = solara.use_reactive(5)
    update_counter.get()
    ended = not model.running

    def play() -> Callable[[], None] | None:
        if not playing:
            return None
        stop = threading.Event()

        def rounds() -> None:
            while model.running and not stop.wait(1.0 / speed.value):
                model.step()
                force_update()
            if not stop.is_set():
                set_playing(False)

        threading.Thread(target=rounds, daemon=True).start()
        return stop.set

    def step() -> None:
        model.step()
        force_update()

    def reset() -> None:
        set_playing(False)
        begin(model.case.from_the_start())

    solara.use_effect(play, [playing, model])
    with solara.Div(classes=["willing-buttons"]):
        solara.Button("Reset", icon_name="mdi-skip-backward", on_click=reset, outlined=True)
        solara.Button(
            "Pause" if playing else "Play",
            icon_name="mdi-pause" if playing else "mdi-play",
            on_click=lambda: set_playing(not playing),
            disabled=ended,
            color="primary",
        )
        solara.Button("Step", icon_name="mdi-skip-next", on_click=step, disabled=playing or ended, outlined=True)
    solara.SliderInt(f"Rounds per second: {speed.value}", value=speed, min=1, max=MAX_SPEED)


def as_scenario(model: LiveModel, scenario: Scenario) -> str:
    """Return a case as a scenario file: its changes to a shipped scenario, or a user's scenario in full."""
    case = model.case
    if references()[case.scenario] != case.scenario:
        return to_yaml(scenario_of_case(model.source, case))
    start = [setting for setting in case.settings if path_of(setting) not in DESCRIPTIVE]
    dated = settings_of_case(model.source, case)[len(case.settings) :]
    changed = [setting_text(setting, scenario, " at ") for setting in start]
    for setting in dated:
        date, _, undated = setting.partition(" ")
        changed.append(f"{setting_text(undated, scenario, ' at ')} from {date_text(date)}")
    question = f"{scenario.question} What if, with {listed(changed)}?" if changed else scenario.question
    return extending(case.scenario, [*start, *dated], question=question, about=scenario.about)


def setting_text(setting: str, scenario: Scenario, between: str = " ") -> str:
    """Return PATH=VALUE in words; between: text between the name of the setting and its value."""
    path, value = path_of(setting), value_of(setting)
    name = setting_name(path, scenario, unit="").phrase
    if not path.startswith("force."):
        return f"{name}{between}{value}"
    state = name.removeprefix("the forced stance of ")
    return f"{state} free to choose" if value == "null" else f"{state} forced to declare {value}"
