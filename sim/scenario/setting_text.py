"""Settings of a program, by path and value, as texts such as `menu.troops.ask=40000`."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from sim.errors import Mistake, ScenarioError
from sim.facts.numbers import unmistakable
from sim.scenario.syntax_tree import shortened
from sim.scenario.tree_from_yaml import read_key


def settings_of(settings: Sequence[str] | Mapping[str, Any] | str) -> list[str]:
    """Return settings as texts such as `menu.troops.ask=40000`, from a list, from one text, or from a mapping by path.

    ScenarioError for a value that a setting cannot have.
    """
    if isinstance(settings, str):
        return [settings]
    if not isinstance(settings, Mapping):
        return list(settings)
    return [text for path, value in settings.items() for text in _flat(path, value)]


def written_setting(path: str, value: Any) -> str:
    """Return a value as the text of a setting, such as `leads=["GBR", "FRA"]`.

    TypeError for a value that a setting cannot have.
    """
    return f"{path}={_written(value)}"


def _flat(path: str, value: Any) -> list[str]:
    """Return a setting as texts: a mapping of mappings, such as a table of states, as several short ones."""
    if isinstance(value, Mapping) and value and all(isinstance(each, Mapping) for each in value.values()):
        return [text for key, inside in value.items() for text in _flat(f"{path}.{key}", inside)]
    try:
        return [written_setting(path, value)]
    except TypeError as error:
        raise ScenarioError(
            [Mistake(file="settings", message=f"{error} is not a value of a setting", path=str(path))]
        ) from None


def _written(value: Any) -> str:
    if hasattr(value, "tolist"):  # of numpy
        value = value.tolist()
    match value:
        case BaseModel():
            return _written(value.model_dump())
        case None:
            return "null"
        case bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | datetime.date():
            return str(value)
        case float() if math.isinf(value):
            return ".inf" if value > 0 else "-.inf"
        case float():
            return unmistakable(repr(value).replace("nan", ".nan"))
        case Mapping():
            return f"{{{', '.join(f'{_written_key(key)}: {_written(each)}' for key, each in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
    raise TypeError(f"{type(value).__name__} {shortened(repr(value))}")


def _written_key(key: Any) -> str:
    return str(key) if isinstance(read_key(str(key)), datetime.date) else json.dumps(str(key), ensure_ascii=False)
