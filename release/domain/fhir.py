"""HL7 FHIR R5 of the trial: the words of the standard and how ours map to them; codes only, and no extensions.

What FHIR has no element for is a property with a code of our own. Nothing in it allows anybody to give anything: that is
a scan, judged at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.expiry import is_expired
from manufacturing.domain.holds import HoldCause
from release.domain.accountability import Stage
from release.domain.administration import Outcome
from release.domain.decisions import Disposition

MEDIA_TYPE = "application/fhir+json"
OURS = "urn:nktrace"
UCUM = "http://unitsofmeasure.org"
PRODUCT_STATUS = "http://hl7.org/fhir/biologicallyderived-product-status"
PRODUCT_CATEGORY = "http://hl7.org/fhir/product-category"
OUT_OF_SPECIFICATION = "Supplied out of specification at the request of the treating physician."
RESULTS_PENDING = "Dispensed while results of the release tests were pending."

Element = dict[str, Any]


class Kind(StrEnum):
    """Resources of the feed, each with its own route."""

    MEASURE = "Measure"
    REPORT = "MeasureReport"
    PATIENT = "Patient"
    PRACTITIONER = "Practitioner"
    PRODUCT = "BiologicallyDerivedProduct"
    DISPENSE = "BiologicallyDerivedProductDispense"


class ProductStatus(StrEnum):
    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"


class DispenseStatus(StrEnum):
    """Of the eight of the standard those that can be said of a dispensing on record."""

    ALLOCATED = "allocated"
    ISSUED = "issued"
    RETURNED = "returned"
    UNFULFILLED = "unfulfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leukapheresis:
    """``left_ml``: neither in a batch nor destroyed; None before the receipt. Every default is the one that refuses."""

    id: str
    number: str
    status: CollectionStatus
    accepted: bool = False
    trial_open: bool = False
    holds: frozenset[str] = frozenset()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    volume_ml: Decimal | None = None
    left_ml: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One container. ``holds``: causes of those open on it or on anything above it that no supply in force covers.

    ``fails_unverified``: a value was entered that fails, and waits for its second person.
    ``supplied``: a request of the physician is in force; ``out_of_specification``: it is or was supplied so.
    """

    id: str
    code: str
    number: int
    batch: str
    subject: str
    made_of: tuple[Leukapheresis, ...]
    expires_at: datetime
    volume_ml: Decimal
    viable_nk: Decimal
    stage: Stage
    disposition: Disposition | None = None
    sponsor_released: bool = False
    supplied: bool = False
    out_of_specification: bool = False
    fails_unverified: bool = True
    trial_open: bool = False
    holds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispensed:
    """``performers``: what somebody did, and who, by the id of the account."""

    id: str
    order: str
    product_id: str
    subject_id: str
    volume_ml: Decimal
    dispensed_at: datetime
    performers: tuple[tuple[str, str], ...]
    handed_over_at: datetime | None = None
    cancelled: bool = False
    outcome: str | None = None
    conditional: bool = False
    out_of_specification: bool = False


def product_status(one: Product, now: datetime) -> ProductStatus:
    """Available where nothing on record speaks against it; rejected, recalled, dispensed or destroyed never is."""
    certified = one.disposition in {Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL}
    decided = (certified and one.sponsor_released) or (one.disposition is Disposition.OOS_SUPPLY and one.supplied)
    speaks_against = one.holds or one.fails_unverified or is_expired(one.expires_at, now)
    stands = one.trial_open and not speaks_against
    available = one.stage is Stage.IN_STOCK and decided and stands
    return ProductStatus.AVAILABLE if available else ProductStatus.UNAVAILABLE


def material_status(one: Leukapheresis) -> ProductStatus:
    """Available where it is accepted, something is left of it, and nothing holds it."""
    usable = one.accepted and one.status in {CollectionStatus.ACCEPTED, CollectionStatus.IN_USE}
    available = usable and bool(one.left_ml and one.left_ml > 0) and one.trial_open and not one.holds
    return ProductStatus.AVAILABLE if available else ProductStatus.UNAVAILABLE


def dispense_status(one: Dispensed) -> DispenseStatus:
    """Undone before the hand-over it is unfulfilled; what came back whole is returned, and is never in stock again."""
    if one.cancelled:
        return DispenseStatus.UNFULFILLED
    if one.outcome == Outcome.NOT_ADMINISTERED:
        return DispenseStatus.RETURNED
    return DispenseStatus.ISSUED if one.handed_over_at is not None else DispenseStatus.ALLOCATED


