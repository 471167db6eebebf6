"""`willing run` answers a reader or a program, keeps what happened, and never writes over anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim.plots
from sim import facts
from sim.cli import progress
from sim.plots import FIGURES
from sim.results.outcomes import numeric_outcomes
from sim.scenario import digest, load_scenario
from sim.scenario.checksum import seal_yaml
from tests.conftest import hears_signals

type Willing = Callable[..., Any]

TABLES = ("rounds.parquet", "stances.parquet", "outcomes.parquet")
PROMISED = {
    "viable",
    "viable_now",
    "troop_states",
    "troop_states_conditional",
    "backstop_states",
    "guarantee_states",
    "personnel_troops",
    "personnel_backstop",
    "headline_rung",
    "ask",
    "redimensioned",
    "deterrence",
    "phase",
    "peace_holds",
    "us_backing",
    "russian_opposition",
    "clarity",
    "burden_gini",
    "rounds_to_settle",
    "stances_kept",
}
PLAYED = ("paris-march-2025", "--replicates", "6", "--rounds", "24", "--seed", "7")


def process(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sim", *arguments], capture_output=True, text=True, cwd=cwd, timeout=120, check=False
    )


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one run was played, into `one`."""
    return tmp_path_factory.mktemp("here")


@pytest.fixture(scope="module")
def said(here: Path) -> subprocess.CompletedProcess[str]:
    return process("run", *PLAYED, "--out", "one", "--json", cwd=here)


