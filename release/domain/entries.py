"""What can be entered for a criterion: its analyte with the closed list of units, its words, its times, its counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel.quantities import exact
from kernel.refusals import FUTURE_TIME, N_, Refusal
from manufacturing.domain.bead_counts import CountedEvents
from manufacturing.domain.collections import minute
from manufacturing.domain.expiry import hours, local_text
from manufacturing.domain.trial import TIME_ORDER
from manufacturing.domain.units import ANALYTES, Converted, converted
from release.domain.criteria import Criterion, Formula, Kind, Sterility
from release.domain.limits import above_says_something, below_says_something
from release.domain.refusals import FINAL_READ_TOO_EARLY, RESULT_NOT_POSSIBLE
from release.domain.results import Censoring

RECORDS = "records"
"""The method of a criterion that is read from the batch's own records and typed by nobody."""
FROM_RECORDS = frozenset({"identity", "donor_markers", "expiry"})
OTHER = "other"
MYCOPLASMA = "mycoplasma"
MYCOPLASMA_METHODS = (
    "NAT (Ph. Eur. 2.6.7)",
    "culture, 28 days (Ph. Eur. 2.6.7)",
    "indicator cell culture (Ph. Eur. 2.6.7)",
)
OPERATORS = {"=": Censoring.NONE, "<": Censoring.BELOW, ">": Censoring.ABOVE}

_PERCENT = {
    "purity": "nk_percent",
    "viability": "viability",
    "b_percent": "b_percent",
    "potency": "lysis_percent",
}
_ANY_PERCENT = "lysis_percent"
_DOSES = (("CD3+", "cd3_concentration"), ("CD19", "b_concentration"), ("CD20", "b_concentration"))


def is_from_records(criterion: Criterion) -> bool:
    return criterion.method == RECORDS


def analyte_of(criterion: Criterion) -> str | None:
    """The analyte whose units the laboratory may use; None for results in words and for what no list knows."""
    if criterion.kind in {Kind.QUALITATIVE, Kind.STERILITY}:
        return None
    if criterion.formula is Formula.ENDOTOXIN_PER_KG_H:
        return "endotoxin"
    if criterion.formula is Formula.PERCENT_OF_LABEL:
        return "volume"
    if criterion.formula is Formula.DOSE_PER_KG:
        starts = (name for start, name in _DOSES if criterion.population.startswith(start))
        return next(starts, "nk_concentration")
    if criterion.unit == "%":
        return _PERCENT.get(criterion.key, _ANY_PERCENT)
    return next((name for name, analyte in ANALYTES.items() if analyte.unit == criterion.unit), None)


def units_of(criterion: Criterion) -> tuple[str, ...]:
    """Accepted units, the canonical one first."""
    analyte = analyte_of(criterion)
    return tuple(unit for unit, _ in ANALYTES[analyte].factors) if analyte else ()


def value_names(criterion: Criterion) -> tuple[str, ...]:
    """The boxes of the single values: ``value``, and ``value_2`` and so on where the method asks for several."""
    return ("value", *(f"value_{place}" for place in range(2, criterion.replicates + 1)))


def operators_of(criterion: Criterion) -> tuple[str, ...]:
    """``<`` and ``>`` only where they say something about the limit (PHE-CENS)."""
    if criterion.report_only:
        return ("=", "<", ">")
    below = ("<",) if below_says_something(criterion) else ()
    above = (">",) if above_says_something(criterion) else ()
    return ("=", *below, *above)


def number_refusals(criterion: Criterion, operator: str, value: Decimal, unit: str) -> tuple[Refusal, ...]:
    """Everything that speaks against this entry; units and windows from the closed list (hazards 16-18)."""
    found: list[Refusal] = []
    if operator not in operators_of(criterion):
        why = N_("a value with this sign shows nothing on this side of the limit")
        found.append(RESULT_NOT_POSSIBLE(field="operator", test=criterion.name, value=operator, why=why))
    if value < 0:
        why = N_("it is below zero")
        found.append(RESULT_NOT_POSSIBLE(field="value", test=criterion.name, value=value, why=why))
    answer = conversion(criterion, value, unit)
    if isinstance(answer, Refusal):
        found.append(answer)
    return tuple(found)


