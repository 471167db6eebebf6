"""`--force` and `--at` force states and change settings from a date on; settings without effect cause a warning."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.results.manifest import Manifest
from sim.results.store import read_manifest
from sim.scenario import digest, load_scenario

type Willing = Callable[..., Any]

NAME = "paris-march-2025"
FEW = ("--set", "roster.states=[GBR, FRA, DEU, POL, SWE, HUN]")
SHORT = (*FEW, "--rounds", 8, "--replicates", 3, "--no-figures", "--json")


def played(willing: Willing, *options: object) -> tuple[Path, Manifest]:
    answer = willing("run", NAME, *SHORT, *options)
    assert answer.code == 0, answer.err
    folder = Path(json.loads(answer.out)["result"])
    return folder, read_manifest(folder)


def stances(folder: Path, state: str) -> list[str]:
    table = pd.read_parquet(folder / "stances.parquet")
    return table[(table["state"] == state) & (table["replicate"] == 0)]["stance"].astype(str).tolist()


# Rounds begin on 26 March 2025 and are a week long: 9 April is round 3, 23 April round 5.
def test_states_are_forced_and_settings_change_as_the_manifest_records(willing: Willing) -> None:
    folder, manifest = played(
        willing,
        *("--force", "HUN=troops@2025-04-09..2025-04-23", "--force", "Poland=backstop"),
        *("--at", "2025-04-09", "environment.us_backing=0.9", "--at", "2025-04-09..2025-04-23", "force.SWE=abstain"),
    )
    assert manifest.settings[-1] == "rounds=8"
    assert manifest.settings[1:-1] == (
        "force.HUN={option: troops, from: 2025-04-09, until: 2025-04-23}",
        "force.POL=backstop",
        "2025-04-09 environment.us_backing=0.9",
        "2025-04-09..2025-04-23 force.SWE=abstain",
    )
    assert stances(folder, "HUN")[2:4] == ["troops", "troops"]
    assert set(stances(folder, "POL")) == {"backstop"}
    assert stances(folder, "SWE")[2:4] == ["abstain", "abstain"]
    assert manifest.digest == digest(load_scenario(NAME, manifest.settings)) == digest(manifest.as_scenario())
    assert "--at 2025-04-09..2025-04-23 force.SWE=abstain" in manifest.command
    assert "--force POL=backstop" in manifest.command


def test_the_command_of_a_manifest_gives_the_same_run(willing: Willing) -> None:
    folder, manifest = played(willing, "--force", "POL=backstop", "--at", "2025-04-09", "sharpness=3")
    again = willing(*shlex.split(manifest.command)[1:], "--no-figures", "--json")
    assert Path(json.loads(again.out)["result"]) == folder
    assert "Already simulated" in again.err


def test_another_date_is_another_run(willing: Willing) -> None:
    one = played(willing, "--at", "2025-04-09", "sharpness=3")[1]
    other = played(willing, "--at", "2025-04-16", "sharpness=3")[1]
    assert one.identity != other.identity


def test_a_change_joins_those_of_the_scenario(willing: Willing) -> None:
    Path("mine.yaml").write_text(
        f"extends: {NAME}\nquestion: What if?\nchanges:\n- {{at: 2025-05-01, set: {{sharpness: 3}}}}\n", "utf-8"
    )
    scenario = load_scenario("mine.yaml", ["2025-06-01 weights.momentum=2"])
    assert [str(change.at) for change in scenario.changes] == ["2025-05-01", "2025-06-01"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--force", "POL"), "'POL' does not have the form STATE=OPTION"),
        (("--force", "POL=troops@june"), "'POL=troops@june' is not a date or two dates"),
        (("--force", "POL=trops"), "--force POL=trops: force.POL: no option 'trops'; did you mean 'troops'?"),
        (("--force", "UKR=troops"), "force.UKR: UKR is not asked, so it cannot be forced"),
        (("--force", "Polnd=troops"), "force.Polnd: 'Polnd' is not the code of a state; did you mean POL (Poland)?"),
        (("--at", "october", "sharpness=3"), "'october' is not a date or two dates"),
        (("--at", "2025-02-30", "sharpness=3"), "2025-02-30 is not a day of the calendar"),
        (("--at", "..2025-04-30", "sharpness=3"), "has no first date"),
        (("--at", "2025-05-01", "sharpnes=3"), "sharpnes: unknown field; did you mean 'sharpness'?"),
        (("--at", "2025-05-01", "rounds=3"), "changes.set.rounds: cannot change during the run"),
        (("--at", "2025-05-01", "sharpness"), "no '=' in it"),
        (("--at", "2025-05-01..2025-04-01", "sharpness=3"), "until 2025-04-01 must come after at 2025-05-01"),
    ],
)
def test_a_mistake_is_reported_before_anything_is_simulated(
    willing: Willing, options: tuple[str, ...], message: str
) -> None:
    answer = willing("run", NAME, *options)
    assert answer.code == 2
    assert message in answer.err
    assert not Path("results").exists()


def test_explain_takes_both_options(willing: Willing) -> None:
    answer = willing("explain", NAME, "HUN", *FEW, "--force", "HUN=troops", "--no-figures")
    assert answer.code == 0, answer.err
    assert "Stance: troops, which the scenario forces it to declare" in answer.out
    assert "when all states except HUN abstain" in answer.out
    later = ("--at", "2025-04-09", "environment.us_backing=0.9", "--round", 4, "--json")
    changed = json.loads(willing("explain", NAME, "DEU", *FEW, *later).out)
    plain = json.loads(willing("explain", NAME, "DEU", *FEW, *later[3:]).out)
    assert changed["environment"]["us_backing"] > plain["environment"]["us_backing"] + 0.3


def test_compare_refuses_them_for_runs_that_exist(willing: Willing) -> None:
    folder, _ = played(willing)
    answer = willing("compare", folder, NAME, "--force", "POL=troops")
    assert answer.code == 2
    assert "settings apply to scenarios that are still to be simulated, but " in answer.err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("stability", NAME), "force: the audit of stability needs every state to decide for itself"),
        (("pivots", NAME, "--replicates", 10), None),
    ],
)
def test_analyses_that_need_free_states_say_so(
    willing: Willing, command: tuple[object, ...], message: str | None
) -> None:
    answer = willing(*command, *FEW, "--set", "rounds=3", "--set", "force.POL=troops", "--json")
    assert (answer.code, message is None or message in answer.err) == (0 if message is None else 2, True), answer.err


@pytest.mark.parametrize("command", ["stability", "pivots"])
def test_analyses_that_need_constant_settings_refuse_changes(willing: Willing, command: str) -> None:
    answer = willing(command, NAME, *FEW, "--set", "changes=[{at: 2025-05-01, set: {sharpness: 3}}]")
    assert answer.code == 2
    assert "needs settings that are constant throughout the run" in answer.err


def test_check_and_run_warn_of_settings_without_effect_and_continue(willing: Willing) -> None:
    checked = willing("check", NAME, "--set", "opening.POL=troops")
    assert checked.code == 0
    assert checked.out.startswith(f"{NAME}: valid (digest ")
    assert "Warning: --set opening.POL=troops: opening.POL: POL holds troops only until it first revises" in checked.err
    late = willing("check", NAME, "--at", "2027-01-01", "sharpness=3")
    assert "Warning: --at 2027-01-01 sharpness=3: changes: has no effect: no round falls between its dates" in late.err
    answer = willing("run", NAME, *SHORT, "--set", "opening.POL=troops")
    assert answer.code == 0
    assert "Warning: --set opening.POL=troops" in answer.err
    json.loads(answer.out)


def test_omitted_dates_are_not_those_of_the_file(willing: Willing) -> None:
    """The file forces POL until 5 April; without an end, --force lasts to the fifth and last round, on 23 April."""
    Path("own.yaml").write_text(
        f"extends: {NAME}\nquestion: q\nforce: {{POL: {{option: abstain, from: 2025-03-26, until: 2025-04-05}}}}\n"
    )
    answer = willing(
        *("run", "own.yaml", *FEW, "--rounds", 5, "--replicates", 1, "--no-figures", "--json"),
        *("--force", "POL=troops@2025-04-02.."),
    )
    assert answer.code == 0, answer.err
    assert stances(Path(json.loads(answer.out)["result"]), "POL")[1:] == ["troops"] * 4


def test_a_state_named_twice_is_refused(willing: Willing) -> None:
    answer = willing("check", NAME, "--force", "POL=troops@..2025-05-01", "--force", "Poland=abstain@2025-05-01..")
    assert answer.code == 2
    assert "POL is named twice" in " ".join(answer.err.split())


def test_a_setting_that_changes_set_in_every_round_is_neither_a_lever_nor_a_factor(willing: Willing) -> None:
    Path("own.yaml").write_text(
        f"extends: {NAME}\nquestion: q\nchanges: [{{at: 2025-03-26, set: {{environment.us_backing: 0.9}}}}]\n"
    )
    lever = willing("thresholds", "own.yaml", "--target", "viable>=0.8", "--levers", "us_backing", "--no-figures")
    assert (lever.code, lever.out) == (2, "")
    assert "changes set environment.us_backing in every round" in lever.err
    Path("own-sweep.yaml").write_text(
        "question: q\nscenario: own.yaml\nvary: {environment.us_backing: [0.2, 0.8]}\nrounds: 3\nreplicates: 2\n"
        "outcomes: [viable]\n"
    )
    factor = willing("check", "own-sweep.yaml")
    assert factor.code == 2
    assert "changes in own set it in every round" in factor.err
