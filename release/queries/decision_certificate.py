"""One decision as a printed certificate: its statement, what it was judged on, its signature (A16, 21 CFR 11.50)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.expiry import local_day
from manufacturing.queries.batches import get_batch
from release.domain.decisions import LATE_FAILURES, DecisionKind
from release.domain.paper import Block, Facts, Lines, Printed, Row, Section
from release.domain.statements import NAMES
from release.queries.analysis_certificate import identity_facts, story_blocks
from release.queries.contact_paper import calls_section
from release.queries.decisions import decision_view, revived
from release.queries.paper_frame import NOT_FOR_USE, PROVISIONAL, SUPPLIED, framed
from release.queries.record_parts import grid, none_line, pending_words
from release.queries.record_steps import VOID
from release.queries.record_words import NOTHING, code_words, each_word, said
from release.queries.records import decisions_of
from release.queries.supply_paper import supply_sections
from release.queries.testing import get_record
from release.tables.decisions import DecisionRow

REPLACED = N_("REPLACED BY THE FINAL CERTIFICATION")
FINAL = frozenset({DecisionKind.STAGE2, DecisionKind.FULL})
KEEPS_PENDING = frozenset({*FINAL, DecisionKind.STAGE1, DecisionKind.GIVEN, DecisionKind.OOS_SUPPLY})
WITHDRAWING = frozenset({*LATE_FAILURES, DecisionKind.REJECT})
LATER = N_("Decided later")
SUPERSEDED = N_("Superseded by no. %(number)s")
BY_SYSTEM = N_("Made by the system as a consequence of a verified result; nobody signed it.")


def decision_certificate(
    session: Session, decision_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """As it was signed; what has overtaken it since stands first and across every page."""
    row = get_record(session, DecisionRow, decision_id)
    batch = get_batch(session, row.batch_id)
    later = [one for one in decisions_of(session, row.batch_id) if one.sequence > row.sequence]
    view = decision_view(session, row)
    name = spoken_name(view, speech)
    return framed(
        session,
        batch,
        speech,
        title=f"{name} {batch.number}",
        subtitle=speech.say(N_("As it was signed")),
        mark=certificate_mark(row, view, later),
        head=(identity_facts(session, batch, speech), *overtaken_lines(view, later, speech)),
        sections=[*certificate_sections(view, speech), calls_section(session, local_day(at), speech)],
        by=by,
        at=at,
        demo=demo,
    )


def spoken_name(view: Mapping[str, Any], speech: Speech) -> str:
    """As a heading."""
    name: str = view["name"]
    text = speech.say(name)
    return f"{text[:1].upper()}{text[1:]}"


def certificate_mark(row: DecisionRow, view: Mapping[str, Any], later: Sequence[DecisionRow]) -> str:
    """A certificate that something has withdrawn is for no use; that of stage one is provisional until the final one."""
    if (
        view["void_since"]
        or view["superseded_by"]
        or any(one.kind in WITHDRAWING for one in later)
        or row.kind in WITHDRAWING
    ):
        return NOT_FOR_USE
    if row.kind == DecisionKind.OOS_SUPPLY:
        return SUPPLIED
    if row.kind != DecisionKind.STAGE1:
        return ""
    return REPLACED if any(one.kind in FINAL for one in later) else PROVISIONAL


def overtaken_lines(view: Mapping[str, Any], later: Sequence[DecisionRow], speech: Speech) -> tuple[Block, ...]:
    found = [speech.say(VOID, time=speech.moment(view["void_since"]))] if view["void_since"] else []
    if view["superseded_by"]:
        found.append(speech.say(SUPERSEDED, number=view["superseded_by"]["register_number"]))
    found.extend(
        f"{speech.say(LATER)} · {speech.say(NAMES[DecisionKind(one.kind)])}: {speech.moment(one.decided_at)}"
        for one in later
    )
    return (Lines(tuple(found), strong=True),) if found else ()


def certificate_sections(view: Mapping[str, Any], speech: Speech) -> list[Section]:
    basis = view["basis"]
    statement: str = view["statement"]
    return [
        Section(speech.say(N_("Statement")), (Lines((speech.say(statement),), strong=True), about(view, speech))),
        *supply_sections(revived(basis.get("supply")), speech),
        *pending_sections(view, speech),
        judged_section(basis.get("results") or basis.get("verdicts") or (), speech),
        *failed_sections(basis, speech),
        signature_section(view, speech),
    ]


def pending_sections(view: Mapping[str, Any], speech: Speech) -> list[Section]:
    """A review and the sponsor's release keep no such list: what they did not name is not called none."""
    if view["kind"] not in KEEPS_PENDING:
        return []
    pending = tuple(pending_words(one, speech) for one in view["pending"])
    return [Section(speech.say(N_("Results pending at this decision")), (pending_block(pending, speech),))]


