"""A trial with certified products, entered straight through the unit of work; the giving half by its own services."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel.canonical import canonical, digest
from kernel.documents.queries import get_effective
from kernel.documents.services import draft_document
from kernel.errors import Refused
from kernel.files.domain.refusals import Upload
from kernel.files.services import keep_content
from kernel.files.tables import FileRow
from kernel.work import SYSTEM, unit_of_work
from labels.domain.payload import LabelKeys
from labels.drawing.overlay import OverlayFacts
from labels.ports import label_keys
from labels.tables.labels import LabelRow
from manufacturing.domain.donors import ALWAYS
from manufacturing.queries.trial import latest_weight
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.blood_groups import BloodGroupRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow
from release import ports
from release.queries.administration import administration_content, administration_form_content, reaction_content
from release.queries.dispense_contents import dispense_content, dispensing_content
from release.queries.orders import order_content
from release.queries.supply import named_result
from release.queries.testing import required_tests
from release.services.administration import (
    adjudicate_reaction,
    confirm_no_reaction,
    record_administration,
    record_reaction,
)
from release.services.dispensing import cancel_dispensing, dispense, scan_container
from release.services.hand_over import hand_over
from release.services.orders import cancel_order, check_eligibility, write_order
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, OrderRow, ScanRow
from release.tables.oos import OosRow
from release.tables.supply import OverlayRow, SupplyRow
from release.tables.testing import QcTestRow, ResultRow
from tests.integration.labels.factory import PRESET as LABEL_TEMPLATE
from tests.integration.labels.factory import document, labelled, marker_row
from tests.places import remembered
from tests.presets import bare_process
from tests.training import train_everybody
from tests.unit.release.preset import body as specification_body

PROTOCOL = json.loads(Path("config/presets/protocol.json").read_text(encoding="utf-8"))["body"]
KEYS = LabelKeys({"C": bytes(range(1, 33))}, "C", "DEMO-TEST22")
MEASURED = ("purity", "cd3_dose", "nk_dose_minimum", "endotoxin", "sterility")
GOOD_DAY = {
    "marrow_blasts": Decimal(2),
    "circulating_blasts": Decimal(0),
    "extramedullary_progression": False,
    "neutrophils": Decimal("1.2"),
    "donor_chimerism": True,
    "gvhd_grade": 1,
    "steroids": Decimal(1),
    "other_condition": False,
    "other_condition_text": None,
    "source": "laboratory report of today",
}
DOCUMENT = Upload("risk.txt", b"60 % instead of 70 %: no added risk.\n")
GIVEN = {"identity_checked": True, "premedication": True, "reason": None}


@dataclass
class Product:
    """One batch with one labelled container, certified as far as was asked."""

    batch_id: str
    container_id: str
    number: str
    payload: str = ""
    short_number: str = ""
    supply_id: str = ""


@dataclass
class Patient:
    id: str
    code: str
    donor_id: str = ""
    collection_id: str = ""


@dataclass
class Giving:
    """An installation with an open trial and one person of each role (two pharmacists)."""

    database: object
    people: dict
    trial_id: str = ""
    technician: object = None
    colleague: object = None
    count: int = 0
    containers: list = field(default_factory=list)

    def __getattr__(self, name):
        if name not in vars(self).get("people", ()):
            raise AttributeError(name)
        return self.people[name]

    @property
    def now(self):
        return self.database.clock.now()

    @property
    def today(self):
        return self.now.date()

    def codes(self):
        with self.database.reading() as session:
            return [session.get_one(ContainerRow, one).code for one in self.containers]

    @contextmanager
    def act(self, name, *signers, content=None, **given):
        """An act by the first signer, who saw ``content`` a moment before."""
        seen = digest({})
        if content is not None:
            with self.database.reading() as session:
                seen = digest(content(session))
        with unit_of_work(self.database, signers[0], name, signers=signers, seen=seen, **given) as work:
            yield work


@pytest.fixture(name="giving")
def giving_installation(database, person, monkeypatch):
    """An installation ready to give: open trial, presets in force, label keys, records that verify."""
    monkeypatch.setattr(label_keys, "answer", lambda: KEYS)
    monkeypatch.setattr(ports.integrity_faults, "answer", lambda _session, _batch: [])
    return remembered(database, "giving", lambda: new_giving(database, person))


def refused(call, *args, **changes):
    """The codes of the refusals that ``call`` ends with."""
    with pytest.raises(Refused) as caught:
        call(*args, **changes)
    return [one.code for one in caught.value.refusals]


def new_giving(database, person):
    people = {
        "physician": person("Dr"),
        "nurse": person("N"),
        "pharmacist": person("Ph"),
        "pharmacist2": person("Ph"),
        "qp": person("QP"),
        "qa": person("QA"),
        "sponsor": person("Sp"),
    }
    giving = Giving(database, people, technician=person("T"), colleague=person("T"))
    with unit_of_work(database, SYSTEM, "test.trial") as work:
        document(work, "protocol", PROTOCOL, code="PRT")
        document(work, "label_template", LABEL_TEMPLATE, code="LBL")
        specification = [one for one in specification_body()["criteria"] if one["key"] in MEASURED]
        body = specification_body(criteria=specification, pending_allowed=["sterility"])
        document(work, "specification", body, code="SPC")
        document(work, "process", bare_process(), code="PRC")
        trial = work.add(TrialRow(code="NL-OMON26066", title="NK", eu_trial_number="2026-500000-00-00"))
        giving.trial_id = trial.id
    train_everybody(database)
    return giving


def draft_protocol(giving, author, **values):
    """A version with these settings, as a draft of somebody who will approve nothing; its id."""
    settings = [one | ({"value": values[one["key"]]} if one["key"] in values else {}) for one in PROTOCOL["settings"]]
    with unit_of_work(giving.database, author, "document.revise") as work:
        title = "the settings of the protocol, amended"
        return draft_document(work, kind="protocol", code="PRT", title=title, body=PROTOCOL | {"settings": settings}).id


def frozen(work, kind):
    return get_effective(work.session, kind).id


def new_patient(giving, code="NK-03", *, kg="30", included=True, collected=True, **changes):
    """A registered patient, by default included, with an accepted leukapheresis and a weight."""
    with unit_of_work(giving.database, SYSTEM, "test.patient") as work:
        at = work.at
        values = {
            "trial_id": giving.trial_id,
            "code": code,
            "status": "included" if included else "registered",
            "diagnosis": "AML",
            "donor_type": "mismatched_family",
            "age_years": 9,
            "age_months": 4,
            "transplanted_on": at.date() - timedelta(days=40),
            "consent_reference": "C-1" if included else None,
            "consented_on": at.date() - timedelta(days=30) if included else None,
            "included_at": at if included else None,
        }
        subject = work.add(SubjectRow(**{**values, **changes}))
        patient = Patient(subject.id, code)
        add_blood_groups(work, subject_id=subject.id)
        if kg is not None:
            add_weight(work, subject.id, kg)
        if collected:
            patient.donor_id, patient.collection_id = add_collection(work, subject, giving)
    return patient


def add_blood_groups(work, **owner):
    """The same group on two independent samples, entered by two people."""
    for number, person in enumerate(("first", "second"), start=1):
        at = work.at - timedelta(days=10 + number)
        work.add(
            BloodGroupRow(
                abo="A",
                rhd="positive",
                sample=f"BS-{number}",
                sampled_at=at,
                laboratory="Blood bank",
                report_reference=f"BB-{number}",
                entered_at=at,
                entered_by=person,
                **owner,
            )
        )


def add_weight(work, subject_id, kg, days_old=1):
    at = work.at - timedelta(days=days_old)
    return work.add(
        WeightRow(
            subject_id=subject_id, kg=Decimal(kg), measured_at=at, recorded_at=work.at, entered_by="a", verified_by="b"
        )
    )


def weigh(giving, patient, kg, days_old=0):
    with unit_of_work(giving.database, SYSTEM, "test.weigh") as work:
        return add_weight(work, patient.id, kg, days_old)


def add_collection(work, subject, giving):
    giving.count += 1
    donor = work.add(DonorRow(code=f"D-{giving.count:04}", subject_id=subject.id, donor_type=subject.donor_type))
    add_blood_groups(work, donor_id=donor.id)
    collection = work.add(
        CollectionRow(
            number=f"LK-{giving.count:04}",
            is_din=False,
            subject_id=subject.id,
            donor_id=donor.id,
            status="in_use",
            planned_on=work.at.date(),
            consent_reference="C-2",
            consented_on=work.at.date(),
            mobilised=False,
            received_at=work.at - timedelta(hours=20),
            accepted_by="qa",
            accepted_at=work.at - timedelta(hours=19),
        )
    )
    for marker in ALWAYS:
        work.add(marker_row(collection, marker))
    return donor.id, collection.id


def new_product(giving, patient, *, state="certified_final", sponsor=True, nk="3e6", cd3="100", volume="100", hours=24):
    """``nk``, ``cd3``: per mL. At 30 kg and 100 mL the default is 1e7 NK/kg. ``state``: of the disposition."""
    with unit_of_work(giving.database, SYSTEM, "test.product") as work:
        filled = {"volume": volume, "nk": nk, "cd3": cd3, "hours": hours}
        batch, container = enter_product(work, giving, patient, state=state, sponsor=sponsor, **filled)
    product = Product(batch.id, container.id, batch.number)
    giving.containers.append(container.id)
    label = labelled(giving, container.id)
    product.payload, product.short_number = label.payload, label.short_number
    return product


def enter_product(work, giving, patient, *, state, sponsor, nk="3e6", cd3="100", volume="100", hours=24):
    """Batch, container, results, disposition and decisions."""
    giving.count += 1
    number = f"NK-26-{giving.count:04}"
    batch = work.add(
        BatchRow(
            number=number,
            collection_id=patient.collection_id,
            subject_id=patient.id,
            donor_id=patient.donor_id,
            process_document_id=frozen(work, "process"),
            specification_document_id=frozen(work, "specification"),
            status="qa_reviewed",
            opened_by="t",
            opened_at=work.at,
            formulated_at=work.at,
            expires_at=work.at + timedelta(hours=hours),
        )
    )
    container = work.add(
        ContainerRow(
            batch_id=batch.id,
            subject_id=patient.id,
            number=1,
            code=f"{number}-01",
            container_type="bag",
            volume_ml=Decimal(volume),
            viable_nk=Decimal(nk) * Decimal(volume),
            filled_at=work.at,
            expires_at=work.at + timedelta(hours=hours),
            filled_by="t",
            verified_by="u",
        )
    )
    add_results(work, batch, nk, cd3, sterile=state in {"certified_final", "oos_supply"})
    work.add(DispositionRow(container_id=container.id, batch_id=batch.id, status=state, sponsor_released=sponsor))
    add_decisions(work, giving, batch, patient, state)
    return batch, container


def was_infused(giving, code):
    """The infusion of a new patient, entered at once: where only what follows it counts."""
    patient = new_patient(giving, code)
    with unit_of_work(giving.database, SYSTEM, "test.infused") as work:
        _batch, container = enter_product(work, giving, patient, state="certified_final", sponsor=True)
        out = was_dispensed(work, giving, patient, container)
        return work.add(
            AdministrationRow(
                dispensing_id=out.id,
                outcome="complete",
                started_at=work.at,
                stopped_at=work.at,
                volume_given_ml=Decimal(100),
                premedication=True,
                identity_checked=True,
                bedside_verdict="ALLOW",
                weight_id=latest_weight(work.session, patient.id).id,
                recorded_by=giving.nurse.id,
                recorded_at=work.at,
            )
        )


def was_dispensed(work, giving, patient, container):
    """Label, order, scan and dispensing of a container."""
    label, written = was_labelled(work, container), was_ordered(work, giving, patient, container)
    of_both = {"container_id": container.id, "order_id": written.id, "label_id": label.id}
    seen = work.add(
        ScanRow(
            **of_both,
            place="pharmacy",
            verdict="ALLOW",
            reasons="[]",
            nonce="n" * 16,
            typed=False,
            scanned_by=giving.pharmacist.id,
            scanned_at=work.at,
            valid_until=work.at,
        )
    )
    people = {"dispensed_by": giving.pharmacist.id, "checked_by": giving.pharmacist2.id}
    return work.add(DispensingRow(**of_both, **people, scan_id=seen.id, dispensed_at=work.at, conditional=False))


def was_labelled(work, container):
    return work.add(
        LabelRow(
            container_id=container.id,
            template_document_id=frozen(work, "label_template"),
            issue=1,
            label_id=f"L-{container.code}",
            payload=f"P-{container.code}",
            short_number=f"{container.code}-1",
            facts="{}",
            status="applied",
            printed_by="t",
            printed_at=work.at,
        )
    )


def was_ordered(work, giving, patient, container):
    return work.add(
        OrderRow(
            number=f"ORD-W{giving.count:03}",
            subject_id=patient.id,
            status="administered",
            infusion_on=work.at.date(),
            volume_ml=Decimal(100),
            duration_minutes=60,
            ward="Ward 1",
            ordered_by=giving.physician.id,
            ordered_at=work.at,
            container_id=container.id,
        )
    )


def add_results(work, batch, nk, cd3, *, sterile):
    values = {
        "purity": {"number": Decimal(95), "unit": "%"},
        "cd3_dose": {
            "number": Decimal(cd3),
            "unit": "cells/mL",
            "events": 2,
            "bead_events": 20000,
            "beads_per_tube": Decimal(50000),
            "sample_volume": Decimal(100),
            "dilution": Decimal(1),
        },
        "nk_dose_minimum": {"number": Decimal(nk), "unit": "cells/mL"},
        "endotoxin": {"number": Decimal("0.1"), "unit": "EU/mL"},
        "sterility": {"text": "final_negative" if sterile else None, "unit": ""},
    }
    for key in MEASURED:
        pending = key == "sterility" and not sterile
        test = work.add(
            QcTestRow(
                batch_id=batch.id,
                criterion=key,
                number=f"QC-{batch.number}-{key}",
                status="in_test" if pending else "verified",
                inoculated_at=work.at if key == "sterility" else None,
            )
        )
        if not pending:
            test.result_id = work.add(result_row(work, test, values[key])).id


def result_row(work, test, values):
    return ResultRow(
        test_id=test.id,
        sequence=1,
        operator="=",
        typed_number=values.get("number"),
        typed_unit=values["unit"],
        method="m",
        measured_at=work.at,
        raw_data_reference="R",
        entered_by="t",
        entered_at=work.at,
        verified_by="u",
        verified_at=work.at,
        **values,
    )


def entered(giving, product, reading, sequence):
    """The culture is concluded by one person, and nobody has verified it yet."""
    with unit_of_work(giving.database, SYSTEM, "test.concluded") as work:
        query = sa.select(QcTestRow.id).filter_by(batch_id=product.batch_id, criterion="sterility")
        test = work.lock(QcTestRow, work.session.execute(query).scalar_one())
        row = result_row(work, test, {"text": reading, "unit": ""})
        row.sequence, row.verified_by, row.verified_at = sequence, None, None
        test.status, test.result_id = "entered", work.add(row).id


def add_decisions(work, giving, batch, patient, state):
    kinds = {
        "oos_supply": ["oos_supply"],
        "certified_pending": ["stage1"],
        "certified_final": ["full"],
        "late_oos": ["stage1", "late_oos"],
    }
    weight = latest_weight(work.session, patient.id)
    for kind in kinds.get(state, []):
        giving.count += 1
        work.add(
            DecisionRow(
                batch_id=batch.id,
                kind=kind,
                register_number=giving.count if kind not in {"late_oos", "oos_supply"} else None,
                decided_by=giving.qp.id,
                decided_at=work.at,
                statement="s",
                pending="[]",
                basis="{}",
                content_sha256="0" * 64,
                weight_id=weight.id if weight else None,
            )
        )


def supplied_product(giving, patient, **product):
    """A batch of 60 % purity, confirmed, that is supplied out of specification at the physician's request."""
    made = new_product(giving, patient, state="oos_supply", sponsor=False, **product)
    with unit_of_work(giving.database, SYSTEM, "test.supply") as work:
        hold = set_hold(work, "batch", made.batch_id, cause="oos", reason="purity")
        tests = {one.criterion: one for one in required_tests(work.session, made.batch_id)}
        test = work.lock(QcTestRow, tests["purity"].id)
        test.outcome = "oos"
        result = work.lock(ResultRow, test.result_id)
        result.number = result.typed_number = Decimal(60)
        failed = work.add(
            OosRow(
                number=f"{made.number}-O1",
                batch_id=made.batch_id,
                test_id=test.id,
                result_id=test.result_id,
                hold_id=hold.id,
                status="oos_confirmed",
                found="NK cells (CD56+CD3-) of viable CD45+: 60 %",
                opened_at=work.at,
                decision="stands",
                decided_by=giving.qa.id,
                decided_at=work.at,
            )
        )
        made.supply_id = in_force(work, giving, made, named_result(work.session, failed), patient.code)
    return made


