"""Declarations of settings, and the types of their values."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError


def setting(about: str, unit: str = "", *, label: str = "", **limits: Any) -> Any:
    """Declare a setting once, for the checks, the lists, the headings and the axes of figures.

    Parameters
    ----------
    about : str
        Description.
    unit : str, optional
        Its unit, or its range.
    label : str, optional
        Its name within a sentence, with its article. It may hold {option}, {quantity}, {consideration}, {state} or
        {date}, which stand for the keys above and below the setting.
    **limits
        Bounds and a default, as pydantic takes them.
    """
    notes: dict[str, Any] = {key: text for key, text in (("unit", unit), ("label", label)) if text}
    return Field(description=about, json_schema_extra=notes or None, **limits)


def label_of(field: FieldInfo) -> str:
    """Return the name of a setting within a sentence; empty if it has none."""
    notes = field.json_schema_extra
    return str(notes.get("label", "")) if isinstance(notes, dict) else ""


def as_label(phrase: str) -> str:
    """Return a phrase as the label of an axis: with a capital, and without an article."""
    bare = phrase.removeprefix("the ")
    return bare[:1].upper() + bare[1:]


def _finite(value: float) -> float:
    if math.isnan(value) or math.isinf(value):
        raise ValueError("must be a finite number")
    return value


def _not_nan(value: float) -> float:
    if math.isnan(value):
        raise ValueError("must be a number")
    return value


def _only_number(value: Any) -> Any:
    """Refuse values that pydantic would convert to a number: true and false, and numbers in quotes."""
    if isinstance(value, (bool, str, datetime.date)):
        raise PydanticCustomError("not_a_number", "must be a number")
    return value


def _only_flag(value: Any) -> Any:
    """Refuse values that pydantic would convert to true or false, such as 1 and the word no."""
    if not isinstance(value, bool):
        raise PydanticCustomError("not_a_flag", "must be true or false")
    return value


def _only_date(value: Any) -> Any:
    """Refuse values that pydantic would convert to a date, such as seconds since 1970."""
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise PydanticCustomError("not_a_date", "must be a date such as 2025-03-26")
    return value


def _written_infinity(value: Any) -> Any:
    """Accept .inf also as a text, since formats such as JSON have no infinity."""
    return math.inf if value == ".inf" else value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("string_too_short", "must not be blank")
    return value


Text = Annotated[str, AfterValidator(_not_blank)]
Number = Annotated[float, BeforeValidator(_only_number), AfterValidator(_finite)]
Share = Annotated[float, BeforeValidator(_only_number), AfterValidator(_finite), Field(ge=0, le=1)]
Strength = Annotated[Number, Field(ge=-1000, le=1000)]
Count = Annotated[int, BeforeValidator(_only_number)]
Flag = Annotated[bool, BeforeValidator(_only_flag)]
Date = Annotated[datetime.date, BeforeValidator(_only_date)]
Sharpness = Annotated[
    float,
    BeforeValidator(_only_number),
    BeforeValidator(_written_infinity, json_schema_input_type=Annotated[float, Field(gt=0)] | Literal[".inf"]),
    AfterValidator(_not_nan),
    Field(gt=0),
]


def _written_none(value: Any) -> Any:
    """Accept `none` in place of null."""
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


STATE_CODE = r"^[A-Z][A-Z0-9]{2}$"
_NONE = r"[Nn][Oo][Nn][Ee]"  # spaces around it are allowed

StateCode = Annotated[str, Field(pattern=STATE_CODE)]
StateOrNone = Annotated[
    StateCode | None,
    BeforeValidator(_written_none, json_schema_input_type=StateCode | Annotated[str, Field(pattern=_NONE)] | None),
]
StateOrOthers = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}$|^others$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]


class SettingsBlock(BaseModel):
    """A block of a scenario: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True)
