"""How the ensemble is compiled: without looking for what cannot be, and bit for bit as the agents reckon."""

from __future__ import annotations

from typing import Any

from numba.core.cpu import CPUTargetOptions
from numba.core.options import TargetOptions

CPUTargetOptions.noalias = TargetOptions.Mapping("noalias")  # a flag of Numba's for which njit has no word of its own
COMPILED: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",  # no rule divides by zero; agents would raise where one did
    "noalias": True,  # the arrays do not overlap, so that a loop over points need not look whether they do
    "_nrt": False,  # nothing is allocated, so that references need not be counted
    "no_cfunc_wrapper": True,
}
INLINED: dict[str, Any] = COMPILED | {"inline": "always"}  # of another function
