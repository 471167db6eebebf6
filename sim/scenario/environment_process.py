"""The processes of a quantity of the environment: constant, schedule, ramp, and AR(1) on the logit scale."""

from __future__ import annotations

import datetime
import itertools
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from sim.scenario.field_types import Count, Date, Number, SettingsBlock, Share, setting


class Constant(SettingsBlock):
    """A constant quantity."""

    process: Literal["constant"] = "constant"
    value: Share = setting("constant value", "share", label="{quantity}")


class Schedule(SettingsBlock):
    """Dated values, such as the record of 2025."""

    process: Literal["schedule"]
    values: dict[Date, Share] = setting(
        "value from each date on", "share", label="{quantity} from {date}", min_length=1
    )
    between: Literal["step", "linear"] = setting(
        "value between two dates: that of the first, or a straight line",
        label="the interpolation of {quantity}",
        default="step",
    )

    @field_validator("values")
    @classmethod
    def _in_order(cls, values: dict[datetime.date, float]) -> dict[datetime.date, float]:
        dates = list(values)
        for earlier, later in itertools.pairwise(dates):
            if later <= earlier:
                raise ValueError(f"dates out of order: {later} comes after {earlier}; put the earlier date first")
        return values


class Ramp(SettingsBlock):
    """A quantity that changes evenly from one value to another."""

    process: Literal["ramp"]
    start_value: Share = setting(
        "value before and at the first round of the ramp", "share", label="{quantity} at the start of its ramp"
    )
    end_value: Share = setting(
        "value from the last round of the ramp on", "share", label="{quantity} at the end of its ramp"
    )
    start_round: Count = setting(
        "round at which the ramp starts", "round", label="the first round of the ramp of {quantity}", ge=1, default=1
    )
    end_round: Count = setting(
        "round at which the ramp ends", "round", label="the last round of the ramp of {quantity}", ge=1
    )

    @model_validator(mode="after")
    def _forwards(self) -> Ramp:
        if self.end_round <= self.start_round:
            raise ValueError(f"end_round {self.end_round} must come after start_round {self.start_round}")
        return self


class LogitAR1(SettingsBlock):
    """A quantity that fluctuates around a level on the logit scale, with occasional jumps."""

    process: Literal["logit_ar1"]
    level: Annotated[Number, Field(gt=0, lt=1)] = setting(
        "level at which the process starts and to which it returns", "share", label="the level of {quantity}"
    )
    persistence: Annotated[Number, Field(ge=0, lt=1)] = setting(
        "share of a deviation that remains after a round", "share", label="the persistence of {quantity}"
    )
    volatility: Annotated[Number, Field(ge=0, le=10)] = setting(
        "standard deviation of the move in a round", "logits", label="the volatility of {quantity}"
    )
    jump_chance: Share = setting(
        "probability of a jump in a round", "share", label="the probability of a jump in {quantity}", default=0.0
    )
    jump_size: Annotated[Number, Field(ge=0, le=20)] = setting(
        "standard deviation of a jump", "logits", label="the size of jumps in {quantity}", default=0.0
    )


def _process_kind(value: Any) -> str | None:
    if isinstance(value, dict):
        kind = value.get("process", "constant")
        return kind if isinstance(kind, str) else None
    return getattr(value, "process", None)


def _plain_number(value: Any) -> Any:
    """Read a plain number as a constant process."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"process": "constant", "value": value}
    return value


_NamedProcess = Annotated[
    Annotated[Constant, Tag("constant")]
    | Annotated[Schedule, Tag("schedule")]
    | Annotated[Ramp, Tag("ramp")]
    | Annotated[LogitAR1, Tag("logit_ar1")],
    Discriminator(_process_kind),
]
Process = Annotated[_NamedProcess, BeforeValidator(_plain_number, json_schema_input_type=Share | _NamedProcess)]
