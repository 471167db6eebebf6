"""The decision about the account of the world shows what its attempts really came to."""

from pathlib import Path

from tests.accounts import table

DECISION = Path(__file__).parents[2] / "docs" / "adr" / "0014-considerations-are-judged-by-leave-one-out-prediction.md"


def test_the_decision_shows_what_each_account_comes_to() -> None:
    assert table() in DECISION.read_text("utf-8")
