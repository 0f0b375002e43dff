"""The dose really given: volume given × concentration / weight of that day (process design 3.13)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import exact, to_decimal
from kernel.refusals import N_
from manufacturing.domain.yields import FORMULA_VERSION, dose_given_per_kg
from manufacturing.queries.batches import get_batch
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import WeightRow
from release.domain.criteria import Criterion
from release.domain.figures import readable
from release.domain.limits import display
from release.queries.dose import cd3_criterion, concentration, nk_criterion
from release.queries.testing import specification_of
from release.tables.dispensing import AdministrationRow

FORMULA = N_("volume given × cells per mL / weight at the infusion")


def dose_given(session: Session, given: AdministrationRow, container: ContainerRow) -> dict[str, Any] | None:
    """NK and T cells per kg that went in, with inputs and formula; None where no volume or no weight is on record."""
    weight = session.get(WeightRow, given.weight_id) if given.weight_id else None
    if given.volume_given_ml is None or weight is None:
        return None
    batch = get_batch(session, container.batch_id)
    specification = specification_of(session, batch)
    figures = (("nk", nk_criterion(specification), "nk_percent"), ("cd3", cd3_criterion(specification), "cd3_percent"))
    found: dict[str, Any] = {
        "volume_ml": given.volume_given_ml,
        "share_percent": to_decimal(100 * exact(given.volume_given_ml) / exact(container.volume_ml)),
        "weight_kg": weight.kg,
        "formula": FORMULA,
        "formula_version": FORMULA_VERSION,
    }
    for name, criterion, figure in figures:
        per_ml, source = concentration(session, batch, criterion, figure)
        dose = None if per_ml is None else dose_given_per_kg(given.volume_given_ml, 0, per_ml, weight.kg)
        found[name] = dose_view(criterion, per_ml, source, dose)
    return found


def dose_view(
    criterion: Criterion | None, per_ml: Fraction | None, source: str, dose: Fraction | None
) -> dict[str, Any] | None:
    """Rounded down where more is better, up where less is."""
    if criterion is None or per_ml is None or dose is None:
        return None
    limits = (criterion.limit, criterion.upper, criterion.alert, criterion.alert_upper)
    return {
        "per_ml": to_decimal(per_ml),
        "source": source,
        "per_kg": to_decimal(dose),
        "shown": readable(display(dose, *limits, up=not criterion.has_lower)),
    }
