"""The parts of a printed record beside its steps: starting material, product, labels, tests, decisions, trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.db import Audited
from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.trail.queries import sentence
from kernel.web.i18n import Speech
from labels.queries.labels import label_ledger, labels_of_batch
from manufacturing.domain.corrections import Correction, Link, value_in
from manufacturing.queries.batches import containers_of, deviations_of
from manufacturing.queries.collections import collections_of_batch, logger_text, markers_of
from manufacturing.queries.parts import parts_in_batch
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow
from release.domain.criteria import Criterion
from release.domain.paper import Block, Facts, Grid, Lines, Row, Section
from release.domain.statements import NAMES
from release.queries.decisions import awaited, basis_of, container_documents, void_since
from release.queries.exceptions import list_exceptions
from release.queries.judging import batch_verdicts
from release.queries.record_steps import COLUMNS, VOID, correction_words, signature_facts, signatures_by_record
from release.queries.record_words import NOTHING, code_words, each_word, said
from release.queries.records import all_holds, decisions_of
from release.queries.review import outcome_shown
from release.queries.testing import required_tests, result_document, results_by_test
from release.queries.voided import superseding
from release.tables.decisions import DecisionRow

Corrections = Mapping[str, Sequence[Correction]]


IMPACT = N_("Impact on quality and safety")
REGISTERED = N_("register number %(number)s")


def grid(speech: Speech, header: Sequence[str], widths: Sequence[float], rows: Sequence[Row]) -> Grid:
    return Grid(tuple(speech.say(one) for one in header), tuple(widths), tuple(rows), speech.say(N_("Mark")))


def none_line(speech: Speech) -> Lines:
    return Lines((speech.say(N_("None.")),))


def change_notes(record_id: str, corrections: Corrections, speech: Speech) -> tuple[str, ...]:
    """What was changed about one record, each with the name of what changed."""
    return tuple(
        f"{speech.say(COLUMNS.get(one.column, one.column))}: {correction_words(one, speech)}"
        for one in corrections.get(record_id, ())
    )


def marks(notes: Sequence[str], speech: Speech) -> tuple[str, ...]:
    return (speech.say(N_("CHANGED")),) if notes else ()


def exception_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """Review by exception on paper: first what was not normal (AT-EXC)."""
    found = list_exceptions(session, batch)
    rows = [
        Row(
            (speech.word(one["kind"]), speech.word(one["what"]), said(one["who"], speech), said(one["at"], speech)),
            (),
            why(one),
        )
        for one in found
    ]
    header = (N_("Kind"), N_("What"), N_("Who"), N_("When"))
    block = grid(speech, header, (0.18, 0.4, 0.16, 0.26), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Exceptions first (%(count)s)"), count=len(found)), (block,))


def why(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(one["why"]),) if one["why"] else ()


def material_section(session: Session, batch: BatchRow, corrections: Corrections, speech: Speech) -> Section:
    """Every leukapheresis the batch was made from, one after the other."""
    material = collections_of_batch(session, batch)
    blocks = (block for row in material for block in material_blocks(session, row, batch.id, corrections, speech))
    return Section(speech.say(N_("Starting material")), tuple(blocks))


def material_blocks(
    session: Session, row: CollectionRow, batch_id: str, corrections: Corrections, speech: Speech
) -> list[Block]:
    people = names(session)
    pairs: list[tuple[str, Any]] = [
        (N_("Donation number"), row.number),
        (N_("Part"), part_in(session, batch_id, row)),
        (N_("Start of the leukapheresis"), row.started_at),
        (N_("End of the leukapheresis"), row.ended_at),
        (N_("Left the apheresis unit at"), row.shipped_at),
        (N_("Received"), row.received_at),
        (N_("Delay of the courier"), row.delay),
        (N_("Container intact"), row.container_intact),
        (N_("Label matches the order"), row.label_matches),
        (N_("Free of clots and haemolysis"), row.free_of_clots),
        (N_("Temperature (°C)"), row.temperature_c),
        (N_("Logger of the transport (°C)"), logger_text(row)),
        (N_("Volume (mL)"), row.volume_ml),
        (N_("WBC (10^6/mL)"), row.wbc),
        (N_("Viability (percent)"), row.viability),
        (N_("Received by"), people.get(row.received_by or "")),
        (N_("Verified by"), people.get(row.verified_by or "")),
        (N_("Assessment"), row.assessment),
        (N_("Accepted"), row.accepted_at),
        (N_("Accepted by"), people.get(row.accepted_by or "")),
    ]
    blocks: list[Block] = [Facts(tuple((speech.say(name), said(one, speech)) for name, one in pairs))]
    if notes := change_notes(row.id, corrections, speech):
        blocks.append(Lines(tuple(f"{speech.say(N_('CHANGED'))} · {note}" for note in notes), strong=True))
    markers = []
    for one in markers_of(session, row.id):
        notes = change_notes(one.id, corrections, speech)
        cells = (
            code_words(one.marker, speech),
            code_words(one.result, speech),
            one.laboratory,
            one.kit,
            one.report_reference,
        )
        markers.append(Row(cells, marks(notes, speech), notes))
    header = (N_("Marker"), N_("Result"), N_("Laboratory"), N_("Kit"), N_("Report"))
    blocks.append(grid(speech, header, (0.2, 0.2, 0.2, 0.2, 0.2), markers) if markers else none_line(speech))
    signed = signatures_by_record(session, [row.id]).get(row.id, ())
    blocks.append(Facts(tuple(signature_facts(signed, speech))))
    return blocks


def part_in(session: Session, batch_id: str, row: CollectionRow) -> str | None:
    """Code and volume of the part that went into the batch; None where it took the leukapheresis itself."""
    found = [one for one in parts_in_batch(session, batch_id) if one.collection_id == row.id]
    return f"{found[0].code} · {expanded(found[0].volume_ml)} mL" if found else None


def yield_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    found = batch_yields(session, batch.id)
    rows = [
        Row(
            (
                speech.word(one["title"]),
                speech.number(one["tnc"]),
                speech.number(one["viable_nk"]),
                speech.number(one["purity_percent"]),
                f"{speech.number(one['step_recovery_percent'])} / {speech.number(one['total_recovery_percent'])}",
                f"{speech.number(one['step_log_depletion'])} / {speech.number(one['total_log_depletion'])}",
                speech.number(one["nk_per_kg"]),
                speech.number(one["cd3_per_kg"]),
            )
        )
        for one in found["rows"]
    ]
    header = (
        N_("Stage"),
        N_("TNC (cells)"),
        N_("Viable NK (cells)"),
        N_("Purity (percent)"),
        N_("Recovery (percent, step / total)"),
        N_("T-cell depletion (log10, step / total)"),
        N_("NK per kg"),
        N_("CD3 per kg"),
    )
    if not rows:
        return Section(speech.say(N_("Yields")), (none_line(speech),))
    version = speech.say(
        N_("Computed from the recorded values, formulae version %(version)s; never typed."),
        version=found["formula_version"],
    )
    findings = tuple(finding_words(one, speech) for one in found["findings"])
    blocks = (grid(speech, header, (0.16, 0.12, 0.12, 0.1, 0.14, 0.14, 0.11, 0.11), rows), Lines((version, *findings)))
    return Section(speech.say(N_("Yields")), blocks)


def finding_words(one: Mapping[str, Any], speech: Speech) -> str:
    message = one["sentence"]
    return speech.say(message, **one["facts"])


def deviation_section(session: Session, batch: BatchRow, corrections: Corrections, speech: Speech) -> Section:
    people = names(session)
    rows = []
    for one in deviations_of(session, batch.id):
        who = f"{people.get(one.raised_by, one.raised_by)} · {speech.moment(one.raised_at)}"
        notes = [
            f"{speech.say(IMPACT)}: {one.impact or NOTHING}",
            f"{speech.say(N_('Assessed by'))}: {people.get(one.assessed_by or '', NOTHING)} · "
            f"{speech.say(N_('Closed by'))}: {people.get(one.closed_by or '', NOTHING)}",
        ]
        changed = change_notes(one.id, corrections, speech)
        cells = (one.number, speech.word(one.classification), speech.word(one.status), one.description, who)
        rows.append(Row(cells, marks(changed, speech), (*notes, *changed)))
    header = (N_("Deviation"), N_("Class"), N_("Status"), N_("What happened"), N_("Raised"))
    block = grid(speech, header, (0.16, 0.11, 0.11, 0.37, 0.25), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Deviations")), (block,))


def container_section(session: Session, batch: BatchRow, corrections: Corrections, speech: Speech) -> Section:
    people = names(session)
    states = {one["container"]: one for one in container_documents(session, batch.id)}
    rows = []
    for one in containers_of(session, batch.id):
        notes = change_notes(one.id, corrections, speech)
        by = f"{people.get(one.filled_by, one.filled_by)} / {people.get(one.verified_by, one.verified_by)}"
        state = states[one.code]["disposition"]
        cells = (
            one.code,
            f"{said(one.volume_ml, speech)} mL",
            speech.number(one.viable_nk),
            speech.moment(one.filled_at),
            by,
            speech.moment(one.expires_at),
            code_words(state, speech) if state else NOTHING,
        )
        rows.append(Row(cells, marks(notes, speech), notes))
    header = (
        N_("Container"),
        N_("Volume"),
        N_("Viable NK cells"),
        N_("Filled"),
        N_("Filled / verified by"),
        N_("Expiry"),
        N_("Disposition"),
    )
    block = grid(speech, header, (0.15, 0.09, 0.12, 0.17, 0.16, 0.17, 0.14), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Containers")), (block,))


def label_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    people = names(session)
    ledger = label_ledger(session, batch.id)
    rows = [
        Row(
            (
                f"{one.short_number} · {one.slot}",
                speech.word(one.status),
                stamp(people, one.printed_by, one.printed_at, speech),
                stamp(people, one.verified_by, one.verified_at, speech),
                stamp(people, one.applied_by, one.applied_at, speech),
            ),
            (),
            (one.reason,) if one.reason else (),
        )
        for one in labels_of_batch(session, batch.id)
    ]
    header = (N_("Label"), N_("Status"), N_("Printed"), N_("Verified"), N_("Applied"))
    counts = speech.say(
        N_(
            "Printed %(printed)s, on containers %(on)s, superseded %(superseded)s, destroyed %(destroyed)s: difference %(difference)s."
        ),
        printed=ledger.printed,
        on=ledger.on_containers,
        superseded=ledger.superseded,
        destroyed=ledger.destroyed,
        difference=ledger.difference,
    )
    block = grid(speech, header, (0.2, 0.14, 0.22, 0.22, 0.22), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Labels")), (block, Lines((counts,))))


def stamp(people: Mapping[str, str], person: str | None, at: Any, speech: Speech) -> str:
    return f"{people.get(person, person)} · {speech.moment(at)}" if person and at else NOTHING


def test_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """Every test with its verdict of now and every value ever entered for it (QC-SHOWALL)."""
    people = names(session)
    results = results_by_test(session, batch.id)
    judged = {one.test.id: one for one in batch_verdicts(session, batch.id, everything=True)}
    rows = []
    for test in required_tests(session, batch.id):
        one = judged[test.id]
        entries = results[test.id]
        notes = [entry_words(result_document(row, people), speech) for row in entries]
        changed = len([row for row in entries if row.reason]) > 0
        cells = (
            test.number,
            criterion_words(one.criterion, speech),
            each_word(one.value or one.verdict.reason, speech) or NOTHING,
            each_word(one.limit, speech),
            code_words(outcome_shown(one), speech),
            code_words(test.status, speech),
        )
        rows.append(Row(cells, marks(["changed"] if changed else [], speech), tuple(notes)))
    header = (N_("Test"), N_("Criterion"), N_("Result"), N_("Limit"), N_("Verdict"), N_("Status"))
    block = grid(speech, header, (0.17, 0.23, 0.18, 0.18, 0.12, 0.12), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Tests")), (block,))


def criterion_words(criterion: Criterion, speech: Speech) -> str:
    """The name, and the population with its parent gate where the name does not say it."""
    name = speech.word(criterion.name)
    said = not criterion.population or criterion.population in criterion.name
    return name if said else f"{name} ({criterion.population})"


def entry_words(entry: Mapping[str, Any], speech: Speech) -> str:
    text = speech.say(
        N_(
            "Entry %(number)s: %(value)s; %(method)s; measured %(measured)s; entered by %(by)s, %(at)s; verified by %(checked)s; raw data %(raw)s"
        ),
        number=entry["entry"],
        value=entry["value"],
        method=entry["method"],
        measured=speech.moment(entry["measured_at"]),
        by=entry["entered_by"],
        at=speech.moment(entry["entered_at"]),
        checked=entry["verified_by"] or NOTHING,
        raw=entry["raw_data"],
    )
    reason = entry.get("reason")
    return f"{text}. {speech.say(N_('Reason'))}: {reason}" if reason else text


def decision_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """Every decision with its statement, what was pending, and its signatures: name, time, meaning (21 CFR 11.50)."""
    people = names(session)
    rows = decisions_of(session, batch.id)
    signed = signatures_by_record(session, [one.id for one in rows])
    blocks: list[Block] = []
    for one in rows:
        head = (
            f"{speech.say(NAMES[one.kind])} · {people.get(one.decided_by, 'NKTrace')} · {speech.moment(one.decided_at)}"  # type: ignore[index]
        )
        if one.register_number:
            head += f" · {speech.say(REGISTERED, number=one.register_number)}"
        heads, texts = [head], [speech.say(one.statement)]
        if since := void_since(session, one):
            heads.append(speech.say(VOID, time=speech.moment(since)))
        if one.reason:
            texts.append(f"{speech.say(N_('Reason'))}: {one.reason}")
        texts.extend(superseding_words(session, one, speech))
        texts.extend(pending_words(awaited(test), speech) for test in basis_pending(one))
        blocks += [
            Lines(tuple(heads), strong=True),
            Lines(tuple(texts)),
            Facts(tuple(decision_facts(one, signed, speech))),
        ]
    return Section(speech.say(N_("Decisions")), tuple(blocks) or (none_line(speech),))


def superseding_words(session: Session, row: DecisionRow, speech: Speech) -> Iterator[str]:
    """Which certification took the place of which, and why (A16-REG)."""
    earlier = session.get(DecisionRow, row.supersedes_id) if row.supersedes_id else None
    if earlier is not None:
        number = speech.say(N_("Takes the place of no. %(number)s"), number=earlier.register_number)
        yield f"{number}: {row.superseding_reason}"
    if later := superseding(session, row):
        yield speech.say(N_("Superseded by no. %(number)s"), number=later.register_number)


def basis_pending(row: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(basis_of(row).get("pending", []))
    return found


def pending_words(one: Mapping[str, Any], speech: Speech) -> str:
    at = speech.moment(one["expected_at"]) if one["expected_at"] else NOTHING
    return speech.say(N_("Pending: %(test)s, expected by %(at)s"), test=one["test"], at=at)


def decision_facts(one: Any, signed: Mapping[str, Any], speech: Speech) -> list[tuple[str, str]]:
    return [*signature_facts(signed.get(one.id, ()), speech), (speech.say(N_("Digest signed")), one.content_sha256)]


def hold_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    people = names(session)
    rows = [
        Row(
            (
                speech.word(one.cause),
                speech.reason(one.reason),
                stamp(people, one.set_by, one.set_at, speech),
                stamp(people, one.lifted_by, one.lifted_at, speech),
                one.lift_reason or NOTHING,
            )
        )
        for one in all_holds(session, batch.id)
    ]
    header = (N_("Cause"), N_("Reason"), N_("Set"), N_("Lifted"), N_("Why lifted"))
    block = grid(speech, header, (0.12, 0.28, 0.2, 0.2, 0.2), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Holds")), (block,))


LEFT_OUT = frozenset({"basis", "pending", "facts", "payload", "body", "content_sha256", "shown", "label_id"})


def trail_section(
    links: Sequence[Link], rows: Mapping[str, Audited], known: Mapping[str, str], speech: Speech
) -> Section:
    """Every act on the records of this batch, with old and new values, in words (A11-9)."""
    found = []
    for link in links:
        what = sentence(link.action, speech)
        if link.reason:
            what += f". {speech.say(N_('Reason'))}: {link.reason}"
        notes = tuple(change_words(one, known, speech) for one in link.changes)
        found.append(Row((f"{link.seq}", speech.moment(link.at), link.who, what, link.hash[:12]), (), notes))
    header = (N_("Link"), N_("When"), N_("Who"), N_("What"), N_("Hash"))
    text = speech.say(
        N_("%(count)s acts on %(records)s records, the oldest first."), count=len(links), records=len(rows)
    )
    block = grid(speech, header, (0.06, 0.26, 0.17, 0.38, 0.13), found)
    return Section(speech.say(N_("Trail of the batch")), (Lines((text,)), block), new_page=True)


def change_words(change: Mapping[str, Any], known: Mapping[str, str], speech: Speech) -> str:
    """``4.2 WBC: 48.2``, or for a change old and new side by side; ids of people and records as their names."""
    name = known.get(change["id"], change["entity"])
    if change["entity"] == "step_value" and change["op"] == "create":
        return f"{name}: {said(value_in(change['new']), speech)}"
    parts = []
    for column, new in change["new"].items():
        if column in LEFT_OUT or column.endswith("_id") or (change["op"] == "create" and new is None):
            continue
        before = change["old"].get(column)
        old = "" if before is None else f"{known.get(str(before)) or said(before, speech)} -> "
        parts.append(f"{speech.word(column.replace('_', ' '))} {old}{known.get(str(new)) or said(new, speech)}")
    return f"{name}: " + "; ".join(parts)
