"""What goes with a container: certificate, analysis, how it is given, a copy of its label, whom to call (DSP-DOCS)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_, Refusal
from kernel.web.i18n import Speech
from kernel.words import Words
from labels.domain.content import Bilingual, LabelFacts
from labels.domain.statements import statements
from labels.queries.facts import stored_facts
from labels.queries.labels import live_label
from labels.tables.labels import LabelRow
from manufacturing.domain.coding import parse_sec
from manufacturing.domain.expiry import local_day
from manufacturing.queries.batches import get_batch
from manufacturing.queries.collections import collections_of_batch
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.decisions import CERTIFICATES, DecisionKind
from release.domain.paper import Facts, Lines, Printed, Section
from release.queries.analysis_certificate import analysis_sections, identity_facts
from release.queries.contact_paper import calls_section
from release.queries.decision_certificate import certificate_sections, spoken_name
from release.queries.decisions import decision_view
from release.queries.paper_frame import framed, watermark_of
from release.queries.record_words import said
from release.queries.records import latest_decision
from release.queries.supply import statement_of
from release.queries.supply_paper import statement_blocks
from release.queries.testing import get_record

COPY = N_("A copy for reading: it has no code, and it is no label.")
UNLABELLED = N_("No label is in force for this container.")
UNCERTIFIED = N_("No certification stands for this batch.")


def accompanying_documents(
    session: Session, container_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """Of one container, as the records are now."""
    container = get_record(session, ContainerRow, container_id)
    batch = get_batch(session, container.batch_id)
    told = statement_of(session, container)
    return framed(
        session,
        batch,
        speech,
        title=speech.say(N_("Documents with container %(code)s"), code=container.code),
        subtitle=speech.say(N_("Certificate, analysis, how it is given, copy of the label, whom to call")),
        mark=watermark_of(session, batch),
        head=(
            identity_facts(session, batch, speech),
            container_facts(container, speech),
            *donation_facts(session, batch, speech),
            *statement_blocks(told, speech),
        ),
        sections=[
            *label_sections(live_label(session, container.id), speech),
            *certification_sections(session, batch.id, speech, (DecisionKind.OOS_SUPPLY,) if told else CERTIFICATES),
            *analysis_sections(session, batch, speech),
            calls_section(session, local_day(at), speech),
        ],
        by=by,
        at=at,
        demo=demo,
    )


def container_facts(container: ContainerRow, speech: Speech) -> Facts:
    pairs: list[tuple[str, Any]] = [
        (N_("Container"), container.code),
        (N_("Volume"), f"{said(container.volume_ml, speech)} mL"),
        (N_("Viable NK cells"), speech.number(container.viable_nk)),
        (N_("Expiry"), container.expires_at),
    ]
    return Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs))


def donation_facts(session: Session, batch: BatchRow, speech: Speech) -> tuple[Facts, ...]:
    """The donation identification sequence of each leukapheresis that came with a Single European Code (TC-86-E1g)."""
    codes = [parse_sec(one.sec) for one in collections_of_batch(session, batch) if one.sec]
    found = [one.donation_sequence for one in codes if not isinstance(one, Refusal)]
    name = speech.say(N_("Donation identification sequence (SEC)"))
    return (Facts(((name, " + ".join(found)),)),) if found else ()


def label_sections(label: LabelRow | None, speech: Speech) -> list[Section]:
    """Whom to call, how it is given, and what stands on the bag: all out of the label's own stored facts."""
    if label is None:
        return [Section(speech.say(N_("Label")), (Lines((speech.say(UNLABELLED),), strong=True),))]
    facts = stored_facts(label)
    call = {
        N_("Call"): facts.contact_name,
        N_("Telephone"): facts.contact_phone,
        N_("Address"): facts.contact_address,
        N_("Investigator"): facts.investigator,
    }
    given = {
        N_("Route"): both(facts.route, speech),
        N_("Directions"): both(facts.directions, speech),
        N_("Storage"): both(facts.storage, speech),
        N_("Added substances"): both(facts.additives, speech),
    }
    return [
        Section(speech.say(N_("Whom to call")), (pairs_of(call, speech),)),
        Section(
            speech.say(N_("How it is given")), (pairs_of(given, speech), Lines(warnings(facts, speech), strong=True))
        ),
        Section(
            speech.say(N_("Copy of the label")),
            (Lines((speech.say(COPY),)), pairs_of(label_copy(label, facts, speech), speech)),
        ),
    ]


def label_copy(label: LabelRow, facts: LabelFacts, speech: Speech) -> dict[str, str]:
    return {
        N_("Label"): label.short_number,
        N_("Status"): speech.word(label.status),
        N_("Product"): f"{facts.product_name} · {both(facts.form, speech)}",
        N_("Strength"): f"{facts.strength_text} · {facts.volume_text}",
        N_("Batch"): facts.batch,
        N_("Trial"): f"{facts.trial_code} · {facts.sponsor}",
        N_("Subject"): facts.subject_code,
        N_("Donor"): f"{facts.donor_code} · {facts.donation_text}",
        N_("Expiry"): f"{facts.expiry_text} ({facts.expiry_utc_text})",
        N_("Template"): facts.template_version,
    }


def pairs_of(found: Mapping[str, str], speech: Speech) -> Facts:
    return Facts(tuple((speech.say(name), said(value, speech)) for name, value in found.items()))


def both(text: Bilingual, speech: Speech) -> str:
    return speech.word(Words({"nl": text.dutch, "en": text.english}))


def warnings(facts: LabelFacts, speech: Speech) -> tuple[str, ...]:
    found = statements(facts.warnings) if facts.warnings is not None else ()
    return tuple(f"{both(Bilingual(one.dutch, one.english), speech)} {one.detail}".strip() for one in found)


def certification_sections(
    session: Session, batch_id: str, speech: Speech, kinds: tuple[DecisionKind, ...] = CERTIFICATES
) -> list[Section]:
    """The certification that stands now, whole, or the acceptance out of specification; without one that is said."""
    row = latest_decision(session, batch_id, *kinds)
    if row is None:
        return [Section(speech.say(N_("Certificate")), (Lines((speech.say(UNCERTIFIED),), strong=True),))]
    view = decision_view(session, row)
    first, *rest = certificate_sections(view, speech)
    name = spoken_name(view, speech)
    return [Section(f"{name}", first.blocks), *rest]
