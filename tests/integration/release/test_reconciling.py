"""What is left of a container is destroyed by two people, and only a batch that adds up is closed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import Refused
from kernel.web.i18n import Speech
from kernel.web.site import Viewer
from labels.queries.labels import applied_label
from manufacturing.domain.batches import BatchStatus
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.api.reconciling import before_destroying
from release.domain.decisions import Verdict
from release.pages.reconciling import idle_tasks
from release.queries.batch_record import executed_record
from release.queries.dispensing import certified_for
from release.queries.reconciling import closing_content, destroying_content, reconciliation
from release.queries.records import records_of_batch
from release.queries.trace import find_traced, trace_of
from release.services.reconciling import close_batch, destroy_container
from release.tables.decisions import DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.supply import OverlayRow
from tests.integration.labels.factory import apply_one, destroy_one, reprint_one, verify_one
from tests.integration.release.giving_factory import (
    change,
    dispensed,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    on_the_ward,
    refused,
    scan,
    supplied_product,
    take_back,
)
from tests.places import along

D = Decimal


@pytest.fixture
def product(giving):
    return along(giving, "patient and product", lambda: new_product(giving, new_patient(giving)))


def destroy(giving, product, volume, *, people=None, explanation=None):
    content = lambda s: destroying_content(s, product.container_id)  # noqa: E731
    people = people or (giving.pharmacist, giving.pharmacist2)
    with giving.act("container.destroy", *people, content=content, reason="not used on its day") as work:
        return destroy_container(
            work, product.container_id, volume_ml=D(volume), method="autoclaved", explanation=explanation
        )


def close(giving, product):
    content = lambda s: closing_content(s, product.batch_id)  # noqa: E731
    with giving.act("batch.close", giving.qa, content=content) as work:
        return close_batch(work, product.batch_id)


@pytest.mark.req("ATMP-RECON", "DSP-REM")
def test_a_batch_is_closed_when_what_was_left_of_it_is_destroyed(giving, product):
    infused(giving, product, outcome="partial", volume="60", reason="reaction: stopped after 60 mL")
    assert refused(close, giving, product) == ["UNITS_OPEN"]
    row = destroy(giving, product, "39.5", explanation="half a mL stayed in the line of the pump")
    assert (row.lost_ml, row.witnessed_by) == (D("0.5"), giving.pharmacist2.id)
    assert close(giving, product).status == BatchStatus.CLOSED
    with giving.database.reading() as session:
        (line,) = reconciliation(session, product.batch_id)["containers"]
        assert (line["given (mL)"], line["left (mL)"]) == (D("60"), D("0"))
        assert any(isinstance(one, DestructionRow) for one in records_of_batch(session, product.batch_id))


def offered(giving, product):
    """What the pharmacy is told it could dispense for the subject."""
    with giving.database.reading() as session:
        return certified_for(session, [session.get_one(ContainerRow, product.container_id).subject_id])


@pytest.mark.req("DSP-REM")
def test_whoever_destroys_what_could_be_given_is_told_before_and_nobody_else(giving, product):
    def told():
        with giving.database.reading() as session:
            viewer = Viewer(giving.qa, giving.now, Speech("en"))
            return before_destroying(session, viewer, product.container_id)["notes"]

    assert [one.split(":")[0] for one in told()] == ["This container is neither rejected nor expired"]
    infused(giving, product, outcome="partial", volume="60", reason="reaction: stopped after 60 mL")
    assert told() == []


@pytest.mark.req("DSP-REM")
def test_a_destroyed_container_is_never_dispensed(giving, product):
    assert [one.id for one in offered(giving, product)] == [product.batch_id]
    destroy(giving, product, "100")
    assert offered(giving, product) == []
    decision = scan(giving, product).decision
    assert decision.verdict is Verdict.DENY
    assert "CONTAINER_DESTROYED" in [one.code for one in decision.refusals]


@pytest.mark.req("DSP-REM")
def test_one_person_alone_destroys_nothing_and_nothing_that_is_with_the_ward(giving, product):
    assert refused(destroy, giving, product, "100", people=(giving.pharmacist, giving.pharmacist)) == ["SOD_SECOND"]
    assert refused(destroy, giving, product, "100", people=(giving.pharmacist, giving.nurse)) == [
        "SECOND_ROLE_NOT_ALLOWED"
    ]
    on_the_ward(giving, product)
    assert refused(destroy, giving, product, "100") == ["UNIT_OUT"]


@pytest.mark.req("DSP-REM")
def test_whoever_may_destroy_reads_what_waits_for_it_until_it_is_destroyed(giving, product):
    def said(actor):
        with giving.database.reading() as session:
            return [one.reason.split(";")[0] for one in idle_tasks(session, Viewer(actor, giving.now, Speech("en")))]

    assert said(giving.pharmacist) == []
    infused(giving, product, outcome="partial", volume="60", reason="reaction: stopped after 60 mL")
    assert said(giving.pharmacist) == ["was not given whole"]
    assert said(giving.physician) == []
    destroy(giving, product, "40")
    assert said(giving.pharmacist) == []


@pytest.mark.req("ATMPR-15.3", "ATMP-HIST", "DSP-REM")
def test_trace_and_printed_record_tell_of_the_destruction_and_of_the_closing(giving, product):
    infused(giving, product, outcome="partial", volume="60", reason="reaction: stopped after 60 mL")
    destroy(giving, product, "39.5", explanation="half a mL stayed in the line of the pump")
    close(giving, product)
    with giving.database.reading() as session:
        for code in ("D-0001", "NK-03"):
            (batch,) = trace_of(session, find_traced(session, code), clinical=False)["batches"]
            (end,) = [one["destruction"] for one in batch["containers"]]
            assert (end["volume_ml"], end["lost_ml"], end["method"]) == (D("39.5"), D("0.5"), "autoclaved")
            assert batch["closed"]["name"] == giving.qa.name
            assert "destruction witnessed" in [one["meaning"] for one in batch["signatures"]]
        printed = executed_record(session, product.batch_id, Speech("en"), by="QA", at=giving.now)
    (section,) = [one for one in printed.sections if one.title == "What became of every container"]
    (row,) = section.blocks[0].rows
    assert row.cells[1:] == ("100", "0", "60", "39.5", "0.5", "0")
    assert "autoclaved" in row.notes[0]
    assert "half a mL stayed in the line of the pump" in row.notes[0]
    assert [name for name, _ in section.blocks[1].pairs] == ["Signed: destroyed", "Signed: destruction witnessed"]


@pytest.mark.req("DSP-REM")
def test_a_dispensing_that_was_cancelled_leaves_all_of_it_to_be_destroyed(giving, product):
    take_back(giving, dispensed(giving, product))
    assert destroy(giving, product, "100").lost_ml == D("0")


@pytest.mark.req("ATMP-RECON")
def test_a_batch_whose_certification_is_not_final_stays_open(giving, product):
    destroy(giving, product, "100")
    with giving.act("test", giving.qa) as work:
        work.confirm({})
        (row,) = work.session.query(DispositionRow).filter_by(container_id=product.container_id)
        row.status = "certified_pending"
        assert work.session.get_one(BatchRow, product.batch_id).status == BatchStatus.QA_REVIEWED
    assert refused(close, giving, product) == ["NOT_FINAL"]


@pytest.mark.req("LBL-SERIAL", "ATMP-RECON")
def test_a_batch_is_closed_only_when_every_print_is_on_its_container_or_destroyed(giving, product):
    """The reprinted label is void and still somewhere: the closing names it until two people destroy it."""
    destroy(giving, product, "100")
    with giving.database.reading() as session:
        old = applied_label(session, product.container_id)
    fresh = reprint_one(giving, old)
    verify_one(giving, fresh)
    apply_one(giving, fresh)
    with pytest.raises(Refused) as caught:
        close(giving, product)
    assert [one.code for one in caught.value.refusals] == ["LABEL_COUNT"]
    assert f"{old.short_number} voided" in str(caught.value.refusals[0])
    with giving.database.reading() as session:
        assert reconciliation(session, product.batch_id)["labels"]["difference"] == 1
    destroy_one(giving, old)
    assert close(giving, product).status == BatchStatus.CLOSED


@pytest.mark.req("ATMP-RECON")
def test_an_overlay_that_lies_about_keeps_the_batch_open(giving):
    product = supplied_product(giving, new_patient(giving))
    assert "OVERLAYS_OPEN" not in refused(close, giving, product)
    with giving.database.reading() as session:
        (overlay,) = session.query(OverlayRow)
    change(giving, OverlayRow, overlay.id, status="overlay_printed")
    assert "OVERLAYS_OPEN" in refused(close, giving, product)
