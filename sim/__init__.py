"""Willing: an agent-based simulation of the bargaining over a force for Ukraine.

>>> import sim
>>> run = sim.run("paris-march-2025", replicates=20)
>>> print(run.probabilities().loc["ITA", "abstain"])
0.9

The public names are those of `__init__.pyi`. Each is imported when it is first used, because Mesa, pandas, numba and
matplotlib take seconds to import.
"""

from importlib import import_module
from typing import Any

with open(f"{__file__}i", encoding="utf-8") as _stub:  # lines such as: from sim.api import run as run
    _MODULES = {line.split()[3]: line.split()[1] for line in _stub if line.startswith("from sim")}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("willing")
    if name not in _MODULES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
