"""States may be written in any usual way, and an ambiguous word is refused with all candidates."""

from __future__ import annotations

from functools import cache

import pytest

from sim import facts
from sim.analysis.requested_state import requested_state
from sim.errors import ModelError
from sim.experiment.outcome_names import with_code
from sim.facts.state_codes import find_state, known_codes, state_name, states_beginning
from sim.model.setup import Setup, prepare
from sim.scenario import load_scenario
from sim.scenario.suggestions import did_you_mean_state


@cache
def paris() -> Setup:
    return prepare(load_scenario("paris-march-2025"))


# ISO 3166-1 alpha-2 of the states of the table, written down from the standard
TWO_LETTERS = """
    GB FR DE IT ES PL NL BE LU DK SE NO FI IS EE LV LT CZ SK HU RO BG GR CY MT PT IE AT SI HR TR CA AU NZ JP KR
    AL ME MK CH UA US RU MD GE RS
"""


def test_every_state_of_the_table_has_its_name_and_its_two_letters() -> None:
    assert {*facts.states()} <= {*known_codes()}
    assert [find_state(word) for word in TWO_LETTERS.split()] == list(facts.states())
    for code, state in facts.states().items():
        assert find_state(state.name) == find_state(code.lower()) == code
        assert state_name(code) == state.name


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("UK", "GBR"), ("uk", "GBR"), ("EL", "GRC"), ("XK", "XKX"), ("xkx", "XKX"), ("Turkey", "TUR"),
        ("turkiye", "TUR"), ("Czech  Republic", "CZE"), ("The Netherlands", "NLD"), ("us", "USA"), ("GER", "DEU"),
        ("BY", "BLR"), (" fr ", "FRA"),
    ],
)  # fmt: skip
def test_common_codes_and_names_are_understood(word: str, code: str) -> None:
    assert find_state(word) == code


@pytest.mark.parametrize("word", ["", "P", "PO", "Slov", "ZZ", "Atlantis", "Germ", "POLL"])
def test_words_that_only_begin_or_resemble_a_state_are_not_states(word: str) -> None:
    assert find_state(word) is None


def test_states_of_a_scenario_go_first() -> None:
    assert find_state("x99", {"X99": "Ruritania"}) == find_state("ruritania", {"X99": "Ruritania"}) == "X99"
    assert find_state("UK", {"UKX": "UK"}) == "UKX"


def test_a_beginning_names_every_state_that_it_may_be() -> None:
    assert states_beginning("PO") == ("POL", "PRT")
    assert states_beginning("slov") == ("SVK", "SVN")
    assert states_beginning("P") == ()


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("UK", "; did you mean GBR (United Kingdom)?"),
        ("EL", "; did you mean GRC (Greece)?"),
        ("PO", "; did you mean POL (Poland) or PRT (Portugal)?"),
        ("QQ", ""),
        ("UR", ""),  # two letters are never taken for a misspelling, of UKR for instance
        ("Grece", "; did you mean GRC (Greece)?"),
        ("POL", ""),
    ],
)  # fmt: skip
def test_two_letters_are_never_taken_for_a_misspelling(word: str, hint: str) -> None:
    assert did_you_mean_state(word) == hint


def test_an_outcome_of_a_state_is_named_with_its_code() -> None:
    assert [with_code(word) for word in ("joins.UK", "stance.germany.troops", "joins.PO", "viable", "ask.UK")] == [
        "joins.GBR", "stance.DEU.troops", "joins.PO", "viable", "ask.UK",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["DEU", "deu", "DE", "Germany", "germany "])
def test_a_state_of_the_roster_may_be_written_in_any_usual_way(word: str) -> None:
    assert requested_state(paris(), word) == "DEU"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("PO", "paris-march-2025: no state 'PO' on the roster; did you mean POL (Poland) or PRT (Portugal)?"),
        ("Germ", "paris-march-2025: no state 'Germ' on the roster; did you mean DEU (Germany)?"),
        ("UA", "paris-march-2025: UKR (Ukraine) is the host and is not asked"),
        ("RU", "paris-march-2025: RUS (Russia) is the opponent and is not asked"),
        ("XK", "paris-march-2025: XKX (Kosovo) is not asked; roster.states lists the states that are"),
        ("ukra", "paris-march-2025: no state 'ukra' on the roster; UKR (Ukraine), if that was meant, is not asked"),
    ],
)
def test_a_word_that_is_not_a_state_of_the_roster_is_refused(word: str, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        requested_state(paris(), word)
    assert str(refused.value) == message
