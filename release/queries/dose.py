"""The dose page: what this container holds, what this subject weighs and already had, and the volume that follows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.quantities import exact
from kernel.refusals import N_
from manufacturing.domain.plan import FINAL
from manufacturing.domain.yields import VolumeLimit, tnc, viable_subset
from manufacturing.queries.batches import get_batch, get_container
from manufacturing.queries.steps import step_values
from manufacturing.queries.trial import get_subject, latest_weight
from manufacturing.queries.yields import figures
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.criteria import Comparison, Criterion, Formula, Specification
from release.domain.dose import FORMULA, DoseInputs, plan_document, plan_dose
from release.domain.judgement import earlier_per_kg
from release.domain.results import Censoring, Judging, Measurement
from release.queries.endotoxin import endotoxin_criterion, endotoxin_result, endotoxin_view
from release.queries.exposure import find_dispensing, prior_exposures
from release.queries.testing import (
    measurement_of,
    required_tests,
    results_by_test,
    specification_document,
    specification_of,
    verified_result,
)
from release.tables.dosing import DoseRow

FROM_RESULT = N_("verified release result")
FROM_COUNT = N_("count of the formulated product")
AT_BOUND = N_("verified release result, at the upper 95 % bound of the counted events")
FROM_BEADS = N_("verified release result, computed from the counted events and beads")
CD3 = "cd3"


def nk_criterion(specification: Specification) -> Criterion | None:
    """The dose with a lower limit is that of the NK cells."""
    found = (one for one in specification.criteria if one.formula is Formula.DOSE_PER_KG and one.has_lower)
    return next(found, None)


def cd3_criterion(specification: Specification) -> Criterion | None:
    found = (one for one in specification.criteria if one.formula is Formula.DOSE_PER_KG and not one.has_lower)
    return next((one for one in found if CD3 in one.key), None)


def measured(session: Session, batch: BatchRow, criterion: Criterion | None) -> Measurement | None:
    """The verified result under this criterion."""
    if criterion is None:
        return None
    results = results_by_test(session, batch.id)
    for test in required_tests(session, batch.id):
        row = verified_result(test, results[test.id]) if test.criterion == criterion.key else None
        if row is not None:
            return measurement_of(row)
    return None


def concentration(
    session: Session, batch: BatchRow, criterion: Criterion | None, figure: str
) -> tuple[Fraction | None, str]:
    """Cells per mL and where they come from: the release result, otherwise the count of the formulated product."""
    found = measured(session, batch, criterion)
    if found is not None and found.count is not None and criterion is not None:
        if criterion.has_lower:
            return found.count.per_ml(), FROM_BEADS
        at_bound = criterion.counted_events or found.count.events == 0
        per_ml = found.count.against_upper_limit(at_bound=at_bound)
        return per_ml, AT_BOUND if at_bound else FROM_BEADS
    if found is not None and found.value is not None:
        said = found.operator is Censoring.NONE  # “less than” is no concentration
        return (exact(found.value) if said else None), FROM_RESULT
    counted = figures(step_values(session, batch.id), FINAL)
    if counted is None:
        return None, FROM_COUNT
    total, share = tnc(1, counted.wbc_e6_per_ml), getattr(counted, figure)
    cells = viable_subset(total, counted.viability_percent, share, parent=counted.parent)
    return cells, FROM_COUNT


def dose_inputs(session: Session, container: ContainerRow, target: Decimal | None) -> DoseInputs:
    batch = get_batch(session, container.batch_id)
    specification = specification_of(session, batch)
    nk, cd3, endotoxin = (find(specification) for find in (nk_criterion, cd3_criterion, endotoxin_criterion))
    weight = latest_weight(session, container.subject_id)
    nk_per_ml, nk_source = concentration(session, batch, nk, "nk_percent")
    cd3_per_ml, cd3_source = concentration(session, batch, cd3, "cd3_percent")
    return DoseInputs(
        weight_kg=weight.kg if weight else None,
        nk_per_ml=nk_per_ml,
        nk_source=nk_source,
        cd3_per_ml=cd3_per_ml,
        cd3_source=cd3_source,
        bag_ml=container.volume_ml,
        target_nk_per_kg=target if target is not None else nk.upper_limit if nk and nk.has_upper else None,
        minimum_nk_per_kg=nk.limit if nk else None,
        cd3_limit_per_kg=cd3.limit if cd3 else None,
        earlier_cd3_per_kg=earlier(session, container, cd3, weight.kg if weight else None),
        endotoxin_eu_per_ml=endotoxin_result(measured(session, batch, endotoxin)),
        endotoxin_limit_per_kg_h=endotoxin.upper_limit if endotoxin else None,
        earlier_endotoxin_per_kg=earlier(session, container, endotoxin, weight.kg if weight else None),
        less_than=tuple(
            limit
            for limit, one in ((VolumeLimit.T_CELLS, cd3), (VolumeLimit.ENDOTOXIN, endotoxin))
            if one is not None and one.comparison is Comparison.LESS_THAN
        ),
    )


def earlier(
    session: Session, container: ContainerRow, criterion: Criterion | None, weight_kg: Decimal | None
) -> Fraction | None:
    """Per kg, what this subject already had from other containers; None when an earlier amount is unknown.

    A window of hours is read from the fill on, the earliest this container can be given.
    """
    if criterion is None or weight_kg is None:
        return None
    context = Judging(prior=prior_exposures(session, container.subject_id, container.id), starts_at=container.filled_at)
    found = earlier_per_kg(criterion, exact(weight_kg), context)
    return None if isinstance(found, str) else found


def dose_view(
    session: Session,
    container_id: str,
    target: Decimal | None = None,
    minutes: Decimal | None = None,
    sensitivity: Decimal | None = None,
) -> dict[str, Any]:
    """Everything the page shows for one container. ``minutes``: of the infusion; ``sensitivity``: EU/mL of the test."""
    container = get_container(session, container_id)
    batch = get_batch(session, container.batch_id)
    inputs = dose_inputs(session, container, target)
    plan = plan_dose(inputs)
    weight = latest_weight(session, container.subject_id)
    document = specification_document(session, batch)
    volume = container.volume_ml if isinstance(plan, tuple) else plan.volume_ml
    return {
        "container": {"id": container.id, "code": container.code, "volume_ml": container.volume_ml},
        "batch": {"id": batch.id, "number": batch.number, "status": batch.status},
        "subject": get_subject(session, container.subject_id).code,
        "specification": f"{document.code} v{document.number}",
        "inputs": inputs.document(),
        "weighed_at": weight.measured_at if weight else None,
        "typed_target": target is not None,
        "plan": None if isinstance(plan, tuple) else plan_document(plan, inputs),
        "refusals": list(plan) if isinstance(plan, tuple) else [],
        "formula": FORMULA,
        "endotoxin": endotoxin_view(inputs.document(), volume, minutes, sensitivity),
        "dispensed": find_dispensing(session, container.id) is not None,
        "kept": [kept_view(row, names(session)) for row in kept_doses(session, container.id)],
    }


def dose_content(session: Session, container_id: str) -> dict[str, Any]:
    """What a kept computation rests on; the target is the form's."""
    container = get_container(session, container_id)
    return {
        "title": container.code,
        "container": container.code,
        "version": container.version,
        "subject": get_subject(session, container.subject_id).code,
        "inputs": dose_inputs(session, container, None).document(),
    }


def kept_doses(session: Session, container_id: str) -> list[DoseRow]:
    query = sa.select(DoseRow).where(DoseRow.container_id == container_id).order_by(DoseRow.kept_at.desc())
    return list(session.execute(query).scalars())


def kept_view(row: DoseRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "volume_ml": row.volume_ml,
        "bound_by": row.bound_by,
        "nk_per_kg": row.nk_per_kg,
        "cd3_per_kg": row.cd3_per_kg,
        "formula": row.formula,
        "formula_version": row.formula_version,
        "by": people.get(row.kept_by, row.kept_by),
        "at": row.kept_at,
    }


def containers_for(session: Session, subject_id: str) -> list[ContainerRow]:
    """What is filled for this subject and was not given out."""
    query = sa.select(ContainerRow).where(ContainerRow.subject_id == subject_id).order_by(ContainerRow.id)
    return [one for one in session.execute(query).scalars().all() if find_dispensing(session, one.id) is None]