def conversion(criterion: Criterion, value: Decimal, unit: str) -> Converted | Refusal:
    """The value in the canonical unit with the factor, or why not."""
    answer = converted(str(analyte_of(criterion)), value, unit)
    if isinstance(answer, Refusal):
        name = "unit" if answer.code == "UNIT_NOT_ALLOWED" else "value"
        return Refusal(answer.code, tuple(sorted({**dict(answer.facts), "field": name}.items())))
    return answer


MORE_THAN_ZERO = N_("it must be more than zero")
IMPOSSIBLE = {
    "events": N_("it is below zero"),
    "bead_events": MORE_THAN_ZERO,
    "beads_per_tube": MORE_THAN_ZERO,
    "sample_volume": MORE_THAN_ZERO,
    "dilution": N_("a dilution is 1 or more: 20 for one part in twenty"),
}


def count_refusals(criterion: Criterion, count: CountedEvents) -> tuple[Refusal, ...]:
    """No negative count, and nothing to divide by that is not there (decision 31: zero events is a count)."""
    found = [
        RESULT_NOT_POSSIBLE(field=name, test=criterion.name, value=value, why=IMPOSSIBLE[name])
        for name, value in count.impossible()
    ]
    if found:
        return tuple(found)
    answer = conversion(criterion, _whole(count), ANALYTES[str(analyte_of(criterion))].unit)
    return (answer,) if isinstance(answer, Refusal) else ()


def _whole(count: CountedEvents) -> Decimal:
    return Decimal(int(count.upper_per_ml()))


def word_refusals(criterion: Criterion, text: str) -> tuple[Refusal, ...]:
    """Another finding must be written out, and not as a variant of an accepted word."""
    known = {word.casefold() for word in criterion.texts}
    if not text.strip():
        why = N_("the finding has to be written out")
        return (RESULT_NOT_POSSIBLE(field="finding", test=criterion.name, value=OTHER, why=why),)
    if text not in criterion.texts and text.strip().casefold() in known:
        why = N_("it stands in the list; choose it there")
        return (RESULT_NOT_POSSIBLE(field="finding", test=criterion.name, value=text, why=why),)
    return ()


def time_refusals(
    name: str, field: str, at: datetime, now: datetime, earliest: datetime | None, earlier: str
) -> tuple[Refusal, ...]:
    """Not in the future, not before what had to come first."""
    if at > now:
        return (FUTURE_TIME(field=field, name=name),)
    if earliest is not None and at < minute(earliest):  # people write minutes
        return (TIME_ORDER(field=field, name=name, earlier=f"{earlier} ({local_text(earliest)})"),)
    return ()


def final_due(inoculated_at: datetime, days: Decimal) -> datetime:
    """The first instant at which “final negative” can be true (PHE-2.6.27-2)."""
    return inoculated_at + hours(days * 24)


def final_read_refusals(
    reading: str, inoculated_at: datetime, read_at: datetime, now: datetime, days: Decimal
) -> tuple[Refusal, ...]:
    """A positive culture is read on any day; a final negative only after the whole incubation, by the server's clock."""
    due = final_due(inoculated_at, days)
    if reading != Sterility.FINAL_NEGATIVE.value or (read_at >= due and now >= due):
        return ()
    return (FINAL_READ_TOO_EARLY(days=format(days.normalize(), "f"), due=local_text(due)),)


def incubation_day(inoculated_at: datetime, read_at: datetime) -> int:
    """Completed days of incubation."""
    return (read_at - inoculated_at) // timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CountDifference:
    """Viable NK cells of one container: by the release result, and by the counts of the formulated product."""

    container: str
    released: Fraction
    formulated: Decimal

    @property
    def percent(self) -> Fraction | None:
        return difference_percent(self.released, self.formulated)


def difference_percent(result: Fraction, formulated: Decimal) -> Fraction | None:
    """How far the release result lies from the formulation count, in percent of the latter (decision 46)."""
    if formulated <= 0:
        return None
    return 100 * abs(result - exact(formulated)) / exact(formulated)
