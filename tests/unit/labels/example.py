"""A label of an invented product, complete and without fault."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from labels.domain.content import Bilingual, LabelFacts, label_record
from labels.domain.payload import LabelKeys, build_payload
from labels.domain.statements import DonorStatus, StatementFacts

KEYS = LabelKeys({"B": bytes(range(32)), "C": bytes(range(1, 33))}, "B", "DEMO-7Q2K")
FACTS = LabelFacts(
    contact_name="GMP-faciliteit celtherapie",
    contact_address="Voorbeeldweg 2, 2333 ZA Leiden",
    contact_phone="+31 71 000 00 00",
    product_name="NK-cellen van de donor (CD56⁺CD3⁻)",
    product_code="NKP-1",
    viable_nk=Decimal(486_000_000),
    volume_ml=Decimal("50.0"),
    form=Bilingual("Suspensie voor infusie", "Suspension for infusion"),
    route=Bilingual("intraveneus", "intravenous"),
    additives=Bilingual("NaCl 0,9 %, HSA 5 %", "NaCl 0.9 %, HSA 5 %"),
    batch="NK-26-0001",
    container=1,
    containers=2,
    issue=1,
    trial_code="NL-OMON26066",
    sponsor="Leids Universitair Medisch Centrum",
    subject_code="NK-03",
    investigator="kinderhematologie, onderzoekscentrum 01",
    directions=Bilingual("zie infusie-instructie versie 2", "see infusion instruction version 2"),
    storage=Bilingual("15–25 °C, niet koelen of invriezen", "15–25 °C, do not refrigerate or freeze"),
    expires_at=datetime(2026, 11, 24, 15, 30, tzinfo=UTC),
    donor_code="D-0017",
    donation_number="A999926123456",
    donation_check="T",
    warnings=StatementFacts(DonorStatus.NON_REACTIVE),
    instance="DEMO-7Q2K",
    template_version="FULL v1",
)
LABEL_ID = bytes(range(10))


def payload_of(facts=FACTS, label_id=LABEL_ID):
    return build_payload(KEYS, label_id, label_record(facts))
