"""A name that promises another format than is written is refused, before anything is played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Answer

type Willing = Callable[..., Answer]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("report", "nothing", "--out", "report.pdf"),
            "--out report.pdf: the name must end in .html or .htm, such as report.html; a browser prints it as PDF",
        ),
        (("report", "nothing", "--out", "report"), "--out report: the name must end in .html or .htm"),
        (("patterns", "--out", "page.html"), "page.html: the page is Markdown; name a file that ends in .md"),
        (("ablations", "--out", "page.pdf"), "page.pdf: the page is Markdown; name a file that ends in .md"),
        (("fit", "--out", "fitted.json"), "--out fitted.json: a scenario is a YAML file; name one such as fitted.yaml"),
        (("pivots", "base", "--figure", "one.gif"), "--figure one.gif: figures are written as png, svg or pdf"),
        *(
            (
                (*command, "--out", "one.pdf"),
                "one.pdf is the name of a file; give a folder, such as one",
            )
            for command in (
                ("run", "base"),
                ("compare", "base", "us-opposes"),
                ("sweep", "size-of-the-ask"),
                ("sensitivity",),
                ("discover",),
                ("gallery",),
                ("plot", "one"),
                ("cluster", "slurm", "size-of-the-ask"),
            )
        ),
    ],
)
def test_a_name_of_another_format_is_refused(
    willing: Willing, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    answer = willing(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in " ".join(answer.err.split())
    assert not list(tmp_path.iterdir())
