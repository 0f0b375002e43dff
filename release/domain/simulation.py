"""How often the criteria would be met, and the trial stopped, if the true rates were known (process.md 7.4, 7.5).

Exact: binomial sums of whole numbers. What is shown is cut to ten decimals, so it lies within 1e-10 below the exact one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import comb

from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal, kind
from release.domain.metrics import TrialRules

DIGITS = 10
GRID = 10**DIGITS
MOST = 200
MOST_RATES = 40
STEP = Decimal("0.05")
RATES = tuple(STEP * place for place in range(1, 20))

SIMULATION_INPUT = kind(
    "SIMULATION_INPUT",
    422,
    N_("%(name)s: “%(typed)s” cannot be used."),
    resolver=N_("you"),
    next_step=N_(
        "Numbers of subjects are whole, from 1 to 200; true rates lie between 0 and 1 with at most four decimals, such "
        "as 0.65, at most 40 of them with spaces between."
    ),
)


@dataclass(frozen=True, slots=True)
class Assumed:
    """``included``: how many are included (n); ``transplanted``: of how many (T)."""

    included: int
    transplanted: int
    rates: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Chances:
    """At one true rate: of inclusion of the transplanted, of infusion of the included, of a reaction of the infused."""

    rate: Decimal
    inclusion_met: Decimal
    infusion_met: Decimal
    safety_stop: Decimal


def read_assumed(included: str, transplanted: str, rates: str, rules: TrialRules) -> Assumed | tuple[Refusal, ...]:
    """What was typed, empty for the usual: the target, the most transplants at which it passes, rates in twentieths."""
    refusals: list[Refusal] = []
    n = _whole(included, rules.target)
    usual = min(MOST, largest_passing(n, rules)) if n else 1
    t = _whole(transplanted, usual)
    found = _rates(rates)
    for name, typed, value in (
        (N_("Included (n)"), included, n),
        (N_("Transplanted (T)"), transplanted, t),
        (N_("True rates"), rates, found),
    ):
        if value is None:
            refusals.append(SIMULATION_INPUT(name=name, typed=typed[:40]))
    if n is None or t is None or found is None:
        return tuple(refusals)
    return Assumed(n, t, found)


def largest_passing(included: int, rules: TrialRules) -> int:
    """The most transplants of which so many included are still more than the percentage; at least as many."""
    if not rules.inclusion_percent:
        return MOST
    return max(included, (100 * included - 1) // rules.inclusion_percent)


def _whole(typed: str, usual: int) -> int | None:
    text = typed.strip()
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST else None


def _rates(typed: str) -> tuple[Decimal, ...] | None:
    words = typed.replace(";", " ").split()
    if not words:
        return RATES
    found = [parse_number(one) for one in words]
    good = [one for one in found if isinstance(one, Decimal) and 0 <= one <= 1 and one * 10000 == int(one * 10000)]
    return tuple(sorted(set(good))) if len(good) == len(words) <= MOST_RATES else None


def chances(assumed: Assumed, rules: TrialRules) -> tuple[Chances, ...]:
    """For each assumed rate: each criterion met, and the trial held for safety, patients being independent
    (process.md 7.5)."""
    n, t = assumed.included, assumed.transplanted
    needed_of_t = smallest_passing(t, rules.inclusion_percent)
    needed_of_n = smallest_passing(n, rules.infusion_percent)
    stop_at = rules.safety.at_most_patients + 1
    return tuple(
        Chances(
            rate,
            shown(at_least(needed_of_t, t, rate)),
            shown(at_least(needed_of_n, n, rate)),
            shown(at_least(stop_at, n, rate)),
        )
        for rate in assumed.rates
    )


def smallest_passing(n: int, percent: int) -> int:
    """The smallest k with ``100 * k > percent * n``; n + 1 where none passes."""
    return percent * n // 100 + 1


def at_least(k: int, n: int, rate: Decimal) -> Fraction:
    """P(X >= k) of n at this rate: exact, in whole numbers over one denominator."""
    hit, whole = rate.as_integer_ratio()
    missed = whole - hit
    return Fraction(sum(comb(n, j) * hit**j * missed ** (n - j) for j in range(k, n + 1)), whole**n)


def shown(value: Fraction) -> Decimal:
    """Cut, never rounded up: only what is certain reads 1."""
    return Decimal(value.numerator * GRID // value.denominator).scaleb(-DIGITS)
