"""The considerations: reasons for or against an option, and the states for which they matter.

Each is one row of CONSIDERATIONS. Its term in the utility of option k for state i is

    weight * loading of the option * sensitivity of the state * driver

The weight and the option's loading (`raises`) are settings of the scenario; this table gives the state's sensitivity
(`feels`) and names the driver. A consideration of your own is one more entry (docs/how-to/own-consideration.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

type Array = np.ndarray

DRIVERS = (  # first those that are the same for all states and options, then those of one state
    "always",  # 1
    "us_backing",  # US backing, discounted for vagueness, minus 0.5
    "vagueness",  # 1 - clarity
    "no_mandate",  # 1 - mandate
    "mandate",
    "sincerity",  # believed sincerity of the ceasefire minus 0.4
    "called_in",  # belief that the option goes ahead and the offer is called in
    "russian_threat",  # Russian opposition, up to half of it removed by US backing, if the offer is called in
    "momentum",  # share of peers at the option above the norm, weaker under a mandate
    "security",  # deterrence that the state's own offer adds
    "word_kept",  # rungs of the current stance that the option keeps
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristics:
    """Characteristics of the states on the roster: arrays over states, or [states, options] where noted.

    Unknown figures are not-a-number. Options are in the order of the scenario, abstaining first.

    Attributes
    ----------
    codes : tuple of str
        Codes of the states, in the order of the arrays.
    leads : array
        1 for a lead of the proposal, else 0.
    aid : array
        Prior aid to the host, % of GDP.
    support : array
        Public support for sending own peacekeepers, in [0, 1].
    front, home_tie : array
        Exposure to the front, and part of the land force reserved for home defence, in [0, 1].
    borders_host : array
        1 for a common border with the host, else 0.
    usable : array
        Soldiers available for missions.
    offers : array [states, options]
        Offer to each option, in whole soldiers.
    strain : array
        Rotated offer as a ratio to the usable land force.
    cost_burden : array [states, options]
        Yearly cost of the offer / defence budget, scaled by debt.
    small_force : array
        1 where the deployable part of the land force is too small to act alone, else 0.
    veto, moscow_alignment : array
        Strength of the parliament's say, and the government's closeness to Moscow, in [0, 1].
    non_aligned : array
        1 for a state that declares itself outside alliances, else 0.
    """

    codes: tuple[str, ...]
    leads: Array  # 1 for a lead of the proposal
    aid: Array  # prior aid to the host, % of GDP
    support: Array  # public support for sending own peacekeepers, in [0, 1]
    front: Array  # exposure to the front, in [0, 1]
    borders_host: Array  # 1 for a common border
    home_tie: Array  # part of the land force reserved for home defence, in [0, 1]
    usable: Array  # soldiers available for missions
    offers: Array  # [states, options] whole soldiers
    strain: Array  # ratio
    cost_burden: Array  # [states, options] yearly cost / defence budget, scaled by debt
    small_force: Array  # 1 where the deployable part of the land force is too small to act alone
    veto: Array  # strength of the parliament's say, in [0, 1]
    moscow_alignment: Array  # the government's closeness to Moscow, in [0, 1]
    non_aligned: Array  # 1 for a state that declares itself outside alliances


@dataclass(frozen=True, slots=True, kw_only=True)
class Consideration:
    """One reason for or against an option.

    Parameters
    ----------
    about : str
        Description in a few words.
    label : str, optional
        Name within a sentence; figures write it with a capital. By default the key in `CONSIDERATIONS`.
    feels : callable
        ``feels(characteristics, option)`` returns the sensitivity of each state as an array over states; ``option`` is
        the index of the option on the menu.
    driver : str or callable
        A name from `DRIVERS`, or a function from an `Observation` to a number for a driver of your own.
    needs : tuple of str, optional
        Figures of the table of states that `feels` needs.

    Examples
    --------
    >>> fairness = Consideration(
    ...     label="fairness",
    ...     about="an equal share of the burden",
    ...     feels=lambda states, option: 1.0 - states.strain,
    ...     driver="called_in",
    ... )
    >>> fairness.driver
    'called_in'
    """

    about: str
    label: str = ""  # within a sentence; figures write it with a capital
    feels: Callable[[Characteristics, int], Array]
    driver: str | Callable[..., float]
    needs: tuple[str, ...] = ()


def _all_states(states: Characteristics, option: int) -> Array:
    return np.ones(len(states.codes))


def _security_stake(states: Characteristics, option: int) -> Array:
    stake = 0.25 + 0.55 * states.front + 0.25 * np.log1p(states.aid)
    return np.clip(stake * (1.0 - 0.8 * states.moscow_alignment), 0.0, 1.2)


_FRONT = ("dist_moscow_km", "border_russia", "border_ukraine")
OFFER_NEEDS = (*_FRONT, "land_forces", "active_personnel", "defence_budget_busd")  # figures that an offer depends on

CONSIDERATIONS: dict[str, Consideration] = {
    "constant": Consideration(
        label="effort of committing",
        about="political effort that any commitment takes",
        feels=_all_states,
        driver="always",
    ),
    "leadership": Consideration(
        label="leadership",
        about="leads support their own proposal",
        feels=lambda states, option: states.leads,
        driver="always",
    ),
    "solidarity": Consideration(
        label="solidarity",
        about="states that have helped the host continue to help",
        feels=lambda states, option: np.log1p(states.aid),
        driver="always",
        needs=("aid_pct_gdp",),
    ),
    "seat": Consideration(
        label="seat in the force",
        about="private gain from taking part in a force that goes ahead (joint products: Sandler 1977)",
        feels=_all_states,
        driver="called_in",
    ),
    "opinion": Consideration(
        label="public opinion",
        about="public support for sending own soldiers",
        feels=lambda states, option: 2.0 * states.support - 1.0,
        driver="always",
        needs=("peacekeeping_support_pct",),
    ),
    "us_backing": Consideration(
        label="US backing",
        about="backing by the United States",
        feels=_all_states,
        driver="us_backing",
    ),
    "escalation": Consideration(
        label="risk of escalation",
        about="risk of a fight with Russia",
        feels=lambda states, option: 0.45 + 0.5 * states.front + 0.15 * states.borders_host,
        driver="russian_threat",
        needs=_FRONT,
    ),
    "manpower": Consideration(
        label="manpower",
        about="part of the usable land force that rotating the offer takes up",
        feels=lambda states, option: states.strain + states.small_force,
        driver="called_in",
        needs=(*OFFER_NEEDS, "troops_abroad"),
    ),
    "cost": Consideration(
        label="cost",
        about="cost of the offer relative to the defence budget, higher for indebted states",
        feels=lambda states, option: states.cost_burden[:, option],
        driver="called_in",
        needs=(*OFFER_NEEDS, "debt_pct_gdp"),
    ),
    "home_defence": Consideration(
        label="home defence",
        about="soldiers missing from home defence",
        feels=lambda states, option: states.home_tie,
        driver="called_in",
        needs=_FRONT,
    ),
    "clarity": Consideration(
        label="clarity of the mission",
        about="lack of a clear mission, which weighs more where parliament has a say",
        feels=lambda states, option: 0.5 + 0.5 * states.veto,
        driver="vagueness",
        needs=("parliament_veto",),
    ),
    "parliament": Consideration(
        label="parliament",
        about="parliament, which has to approve",
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
        about="neutrality, unless there is a mandate",
        feels=lambda states, option: states.non_aligned,
        driver="no_mandate",
        needs=("non_aligned",),
    ),
    "mandate": Consideration(
        label="mandate",
        about="an international mandate, which weighs most where parliament has a say",
        feels=lambda states, option: 0.6 + 0.4 * states.veto,
        driver="mandate",
        needs=("parliament_veto",),
    ),
    "sincerity": Consideration(
        label="sincerity of the ceasefire",
        about="believed sincerity of the ceasefire",
        feels=_all_states,
        driver="sincerity",
    ),
    "hub": Consideration(
        label="place as a hub",
        about="common border with the host, which a backstop needs",
        feels=lambda states, option: states.borders_host * (1.0 - states.moscow_alignment),
        driver="always",
        needs=("moscow_alignment", "border_ukraine"),
    ),
    "momentum": Consideration(
        label="momentum among peers",
        about="stances of the states that meet in the same formats",
        feels=_all_states,
        driver="momentum",
    ),
    "security": Consideration(
        label="security",
        about="deterrence that the state's own offer adds",
        feels=_security_stake,
        driver="security",
        needs=("aid_pct_gdp", "moscow_alignment", *_FRONT),
    ),
    "consistency": Consideration(
        label="consistency",
        about="loss of credibility by stepping back from the declared stance (Fearon 1994)",
        feels=_all_states,
        driver="word_kept",
    ),
}
