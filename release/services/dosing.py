"""Keep a computed volume with everything it was computed from."""

from __future__ import annotations

from decimal import Decimal

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.quantities import to_decimal
from kernel.work import Work
from manufacturing.tables.batches import ContainerRow
from release.domain.dose import FORMULA_NAME, FORMULA_VERSION, plan_dose, target_refusals
from release.queries.dose import dose_content, dose_inputs
from release.tables.dosing import DoseRow


def keep_dose(work: Work, container_id: str, *, target_nk_per_kg: Decimal | None = None) -> DoseRow:
    """Computed anew under the lock; nothing that is computed is ever typed (ATMP-CALC)."""
    container = work.lock(ContainerRow, container_id)
    work.confirm(dose_content(work.session, container_id))
    refuse_any(target_refusals(target_nk_per_kg))
    inputs = dose_inputs(work.session, container, target_nk_per_kg)
    plan = plan_dose(inputs)
    if isinstance(plan, tuple):
        raise Refused(*plan)
    return work.add(
        DoseRow(
            container_id=container.id,
            formula=FORMULA_NAME,
            formula_version=FORMULA_VERSION,
            inputs=canonical(inputs.document()),
            volume_ml=plan.volume_ml,
            bound_by=plan.bound_by.value,
            nk_per_kg=to_decimal(plan.nk_per_kg),
            cd3_per_kg=to_decimal(plan.cd3_per_kg),
            reaches_minimum=plan.reaches_minimum,
            kept_by=work.actor.id,
            kept_at=work.at,
        )
    )
