"""A kit lists what may be given out, and what happened on paper is always recorded, with what speaks against it (DSP-DOWN)."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.canonical import canonical
from kernel.files.domain.refusals import Upload
from kernel.files.queries import files_of
from kernel.tables import SignatureRow
from kernel.web.i18n import Speech
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.trial import get_protocol, get_trial
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import ContainerRow
from release.pages.downtime import downtime_tasks
from release.pages.downtime_paper import kit_paper, prompts
from release.queries.accountability import account_documents, accountability
from release.queries.downtime import LISTED, NOT_LISTED, entering_content, get_kit, open_sheets
from release.queries.metrics import patient_histories
from release.queries.order_views import order_view
from release.queries.trace import find_traced, trace_of
from release.queries.trace_paper import way_rows
from release.schemas.downtime import CheckSheet
from release.services.downtime import account_for_kit, print_kit
from release.services.downtime_entries import enter_administration, enter_dispensing, enter_hand_over
from release.tables.dispensing import AdministrationRow, DispensingRow
from tests.integration.release.giving_factory import (
    GIVEN,
    checked_order,
    giving_installation,  # noqa: F401
    new_patient,
    new_product,
    refused,
)
from tests.integration.release.recalling import viewer_of
from tests.places import along

D = Decimal
HANDED = {"temperature_c": D(20), "condition": "intact", "transport_box": "BOX-1"}
ORDERED = {"volume_ml": D(100), "duration_minutes": D(60), "ward": "Ward 1"}


def sheet(number=1):
    return Upload(f"sheet-{number}.pdf", b"%PDF-1.4\n%" + str(number).encode() + b"\n%%EOF\n")


def printed(giving, *, unused=False):
    with giving.act("downtime.print", giving.pharmacist) as work:
        return print_kit(work, earlier_unused=unused)


def entering(giving, kit, *people):
    content = lambda s: entering_content(s, kit.id)  # noqa: E731
    return giving.act("downtime.enter", *people, content=content)


def paper_dispensing(giving, kit, product, *, by=None, code="NK-03", at=None, people=None, **changes):
    fields = {
        "label_code": product.short_number,
        "subject_code": code,
        "dispensed_at": at or giving.now,
        "performed_by": giving.pharmacist.id,
        "second_person": giving.pharmacist2.id,
        "file": sheet(),
        **changes,
    }
    with entering(giving, kit, *(people or (giving.pharmacist, giving.nurse))) as work:
        return enter_dispensing(work, kit.id, **fields)


def paper_hand_over(giving, kit, entry, **changes):
    fields = {
        "handed_over_at": giving.now,
        "performed_by": giving.pharmacist.id,
        "second_person": giving.nurse.id,
        "file": sheet(2),
        **HANDED,
        **changes,
    }
    with entering(giving, kit, giving.pharmacist, giving.nurse) as work:
        return enter_hand_over(work, kit.id, entry.dispensing_id, **fields)


def paper_infusion(giving, kit, entry, product, *, code="NK-03", **changes):
    fields = {
        "label_code": product.short_number,
        "subject_code": code,
        "outcome": "complete",
        "started_at": giving.now,
        "stopped_at": giving.now,
        "volume_given_ml": D(100),
        "performed_by": giving.nurse.id,
        "file": sheet(3),
        **GIVEN,
        **changes,
    }
    with entering(giving, kit, giving.nurse, giving.pharmacist) as work:
        return enter_administration(work, kit.id, entry.dispensing_id, **fields)


def infused_of(giving):
    """Subject codes that count as infused with a product that met all criteria."""
    with giving.database.reading() as session:
        found = patient_histories(session, get_trial(session), giving.now)
    return [one.code for one in found if any(batch.counted_infusion for batch in one.batches)]


def signed(session, entry):
    """What both people signed of this sheet."""
    rows = session.query(SignatureRow).filter_by(record_id=entry.record_id).all()
    (content,) = {canonical(json.loads(row.document)["content"]) for row in rows}
    return json.loads(content)


def codes(entry):
    return [one["code"] for one in json.loads(entry.conflicts)]


@pytest.fixture
def product(giving):
    return along(giving, "patient and product", lambda: new_product(giving, new_patient(giving)))


@pytest.mark.req("DSP-DOWN")
def test_the_kit_lists_what_may_be_dispensed_and_why_the_rest_may_not(giving, product):
    patient = new_patient(giving, "NK-04")
    rejected = new_product(giving, patient, state="rejected")
    held = new_product(giving, patient)
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        set_hold(work, "batch", held.batch_id, cause="person", reason="room too warm")
    kit = printed(giving)
    content = json.loads(kit.content)
    assert [(one["container"], one["label"], one["subject"]) for one in content[LISTED]] == [
        (f"{product.number}-01", product.short_number, "NK-03")
    ]
    reasons = {one["container"]: [each["code"] for each in one["reasons"]] for one in content[NOT_LISTED]}
    assert reasons == {f"{rejected.number}-01": ["BATCH_REJECTED"], f"{held.number}-01": ["BATCH_ON_HOLD"]}
    with giving.database.reading() as session:
        assert kit.valid_until - kit.printed_at == timedelta(hours=get_protocol(session).downtime_kit_hours)
        paper = kit_paper(session, kit, Speech("en"), by="Person", at=giving.now)
    assert kit.number in paper.title
    assert any("downtime kit printed" in name for name, _ in paper.head[0].pairs)
    sheets = [one for one in paper.sections if one.new_page]
    assert len(sheets) == 4
    examined, asked = ([prompt for block in one.blocks[1::2] for prompt in block.prompts] for one in sheets[:2])
    assert {"Neutrophils (× 10⁹/L)", "Signature, date and time: Examined by"} <= set(examined)
    assert not any("immunosuppression" in one for one in examined), "this version does not ask"
    every = prompts(CheckSheet, Speech("en"), frozenset())
    assert "GvHD prophylaxis or other immunosuppression since the transplantation: Yes / No" in every
    assert {"Dispensed at", "Transport box", "Volume given (mL)"} <= set(asked)
    assert "Signature, date and time: Second check by" in asked


def traced(session, product):
    (batch,) = trace_of(session, find_traced(session, product.number), clinical=True)["batches"]
    return batch["containers"][0]


@pytest.mark.req("DSP-DOWN")
def test_what_was_done_on_paper_as_listed_is_entered_with_its_scan_and_counts(giving, product):
    checked_order(giving)
    kit = printed(giving)
    giving.database.clock.advance(timedelta(minutes=30))
    entry = paper_dispensing(giving, kit, product)
    handed = paper_hand_over(giving, kit, entry)
    given = paper_infusion(giving, kit, entry, product)
    assert [codes(one) for one in (entry, handed, given)] == [[], [], []]
    with giving.database.reading() as session:
        row = session.get_one(DispensingRow, entry.record_id)
        assert (row.dispensed_by, row.checked_by) == (giving.pharmacist.id, giving.pharmacist2.id)
        infusion = session.get_one(AdministrationRow, given.record_id)
        assert (infusion.bedside_verdict, infusion.recorded_by) == ("ALLOW", giving.nurse.id)
        assert order_view(session, row.order_id)["status"] == "administered"
        assert [one.filename for one in files_of(session, "downtime_entry", given.id)] == ["sheet-3.pdf"]
        assert deviations_of(session, product.batch_id) == []
        subject_id = session.get_one(ContainerRow, row.container_id).subject_id
        (account,) = account_documents(session, accountability(session, "subject", subject_id, giving.now))
        assert {one["what"]: one["kit"] for one in account["lines"] if one["kit"]} == dict.fromkeys(
            ("dispensed", "handed over", "given"), kit.number
        )
        (way,) = traced(session, product)["dispensings"]
        assert [way[name] for name in ("kit", "hand_over_kit", "infusion_kit")] == [kit.number] * 3
        said = [one[1] for one in way_rows(traced(session, product), Speech("nl"))]
        assert sum(f"(storing: achteraf ingevoerd {kit.number})" in one for one in said) == 3
        dispensed, over, infused = [signed(session, one) for one in (entry, handed, given)]
    people = dispensed["entered now"]
    assert (people["performed by"], people["second person"]) == (giving.pharmacist.id, giving.pharmacist2.id)
    assert over["recorded"] == {**HANDED, "temperature_c": "20"}, "every value is signed"
    assert (infused["recorded"]["outcome"], infused["recorded"]["volume_given_ml"]) == ("complete", "100")
    assert infused_of(giving) == ["NK-03"]


@pytest.mark.req("DSP-DOWN", "TR-F2")
def test_a_hold_set_meanwhile_never_stops_the_record_but_opens_a_deviation_and_keeps_the_dose_out_of_f(giving, product):
    checked_order(giving)
    kit = printed(giving)
    giving.database.clock.advance(timedelta(minutes=30))
    happened = giving.now
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        set_hold(work, "batch", product.batch_id, cause="person", reason="the filter leaked")
    giving.database.clock.advance(timedelta(hours=1))
    entry = paper_dispensing(giving, kit, product, at=happened)
    handed = paper_hand_over(giving, kit, entry, handed_over_at=happened)
    given = paper_infusion(giving, kit, entry, product, started_at=happened, stopped_at=happened)
    assert [codes(one) for one in (entry, handed, given)] == [["BATCH_ON_HOLD"]] * 3
    with giving.database.reading() as session:
        found = deviations_of(session, product.batch_id)
        assert [one.classification for one in found] == ["critical"] * 3
        assert sorted(one.raised_by for one in found) == sorted(
            [giving.pharmacist.id, giving.pharmacist.id, giving.nurse.id]
        )
        assert {one.id for one in found} == {one.deviation_id for one in (entry, handed, given)}
        assert session.get_one(AdministrationRow, given.record_id).bedside_verdict == "DENY"
    assert infused_of(giving) == []


@pytest.mark.req("DSP-DOWN", "TR-F2")
def test_a_hold_that_stood_then_and_is_lifted_since_speaks_against_it_too(giving, product):
    checked_order(giving)
    kit = printed(giving)
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        hold = set_hold(work, "trial", giving.trial_id, cause="safety", reason="third reaction")
    giving.database.clock.advance(timedelta(minutes=5))
    happened = giving.now
    giving.database.clock.advance(timedelta(minutes=5))
    with unit_of_work(giving.database, SYSTEM, "test.lift") as work:
        work.lock(type(hold), hold.id).lifted_at = work.at
    entry = paper_dispensing(giving, kit, product, at=happened)
    assert codes(entry) == ["TRIAL_ON_HOLD"]
    assert codes(paper_hand_over(giving, kit, entry)) == []
    assert codes(paper_infusion(giving, kit, entry, product)) == []
    assert infused_of(giving) == []


@pytest.mark.req("DSP-DOWN")
def test_the_wrong_subject_and_an_unlisted_container_are_recorded_with_what_speaks_against_them(giving):
    patient = new_patient(giving)
    new_patient(giving, "NK-04")
    kit = printed(giving)
    product = new_product(giving, patient)
    assert refused(paper_dispensing, giving, kit, product, code="NK-04") == ["MISSING_FIELD"] * 4
    entry = paper_dispensing(giving, kit, product, code="NK-04", ordered_by=giving.physician.id, **ORDERED)
    assert {"SUBJECT_MISMATCH", "ORDER_MISSING", "NOT_ON_KIT"} <= set(codes(entry))
    with giving.database.reading() as session:
        order = order_view(session, session.get_one(DispensingRow, entry.record_id).order_id)
        assert (order["subject"], order["ordered_by"], order["status"]) == ("NK-04", giving.physician.name, "dispensed")


@pytest.mark.req("DSP-DOWN")
def test_only_what_cannot_have_been_is_refused(giving, product):
    checked_order(giving)
    kit = printed(giving)
    before = giving.now - timedelta(minutes=2)
    assert refused(paper_dispensing, giving, kit, product, at=before) == ["TIME_ORDER"]
    assert refused(paper_dispensing, giving, kit, product, at=giving.now + timedelta(hours=1)) == ["FUTURE_TIME"]
    assert refused(paper_dispensing, giving, kit, product, label_code="NK-26-9999-01-01-0") == ["PAPER_LABEL"]
    assert refused(paper_dispensing, giving, kit, product, code="NK-99") == ["SUBJECT_UNKNOWN"]
    assert refused(paper_dispensing, giving, kit, product, performed_by="nobody") == ["PAPER_PERSON"]
    twice = (giving.pharmacist, giving.pharmacist)
    assert refused(paper_dispensing, giving, kit, product, people=twice) == ["SOD_SECOND"]
    paper_dispensing(giving, kit, product)
    assert refused(paper_dispensing, giving, kit, product) == ["ALREADY_DISPENSED"]


@pytest.mark.req("DSP-DOWN")
def test_sheets_are_open_until_each_is_entered_and_a_kit_is_counted_when_its_time_is_over(giving, product):
    def told():
        with giving.database.reading() as session:
            return [one.record for one in downtime_tasks(session, viewer_of(giving, giving.pharmacist))]

    checked_order(giving)
    kit = printed(giving)
    assert told() == []
    giving.database.clock.advance(timedelta(hours=25))
    assert told() == [kit.number]
    with entering(giving, kit, giving.pharmacist) as work:
        account_for_kit(work, kit.id, checks=0, dispensings=1, hand_overs=0, administrations=0)
    with giving.database.reading() as session:
        assert open_sheets(session, get_kit(session, kit.id)) == 1
    assert told() == [kit.number]
    at = kit.printed_at + timedelta(minutes=10)
    assert "KIT_OUTDATED" not in codes(paper_dispensing(giving, kit, product, at=at))
    assert told() == []
    later = printed(giving)
    newest = printed(giving, unused=True)
    with giving.database.reading() as session:
        assert open_sheets(session, get_kit(session, later.id)) == 0
        assert open_sheets(session, get_kit(session, newest.id)) is None