@pytest.fixture(scope="module")
def answer(said: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert said.returncode == 0, said.stderr
    parsed: dict[str, Any] = json.loads(said.stdout)
    return parsed


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing, where pictures are not what a test is about."""
    monkeypatch.setattr(sim.plots.run, "FIGURES", {})


unillustrated = pytest.mark.usefixtures("without_pictures")


# The answer for programs


def test_the_answer_says_what_was_played(answer: dict[str, Any], here: Path) -> None:
    assert list(answer) == [
        "scenario",
        "heading",
        "digest",
        "seed",
        "replicates",
        "rounds",
        "engine",
        "result",
        "outcomes",
        "states",
    ]
    assert answer["scenario"] == "paris-march-2025"
    assert answer["heading"] == "paris-march-2025 with 24 rounds instead of 52"
    assert answer["digest"] == digest(load_scenario("paris-march-2025", ["rounds=24"]))
    assert (answer["seed"], answer["replicates"], answer["rounds"]) == (7, 6, 24)
    assert answer["engine"] == "agents"
    assert (here / answer["result"]) == here / "one"


def test_every_outcome_has_its_mean_spread_and_percentiles(answer: dict[str, Any]) -> None:
    assert set(answer["outcomes"]) >= PROMISED
    assert list(answer["outcomes"]) == list(numeric_outcomes(["abstain", "guarantee", "backstop", "troops"]))
    for name, spread in answer["outcomes"].items():
        assert list(spread) == ["mean", "sd", "p05", "p50", "p95"], name
        assert all(type(value) is float for value in spread.values()), name
        assert spread["p05"] <= spread["p50"] <= spread["p95"]
        assert spread["sd"] >= 0.0
    for name in ("viable", "viable_now", "peace_holds", "deterrence", "us_backing", "clarity", "stances_kept"):
        assert 0.0 <= answer["outcomes"][name]["mean"] <= 1.0


def test_every_state_has_its_chances(answer: dict[str, Any]) -> None:
    assert tuple(answer["states"]) == facts.default_roster()
    for code, chances in answer["states"].items():
        assert set(chances) == {"troops", "backstop", "guarantee", "abstain", "troops_conditional"}, code
        assert all(type(chance) is float and 0.0 <= chance <= 1.0 for chance in chances.values()), code
        assert sum(chances[option] for option in ("troops", "backstop", "guarantee", "abstain")) == pytest.approx(1.0)
        assert all(6.0 * chance == pytest.approx(round(6.0 * chance)) for chance in chances.values()), code


def test_the_answer_is_what_the_tables_say(answer: dict[str, Any], here: Path) -> None:
    outcomes, rounds, stances = (
        pd.read_parquet(here / "one" / f"{name}.parquet") for name in ("outcomes", "rounds", "stances")
    )
    assert len(outcomes) == 6
    assert len(rounds) == 6 * 24
    assert len(stances) == 6 * 24 * 38
    for name, spread in answer["outcomes"].items():
        values = outcomes[name].dropna().astype(float)
        assert spread["mean"] == pytest.approx(values.mean()), name
        assert spread["sd"] == pytest.approx(values.std(ddof=0)), name
        for part, percent in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
            assert spread[part] == pytest.approx(values.quantile(percent)), name
    last = stances[stances["round"] == 24]
    for code, chances in answer["states"].items():
        mine = last[last["state"] == code]
        assert len(mine) == 6
        for option in ("troops", "backstop", "guarantee", "abstain"):
            assert chances[option] == pytest.approx((mine["stance"] == option).mean())
        assert chances["troops_conditional"] == pytest.approx((mine["conditional"] == "troops").mean())
    total = sum(chances["troops"] for chances in answer["states"].values())
    assert total == pytest.approx(answer["outcomes"]["troop_states"]["mean"])


@unillustrated
def test_only_the_answer_is_on_stdout(monkeypatch: pytest.MonkeyPatch, willing: Willing) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    answer = willing("run", "base", "--replicates", "3", "--rounds", "2", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["replicates"] == 3
    assert "Simulating base: 1 of 3" in answer.err


# The answer for readers and the folder


@unillustrated
def test_the_summary_says_who_how_many_and_where(willing: Willing) -> None:
    answer = willing("run", "base", "--replicates", "5", "--rounds", "6", "--out", "one")
    assert answer.code == 0
    for words in (
        "base with 6 rounds instead of 52: What do the standing values give",
        "5 replicates of 6 rounds, 26 March 2025 to 30 April 2025; seed 0.",
        "Troops, firm: ",
        "Troops, if the conditions were met: ",
        "Backstop, firm: ",
        "against 25,000 asked at the start: viable in ",
        "Headline: troops ",
        "Phase: ",
        "Deterrence: ",
        "Tables, figures and manifest: one",
    ):
        assert words in " ".join(answer.out.split()), words
    assert "GBR" in answer.out
    assert "\x1b" not in answer.out


def test_a_run_leaves_tables_figures_and_a_manifest(answer: dict[str, Any], here: Path) -> None:
    left = bytes_below(here / "one")
    assert set(left) == {"manifest.json", *TABLES, *(str(Path("figures") / f"{name}.png") for name in FIGURES)}
    assert all(left[name].startswith(b"\x89PNG") for name in left if name.endswith(".png"))
    assert os.listdir(here) == ["one"]


@unillustrated
def test_without_out_the_folder_is_named_after_what_was_played(willing: Willing, tmp_path: Path) -> None:
    first = json.loads(willing("run", "base", "--replicates", "2", "--rounds", "2", "--json").out)
    other = json.loads(willing("run", "base", "--replicates", "2", "--rounds", "2", "--seed", "1", "--json").out)
    assert Path(first["result"]).parent == Path("results") / "runs"
    assert Path(first["result"]).name.startswith("base-")
    assert first["result"] != other["result"]
    assert set(os.listdir(tmp_path / "results" / "runs")) == {Path(run["result"]).name for run in (first, other)}
    again = willing("run", "base", "--replicates", "2", "--rounds", "2", "--json")
    assert json.loads(again.out) == first
    assert "Already simulated" in again.err


@unillustrated
def test_the_same_command_gives_the_same_bytes_and_another_seed_does_not(
    answer: dict[str, Any], here: Path, willing: Willing, tmp_path: Path
) -> None:
    again = willing("run", *PLAYED, "--out", "again", "--workers", "2", "--json")
    assert again.code == 0
    assert json.loads(again.out) == answer | {"result": "again"}
    other = willing("run", *PLAYED[:-1], "8", "--out", "other", "--json")
    assert other.code == 0
    for name in TABLES:
        assert (tmp_path / "again" / name).read_bytes() == (here / "one" / name).read_bytes(), name
        assert (tmp_path / "other" / name).read_bytes() != (here / "one" / name).read_bytes(), name


def test_the_same_run_is_not_played_again(answer: dict[str, Any], here: Path) -> None:
    before = bytes_below(here / "one")
    again = process("run", *PLAYED, "--out", "one", "--json", cwd=here)
    assert again.returncode == 0
    assert json.loads(again.stdout) == answer
    assert again.stderr == "Already simulated: one\n"
    assert bytes_below(here / "one") == before


def test_a_run_of_one_round_and_one_replicate_is_a_run(willing: Willing) -> None:
    answer = json.loads(willing("run", "base", "--replicates", "1", "--rounds", "1", "--json").out)
    assert answer["rounds"] == 1
    assert answer["outcomes"]["troop_states"]["sd"] == 0.0
    assert set(answer["outcomes"]["stances_kept"].values()) == {None}


def test_where_nobody_bears_anything_the_burden_is_undefined_and_not_nan(willing: Willing) -> None:
    answer = willing("run", "base", "--replicates", "2", "--rounds", "2", "--set", "revision=0", "--json")
    assert "NaN" not in answer.out
    parsed = json.loads(answer.out)
    assert parsed["outcomes"]["burden_gini"]["mean"] is None
    assert {chances["abstain"] for chances in parsed["states"].values()} == {1.0}


@unillustrated
def test_the_largest_seed_is_a_seed(willing: Willing) -> None:
    answer = willing("run", "base", "--replicates", "2", "--rounds", "2", "--seed", 2**63 - 1, "--json")
    assert json.loads(answer.out)["seed"] == 2**63 - 1


@unillustrated
def test_a_setting_changes_what_is_played(willing: Willing) -> None:
    few = ("--replicates", "20", "--rounds", "20", "--json", "--set", "revision=0.9")
    plain = json.loads(willing("run", "base", *few).out)
    backed = json.loads(willing("run", "base", *few, "--set", "environment.us_backing=0.95").out)
    assert backed["digest"] != plain["digest"]
    assert backed["outcomes"]["us_backing"]["mean"] >= 0.95
    assert backed["outcomes"]["troop_states"]["mean"] > plain["outcomes"]["troop_states"]["mean"]


def test_the_answer_has_the_options_of_the_menu_whatever_they_are(willing: Willing) -> None:
    training = (
        "menu.training={label: Training, rung: 2, ask: 500, share: 0.02, home_tie_counts: 0, deters: 1, "
        "punishes: 0.3, provokes: 0, peer_norm: 0.4, raises: {constant: -0.3, solidarity: 0.5}}"
    )
    answer = json.loads(willing("run", "base", "--replicates", "2", "--rounds", "3", "--set", training, "--json").out)
    assert {"training_states", "training_states_conditional", "personnel_training"} <= set(answer["outcomes"])
    assert "training" in answer["states"]["GBR"]


@pytest.mark.parametrize("name", ["security-buffet", "article-5-like-guarantee"])  # the most options, the fewest
def test_a_shipped_scenario_can_be_run_by_its_name(willing: Willing, name: str, tmp_path: Path) -> None:
    answer = willing("run", name, "--replicates", "2", "--rounds", "3", "--out", "one")
    assert answer.code == 0
    assert answer.out.startswith(f"{name} with 3 rounds instead of ")
    assert (tmp_path / "one" / "manifest.json").is_file()


def test_a_scenario_of_ones_own_is_run_from_its_file(willing: Willing, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: What if?\nleads: [POL]\n")
    answer = willing("run", "mine.yaml", "--replicates", "2", "--rounds", "2", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["scenario"] == "mine"


# What is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bsae",), "bsae: there is no such file, nor a shipped scenario of that name; did you mean 'base'?"),
        (("base", "--set", "menu.troops.aks=1"), "menu.troops.aks: unknown field; did you mean 'ask'?"),
        (("base", "--set", "menu.troops.ask"), "no '=' in it"),
        (("base", "--set", "revision=2"), "revision"),
        (("empty.yaml",), "empty.yaml"),
        (("folder",), "is a folder"),
        (("base", "--replicates", "0"), "'--replicates': 0 is not in the range"),
        (("base", "--replicates", "-5"), "'--replicates': -5 is not in the range"),
        (("base", "--rounds", "0"), "'--rounds': 0 is not in the range"),
        (("base", "--rounds", "10001"), "'--rounds': 10001 is not in the range"),
        (("base", "--seed", "-1"), "'--seed': -1 is not in the range"),
        (("base", "--seed", str(2**63)), f"'--seed': {2**63} is not in the range"),
        (("base", "--seed", "9" * 400), "is not in the range"),
        (("base", "--workers", "0"), "'--workers': 0 is not in the range"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_what_the_user_can_mend_is_told_and_nothing_is_left(
    willing: Willing, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "folder").mkdir()
    answer = willing("run", *arguments)
    assert answer.code == 2
    assert not answer.out
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert sorted(os.listdir(tmp_path)) == ["empty.yaml", "folder"]


SHORT = ("run", "base", "--replicates", "2", "--rounds", "2")


def test_a_folder_of_somebody_else_is_refused_and_untouched(willing: Willing, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years of work")
    before = bytes_below(tmp_path)
    answer = willing(*SHORT, "--out", "thesis")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "thesis: already exists and is not a Willing run; choose another folder with --out\n"
    assert bytes_below(tmp_path) == before


@unillustrated
def test_another_run_is_refused_and_untouched(willing: Willing, tmp_path: Path) -> None:
    assert willing(*SHORT, "--out", "one").code == 0
    before = bytes_below(tmp_path)
    answer = willing(*SHORT, "--seed", "5", "--out", "one")
    assert (answer.code, answer.out) == (2, "")
    assert "one: holds another run (seed 0, not 5); choose another folder with --out" in answer.err
    answer = willing(*SHORT, "--set", "turnover=0.06", "--out", "one")
    assert (answer.code, answer.out) == (2, "")
    assert "one: holds another run (another scenario)" in answer.err
    assert bytes_below(tmp_path) == before


@unillustrated
def test_a_run_that_was_tampered_with_is_not_believed(willing: Willing, tmp_path: Path) -> None:
    assert willing(*SHORT, "--out", "one").code == 0
    (tmp_path / "one" / "outcomes.parquet").write_bytes(b"better numbers")
    answer = willing(*SHORT, "--out", "one")
    assert (answer.code, answer.out) == (2, "")
    assert "outcomes.parquet: changed since it was written" in answer.err


@pytest.mark.parametrize("out", ["file", "file/one", ".", "link"])
def test_a_place_that_is_taken_is_refused(willing: Willing, tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "link").symlink_to("nowhere")
    answer = willing(*SHORT, "--out", out)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"{out}: ")
    assert "choose another folder with --out" in answer.err
    assert (tmp_path / "file").read_text() == "a file"
    assert sorted(os.listdir(tmp_path)) == ["file", "link"]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_simulated(
    monkeypatch: pytest.MonkeyPatch, willing: Willing, tmp_path: Path
) -> None:
    import sim.model.simulate

    def never(*arguments: object, **settings: object) -> None:
        raise AssertionError("simulated before the folder was tested")

    monkeypatch.setattr(sim.model.simulate, "simulate", never)
    (tmp_path / "file").write_text("a file")
    assert willing(*SHORT, "--out", "file/one").code == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_a_closed_folder_is_told(willing: Willing, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    answer = willing(*SHORT, "--out", "closed/one")
    assert (answer.code, answer.out) == (2, "")
    assert "cannot write there" in answer.err


# Interrupted


@pytest.mark.skipif(os.name != "posix", reason="signals of a terminal are those of Unix")
@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("run base --replicates 200000 --workers 1 --out one", "Simulating base: "),
        ("run base --replicates 200000 --workers 2 --out one", "Simulating base: "),
        ("patterns --replicates 20000 --workers 2 --out page.md", "Simulating situations: "),
    ],
    ids=["run, one worker", "run, two workers", "patterns"],
)
def test_an_interrupted_command_ends_and_leaves_nothing_but_a_line(
    tmp_path: Path, command: str, says: str, times: int
) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "sim", *command.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,  # so that the signal reaches its workers too, as it would from a terminal
        preexec_fn=hears_signals,
    )
    assert run.stderr is not None
    try:
        while not (line := run.stderr.readline()).startswith(says):
            assert line.startswith("Compil"), line
        for _ in range(times):
            os.killpg(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=600)  # ends when the last worker has closed its stderr
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
    assert run.returncode == 130
    assert not out
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "Interrupted; no incomplete files are left."
    assert not os.listdir(tmp_path)


# Weights that are drawn

POSTERIOR = """\
scenario: base
digest: 'x'
mean: {opinion: 2.5, momentum: 1.2}
covariance:
  opinion: [0.36, 0.06]
  momentum: [0.06, 0.25]
"""


def test_drawn_weights_are_kept_and_told(willing: Callable[..., Any]) -> None:
    Path("small.posterior.yaml").write_text(seal_yaml(POSTERIOR))
    command = (
        "run",
        "base",
        "--rounds",
        6,
        "--replicates",
        24,
        "--posterior",
        "small.posterior.yaml",
        "--out",
        "drawn",
    )
    answer = willing(*command)
    assert answer.code == 0, answer.err
    assert "account for this part of the variance between replicates: " in " ".join(answer.out.split())
    assert "Uncertainty: uncertain weights (6 draws)" in " ".join(answer.out.split())
    outcomes, weights = (pd.read_parquet(f"drawn/{name}.parquet") for name in ("outcomes", "weights"))
    assert outcomes["draw"].tolist() == [draw for draw in range(6) for _ in range(4)]
    assert weights.columns.tolist() == ["draw", "opinion", "momentum"]
    manifest = json.loads(Path("drawn/manifest.json").read_text())
    assert manifest["posterior"]["draws"] == 6
    assert manifest["posterior"]["reference"] == "small.posterior.yaml"
    assert manifest["checksums"].keys() == {f"{name}.parquet" for name in ("rounds", "stances", "outcomes", "weights")}
    assert Path("drawn/figures/parts.png").is_file()
    again = willing(*command)
    assert again.out == answer.out
    assert "Already simulated" in again.err
    found = json.loads(willing(*command, "--json").out)["posterior"]["from_weights"]
    assert found["troop_states"]["low"] <= found["troop_states"]["mean"] <= found["troop_states"]["high"]


def test_a_run_with_drawn_weights_is_opened_by_other_commands(
    willing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.plots.run, "FIGURES", {})
    Path("small.posterior.yaml").write_text(seal_yaml(POSTERIOR))
    few = ("--rounds", 4, "--replicates", 8)
    assert willing("run", "base", *few, "--posterior", "small.posterior.yaml", "--out", "drawn").code == 0
    assert willing("run", "base", *few, "--out", "plain").code == 0
    assert willing("plot", "drawn", "parts", "--out", "pictures").out == "pictures/parts.png\n"
    assert willing("plot", "plain", "parts").code == 2
    assert willing("report", "drawn", "--out", "drawn.html").code == 0
    assert "variance between replicates that comes from uncertain weights" in Path("drawn.html").read_text()
    other = willing("run", "base", *few, "--out", "drawn")
    assert other.code == 2
    assert "weights drawn in only one of them" in other.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--draws", 4), "--draws needs --posterior"),
        (("--posterior", "nowhere.yaml"), "nowhere.yaml"),
        (("--posterior", "odd.yaml"), "name a .posterior.yaml that `willing fit` wrote"),
        (("--posterior", "small.posterior.yaml", "--draws", 7), "24 replicates cannot be shared equally by 7 draws"),
        (("--posterior", "small.posterior.yaml", "--draws", 1), "--draws"),
    ],
)
def test_what_cannot_be_drawn_is_told(willing: Callable[..., Any], arguments: tuple[Any, ...], said: str) -> None:
    Path("small.posterior.yaml").write_text(seal_yaml(POSTERIOR))
    Path("odd.yaml").write_text("scenario: base\n")
    answer = willing("run", "base", "--rounds", 4, "--replicates", 24, *arguments)
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert not Path("results").exists()