def failed_sections(basis: Mapping[str, Any], speech: Speech) -> list[Section]:
    """Each only where the decision keeps it: what was not looked at is not called none."""
    title, found = speech.say(N_("Out of specification")), []
    if "out of specification" in basis:
        found.append(Section(title, story_blocks(basis["out of specification"] or (), speech)))
    if "exceptions" in basis:
        found.append(exceptions_section(basis["exceptions"] or (), speech))
    return found


def pending_block(pending: tuple[str, ...], speech: Speech) -> Lines:
    return Lines(pending, strong=True) if pending else none_line(speech)


def about(view: Mapping[str, Any], speech: Speech) -> Facts:
    batch, weight = view["basis"].get("batch") or {}, view["basis"].get("weight") or {}
    pairs: list[tuple[str, Any]] = [
        (N_("Register number"), view["register_number"]),
        (N_("Takes the place of an earlier certification"), replaced_words(view)),
        (N_("Decided by"), view["by"]),
        (N_("When"), view["at"]),
        (N_("Process version"), batch.get("process", {}).get("version")),
        (N_("Specification version"), batch.get("specification", {}).get("version")),
        (N_("Weight"), f"{weight['kg']} kg" if weight else None),
        (N_("Reason or assessment"), view["reason"]),
    ]
    return Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs if value not in {None, ""}))


def replaced_words(view: Mapping[str, Any]) -> str | None:
    """The certification this one supersedes, by its number, and why."""
    earlier = view["supersedes"]
    return f"{earlier['register_number']}: {view['superseding_reason']}" if earlier else None


def judged_section(judged: Sequence[Mapping[str, Any]], speech: Speech) -> Section:
    rows = [
        Row(
            (
                f"{speech.word(one['criterion'])} ({one['population']})"
                if one["population"]
                else speech.word(one["criterion"]),
                each_word(one["limit"] or "", speech),
                each_word(said(one["value"], speech), speech),
                code_words(one["outcome"], speech),
            ),
            (),
            ("; ".join(f"{speech.key(name)} {speech.word(value)}" for name, value in one["basis"].items()),)
            if one["basis"]
            else (),
        )
        for one in judged
    ]
    header = (N_("Criterion"), N_("Limit"), N_("Result"), N_("Verdict"))
    block = grid(speech, header, (0.4, 0.22, 0.22, 0.16), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Results as judged")), (block,))


def exceptions_section(found: Sequence[Mapping[str, Any]], speech: Speech) -> Section:
    lines = tuple(
        f"{speech.word(one['kind'])}: {speech.word(one['what'])}" + (f" – {one['why']}" if one["why"] else "")
        for one in found
    )
    return Section(speech.say(N_("Exceptions reviewed")), (Lines(lines) if lines else none_line(speech),))


def signature_section(view: Mapping[str, Any], speech: Speech) -> Section:
    """Printed name, time, meaning; the head of the trail it was given under; the digest of what was signed."""
    blocks: list[Block] = []
    for one in view["signatures"]:
        pairs: list[tuple[str, Any]] = [
            (N_("Name"), one["name"]),
            (N_("When"), one["at"]),
            (N_("Meaning"), speech.word(one["meaning"])),
            (N_("Trail head"), f"{one['head_seq']} · {one['head_hash']}"),
            (N_("Key"), one["key_id"]),
        ]
        blocks.append(Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs)))
    blocks = blocks or [Lines((speech.say(BY_SYSTEM),))]
    digest = ((speech.say(N_("Digest of what was signed")), view["content_sha256"] or NOTHING),)
    return Section(speech.say(N_("Signature")), (*blocks, Facts(digest)))
