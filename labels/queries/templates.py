"""The controlled document kind ``label_template``: two approvals, and a draft that could not be drawn is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kernel.documents.domain import document_kind
from kernel.refusals import N_, Refusal
from labels.domain.content import LabelFacts
from labels.domain.slots import PRODUCT, SlotName
from labels.domain.statements import DonorStatus, StatementFacts
from labels.domain.template import PRINTED_AS_IS, read_template, template_refusals
from labels.drawing.product_label import label_drawing_refusals
from manufacturing.domain.donation_numbers import check_character

LONGEST_RECORD: dict[str, Any] = {
    "viable_nk": Decimal(888_000_000_000),
    "volume_ml": Decimal("888.88"),
    "batch": "NK-26-8888",
    "container": 88,
    "issue": 88,
    "subject_code": "NK-88",
    "expires_at": datetime(2028, 8, 28, 8, 28, tzinfo=UTC),
    "donor_code": "D-8888",
    "donation_number": "A999926888888",
    "donation_check": check_character("A999926888888"),
    "instance": "DEMO-888888",
    "template_version": "FULL v88",
}


def check_label_template(body: dict[str, Any]) -> tuple[Refusal, ...]:
    """First the rules of the body, then a trial drawing: a text that would not fit is refused before approval."""
    refusals = template_refusals(body)
    return refusals or tuple(
        dict.fromkeys(one for slot in PRODUCT for one in label_drawing_refusals(sample_facts(body, slot)))
    )


def sample_facts(body: dict[str, Any], slot: SlotName = SlotName.FULL) -> LabelFacts:
    """The template's texts with records as wide as they come."""
    texts = read_template(body)
    return LabelFacts(
        **{name: getattr(texts, name) for name in PRINTED_AS_IS},
        **LONGEST_RECORD,
        trial_code=texts.trial_code("NL-OMON26066", "2026-888888-88-88"),
        warnings=StatementFacts(DonorStatus.NON_REACTIVE),
        slot=slot,
        isbt_product=texts.isbt.product(LONGEST_RECORD["container"]) if texts.isbt else "",
        chain_of_identity=texts.isbt.chain(LONGEST_RECORD["batch"]) if texts.isbt else "",
    )


LABEL_TEMPLATE = document_kind(
    "label_template", N_("label template"), approvals=("QA", "QP"), check=check_label_template
)
