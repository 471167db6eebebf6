"""The considerations: what may speak for or against an option, and for whom.

Each is one row of CONSIDERATIONS. Its term in the value of option k for state i is

    weight * how strongly the option raises it * how much the state feels it * how present its driver is

The weight and the option's part are data of the scenario; this table gives the state's part and names the driver.
A consideration of your own is one more entry (docs/how-to/own-consideration.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

type Array = np.ndarray

DRIVERS = (  # first those that are alike for all states and options, then those that are a state's own
    "always",  # 1
    "us_backing",  # US backing, discounted for vagueness, against an even chance
    "vagueness",  # what clarity lacks
    "no_mandate",  # what the mandate lacks
    "mandate",
    "sincerity",  # believed sincerity of the ceasefire against the doubt that is usual
    "called_in",  # belief that the option goes ahead and the offer is called in
    "russian_threat",  # Russian opposition, half of it taken away by US backing, if the offer is called in
    "momentum",  # peers at the option beyond the norm, less under a mandate
    "security",  # deterrence that one's own offer brings about
    "word_kept",  # rungs of the stance held that the option keeps
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristics:
    """What the states on the roster are like, as arrays over states; [states, options] where said.

    Unknown figures are not-a-number. Options stand as in the scenario, abstaining first.
    """

    codes: tuple[str, ...]
    leads: Array  # 1 for a lead of the proposal
    aid: Array  # prior aid to the host, % of GDP
    support: Array  # public support for sending own peacekeepers, in [0, 1]
    front: Array  # exposure to the front, in [0, 1]
    borders_host: Array  # 1 for a common border
    home_tie: Array  # part of the land force kept back for home, in [0, 1]
    usable: Array  # soldiers free for missions
    offers: Array  # [states, options] whole soldiers
    strain: Array  # ratio
    cost_burden: Array  # [states, options] yearly cost / defence budget, scaled by debt
    small_force: Array  # 1 where the part of the land force that can be deployed is too small to go it alone
    veto: Array  # strength of the parliament's say, in [0, 1]
    moscow_alignment: Array  # the government's closeness to Moscow, in [0, 1]
    non_aligned: Array  # 1 for a state outside alliances by its own declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Consideration:
    """One reason for or against an option.

    feels(characteristics, option) gives how much each state feels it, as an array over states; option is its place on
    the menu. driver is a name from DRIVERS, or a function of an Observation (sim.model.agent) for one's own driver.
    needs names the figures in the table of states without which it cannot be felt.
    """

    about: str
    label: str = ""  # within a sentence, and with a capital in figures; its name if it has none
    feels: Callable[[Characteristics, int], Array]
    driver: str | Callable[..., float]
    needs: tuple[str, ...] = ()


def _everybody(states: Characteristics, option: int) -> Array:
    return np.ones(len(states.codes))


def _security_stake(states: Characteristics, option: int) -> Array:
    stake = 0.25 + 0.55 * states.front + 0.25 * np.log1p(states.aid)
    return np.clip(stake * (1.0 - 0.8 * states.moscow_alignment), 0.0, 1.2)


_FRONT = ("dist_moscow_km", "border_russia", "border_ukraine")
OFFER_NEEDS = (*_FRONT, "land_forces", "active_personnel", "defence_budget_busd")  # to say what a state would offer

CONSIDERATIONS: dict[str, Consideration] = {
    "constant": Consideration(
        label="effort of committing",
        about="what any commitment costs in attention and credit",
        feels=_everybody,
        driver="always",
    ),
    "leadership": Consideration(
        label="leadership",
        about="a lead stands by its own proposal",
        feels=lambda states, option: states.leads,
        driver="always",
    ),
    "solidarity": Consideration(
        label="solidarity",
        about="who has helped the host helps on",
        feels=lambda states, option: np.log1p(states.aid),
        driver="always",
        needs=("aid_pct_gdp",),
    ),
    "seat": Consideration(
        label="seat in the force",
        about="the private gain of standing in a force that goes ahead (joint products: Sandler 1977)",
        feels=_everybody,
        driver="called_in",
    ),
    "opinion": Consideration(
        label="public opinion",
        about="what the public thinks of sending its own soldiers",
        feels=lambda states, option: 2.0 * states.support - 1.0,
        driver="always",
        needs=("peacekeeping_support_pct",),
    ),
    "us_backing": Consideration(
        label="US backing",
        about="whether Washington stands behind it",
        feels=_everybody,
        driver="us_backing",
    ),
    "escalation": Consideration(
        label="risk of escalation",
        about="ending up in a fight with Russia",
        feels=lambda states, option: 0.45 + 0.5 * states.front + 0.15 * states.borders_host,
        driver="russian_threat",
        needs=_FRONT,
    ),
    "manpower": Consideration(
        label="manpower",
        about="what rotating the offer takes out of the usable land force",
        feels=lambda states, option: states.strain + states.small_force,
        driver="called_in",
        needs=(*OFFER_NEEDS, "troops_abroad"),
    ),
    "cost": Consideration(
        label="cost",
        about="what the offer costs against the defence budget, heavier for the indebted",
        feels=lambda states, option: states.cost_burden[:, option],
        driver="called_in",
        needs=(*OFFER_NEEDS, "debt_pct_gdp"),
    ),
    "home_defence": Consideration(
        label="home defence",
        about="soldiers who are missing at home",
        feels=lambda states, option: states.home_tie,
        driver="called_in",
        needs=_FRONT,
    ),
    "clarity": Consideration(
        label="clarity of the mission",
        about="a mission nobody has spelt out, worse where parliament will ask",
        feels=lambda states, option: 0.5 + 0.5 * states.veto,
        driver="vagueness",
        needs=("parliament_veto",),
    ),
    "parliament": Consideration(
        label="parliament",
        about="a parliament that has to be won over",
        feels=lambda states, option: states.veto,
        driver="always",
        needs=("parliament_veto",),
    ),
    "moscow_alignment": Consideration(
        label="closeness to Moscow",
        about="a government close to Moscow",
        feels=lambda states, option: states.moscow_alignment,
        driver="always",
        needs=("moscow_alignment",),
    ),
    "neutrality": Consideration(
        label="neutrality",
        about="neutrality, which a mandate lifts",
        feels=lambda states, option: states.non_aligned,
        driver="no_mandate",
        needs=("non_aligned",),
    ),
    "mandate": Consideration(
        label="mandate",
        about="an international mandate, worth most where parliament will ask",
        feels=lambda states, option: 0.6 + 0.4 * states.veto,
        driver="mandate",
        needs=("parliament_veto",),
    ),
    "sincerity": Consideration(
        label="sincerity of the ceasefire",
        about="a ceasefire that is meant",
        feels=_everybody,
        driver="sincerity",
    ),
    "hub": Consideration(
        label="place as a hub",
        about="being next door, the place from which a backstop works",
        feels=lambda states, option: states.borders_host * (1.0 - states.moscow_alignment),
        driver="always",
        needs=("moscow_alignment", "border_ukraine"),
    ),
    "momentum": Consideration(
        label="momentum among peers",
        about="what the states one meets with have declared",
        feels=_everybody,
        driver="momentum",
    ),
    "security": Consideration(
        label="security",
        about="the deterrence that one's own offer brings about",
        feels=_security_stake,
        driver="security",
        needs=("aid_pct_gdp", "moscow_alignment", *_FRONT),
    ),
    "consistency": Consideration(
        label="consistency",
        about="standing by one's word: the fewer rungs of it are kept, the less credit (Fearon 1994)",
        feels=_everybody,
        driver="word_kept",
    ),
}
