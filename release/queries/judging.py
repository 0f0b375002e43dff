"""Every criterion of a batch judged now: frozen specification, verified results, this subject's weight and doses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from kernel.database import one_look
from manufacturing.domain.yields import FORMULA_VERSION
from manufacturing.queries.trial import latest_weight
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import WeightRow
from release.domain.criteria import Criterion, Formula, Kind, Specification
from release.domain.decisions import QcTestStatus
from release.domain.entries import is_from_records
from release.domain.figures import readable
from release.domain.judgement import judge
from release.domain.limits import limit_text
from release.domain.results import Judging, Measurement, Outcome, PriorExposure, Verdict
from release.queries.exposure import dispensings_of, exposures_of, prior_exposures, weight_on_record
from release.queries.recorded import word_of_records
from release.queries.testing import (
    RUNNING,
    containers_of,
    counting_tests,
    criterion_of,
    current_result,
    get_record,
    measurement_of,
    required_tests,
    results_by_test,
    shown_result,
    specification_of,
    typed_text,
    verified_result,
)
from release.tables.dispensing import OrderRow
from release.tables.testing import QcTestRow, ResultRow

WORST = (
    Outcome.OOS,
    Outcome.UNDECIDABLE,
    Outcome.PENDING,
    Outcome.ALERT,
    Outcome.REPORT,
    Outcome.PASS,
)


@dataclass(frozen=True)
class JudgedTest:
    """One criterion with its verdict of now. ``basis``: the inputs, for the page and the signature.

    A required result that is not verified is undecidable; one that may be missing or may come later is pending.
    """

    criterion: Criterion
    test: QcTestRow
    result: ResultRow | None
    verdict: Verdict
    value: str
    limit: str
    basis: tuple[tuple[str, str], ...]
    may_wait: bool


@dataclass(frozen=True)
class Circumstances:
    """Of one container: weight, volume, what the subject had. ``siblings``: the batch's other containers."""

    container: ContainerRow
    judging: Judging
    siblings: tuple[PriorExposure, ...]
    weight: WeightRow | None

    def for_criterion(self, criterion: Criterion) -> Judging:
        """All containers of a batch may be given; a sum over the whole trial sees them all (decision 30)."""
        whole_trial = criterion.cumulation is not None and criterion.cumulation.hours is None
        prior = self.judging.prior + self.siblings if whole_trial else self.judging.prior
        return replace(self.judging, prior=prior)


@one_look
def batch_verdicts(
    session: Session,
    batch_id: str,
    *,
    weight: WeightRow | None = None,
    order: OrderRow | None = None,
    container: ContainerRow | None = None,
    starts_at: datetime | None = None,
    everything: bool = False,
) -> list[JudgedTest]:
    """One entry per test that counts, judged for ``container`` or for the batch's worst one.

    ``weight``: default the subject's newest, or the one on record when the container was dispensed. Without ``order``
    endotoxin assumes the whole container within one hour, with it the stricter. ``starts_at``: of this infusion, for
    windows of hours; default the fill, the earliest there can be. ``everything``: invalid results too, to be shown.
    """
    batch = get_record(session, BatchRow, batch_id)
    specification = specification_of(session, batch)
    results = results_by_test(session, batch_id)
    chosen = [container] if container is not None else containers_of(session, batch_id)
    settings = [circumstances(session, one, chosen, weight, order, starts_at) for one in chosen]
    judged = []
    for test in required_tests(session, batch_id) if everything else counting_tests(session, batch_id):
        criterion = criterion_of(specification, test)
        row = shown_result(test, results[test.id]) if everything else verified_result(test, results[test.id])
        measurement = measurement_for(session, batch, specification, criterion, test, row)
        verdict, used = worst_verdict(criterion, measurement, settings)
        may_wait = not is_from_records(criterion) and (
            not criterion.mandatory or test.criterion in specification.pending_allowed
        )
        if row is None and may_wait and verdict.outcome is Outcome.UNDECIDABLE:
            verdict = replace(verdict, outcome=Outcome.PENDING)
        value = value_text(criterion, verdict, row)
        judged.append(
            JudgedTest(criterion, test, row, verdict, value, limit_of(criterion), basis_of(verdict, used), may_wait)
        )
    return judged