def in_force(work, giving, made, named, patient_code):
    """The supply as its services leave it when the physician has accepted."""
    keep_content(work, DOCUMENT)
    file = work.add(
        FileRow(
            entity="oos_supply",
            record_id=made.batch_id,
            purpose="risk_evaluation",
            filename=DOCUMENT.filename,
            number=1,
            media_type="text/plain",
            size=DOCUMENT.size,
            sha256=DOCUMENT.sha256,
            person_id=giving.qa.id,
            at=work.at,
        )
    )
    row = work.add(
        SupplyRow(
            number=f"{made.number}-E1",
            batch_id=made.batch_id,
            status="supply_in_force",
            named=canonical([{name: getattr(named, name) for name in named.__slots__}]),
            hazard="relapse",
            alternatives="none",
            consequence="death",
            requested_by=giving.physician.id,
            requested_at=work.at,
            evaluation="no added risk",
            evaluation_file_id=file.id,
            evaluated_by=giving.qa.id,
            evaluated_at=work.at,
            agreed_by=giving.qp.id,
            agreed_at=work.at,
            informed="parents",
            informed_by=giving.physician.id,
            informed_at=work.at,
            accepted_by=giving.physician.id,
            accepted_at=work.at,
            sponsor_notified_at=work.at,
        )
    )
    put_overlay(
        work,
        giving,
        made,
        row,
        OverlayFacts(f"{made.number}-01-X1", f"{made.number}-01", made.number, patient_code, (named.found,)),
    )
    return row.id