def material_resource(one: Leukapheresis) -> Element:
    return known(
        resourceType=Kind.PRODUCT,
        id=one.id,
        productCategory=coding(PRODUCT_CATEGORY, "cells"),
        productCode=concept("product", "leukapheresis", "Non-mobilized leukapheresis"),
        identifier=[identifier("collection", one.number)],
        biologicalSourceEvent=identifier("collection", one.number),
        productStatus=coding(PRODUCT_STATUS, material_status(one)),
        collection=collected(one),
        property=[
            stated("collection-status", valueCodeableConcept=concept("collection-status", one.status)),
            *([stated("volume", valueQuantity=millilitres(one.volume_ml))] if one.volume_ml is not None else []),
            *about_holds(one.holds),
        ],
    )


def product_resource(one: Product, now: datetime) -> Element:
    source = one.made_of[0]
    return known(
        resourceType=Kind.PRODUCT,
        id=one.id,
        productCategory=coding(PRODUCT_CATEGORY, "cells"),
        productCode=concept("product", "nk-cells", "NK cells"),
        parent=[reference(Kind.PRODUCT, each.id) for each in one.made_of],
        identifier=[identifier("container", one.code)],
        biologicalSourceEvent=identifier("collection", source.number),
        division=f"{one.number:02}",
        productStatus=coding(PRODUCT_STATUS, product_status(one, now)),
        expirationDate=one.expires_at,
        collection=collected(source),
        property=[
            stated("batch", valueString=one.batch),
            stated("subject", valueString=one.subject),
            stated("disposition", valueCodeableConcept=concept("disposition", one.disposition or "none")),
            stated("stage", valueCodeableConcept=concept("stage", one.stage)),
            stated("volume", valueQuantity=millilitres(one.volume_ml)),
            stated("viable-nk", valueQuantity={"value": one.viable_nk, "system": UCUM, "code": "{cells}"}),
            stated("out-of-specification", valueBoolean=one.out_of_specification),
            *about_holds(one.holds),
        ],
    )


def dispense_resource(one: Dispensed) -> Element:
    notes = ((one.out_of_specification, OUT_OF_SPECIFICATION), (one.conditional, RESULTS_PENDING))
    return known(
        resourceType=Kind.DISPENSE,
        id=one.id,
        identifier=[identifier("order", one.order)],
        status=dispense_status(one),
        product=reference(Kind.PRODUCT, one.product_id),
        patient=reference(Kind.PATIENT, one.subject_id),
        performer=[
            {"function": concept("function", did), "actor": reference(Kind.PRACTITIONER, who)}
            for did, who in one.performers
        ],
        quantity=millilitres(one.volume_ml),
        preparedDate=one.dispensed_at,
        whenHandedOver=one.handed_over_at,
        note=[{"text": text} for said, text in notes if said],
    )


def coded_person(kind: Kind, person_id: str, code: str) -> Element:
    """A patient by the subject's code, a practitioner by the id of the account; nothing else of either."""
    system = "subject" if kind is Kind.PATIENT else "person"
    return {"resourceType": kind, "id": person_id, "identifier": [identifier(system, code)]}


def bundle(base: str, resources: Sequence[Element], at: datetime) -> Element:
    """``base``: the address under which each of them has its own route."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": at,
        "entry": [{"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources],
    }


def collected(one: Leukapheresis) -> Element:
    period = known(start=one.started_at, end=one.ended_at)
    return {"collectedPeriod": period} if period else {}


def about_holds(holds: Iterable[str]) -> list[Element]:
    causes = set(holds)
    return [
        stated("on-hold", valueBoolean=bool(causes)),
        stated("recalled", valueBoolean=HoldCause.RECALL in causes),
    ]


def stated(code: str, **value: Any) -> Element:
    return {"type": concept("property", code), **value}


def identifier(system: str, value: str) -> Element:
    return {"system": f"{OURS}:{system}", "value": value}


def coding(system: str, code: str) -> Element:
    return {"system": system, "code": code}


def concept(system: str, code: str, text: str | None = None) -> Element:
    return known(coding=[coding(f"{OURS}:{system}", code)], text=text)


def reference(kind: Kind, record_id: str) -> Element:
    return {"reference": f"{kind}/{record_id}"}


def millilitres(value: Decimal) -> Element:
    return {"value": value, "unit": "mL", "system": UCUM, "code": "mL"}


def known(**elements: Any) -> Element:
    """FHIR has no empty elements: what is not known is left out, what is false or zero is said."""
    return {name: one for name, one in elements.items() if one is not None and one not in ([], {})}
