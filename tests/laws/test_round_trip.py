"""A scenario that is written out and read again is the same scenario."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import facts
from sim.scenario import Scenario, digest, load_scenario, resolve, to_yaml
from sim.theory.considerations import CONSIDERATIONS

type Ask = Callable[..., Scenario]

ROSTER = facts.default_roster()
finite = st.floats(-1000, 1000)
shares = st.floats(0, 1)
dated = st.dictionaries(st.dates(), shares, min_size=1, max_size=5).map(lambda values: dict(sorted(values.items())))


def _process(draw: st.DrawFn) -> str:
    match draw(st.sampled_from(["constant", "schedule", "ramp", "logit_ar1"])):
        case "schedule":
            values = ", ".join(f"{date}: {value}" for date, value in draw(dated).items())
            return f"{{process: schedule, values: {{{values}}}, between: linear}}"
        case "ramp":
            first = draw(st.integers(1, 50))
            return (
                f"{{process: ramp, start_value: 0.1, end_value: {draw(shares)}, start_round: {first}, end_round: 60}}"
            )
        case "logit_ar1":
            return f"{{process: logit_ar1, level: 0.3, persistence: 0.9, volatility: {draw(shares)}, jump_chance: 0.1}}"
    return str(draw(shares))


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, ...]:
    """Settings of every kind that a scenario knows."""
    code = draw(st.sampled_from(ROSTER))
    opening = draw(st.sampled_from(["abstain", "backstop", f"{{{code}: guarantee}}"]))
    return (
        f"menu.troops.ask={draw(st.integers(0, 10_000_000))}",
        f"menu.troops.share={draw(shares)}",
        f"weights.{draw(st.sampled_from(sorted(CONSIDERATIONS)))}={draw(finite)}",
        f"environment.us_backing={_process(draw)}",
        f"environment.mandate={_process(draw)}",
        f"states.{code}.facts.aid_pct_gdp={draw(st.floats(0, 5))}",
        f"opening={opening}",
        f"sharpness={draw(st.sampled_from(['.inf', '2.4', '1e-3']))}",
        f"start={draw(st.dates())}",
        f"proposal.redimensions={draw(st.sampled_from(['true', 'false']))}",
        f"momentum.formats={draw(st.sampled_from(['all', 'everyone', '[NATO, EU]', '[]']))}",
    )


@given(changed=changes())
def test_a_written_scenario_is_read_as_the_same(
    asked: Ask, tmp_path_factory: pytest.TempPathFactory, changed: tuple[str, ...]
) -> None:
    scenario = asked(*changed)
    path = tmp_path_factory.mktemp("written") / "anything.yaml"
    path.write_text(to_yaml(scenario), encoding="utf-8")
    again = load_scenario(path)
    assert again == scenario
    assert digest(again) == digest(scenario)
    assert Scenario.model_validate(resolve(scenario)) == scenario


@given(changed=changes())
def test_every_changed_setting_changes_the_digest(asked: Ask, changed: tuple[str, ...]) -> None:
    scenario = asked(*changed)
    if resolve(scenario) != resolve(asked()):
        assert digest(scenario) != digest(asked())