def circumstances(
    session: Session,
    container: ContainerRow,
    together: list[ContainerRow],
    weight: WeightRow | None = None,
    order: OrderRow | None = None,
    starts_at: datetime | None = None,
    entered: ResultRow | None = None,
) -> Circumstances:
    """What a container is judged under: now, or as it was when it left the pharmacy. ``together``: what else is given."""
    gone = dispensings_of(session, {container.id, *(one.id for one in together)})
    dispensing = gone.get(container.id)
    before = dispensing.dispensed_at if dispensing else None
    known = weight
    if known is None:
        current = latest_weight(session, container.subject_id)
        known = weight_on_record(session, container.subject_id, before) if before else current
    siblings: list[PriorExposure] = []
    for other in together:
        if other.id != container.id and other.id not in gone and before is None:
            siblings.extend(exposures_of(session, other, other.volume_ml, other.filled_at, entered=entered))
    judging = Judging(
        weight_kg=known.kg if known else None,
        volume_ml=container.volume_ml,
        ordered_volume_ml=order.volume_ml if order else None,
        ordered_hours=Fraction(order.duration_minutes, 60) if order else None,  # type: ignore[arg-type]
        label_volume_ml=container.volume_ml,
        starts_at=starts_at or container.filled_at,
        prior=prior_exposures(session, container.subject_id, container.id, before=before),
    )
    return Circumstances(container, judging, tuple(siblings), known)


def measurement_for(
    session: Session,
    batch: BatchRow,
    specification: Specification,
    criterion: Criterion,
    test: QcTestRow | None,
    row: ResultRow | None,
) -> Measurement | None:
    """The verified result, what the records say, or how far a culture is."""
    if is_from_records(criterion):
        word = word_of_records(session, batch, specification, criterion.key)
        return None if word is None else Measurement(text=word)
    if row is not None:
        return measurement_of(row)
    if criterion.kind is Kind.STERILITY and test is not None:
        running = RUNNING.get(QcTestStatus(test.status))
        return Measurement(text=running.value) if running else None
    return None


def worst_verdict(
    criterion: Criterion, measurement: Measurement | None, settings: list[Circumstances]
) -> tuple[Verdict, Circumstances | None]:
    """A criterion that does not depend on the container is judged once; any other for every container."""
    if criterion.formula is Formula.NONE or not settings:
        return judge(criterion, measurement, Judging()), None
    found = [(judge(criterion, measurement, one.for_criterion(criterion)), one) for one in settings]
    return min(found, key=lambda pair: WORST.index(pair[0].outcome))


def value_text(criterion: Criterion, verdict: Verdict, row: ResultRow | None) -> str:
    """The number that was compared with its unit; a word as it is."""
    if verdict.compared is not None:
        return readable(f"{verdict.shown} {criterion.unit}".strip())
    if verdict.shown:
        return verdict.shown
    return typed_text(row) if row is not None else ""


def limit_of(criterion: Criterion) -> str:
    return ", ".join(criterion.texts) if criterion.texts else readable(limit_text(criterion))


def basis_of(verdict: Verdict, used: Circumstances | None) -> tuple[tuple[str, str], ...]:
    found = list(verdict.inputs)
    if used is not None:
        found.append(("container", used.container.code))
    if verdict.formula and verdict.formula != "result":
        found.append(("formula", verdict.formula))
        found.append(("formulae version", FORMULA_VERSION))
    return tuple(found)


def failing_unverified(session: Session, batch_id: str) -> list[Verdict]:
    """What was entered, fails as it stands, and waits for a second person: under its criterion's name."""
    results = results_by_test(session, batch_id)
    found = []
    for test in counting_tests(session, batch_id):
        row = current_result(test, results[test.id]) if test.status == QcTestStatus.ENTERED else None
        if row is not None and fails(*(judged := judged_if_verified(session, test, row))):
            specification = specification_of(session, get_record(session, BatchRow, batch_id))
            found.append(replace(judged[0], key=criterion_of(specification, test).name))
    return found


def fails(verdict: Verdict, complete: bool) -> bool:  # noqa: FBT001  (what ``judged_if_verified`` answers)
    """Out of specification; or not to be judged although nothing but the result itself was missing."""
    return verdict.outcome is Outcome.OOS or (verdict.outcome is Outcome.UNDECIDABLE and complete)


def judged_if_verified(session: Session, test: QcTestRow, row: ResultRow) -> tuple[Verdict, bool]:
    """The verdict a verification would give now, and whether nothing but the result itself was missing for it."""
    batch = get_record(session, BatchRow, test.batch_id)
    criterion = criterion_of(specification_of(session, batch), test)
    containers = containers_of(session, batch.id)
    settings = [circumstances(session, one, containers, entered=row) for one in containers]
    verdict, _ = worst_verdict(criterion, measurement_of(row), settings)
    known = bool(settings) and all(one.weight is not None for one in settings)
    complete = criterion.formula is Formula.NONE or (known if criterion.per_kg else bool(settings))
    return verdict, complete
