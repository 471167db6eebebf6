"""Code and documents use the standard terms: the words that these terms replaced are gone, but in quotations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDARD_TERMS = {
    r"luck\w*": "random draws, common random numbers, sampling noise",
    r"told apart": "distinguishable, distinguished",
    r"anew": "again",
    r"mend(s|ed|ing)?": "fix, correct",
    r"surely": "significantly",
}
_QUOTATION = re.compile(r"`[^`\n]*`|“[^”]*”")
_SUFFIXES = {".py", ".pyi", ".md", ".j2", ".vue", ".css", ".yaml"}


def texts() -> list[Path]:
    folders = (ROOT / folder for folder in ("sim", "docs", "scenarios", "experiments"))
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in _SUFFIXES]
    return [*files, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("word", STANDARD_TERMS)
def test_a_replaced_word_is_gone(word: str) -> None:
    pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
    uses = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in texts()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(_QUOTATION.sub("", line))
    ]
    assert not uses, f"write {STANDARD_TERMS[word]}:\n" + "\n".join(uses)
