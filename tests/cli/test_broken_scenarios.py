"""A broken scenario is told in full: what, where, and what next, in exactly these words, and never with a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli.check import check
from sim.scenario import files

BROKEN = Path(__file__).parent / "broken"
NAMES = sorted(path.stem for path in BROKEN.glob("*.expected"))
HEAD = "extends: whole\nquestion: What is wrong here?\n"


@pytest.fixture(autouse=True)
def shipped(tmp_path_factory, monkeypatch):
    """Ship one scenario only, so that the messages do not hang on which ones there are."""
    folder = tmp_path_factory.mktemp("shipped")
    (folder / "base.yaml").write_text((BROKEN / "whole.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(files, "_shipped_folder", lambda _: folder)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "whole.yaml").write_bytes((BROKEN / "whole.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*arguments: str) -> Result:
    """Return what the command says; a failure that is not the user's to mend comes up here."""
    result = CliRunner().invoke(check, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(*arguments: str) -> str:
    result = checked(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 50_000
    return result.stderr


def test_there_are_broken_scenarios_of_many_kinds():
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_every_mistake_is_reported_in_exactly_these_words(name, monkeypatch):
    monkeypatch.chdir(BROKEN)
    assert refused(f"{name}.yaml") == (BROKEN / f"{name}.expected").read_text(encoding="utf-8")


def test_every_broken_scenario_has_its_expected_messages():
    parts_of_others = {"whole", "circle_b", "circle_c"}
    assert {path.stem for path in BROKEN.glob("*.yaml")} - parts_of_others == set(NAMES)


def test_the_scenario_that_they_extend_is_good(monkeypatch):
    monkeypatch.chdir(BROKEN)
    result = checked("whole.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("whole.yaml: valid (digest ")


def test_valid_and_broken_scenarios_are_distinguished_in_one_call(monkeypatch):
    monkeypatch.chdir(BROKEN)
    result = checked("unknown_field.yaml", "base", "part_of_a_round.yaml")
    assert result.exit_code == 2
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == ["base"]
    assert "unknown_field.yaml:5:5: menu.troops.aks" in result.stderr
    assert "part_of_a_round.yaml:3:9: rounds" in result.stderr


NOT_TEXT = "is not text; a scenario is a UTF-8 text file"
NOT_ORDINARY = "is not an ordinary file; a scenario is a text file"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x7fELF\x02\x01\x00\x00", f"x.yaml: {NOT_TEXT}"),
        ("question: x\n".encode("utf-16"), f"x.yaml: {NOT_TEXT}"),
        (b"question: caf\xe9\n", "x.yaml:1:14: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b"a: \x1b[31mred\n", "x.yaml:1:4: an unreadable character, U+001B\n    a: ?[31mred\n       ^"),
        (b"a: 1\n" * 500_000, "x.yaml: is 2,500,000 bytes long; a scenario has at most 1,048,576"),
        (b"[" * 10_000, "x.yaml:1:33: nested more than 32 levels deep"),
        (b"{a: " * 5_000, "x.yaml:1:129: nested more than 32 levels deep"),
        (b"- " * 10_000, "x.yaml:1:65: nested more than 32 levels deep"),
        (b"a: " + b"[" * 900_000, "x.yaml:1:1: a line of more than 20,000 characters"),
        (b"\n" * 1_000_000, "x.yaml:20001:1: more than 20,000 lines"),
        (
            b"a: [" + b"1,1,1,1,1,1,1,1,\n " * 3_000 + b"]",
            "more than 20,000 keys and values; a scenario needs far fewer",
        ),
        (b'question: "\\UFFFFFFFF"\n', "an escape that is not a character; characters end at \\U0010FFFF"),
        (b'extends: whole\nquestion: "\\ud800"\n', "question: holds half a character (a surrogate)"),
        (b"rounds: " + b"9" * 10_000, "x.yaml:1:9: rounds: a number of 10,000 characters; give at most 40"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value[:30],
)
def test_hostile_content_is_refused_at_once(folder, content, message):
    (folder / "x.yaml").write_bytes(content)
    assert message in refused("x.yaml")


def test_an_alias_bomb_does_not_go_off(folder):
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 200)]
    (folder / "x.yaml").write_text("\n".join(lines))
    said = refused("x.yaml")
    assert "x.yaml:2:10: a1: aliases such as *a0 are not read; write the value out" in said
    assert said.endswith("x.yaml: more than 100 mistakes; fix these first\n")


def test_thousands_of_mistakes_are_cut_short(folder):
    (folder / "x.yaml").write_text(HEAD + "\n".join(f"setting_{n}: 1" for n in range(9_000)))
    said = refused("x.yaml")
    assert said.count("unknown field") == 100
    assert said.endswith("x.yaml: more than 100 mistakes; fix these first\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_without_waiting_for_a_writer(folder):
    os.mkfifo(folder / "x.yaml")
    assert refused("x.yaml") == f"x.yaml: {NOT_ORDINARY}\n"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_refused_without_being_read(folder):
    assert refused("/dev/zero") == f"/dev/zero: {NOT_ORDINARY}\n"


def test_a_folder_is_refused(folder):
    (folder / "x.yaml").mkdir()
    assert refused("x.yaml") == "x.yaml: is a folder; name a .yaml file in it\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_is_refused(folder):
    (folder / "x.yaml").write_text(HEAD)
    (folder / "x.yaml").chmod(0)
    assert refused("x.yaml") == "x.yaml: may not be read; ask for permission, or copy it\n"


def test_a_file_that_the_system_will_not_open_is_refused(folder, monkeypatch):
    def forbidden(*_):
        raise PermissionError(13, "Permission denied")

    (folder / "x.yaml").write_text(HEAD)
    monkeypatch.setattr(os, "open", forbidden)
    assert refused("x.yaml") == "x.yaml: may not be read; ask for permission, or copy it\n"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            "whol.yaml",
            "whol.yaml: there is no such file, nor a shipped scenario of that name; did you mean 'whole.yaml'?",
        ),
        ("bse", "bse: there is no such file, nor a shipped scenario of that name; did you mean 'base'?"),
        ("no/such.yaml", "no/such.yaml: there is no such file, nor a shipped scenario of that name; shipped are base"),
        ("whole.yaml/x", "whole.yaml/x: there is no such file, nor a shipped scenario of that name; shipped are base"),
        ("", "'': is empty; give the name of a scenario, such as base, or a file"),
        ("x\0y", "x?y: is not a path"),
        ("x" * 5_000, "cannot be read: file name too long"),
    ],
    ids=["misspelt file", "misspelt name", "no folder", "below a file", "nothing", "NUL", "too long"],
)
def test_missing_files_are_reported_with_a_suggestion(folder, reference, message):
    assert message in refused(reference)


def test_links_that_go_in_a_circle_are_refused(folder):
    (folder / "x.yaml").symlink_to("x.yaml")
    assert refused("x.yaml") == "x.yaml: is a link that leads in a circle\n"


def test_an_extended_scenario_cannot_be_a_link_out_of_the_folder(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("question: secret\n")
    (folder / "near.yaml").symlink_to(secret)
    (folder / "dangling.yaml").symlink_to(folder / "nowhere")
    (folder / "x.yaml").write_text("extends: near\nquestion: x\n")
    (folder / "y.yaml").write_text("extends: dangling\nquestion: x\n")
    said = refused("x.yaml", "y.yaml")
    assert "x.yaml:1:10: extends: 'near.yaml' is a link that leads out of the scenario's folder" in said
    assert "y.yaml:1:10: extends: 'dangling.yaml' is a link that leads nowhere" in said
    assert "secret\n" not in said


def test_a_link_inside_the_folder_may_be_extended(folder):
    (folder / "near.yaml").symlink_to("whole.yaml")
    (folder / "x.yaml").write_text("extends: near\nquestion: x\n")
    assert checked("x.yaml").exit_code == 0


@pytest.mark.parametrize("name", ["../x/whole", "/etc/passwd", "sub/whole", "..", "~/whole", "a\\\\b", ""])
def test_an_extended_scenario_is_given_by_name_and_not_by_path(folder, name):
    (folder / "x.yaml").write_text(f'extends: "{name}"\nquestion: x\n')
    assert "is not the name of a scenario; give a name without a folder, such as base" in refused("x.yaml")


def test_a_chain_of_twenty_scenarios_holds_and_one_more_breaks(folder):
    (folder / "link0.yaml").write_bytes((folder / "whole.yaml").read_bytes())
    for number in range(1, 21):
        (folder / f"link{number}.yaml").write_text(f"extends: link{number - 1}\nquestion: {number}th?\n")
    assert checked("link19.yaml").exit_code == 0
    assert "more than 20 scenarios extend one another: link20 -> link19 -> " in refused("link20.yaml")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "menu.troops.aks=1",
            "--set menu.troops.aks=1: menu.troops.aks: unknown field; did you mean 'ask'?\n"
            "    menu.troops.aks=1\n"
            "                ^\n",
        ),
        (
            "leads=[GBR, FRE]",
            "--set leads=[GBR, FRE]: leads: no state 'FRE' in the table; did you mean FRA (France)?\n"
            "    leads=[GBR, FRE]\n"
            "                ^\n",
        ),
        (
            "leads=[GBR",
            "--set leads=[GBR: leads: a [ that is never closed, or a comma that is missing\n"
            "    leads=[GBR\n"
            "          ^\n",
        ),
        (
            "menu.tropps.ask=4",
            "--set menu.tropps.ask=4: menu.tropps: no option 'tropps' on the menu; did you mean 'troops'? A new one "
            "needs label, rung, share, home_tie_counts, deters, punishes, provokes, peer_norm, raises too\n"
            "    menu.tropps.ask=4\n"
            "         ^\n",
        ),
        ("x", "--set x: no '=' in it; give it as path=value, such as menu.troops.ask=40000\n    x\n     ^\n"),
        (
            "=1",
            "--set =1: '' is not the path of a setting; give it as path=value, such as menu.troops.ask=40000\n"
            "    =1\n"
            "    ^\n",
        ),
    ],
)
def test_a_wrong_setting_is_reported_like_a_wrong_line(folder, setting, message):
    assert refused("whole.yaml", "--set", setting) == message


@pytest.mark.parametrize(
    "setting",
    [
        "", "a..b=1", ".=1", "a =1", "extends=base", "rounds=*x", "rounds=!!int 3", "rounds=[" + "[" * 10_000,
        ".".join("a" * 1_000) + "=1", "leads.0=GBR", "menu.troops.ask.x=1", "question=", "rounds=1\n2",
        "rounds=1\n---\n2",
        "weights.constant=null", "environment.us_backing.process=ramp", "\ud800=1", "rounds=\0", "a" * 100_000 + "=1",
    ],
    ids=lambda setting: ascii(setting)[:20],
)  # fmt: skip
def test_odd_settings_are_refused_and_never_crash(folder, setting):
    assert refused("whole.yaml", "--set", setting).startswith("--set ") or setting.startswith("weights")


def test_all_wrong_settings_are_reported_together_with_the_mistakes_of_the_file(folder):
    (folder / "x.yaml").write_text(HEAD + "rounds: 0\n")
    said = refused("x.yaml", "--set", "turnover=2", "--set", "nonsense", "--set", "revision=40%")
    assert [line for line in said.splitlines() if not line.startswith("    ")] == [
        "x.yaml:3:9: rounds: 0 is out of range; give a number from 1 to 10,000 (rounds)",
        "--set turnover=2: turnover: 2 is out of range; give a number from 0 to 1 (share)",
        "--set nonsense: no '=' in it; give it as path=value, such as menu.troops.ask=40000",
        "--set revision=40%: revision: '40%' is not a number; did you mean 0.4?",
    ]
