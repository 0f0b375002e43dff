"""The endotoxin limit of this recipient beside the result of the batch (process design 3.10)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.quantities import exact
from release.domain.criteria import Criterion, Formula, Specification
from release.domain.endotoxin import WHOLE_HOUR, endotoxin_limit
from release.domain.results import Censoring, Measurement


def endotoxin_criterion(specification: Specification) -> Criterion | None:
    found = (one for one in specification.criteria if one.formula is Formula.ENDOTOXIN_PER_KG_H and one.has_upper)
    return next(found, None)


def endotoxin_result(found: Measurement | None) -> Fraction | None:
    """EU per mL: “less than x” counts as x (PHE-CENS); “more than x” says nothing here."""
    if found is None or found.value is None or found.operator is Censoring.ABOVE:
        return None
    return exact(found.value)


def endotoxin_view(
    inputs: dict[str, Any], volume_ml: Decimal, minutes: Decimal | None, sensitivity: Decimal | None
) -> dict[str, Any] | None:
    """For the strictest case, within one hour, and for the duration that was typed or ordered, when it is longer."""
    k, weight = inputs["endotoxin_limit_per_kg_h"], inputs["weight_kg"]
    if k is None or weight is None or volume_ml <= 0:
        return None
    result = inputs["endotoxin_eu_per_ml"]
    times = [Decimal(WHOLE_HOUR), *([minutes] if minutes is not None and minutes != WHOLE_HOUR else [])]
    return {
        "k_per_kg_h": k,
        "result_eu_per_ml": result,
        "sensitivity": sensitivity,
        "rows": [
            endotoxin_limit(
                k=k, volume_ml=volume_ml, weight_kg=weight, minutes=one, eu_per_ml=result, sensitivity=sensitivity
            ).document()
            for one in times
        ],
    }