def put_overlay(work, giving, made, supply, facts):
    work.add(
        OverlayRow(
            number=facts.number,
            supply_id=supply.id,
            container_id=made.container_id,
            status="overlay_applied",
            facts=canonical(asdict(facts)),
            printed_by=giving.pharmacist.id,
            printed_at=work.at,
            applied_by=giving.pharmacist.id,
            witnessed_by=giving.pharmacist2.id,
            applied_at=work.at,
        )
    )


def change(giving, table, record_id, **values):
    """A record changes as some other act would change it."""
    with unit_of_work(giving.database, SYSTEM, "test.change") as work:
        row = work.lock(table, record_id)
        for name, value in values.items():
            setattr(row, name, value)


def disposition(giving, product, **values):
    with giving.database.reading() as session:
        query = sa.select(DispositionRow).where(DispositionRow.container_id == product.container_id)
        row = session.execute(query).scalar_one()
    change(giving, DispositionRow, row.id, **values)


def order(giving, code="NK-03", **changes):
    values = {
        "subject_code": code,
        "infusion_on": giving.today,
        "volume_ml": Decimal(100),
        "duration_minutes": Decimal(60),
        "ward": "Ward 1",
    }
    with giving.act("order.write", giving.physician) as work:
        return write_order(work, **{**values, **changes})


