"""A container is thawed and diluted after its release: recorded beside the certified record, used before its new time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.canonical import digest
from kernel.documents.domain import DocumentStatus
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.batches import get_container
from manufacturing.tables.batches import BatchRow
from release.queries.reconstitution import in_use_until, recon_content, recon_view
from release.queries.review import reviewed_record
from release.services.reconstitution import reconstitute
from tests.integration.labels.factory import document
from tests.integration.release.giving_factory import (
    checked_order,
    giving_installation,  # noqa: F401
    new_patient,
    new_product,
    refused,
    scan,
)
from tests.presets import bare_process

THAW = {"en": "Thaw", "nl": "Ontdooien"}
DILUTE = {"en": "Dilute with 50 mL NaCl 0.9 %", "nl": "Verdunnen met 50 mL NaCl 0,9 %"}
STEPS = [{"key": "thaw", "title": THAW, "instruction": THAW}, {"key": "dilute", "title": DILUTE, "instruction": DILUTE}]


@pytest.fixture
def product(giving):
    made = new_product(giving, new_patient(giving))
    body = bare_process() | {"reconstitution": {"in_use_hours": "2", "steps": STEPS}}
    with unit_of_work(giving.database, SYSTEM, "test.process") as work:
        version = document(work, "process", body, code="PRC", number=2, status=DocumentStatus.RETIRED)
        work.lock(BatchRow, made.batch_id).process_document_id = version.id
    checked_order(giving)
    return made


def step(giving, made, *, second=None, code=None, hours=0, volume="50"):
    content = lambda session: recon_content(session, made.container_id)  # noqa: E731
    people = (giving.pharmacist, second or giving.pharmacist2)
    with giving.act("container.reconstitute", *people, content=content) as work:
        told = {"done_at": giving.now - timedelta(hours=hours), "volume_ml": Decimal(volume)}
        return reconstitute(work, made.container_id, code=code or f"{made.number}-01", **told)


def certified(giving, made):
    with giving.database.reading() as session:
        container = get_container(session, made.container_id)
        return digest(reviewed_record(session, made.batch_id)), container.version, container.expires_at


@pytest.mark.req("ATMP-16-RECON")
def test_steps_follow_the_instruction_and_leave_the_certified_record_as_it_is(giving, product):
    before = certified(giving, product)
    assert refused(step, giving, product, code="NK-26-0099-01") == ["CONTAINER_MISMATCH"]
    assert refused(step, giving, product, second=giving.technician) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert step(giving, product).key == "thaw"
    assert step(giving, product, volume="100", second=giving.nurse).key == "dilute"
    assert refused(step, giving, product) == ["RECON_COMPLETE"]
    assert certified(giving, product) == before
    with giving.database.reading() as session:
        seen = recon_view(session, product.container_id)
    assert [one["done"]["volume_ml"] for one in seen["steps"]] == [Decimal(50), Decimal(100)]
    assert seen["use_before"] == giving.now + timedelta(hours=2)


@pytest.mark.req("ATMP-16-RECON", "DSP-EXP")
def test_the_scan_counts_the_in_use_time_once_it_runs(giving, product):
    assert scan(giving, product).row.verdict == "ALLOW"
    step(giving, product)
    with giving.database.reading() as session:
        until = in_use_until(session, get_container(session, product.container_id))
    assert until == giving.now + timedelta(hours=2)
    giving.database.clock.advance(timedelta(hours=2))
    assert "PRODUCT_EXPIRED" in [one.code for one in scan(giving, product).decision.refusals]
    assert refused(step, giving, product) == ["RECON_EXPIRED"]
