"""Pages that can be followed: files to write, Python to run, commands to give, and the answers that they show.

`python -m tests.pages` renews the answers and pictures of all of them, and `python -m tests.pages PAGE ...` those of
the pages named.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from PIL import Image

from sim.results.outcomes import OUTCOMES
from sim.theory.considerations import CONSIDERATIONS
from tests.conftest import Answer

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
TUTORIAL = DOCS / "tutorial.md"
COMMANDS, EXPERIMENTS, LIMITS, RESULTS, SCENARIOS = (
    DOCS / f"{name}.md" for name in ("commands", "experiments", "limits", "results", "scenarios")
)
GUIDES = [COMMANDS, EXPERIMENTS, RESULTS, SCENARIOS]
RECIPES = sorted((DOCS / "how-to").glob("*.md"))
PICTURES: Mapping[Path, Mapping[Path, str]] = {  # what a page shows, and which file of the reader's it is
    README: {DOCS / "shift-2025.png": "shift/comparison.png"},
    EXPERIMENTS: {DOCS / "clarity-x-mandate.png": "clarity-x-mandate/figures/phase-stance-DEU.png"},
    TUTORIAL: {
        DOCS / "tutorial-germany.png": "germany.png",
        DOCS / "tutorial-comparison.png": "thaw-to-mines/comparison.png",
        DOCS / "tutorial-judged.png": "judged/figures/tornado-demining_states.png",
    },
}
COLOURS = 128  # of a picture that is kept, so that it stays small

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks in a language."""
    return [block for tongue, _, block in _BLOCK.findall(text) if tongue == language]


def prose(text: str) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    """Return the commands of a shell block that call the program."""
    lines = (line.split("#")[0].strip() for line in block.splitlines())
    return [line for line in lines if line.startswith("willing ")]


def dialogues(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the answer shown."""
    for said in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, answer = said.partition("\n")
        yield command, answer


def follow(text: str, willing: Callable[..., Answer]) -> str:
    """Return a page with the answers that its commands give, doing all it says in its order in the current folder.

    YAML whose first line names a file is written, and so is a block with a file name behind its language; Python is
    run.
    """
    namespace: dict[str, object] = {"__name__": "page"}
    before = [(known, dict(known)) for known in (CONSIDERATIONS, OUTCOMES)]

    def done(found: re.Match[str]) -> str:
        language, name, block = found[1], found[2], found[3]
        if name:
            Path(name).write_text(block, "utf-8")
        elif language == "yaml":
            _write_yaml(block)
        elif language == "python":
            exec(compile(block, "page", "exec"), namespace)
        elif language == "sh":
            for command in commands(block):
                answer = willing(*shlex.split(command)[1:])
                assert answer.code == 0, f"{command}: {answer.err}"
        elif language == "console":
            return f"```console\n{''.join(_said(command, willing) for command, _ in dialogues(block))}```"
        return found[0]

    try:
        return _BLOCK.sub(done, text)
    finally:
        for known, entries in before:
            known.clear()
            known.update(entries)


def kept_picture(made: Path) -> Image.Image:
    """Return a picture as docs/ keeps it."""
    with Image.open(made) as picture:
        return picture.convert("RGB").quantize(COLOURS)


def _write_yaml(block: str) -> None:
    if named := re.match(r"# (\S+\.yaml)\n", block):
        Path(named[1]).write_text(block, "utf-8")


def _said(command: str, willing: Callable[..., Answer]) -> str:
    answer = willing(*shlex.split(command)[1:])
    return f"$ {command}\n{answer.out or answer.err}"


def _willing(*arguments: str) -> Answer:
    done = subprocess.run([sys.executable, "-m", "sim", *arguments], capture_output=True, text=True, check=False)
    return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


def _renew(pages: Iterable[Path]) -> None:
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            page.write_text(follow(page.read_text("utf-8"), _willing), "utf-8")
            for kept, made in PICTURES.get(page, {}).items():
                kept_picture(Path(made)).save(kept, optimize=True)
            os.chdir(ROOT)


if __name__ == "__main__":
    _renew([Path(page).resolve() for page in sys.argv[1:]] or [README, TUTORIAL, *GUIDES, *RECIPES])
