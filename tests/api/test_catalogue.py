"""`sim.catalogue` lists in memory what `willing list` prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.text.catalogue import KINDS

type Willing = Callable[..., Any]


@pytest.mark.parametrize("kind", KINDS)
def test_a_catalogue_has_a_table_a_dictionary_and_a_text(willing: Willing, kind: str) -> None:
    result = sim.catalogue(kind, "us-opposes", {"revision": 0.5})
    printed = willing("list", kind, "--scenario", "us-opposes", "--set", "revision=0.5", "--json")
    assert json.loads(json.dumps(result.to_dict())) == {kind: json.loads(printed.out)}
    assert len(result.to_frame()) == len(result.rows)
    assert result.to_frame().index.name == next(iter(result.rows[0]))
    assert repr(result).startswith(f"{len(result.rows)} {kind}: ")
    assert "<table>" in result._repr_html_()
    assert result.kinds == ()
    with pytest.raises(sim.FigureError, match="Catalogue has no figure"):
        result.plot()
    assert not list(Path().iterdir())


def test_an_unknown_kind_is_reported_with_a_suggestion() -> None:
    with pytest.raises(sim.WillingError, match=r"'stats' cannot be listed; did you mean 'states'\?"):
        sim.catalogue("stats")
