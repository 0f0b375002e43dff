"""Will this donor be enough? The inputs of the estimate, checked, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import find_effective
from kernel.quantities import parse_number, to_decimal
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.estimates import (
    FORMULA,
    PUBLISHED_RECOVERY,
    USUAL_EFFICIENCY,
    USUAL_VOLUME_ML,
    Estimate,
    estimate,
)
from manufacturing.queries.collections import get_collection, get_donor
from manufacturing.queries.trial import get_subject, latest_weight
from release.domain.specification_documents import SPECIFICATION
from release.queries.dose import nk_criterion
from release.queries.testing import parsed_specification

ESTIMATE_INPUT = kind(
    "ESTIMATE_INPUT",
    422,
    N_("%(name)s is not possible (%(low)s to %(high)s)."),
    resolver=N_("you"),
    next_step=N_("Compare it with the laboratory's report and type it again."),
)
ESTIMATE_MISSING = kind(
    "ESTIMATE_MISSING",
    409,
    N_("There is no estimate yet: %(what)s is missing."),
    resolver=N_("the treating team"),
    next_step=N_("Have it recorded; the estimate appears then."),
)
INPUTS: dict[str, tuple[str, str, Decimal | None, Decimal, Decimal]] = {
    "nk_per_ul": (N_("NK cells in the donor's blood"), "cells/µL", None, Decimal(1), Decimal(5000)),
    "volume_ml": (N_("Blood to be processed"), "mL", USUAL_VOLUME_ML, Decimal(500), Decimal(40000)),
    "efficiency": (N_("Collection efficiency"), "", USUAL_EFFICIENCY, Decimal("0.05"), Decimal(1)),
    "recovery_low": (N_("Lowest recovery"), "", PUBLISHED_RECOVERY[0], Decimal("0.01"), Decimal(1)),
    "recovery_high": (N_("Highest recovery"), "", PUBLISHED_RECOVERY[1], Decimal("0.01"), Decimal(1)),
}


def read_inputs(args: Mapping[str, str]) -> tuple[dict[str, Decimal], list[Refusal]]:
    """What was typed, or the usual values; nothing is known about the donor's blood until somebody types it."""
    found: dict[str, Decimal] = {}
    refusals: list[Refusal] = []
    for key, (name, _unit, usual, low, high) in INPUTS.items():
        text = args.get(key, "").strip()
        number = parse_number(text) if text else usual
        if isinstance(number, Refusal):
            refusals.append(number)
        elif number is not None and not low <= number <= high:
            refusals.append(ESTIMATE_INPUT(name=name, low=low, high=high, field=key))
        elif number is not None:
            found[key] = number
    if not refusals and found["recovery_low"] > found["recovery_high"]:
        refusals.append(ESTIMATE_INPUT(name=N_("Lowest recovery"), low="0.01", high=found["recovery_high"]))
    return found, refusals


def estimate_view(session: Session, collection_id: str, args: Mapping[str, str]) -> dict[str, Any]:
    row = get_collection(session, collection_id)
    weight = latest_weight(session, row.subject_id)
    minimum = minimum_dose(session)
    inputs, refusals = read_inputs(args)
    if weight is None:
        refusals.append(ESTIMATE_MISSING(what=N_("the subject's weight")))
    if minimum is None:
        refusals.append(ESTIMATE_MISSING(what=N_("a specification with a minimum dose")))
    ready = not refusals and "nk_per_ul" in inputs
    found = computed(inputs, weight.kg, minimum) if ready and weight and minimum is not None else None
    return {
        "collection": {"id": row.id, "number": row.number, "donor": get_donor(session, row.donor_id).code},
        "subject": get_subject(session, row.subject_id).code,
        "weight": {"kg": weight.kg, "measured_at": weight.measured_at} if weight else None,
        "minimum_nk_per_kg": minimum,
        "fields": [
            {"key": key, "label": name, "unit": unit, "value": args.get(key, "").strip()[:40] or usual}
            for key, (name, unit, usual, _low, _high) in INPUTS.items()
        ],
        "refusals": refusals,
        "estimate": found and estimate_document(found),
        "formula": FORMULA,
    }


def computed(inputs: Mapping[str, Decimal], weight_kg: Decimal, minimum: Decimal) -> Estimate:
    return estimate(
        nk_per_ul=inputs["nk_per_ul"],
        processed_ml=inputs["volume_ml"],
        efficiency=inputs["efficiency"],
        recovery=(inputs["recovery_low"], inputs["recovery_high"]),
        weight_kg=weight_kg,
        minimum_per_kg=minimum,
    )


def minimum_dose(session: Session) -> Decimal | None:
    """NK cells per kg, of the specification in force: the one a batch opened today would be judged by."""
    document = find_effective(session, SPECIFICATION)
    criterion = nk_criterion(parsed_specification(document.body)) if document else None
    return criterion.limit if criterion else None


def estimate_document(found: Estimate) -> dict[str, Any]:
    return {
        "low": to_decimal(found.low),
        "high": to_decimal(found.high),
        "low_per_kg": to_decimal(found.low_per_kg),
        "high_per_kg": to_decimal(found.high_per_kg),
        "enough": found.enough.value,
        "needed_ml": to_decimal(found.needed_ml),
        "formula_version": found.formula_version,
    }
