"""The text and the tables of the explanation of a stance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
import pandas as pd

from sim.analysis.explain import Explanation, by_size
from sim.results.spreadsheet import Sheet
from sim.text.heading import heading
from sim.text.numbers import percent, signed
from sim.text.words import capitalised, consideration_name, option_name, state_name
from sim.theory.choice import ENVIRONMENT, US_BACKING
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

_PEERS_LISTED = 8
_REASONS_LISTED = 4  # in favour, and against
_VISIBLE = 0.005  # smallest amount that two decimals show

type Array = np.ndarray


def view(result: Explanation) -> View:
    """Return the utilities of all options, the contributions of considerations, and what decides between two."""
    name = f"{capitalised(state_name(result.code, result.scenario))} ({result.code})"
    return View(
        (
            Heading(name, f" in {heading(result.scenario)}, {result.moment}"),
            *_stance(result),
            Paragraph("Situation", result.situation),
            Paragraph("Utility and probability", _options(result, result.utilities, result.probabilities)),
            *_if_met(result),
            *_terms(result),
            _difference(result),
            Paragraph("Required US backing", _required_backing(result)),
            Paragraph("Offers", _offers(result)),
            Paragraph("Peers", _peers(result)),
        )
    )


def sheets(result: Explanation) -> dict[str, Sheet]:
    """Return the contribution of each consideration to each option, the options, and the peers."""
    options = pd.DataFrame(
        {
            "option": result.options,
            "value": result.utilities,
            "chance": result.probabilities,
            "value_if_met": result.utilities_if_met,
            "chance_if_met": result.probabilities_if_met,
            "offer": result.offers,
            "ask": result.asks,
        }
    )
    terms = pd.DataFrame(result.terms.T, columns=list(result.options))
    terms.insert(0, "consideration", list(result.considerations))
    peers = pd.DataFrame([asdict(peer) for peer in result.peers])
    units = {"chance": "probability", "chance_if_met": "probability", "offer": "soldiers", "ask": "soldiers"}
    return {
        "considerations": Sheet(table=terms, units=dict.fromkeys(result.options, "contribution to utility")),
        "options": Sheet(table=options, units=units),
        "peers": Sheet(table=peers, units={"weight": "share"}),
    }


def _stance(result: Explanation) -> Iterator[Block]:
    """Yield the declared stance; at the start there is none, unless it is forced."""
    if result.seed is None and not result.is_forced:
        return
    forced = ", which the scenario forces it to declare" if result.is_forced else ""
    yield Paragraph("Conditional stance" if result.is_conditional else "Stance", f"{result.declared}{forced}")


def _options(result: Explanation, utilities: Array, probabilities: Array) -> str:
    """Return the options with their utilities and probabilities, the highest utility first."""
    rows = sorted(zip(result.options, utilities.tolist(), probabilities.tolist(), strict=True), key=lambda row: -row[1])
    return ", ".join(f"{option} {signed(utility)} ({percent(probability)})" for option, utility, probability in rows)


def _if_met(result: Explanation) -> Iterator[Block]:
    if not result.is_conditional:
        text = _options(result, result.utilities_if_met, result.probabilities_if_met)
        yield Paragraph("If the conditions were met", text)


def _terms(result: Explanation) -> Iterator[Block]:
    """Yield the table of contributions, and the considerations that contribute nothing."""
    sizes = by_size(result.considerations, abs(result.terms).max(axis=0))
    terms = result.to_frame()
    options = result.options[1:]
    yield TextTable(
        columns=[
            TableColumn(head="contribution to the utility of", is_number=False),
            *(TableColumn(head=option.replace("_", "\n")) for option in options),
        ],
        rows=[
            [
                capitalised(consideration_name(name, result.scenario)),
                *("" if term == 0.0 else signed(term) for term in terms.loc[list(options), name].tolist()),
            ]
            for name, size in sizes.items()
            if size > 0.0
        ],
        footer=["Utility", *(signed(result.utility(option)) for option in options)],
    )
    without = [consideration_name(name, result.scenario) for name, size in sizes.items() if size == 0.0]
    if without:
        yield Paragraph("", f"No contribution from {', '.join(without)}.")


def _difference(result: Explanation) -> Paragraph:
    """Return the considerations that separate the stance from the alternative."""
    stance, alternative = result.stance, result.alternative
    differences = [
        (f"{consideration_name(name, result.scenario)} {signed(difference)}", difference > 0.0)
        for name, difference in result.differences(stance, alternative).items()
        if abs(difference) >= _VISIBLE
    ]
    in_favour, against = ([text for text, favours in differences if favours is side] for side in (True, False))
    text = ", ".join(in_favour[:_REASONS_LISTED]) or "nothing in favour"
    if against:
        text += f"; against it {', '.join(against[:_REASONS_LISTED])}"
    total = result.utility(stance) - result.utility(alternative)
    text += f"; in total {signed(total)}."
    if total < 0.0:
        reason = (
            "the scenario forces it to"
            if result.is_forced
            else "its taste shocks favour it, or it has not revised its stance since"
        )
        text += f" The state holds it nevertheless because {reason}."
    return Paragraph(f"{capitalised(option_name(stance))} rather than {option_name(alternative)}", text)


def _required_backing(result: Explanation) -> str:
    """Return the least US backing at which the deepest option is the best, and the present backing."""
    name, required = option_name(result.deepest), result.enough_backing
    backing = result.environment[ENVIRONMENT[US_BACKING]]
    present = f"{'with the conditions met' if result.is_conditional else 'now'} {backing:.2f}"
    if required is None:
        return f"none suffices; {name} is not its best option at any level, all else equal ({present})"
    if result.best != result.deepest and required < backing:
        present += ", at which it is not the best option any more"
    if required == 0.0:
        return f"none needed; {name} is its best option even without any, all else equal ({present})"
    return f"{required:g} makes {name} its best option, all else equal ({present})"


def _offers(result: Explanation) -> str:
    offers = [
        f"{offer:,.0f} soldiers to {option}" + (f" (the ask is {ask:,.0f})" if ask else "")
        for option, offer, ask in zip(result.options, result.offers.tolist(), result.asks.tolist(), strict=True)
        if offer or ask
    ]
    return ", ".join(offers) or "no soldiers to any option"


def _peers(result: Explanation) -> str:
    if not result.peers:
        return "none; it is in no format with another state of the roster"
    listed = result.peers[:_PEERS_LISTED]
    more = len(result.peers) - len(listed)
    stances = {peer.stance for peer in result.peers}
    common = stances.pop() if len(stances) == 1 else None
    text = ", ".join(f"{peer.code} {percent(peer.weight)}{'' if common else f' {peer.stance}'}" for peer in listed)
    text += f", and {more} more" if more else ""
    return f"{text}; all {common}" if common else text
