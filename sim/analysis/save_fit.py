"""The files of a fit: the fitted scenario, and the posterior from which weights are drawn."""

from __future__ import annotations

import json
from pathlib import Path

from sim.analysis.fit import Fit
from sim.errors import ResultsError
from sim.results.files import check_free, check_writable, write_files
from sim.scenario import digest, shipped
from sim.scenario.checksum import seal_yaml
from sim.scenario.export import extending
from sim.scenario.posterior import SUFFIX
from sim.text.heading import heading


def save_fit(result: Fit, path: Path | None, folder: Path) -> Path:
    """Write a fitted scenario with its posterior beside it, as `Fit.save` describes."""
    origin, scenario = result.spec.scenario.origin, result.setup.scenario
    if origin is None:
        raise ResultsError(
            f"{scenario.name}: a fitted scenario extends the file that was fitted, and this scenario was not loaded "
            "from one; take the weights from Fit.weights"
        )
    target = path or folder / f"{result.file_name}.yaml"
    text = extending(
        origin.reference,
        result.settings,
        question=scenario.question,
        about=(
            f"Weights of {heading(scenario)} fitted to {len(result.data.codes)} {result.spec.which} stances of "
            f"{result.record.source}, given the prior. Made by `willing fit`; {posterior_beside(target).name} holds "
            "the uncertainty of each weight."
        ),
    )
    texts = {target.name: text, posterior_beside(target).name: seal_yaml(posterior_text(result))}
    write_files(target.parent, [], texts=texts, overwrite=path is None)
    return target


def check_save(path: Path | None, reference: str, folder: Path) -> None:
    """Raise ResultsError where a fitted scenario could not be written, before anything is fitted.

    path: the file, None for one in the folder; reference: the scenario that it extends.
    """
    if path is None:
        check_writable(folder / "fitted.yaml", shown=folder, other="path")
        return
    if path.suffix != ".yaml":
        raise ResultsError(f"--out {path}: a scenario is a YAML file; name one such as {path.stem or 'fitted'}.yaml")
    beside = Path(reference).parent
    if reference not in shipped() and path.parent.absolute() != beside.absolute():
        raise ResultsError(
            f"--out {path}: extends {reference}, so it must lie in the same folder; name {beside / path.name}, or "
            "leave --out out"
        )
    check_free([path, posterior_beside(path)])


def posterior_beside(path: Path) -> Path:
    """Return the file of the posterior of a fitted scenario."""
    return path.with_name(path.stem + SUFFIX)


def posterior_text(result: Fit) -> str:
    """Return the posterior as the text of a YAML file."""
    weights = result.weights
    lines = [
        "# Posterior of the weights given the record: jointly normal (Laplace approximation). Made by `willing fit`.",
        f"scenario: {json.dumps(result.setup.scenario.name)}",
        f"digest: '{digest(result.setup.scenario)}'",
        f"positions: {json.dumps(result.record.source)}",
        f"stances: {result.spec.which}",
        f"states: {len(result.data.codes)}",
    ]
    for key, column in (("mean", "mean"), ("sd", "sd"), ("prior_mean", "prior_mean"), ("prior_sd", "prior_sd")):
        lines.append(f"{key}:")
        lines += [f"  {name}: {_number(value)}" for name, value in zip(weights.index, weights[column], strict=True)]
    lines.append("covariance:  # a row a weight, in the order above")
    lines += [
        f"  {name}: [{', '.join(map(_number, row))}]"
        for name, row in zip(weights.index, result.covariance, strict=True)
    ]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.10g}"
