"""Compiler options of the ensemble: no checks for errors that cannot occur, and the same bits as the agents."""

from __future__ import annotations

from typing import Any

from numba.core.cpu import CPUTargetOptions
from numba.core.options import TargetOptions

CPUTargetOptions.noalias = TargetOptions.Mapping("noalias")  # a flag of numba that njit does not offer
COMPILED: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",  # no rule divides by zero; agents would raise
    "noalias": True,  # the arrays do not overlap, so loops over points need no check
    "_nrt": False,  # nothing is allocated, so references need no counting
    "no_cfunc_wrapper": True,
}
INLINED: dict[str, Any] = COMPILED | {"inline": "always"}  # of another function
