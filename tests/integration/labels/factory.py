"""Records below a label, entered straight through the unit of work; and the acts on labels as people do them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from kernel.canonical import canonical, digest
from kernel.documents.domain import DocumentStatus
from kernel.documents.tables import DocumentRow
from kernel.work import SYSTEM, unit_of_work
from labels.domain.payload import LabelKeys, luhn_letter
from labels.queries.contents import label_content, print_content, reprint_content
from labels.services.labels import apply_label, destroy_label, verify_label, void_label
from labels.services.printing import print_label, reprint_label
from manufacturing.domain.donors import ALWAYS
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow, MarkerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from tests.presets import bare_process
from tests.training import train_everybody

PRESET = json.loads(Path("config/presets/label_template.json").read_text(encoding="utf-8"))["body"]
PROCESS = bare_process()
KEYS = LabelKeys({"B": bytes(range(32)), "C": bytes(range(1, 33))}, "C", "DEMO-TEST22")
REASON = "the printer tore the label"


@dataclass
class Bench:
    """One batch with two filled containers, and the people of the day."""

    database: object
    technician: object
    colleague: object
    qa: object
    template_id: str
    collection_id: str
    batch_id: str
    containers: list[str]

    def codes(self):
        with self.database.reading() as session:
            return [session.get_one(ContainerRow, one).code for one in self.containers]


@contextmanager
def act(bench, name, content, signers, **given):
    """An act by the first signer, who saw ``content`` a moment before."""
    with bench.database.reading() as session:
        seen = digest(content(session))
    with unit_of_work(bench.database, signers[0], name, signers=tuple(signers), seen=seen, **given) as work:
        yield work


def print_one(bench, container_id, by=None):
    with act(bench, "label.print", lambda s: print_content(s, container_id), [by or bench.technician]) as work:
        return print_label(work, container_id)


def verify_one(bench, label, scanned=None, by=None):
    with act(bench, "label.verify", lambda s: label_content(s, label.id), [by or bench.colleague]) as work:
        return verify_label(work, label.id, scanned=label.payload if scanned is None else scanned)


def apply_one(bench, label, container_code=None, by=None):
    code = bench.codes()[bench.containers.index(label.container_id)] if container_code is None else container_code
    signers = by or [bench.technician, bench.colleague]
    with act(bench, "label.apply", lambda s: label_content(s, label.id), signers) as work:
        return apply_label(work, label.id, container_code=code)


def void_one(bench, label, reason=REASON):
    signers = [bench.technician, bench.colleague]
    with act(bench, "label.void", lambda s: label_content(s, label.id), signers, reason=reason) as work:
        return void_label(work, label.id)


def destroy_one(bench, label):
    signers = [bench.technician, bench.colleague]
    with act(bench, "label.destroy", lambda s: label_content(s, label.id), signers) as work:
        return destroy_label(work, label.id)


def reprint_one(bench, label, reason=REASON):
    signers = [bench.technician, bench.colleague]
    with act(bench, "label.reprint", lambda s: reprint_content(s, label.id), signers, reason=reason) as work:
        return reprint_label(work, label.id)


def labelled(bench, container_id):
    """A container with its label on."""
    label = print_one(bench, container_id)
    verify_one(bench, label)
    return apply_one(bench, label)


def change(database, table, record_id, **values):
    """The record below a label changes, as some other act would change it. Returns what was there before."""
    with unit_of_work(database, SYSTEM, "test.change") as work:
        row = work.lock(table, record_id)
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
    return before


def only(database, table):
    with database.reading() as session:
        return session.execute(sa.select(table.id)).scalars().first()


def altered(payload, **parts):
    """The payload with another letter at a place, and a check letter that fits."""
    body = payload[:45]
    for place, letter in parts.items():
        index = int(place.removeprefix("at"))
        body = body[:index] + letter + body[index + 1 :]
    return body + luhn_letter(body[4:])


def other_letter(letter):
    return "C" if letter != "C" else "B"


def document(work, kind, body, *, code="FULL", number=1, status=DocumentStatus.EFFECTIVE):
    text = canonical(body)
    return work.add(
        DocumentRow(
            kind=kind,
            code=code,
            number=number,
            title=kind,
            body=text,
            sha256=digest(body),
            status=status,
            author_id="author",
            effective_at=work.at if status == DocumentStatus.EFFECTIVE else None,
        )
    )


def new_bench(database, person):
    with unit_of_work(database, SYSTEM, "test.records") as work:
        template = document(work, "label_template", PRESET)
        trial = work.add(TrialRow(code="NL-OMON26066", title="NK", eu_trial_number="2026-500000-00-00"))
        subject = work.add(subject_row(work, trial))
        donor = work.add(DonorRow(code="D-0017", subject_id=subject.id, donor_type="mismatched_family"))
        collection = work.add(collection_row(work, subject, donor))
        for marker in ALWAYS:
            work.add(marker_row(collection, marker))
        batch = new_batch(work, collection, "NK-26-0001")
        containers = [new_container(work, batch, number).id for number in (1, 2)]
    people = (person("T"), person("T"), person("QA"))
    train_everybody(database)
    return Bench(database, *people, template.id, collection.id, batch.id, containers)


def subject_row(work, trial):
    return SubjectRow(
        trial_id=trial.id,
        code="NK-03",
        status="included",
        diagnosis="AML",
        donor_type="mismatched_family",
        age_years=9,
        age_months=4,
        transplanted_on=work.at.date() - timedelta(days=40),
    )


def collection_row(work, subject, donor):
    return CollectionRow(
        number="A999926123456",
        is_din=True,
        check_character="T",
        subject_id=subject.id,
        donor_id=donor.id,
        status="in_use",
        planned_on=work.at.date(),
        consent_reference="C-1",
        consented_on=work.at.date(),
        mobilised=False,
        accepted_by="qa",
        accepted_at=work.at,
    )


def marker_row(collection, marker, result="non_reactive"):
    return MarkerRow(
        collection_id=collection.id,
        marker=marker,
        result=result,
        laboratory="L",
        kit="K",
        report_reference="R",
        entered_by="t",
    )


def new_batch(work, collection, number):
    process = document(work, "process", PROCESS, code=f"P-{number}")
    specification = document(work, "specification", {}, code=f"S-{number}")
    return work.add(
        BatchRow(
            number=number,
            collection_id=collection.id,
            subject_id=collection.subject_id,
            donor_id=collection.donor_id,
            process_document_id=process.id,
            specification_document_id=specification.id,
            status="in_process",
            opened_by="t",
            opened_at=work.at,
        )
    )


def new_container(work, batch, number):
    return work.add(
        ContainerRow(
            batch_id=batch.id,
            subject_id=batch.subject_id,
            number=number,
            code=f"{batch.number}-{number:02}",
            container_type="bag",
            volume_ml=Decimal("50.0"),
            viable_nk=Decimal("243056789.5"),
            filled_at=work.at,
            expires_at=work.at + timedelta(hours=24),
            filled_by="t",
            verified_by="u",
        )
    )