def cancel(giving, row, *, by=None):
    with giving.act(
        "order.cancel",
        by or giving.physician,
        content=lambda s: order_content(s, row.id),
        reason="the child has a fever",
    ) as work:
        return cancel_order(work, row.id)


def check(giving, row, **changes):
    days = {
        "marrow_assessed_on": giving.today - timedelta(days=12),
        "circulating_assessed_on": giving.today,
        "neutrophils_assessed_on": giving.today,
    }
    with giving.act("order.check", giving.physician, content=lambda s: order_content(s, row.id)) as work:
        return check_eligibility(work, row.id, **{**GOOD_DAY, **days, **changes})


def scan(giving, product, code="NK-03", *, by=None, place="pharmacy", label=None, second=False):
    with giving.act("container.scan", by or giving.pharmacist) as work:
        return scan_container(
            work,
            label_code=product.payload if label is None else label,
            subject_code=code,
            nonce="n" * 16,
            place=place,
            second_person=second,
        )


def give_out(giving, answer, *signers, **answered):
    people = signers or (giving.pharmacist, giving.pharmacist2)
    with giving.act("container.dispense", *people, content=lambda s: dispense_content(s, answer.row.id)) as work:
        return dispense(work, answer.row.id, **answered)


def take_back(giving, row, *signers):
    people = signers or (giving.pharmacist, giving.pharmacist2)
    with giving.act(
        "dispensing.cancel", *people, content=lambda s: dispensing_content(s, row.id), reason="the infusion is put off"
    ) as work:
        return cancel_dispensing(work, row.id)


