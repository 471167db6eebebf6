"""The examples in the documentation of the library run and print what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import sim
from sim import api

EXAMPLES = [
    *doctest.DocTestFinder(exclude_empty=True).find(api, "sim.api"),
    *doctest.DocTestFinder(exclude_empty=True, recurse=False).find(sim, "sim"),
]


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.examples], ids=lambda each: each.name)
def test_the_example_prints_what_it_says(
    example: doctest.DocTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    output: list[str] = []
    runner.run(example, out=output.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(output)
    assert not list(tmp_path.iterdir()), "an example writes into the current folder"


def test_every_public_function_has_an_example() -> None:
    functions = {name for name in sim.__all__ if getattr(getattr(sim, name), "__module__", "") == "sim.api"}
    assert functions <= {each.name.removeprefix("sim.api.") for each in EXAMPLES if each.examples}
