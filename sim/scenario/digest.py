"""A scenario in full: as JSON values, as a YAML file, and as a digest of its meaning."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import math
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from sim.facts.numbers import unmistakable
from sim.scenario.schema import Scenario
from sim.scenario.tree_from_yaml import read_key

_WORDS_ONLY = ("name", "question", "about", "sources")
_OPTIONAL = ("relations", "force", "changes")  # left out where empty, as in digests from before they existed
_SETS = (("roster", "states"), ("roster", "leave_out"), ("leads",), ("momentum", "formats"))


def resolve(scenario: Scenario) -> dict[str, Any]:
    """Return every setting of the scenario as JSON values: dates as text, an infinity as `.inf`.

    `Scenario.model_validate` turns the result back into the same scenario.
    """
    settings: dict[str, Any] = _jsonable(scenario.model_dump(by_alias=True))
    return settings


def to_yaml(scenario: Scenario) -> str:
    """Return the scenario as a file that extends nothing and loads to the same scenario."""
    written = scenario.model_dump(by_alias=True)
    return dumped(
        _yamlable({key: value for key, value in written.items() if value or key not in _OPTIONAL}), Representer
    )


def dumped(settings: dict[Any, Any], representer: type[Representer]) -> str:
    """Return settings, nested dicts and lists, as YAML that the reader reads back unchanged."""
    text = io.StringIO()
    writer = YAML(typ="safe", pure=True, plug_ins=[])
    writer.Representer = representer
    writer.default_flow_style = None  # lists of words on one line
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False
    writer.width = 120
    writer.dump(settings, text)
    return text.getvalue()


def digest(scenario: Scenario) -> str:
    """Return the SHA-256 of the meaning of a scenario.

    Its name, question and notes do not count, nor does the order of keys, states and formats; every setting that
    affects a run does. (The order of the roster does not affect a run, because random draws are made per state.)
    """
    settings = {
        key: value
        for key, value in resolve(scenario).items()
        if key not in _WORDS_ONLY and (value or key not in _OPTIONAL)
    }
    for change in settings.get("changes", ()):
        change["set"] = _as_real_numbers(change["set"])  # the type of the values is not declared
    for *path, last in _SETS:
        block = settings
        for key in path:
            block = block[key]
        if isinstance(block[last], list):
            block[last] = sorted(block[last])
    canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Representer(SafeRepresenter):
    """Writes YAML for the reader: no aliases, unprintable characters as escapes, quotes around texts like numbers."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that every value is written out."""
        return True

    def represent_text(self, text: str) -> ScalarNode:
        """Return the text, in quotes where otherwise a character would be lost or a number be read."""
        is_odd = not text.replace("\n", "").isprintable()
        style = '"' if is_odd else "'" if read_key(text) != text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def represent_number(self, number: float) -> ScalarNode:
        """Return the number, never as 25.125, which could be taken for thousands."""
        node = self.represent_float(number)
        node.value = unmistakable(node.value)
        return node


Representer.add_representer(str, Representer.represent_text)
Representer.add_representer(float, Representer.represent_number)


def _jsonable(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [_jsonable(item) for item in value]
        case datetime.date():
            return value.isoformat()
        case float():
            return ".inf" if math.isinf(value) else value + 0.0  # no -0.0
        case _:
            return value


def _as_real_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {key: _as_real_numbers(item) for key, item in value.items()}
        case list():
            return [_as_real_numbers(item) for item in value]
        case int() if not isinstance(value, bool):
            return float(value)
        case _:
            return value


def _yamlable(value: Any) -> Any:
    match value:
        case dict():
            return {key: _yamlable(item) for key, item in value.items()}
        case list() | tuple():
            return [_yamlable(item) for item in value]
        case _:
            return value