def to_the_ward(giving, row, *signers, **changes):
    people = signers or (giving.pharmacist, giving.nurse)
    values = {
        "handed_over_at": giving.now,
        "temperature_c": Decimal(20),
        "condition": "intact",
        "transport_box": "BOX-1",
    }
    with giving.act("dispensing.hand_over", *people, content=lambda s: dispensing_content(s, row.id)) as work:
        return hand_over(work, row.id, **{**values, **changes})


def administer(giving, row, outcome="complete", *, by=None, volume="100", started=None, stopped=None, **changes):
    start = started or giving.now
    times = {"started_at": start, "stopped_at": stopped or start, "volume_given_ml": Decimal(volume)}
    if outcome == "not_administered":
        times = dict.fromkeys(times)
    content = lambda s: administration_form_content(s, row.id)  # noqa: E731
    with giving.act("administration.record", by or giving.nurse, content=content) as work:
        return record_administration(work, row.id, outcome=outcome, **{**times, **GIVEN, **changes})


def react(giving, given, *, grade=3, relatedness="probable", term="fever", **changes):
    values = {"description": None, "onset_at": giving.now, "serious": False}
    content = lambda s: administration_content(s, given.id)  # noqa: E731
    with giving.act("reaction.record", giving.nurse, content=content) as work:
        return record_reaction(
            work, given.id, term=term, grade=Decimal(grade), relatedness=relatedness, **{**values, **changes}
        )


def no_reaction(giving, given):
    content = lambda s: administration_content(s, given.id)  # noqa: E731
    with giving.act("administration.no_reaction", giving.nurse, content=content) as work:
        return confirm_no_reaction(work, given.id)


def adjudicate(giving, reaction, word):
    content = lambda s: reaction_content(s, reaction.id)  # noqa: E731
    with giving.act("reaction.adjudicate", giving.sponsor, content=content) as work:
        return adjudicate_reaction(work, reaction.id, adjudicated=word)


def dispensed(giving, product, code="NK-03", **changes):
    """Order, check, scan, dispensing."""
    row = order(giving, code, **changes)
    check(giving, row)
    return give_out(giving, scan(giving, product, code))


def on_the_ward(giving, product, code="NK-03"):
    row = dispensed(giving, product, code)
    to_the_ward(giving, row)
    return row


def infused(giving, product, code="NK-03", outcome="complete", **changes):
    """The whole way to an administration, with an allowing scan at the bedside."""
    row = on_the_ward(giving, product, code)
    scan(giving, product, code, by=giving.nurse, place="bedside")
    return administer(giving, row, outcome, **changes)


def checked_order(giving):
    """An order of today with its check, met."""
    row = order(giving)
    check(giving, row)
    return row
