"""One verified result against one criterion: a verdict with everything it was reached from.

Only positive predicates: a result passes when it is shown to hold, never because nothing spoke against it. Values are
fractions throughout, so a quotient that does not terminate is compared by cross-multiplication (hazards 19-22, 4.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import N_
from manufacturing.domain.bead_counts import count_inputs
from release.domain.criteria import Criterion, Formula, Kind, Replicates, Sterility
from release.domain.endotoxin import volume_in_one_hour_ml
from release.domain.limits import (
    above_says_something,
    below_says_something,
    display,
    holds,
    limit_text,
    rounded,
    without_alert,
)
from release.domain.results import Censoring, Judging, Measurement, Outcome, PriorExposure, Verdict

EXPLAIN = Context(prec=15)
SEVERITY = (Outcome.OOS, Outcome.UNDECIDABLE, Outcome.ALERT, Outcome.REPORT, Outcome.PASS)
"""Of a measured number, the worst first; only a culture is pending."""


@dataclass(frozen=True, slots=True)
class _Value:
    """``own``: of this infusion; ``total``: with what the subject had before, for upper limits."""

    own: Fraction
    total: Fraction
    formula: str
    inputs: tuple[tuple[str, str], ...]
    amount: Fraction | None = None


def judge(criterion: Criterion, measurement: Measurement | None, context: Judging) -> Verdict:
    """The verdict on one result; a result that is not there, not possible or not comparable is undecidable."""
    if measurement is None:
        return _undecidable(criterion, N_("no result"))
    if criterion.kind is Kind.STERILITY:
        return _sterility(criterion, measurement.text)
    if criterion.kind is Kind.QUALITATIVE:
        return _in_words(criterion, measurement.text)
    if criterion.replicates > 1:
        return _replicates(criterion, measurement, context)
    return _single(criterion, measurement, context)


def _single(criterion: Criterion, measurement: Measurement, context: Judging) -> Verdict:
    return _verdict(criterion, measurement.operator, _value(criterion, measurement, context))


def _verdict(criterion: Criterion, operator: Censoring, value: _Value | str) -> Verdict:
    return _undecidable(criterion, value) if isinstance(value, str) else _numeric(criterion, operator, value)


def _replicates(criterion: Criterion, measurement: Measurement, context: Judging) -> Verdict:
    """Their exact mean, or the worst of them: no value out of specification is averaged away (QC-NOAVG)."""
    values = measurement.replicates
    if len(values) != criterion.replicates:
        return _undecidable(criterion, N_("not as many values as the method asks for"))
    found = [_single(criterion, replace(measurement, value=one), context) for one in values]
    if criterion.replicate_rule is Replicates.EACH or any(one.compared is None for one in found):
        chosen = min(found, key=lambda one: (SEVERITY.index(one.outcome), _distance(criterion, one)))
    else:
        mean = sum(map(exact, values), Fraction(0)) / len(values)
        chosen = _verdict(criterion, measurement.operator, _judged_value(criterion, mean, context))
    return replace(chosen, inputs=(("single values", "; ".join(map(_plain, map(exact, values)))), *chosen.inputs))


def _distance(criterion: Criterion, verdict: Verdict) -> Fraction:
    """Among equally good ones the value that says least in favour of the product comes first."""
    compared = verdict.compared or Fraction(0)
    return compared if criterion.has_lower else -compared


def _undecidable(criterion: Criterion, reason: str) -> Verdict:
    return Verdict(criterion.key, Outcome.UNDECIDABLE, reason, limit=limit_text(criterion))


def _sterility(criterion: Criterion, text: str | None) -> Verdict:
    outcomes: dict[str | None, Outcome] = {
        Sterility.NOT_SAMPLED.value: Outcome.PENDING,
        Sterility.IN_TEST.value: Outcome.PENDING,
        Sterility.NEGATIVE_TO_DATE.value: Outcome.PENDING,
        Sterility.FINAL_NEGATIVE.value: Outcome.PASS,
        Sterility.POSITIVE.value: Outcome.OOS,
    }
    outcome = outcomes.get(text, Outcome.UNDECIDABLE)
    return Verdict(
        criterion.key, outcome, text or N_("no result"), shown=text or "", limit=Sterility.FINAL_NEGATIVE.value
    )


def _in_words(criterion: Criterion, text: str | None) -> Verdict:
    if not text:
        return _undecidable(criterion, N_("no result"))
    if text in criterion.texts:
        good = Outcome.ALERT if text in criterion.alert_texts else Outcome.PASS
        outcome = Outcome.REPORT if criterion.report_only and good is Outcome.PASS else good
    else:
        outcome = Outcome.REPORT if criterion.report_only else Outcome.OOS
    return Verdict(criterion.key, outcome, text, shown=text, limit=limit_text(criterion))


def _value(criterion: Criterion, measurement: Measurement, context: Judging) -> _Value | str:
    """The number to compare, or why there is none."""
    if criterion.by_beads:
        return _by_beads(criterion, measurement, context)
    measured = _measured(criterion, measurement)
    if isinstance(measured, str):
        return measured
    return _judged_value(criterion, measured, context)


def _judged_value(criterion: Criterion, measured: Fraction, context: Judging) -> _Value | str:
    """A measured number as the criterion wants it."""
    if criterion.formula is Formula.NONE:
        return _Value(measured, measured, "result", (("result", _plain(measured)),))
    if criterion.formula is Formula.PERCENT_OF_LABEL:
        return _percent_of_label(measured, context)
    return _per_kg(criterion, measured, measured, context)


def _measured(criterion: Criterion, measurement: Measurement) -> Fraction | str:
    if measurement.value is None:
        return N_("no result")
    if not measurement.value.is_finite() or not measurement.value >= 0:
        return N_("not a possible result")
    if criterion.unit == "%" and criterion.formula is Formula.NONE and not measurement.value <= 100:
        return N_("more than 100 %")
    return exact(measurement.value)


def _by_beads(criterion: Criterion, measurement: Measurement, context: Judging) -> _Value | str:
    """A single-platform count (3.9): what was counted faces a lower limit, the bound an upper one where it is asked."""
    count = measurement.count
    if count is None or measurement.operator is not Censoring.NONE:
        return N_("the criterion wants the counted events")
    if count.impossible():
        return N_("not a possible count")
    above = count.against_upper_limit(at_bound=criterion.counted_events)
    value = _per_kg(criterion, count.per_ml(), above, context)
    return value if isinstance(value, str) else replace(value, inputs=(*count_inputs(count), *value.inputs))


def _percent_of_label(volume: Fraction, context: Judging) -> _Value | str:
    label = _positive(context.label_volume_ml)
    if label is None:
        return N_("no volume on the label")
    percent = 100 * volume / label
    inputs = (("volume mL", _plain(volume)), ("label mL", _plain(label)))
    return _Value(percent, percent, N_("100 × volume / volume on the label"), inputs)


def _per_kg(criterion: Criterion, concentration: Fraction, at_most: Fraction, context: Judging) -> _Value | str:
    """3.6 and 3.10: per kg of this subject; upper limits see ``at_most`` and the sum over the window (decision 30)."""
    weight, volume = _positive(context.weight_kg), _positive(context.volume_ml)
    if weight is None:
        return N_("no weight of the subject")
    if volume is None:
        return N_("no volume of the container")
    formula = N_("concentration × volume / weight")
    if criterion.formula is Formula.ENDOTOXIN_PER_KG_H:
        volume = _hourly_volume(volume, context)
        formula = N_("concentration × volume in one hour / weight")
    amount = at_most * volume
    earlier = earlier_per_kg(criterion, weight, context)
    if isinstance(earlier, str):
        return earlier
    inputs = (
        ("concentration per mL", _plain(at_most if criterion.counted_events else concentration)),
        ("volume mL", _plain(volume)),
        ("weight kg", _plain(weight)),
        ("earlier per kg", _plain(earlier)),
    )
    if criterion.counted_events:
        formula = N_("concentration at the upper 95 % bound of the count × volume / weight")
    return _Value(concentration * volume / weight, amount / weight + earlier, formula, inputs, amount)


def _positive(value: Decimal | None) -> Fraction | None:
    return exact(value) if value is not None and value.is_finite() and value > 0 else None


def _hourly_volume(volume: Fraction, context: Judging) -> Fraction:
    """The stricter of the assumption (everything within one hour) and the order."""
    ordered = _positive(context.ordered_volume_ml)
    return volume if ordered is None else max(volume, volume_in_one_hour_ml(ordered, context.ordered_hours))


def earlier_per_kg(criterion: Criterion, weight: Fraction, context: Judging) -> Fraction | str:
    """Each earlier amount over the smaller of the weight then and now."""
    total = Fraction(0)
    if criterion.cumulation is None:
        return total
    for prior in context.prior:
        if prior.key != criterion.key or not _in_window(prior, criterion.cumulation.hours, context.starts_at):
            continue
        if prior.amount is None or not prior.amount >= 0:
            return N_("an earlier exposure is unknown")
        total += prior.amount / min(_positive(prior.weight_kg) or weight, weight)
    return total


def _in_window(prior: PriorExposure, hours: Decimal | None, starts_at: datetime | None) -> bool:
    if hours is None or prior.until is None or starts_at is None:
        return True
    over = prior.until + timedelta(microseconds=int(exact(hours) * 3_600_000_000)) <= starts_at
    return not over


def _numeric(criterion: Criterion, operator: Censoring, value: _Value) -> Verdict:
    own = rounded(value.own, criterion.limit, criterion.rounding)
    total = rounded(value.total, criterion.upper_limit, criterion.rounding)
    outcome, reason = _outcome(criterion, operator, own, total)
    too_low = criterion.limit is not None and criterion.has_lower and own < exact(criterion.limit)
    compared = total if criterion.has_upper and not too_low else own
    limits = (criterion.limit, criterion.upper, criterion.alert, criterion.alert_upper)
    shown = display(compared, *limits, up=below_says_something(criterion))
    return Verdict(
        criterion.key,
        outcome,
        reason,
        compared=compared,
        operator=operator,
        shown=f"{operator.value}{shown}",
        limit=limit_text(criterion),
        formula=value.formula,
        inputs=value.inputs,
        amount=value.amount,
    )


def _outcome(criterion: Criterion, operator: Censoring, own: Fraction, total: Fraction) -> tuple[Outcome, str]:
    comparable = {
        Censoring.NONE: True,
        Censoring.BELOW: below_says_something(criterion),
        Censoring.ABOVE: above_says_something(criterion),
    }[operator]
    if criterion.report_only:
        calm = without_alert(criterion, own, total) and (comparable or criterion.alert is None)
        return (Outcome.REPORT, N_("reported")) if calm else (Outcome.ALERT, N_("beyond the alert limit"))
    if not comparable:
        return Outcome.UNDECIDABLE, N_("a value with “<” or “>” shows nothing on this side of a limit")
    if not holds(criterion, own, total):
        return Outcome.OOS, N_("outside the limit")
    if not without_alert(criterion, own, total):
        return Outcome.ALERT, N_("beyond the alert limit")
    return Outcome.PASS, N_("within the limit")


def _plain(value: Fraction) -> str:
    """For the explanation: exact where it terminates, else 15 digits."""
    number = to_decimal(value)
    return expanded(number if exact(number) == value else EXPLAIN.plus(number))
