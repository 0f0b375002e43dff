"""Frozen figures on paper, for the monitor's visit and the trial master file (TR-PROV)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.queries.steps import signatures_on
from release.domain.figure_words import BATCHES, CRITERIA, LISTS, STAGES, SUPPLIED
from release.domain.paper import Block, Facts, Lines, Printed, Row, Section
from release.queries.paper_frame import DEMO
from release.queries.record_parts import grid, none_line
from release.queries.record_steps import signature_facts
from release.queries.record_words import NOTHING
from release.queries.snapshots import frozen, intact
from release.queries.testing import get_record
from release.tables.snapshots import SnapshotRow

TITLE = N_("Figures of the trial")
SUBJECTS = (N_("List"), N_("How many"), N_("Subjects"))
CRITERION = (N_("Criterion"), N_("Numerator / denominator"), N_("Rule"), N_("Verdict"), N_("95 % exact"))
DROPS = (N_("Subject"), N_("Reached"), N_("State"), N_("Reason"))
READINGS = (N_("Way to read it"), N_("Numbers"), N_("Rule and verdict"))
INCLUDED, INFUSED = N_("Included of transplanted"), N_("Infused of included")
READING = N_(
    "Whole numbers decide; the intervals are for reading. Passing at 8 of 12 does not show that the true rate exceeds "
    "66 %, not even 50 %."
)
CHANGED = N_("CHANGED AFTER IT WAS SIGNED: the text does not have the SHA-256 it was signed with.")


def snapshot_paper(
    session: Session, snapshot_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """As it was frozen, whatever the records say today."""
    row = get_record(session, SnapshotRow, snapshot_id)
    document, name = frozen(row), speech.say(TITLE)
    printed = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    warning = () if intact(row) else (Lines((speech.say(CHANGED),), strong=True),)
    return Printed(
        title=f"{name} {row.code}",
        subtitle=row.occasion,
        header=f"NKTrace · {name} · {row.code}",
        footer=f"{printed}\n{speech.say(N_('Digest of the record'))}: {row.document_sha256}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=row.code,
        code_caption=speech.say(N_("Scan in NKTrace: opens the live record")),
        head=(about(row, document, speech), *warning),
        sections=(
            Section(speech.say(N_("From transplantation to infusion")), (stages_block(document, speech),)),
            Section(speech.say(N_("Feasibility")), (criteria_block(document, speech), Lines((speech.say(READING),)))),
            Section(speech.say(N_("Safety")), (safety_block(document, speech),)),
            Section(speech.say(N_("Signatures")), (signed_block(session, row, speech),)),
            Section(speech.say(N_("What other readings would say")), readings_blocks(document, speech)),
            Section(speech.say(N_("Who went no further")), (drops_block(document, speech),)),
            Section(speech.say(N_("Batches")), (batches_block(document, speech),)),
            Section(speech.say(N_("How each figure is defined")), (definitions_block(document, speech),)),
        ),
        watermark=speech.say(DEMO) if demo else "",
        language=speech.language,
    )


def about(row: SnapshotRow, document: Mapping[str, Any], speech: Speech) -> Facts:
    protocol, trial = document["protocol"], document["trial"]
    pairs: list[tuple[str, str]] = [
        (N_("Trial"), f"{trial['code']} · {trial['title']}"),
        (N_("State"), speech.word("running" if trial["status"] == "open" else trial["status"])),
        (N_("Data cut-off"), speech.moment(row.frozen_at)),
        (N_("Settings"), f"{protocol['code']} v{protocol['version']} · SHA-256 {protocol['sha256']}"),
        (N_("Definitions"), f"v{document['definitions']['version']}"),
        (N_("Target"), str(document["target"])),
        (N_("Line of the trail"), f"{row.head_seq} · {row.head_hash}"),
    ]
    return Facts(tuple((speech.say(name), value) for name, value in pairs))


def listed(name: str, codes: list[str], speech: Speech) -> Row:
    return Row((speech.say(name), str(len(codes)), ", ".join(codes) or NOTHING))


def stages_block(document: Mapping[str, Any], speech: Speech) -> Block:
    rows = [listed(f"{STAGES[one['key']]}", one["subjects"], speech) for one in document["stages"]]
    return grid(speech, SUBJECTS, (0.4, 0.1, 0.5), rows)


def criteria_block(document: Mapping[str, Any], speech: Speech) -> Block:
    rows = [criterion_row(name, document[key], speech) for key, name in CRITERIA.items()]
    return grid(speech, CRITERION, (0.34, 0.14, 0.2, 0.12, 0.2), rows)


def criterion_row(name: str, one: Mapping[str, Any], speech: Speech) -> Row:
    verdict = speech.word(N_("met") if one["met"] else N_("not met"))
    exact = one["exact_95"]
    return Row(
        (
            speech.say(name),
            f"{one['numerator']} / {one['denominator']}",
            one["rule"],
            verdict,
            f"{exact['low'][:6]} – {exact['high'][:6]}",
        )
    )


def readings_blocks(document: Mapping[str, Any], speech: Speech) -> tuple[Block, ...]:
    """Nothing is judged by them."""
    found = document["other_readings"]
    proportions = [(name, one) for name, key in ((INCLUDED, "inclusion"), (INFUSED, "infusion")) for one in found[key]]
    rows = [
        Row(
            (
                f"{speech.say(name)}: {speech.say(one['counted'])}",
                f"{one['numerator']} / {one['denominator']}",
                "; ".join(reading_words(each, speech) for each in one["verdicts"]),
            )
        )
        for name, one in proportions
    ]
    rows += [
        Row(
            (
                f"{speech.say(N_('Safety'))}: {speech.say(one['counted'])}",
                f"{one['confirmed']} + {one['pending']}",
                ruled(one["rule"], N_("would hold") if one["hold"] else N_("within the limit"), one, speech),
            )
        )
        for one in found["safety"]
    ]
    return (grid(speech, READINGS, (0.45, 0.13, 0.42), rows),)


def reading_words(one: Mapping[str, Any], speech: Speech) -> str:
    return ruled(one["rule"], N_("met") if one["met"] else N_("not met"), one, speech)


def ruled(rule: str, verdict: str, one: Mapping[str, Any], speech: Speech) -> str:
    """A rule stays on one line."""
    in_force = f" ({speech.say(N_('in force'))})" if one["in_force"] else ""
    return f"{rule}: {speech.say(verdict)}{in_force}".replace(" ", "\u00a0")


def safety_block(document: Mapping[str, Any], speech: Speech) -> Block:
    safety = document["safety"]
    rows = [listed(name, safety[key], speech) for key, name in LISTS.items()]
    return grid(speech, SUBJECTS, (0.4, 0.1, 0.5), [*rows, listed(SUPPLIED, document["supplied"], speech)])


def drops_block(document: Mapping[str, Any], speech: Speech) -> Block:
    rows = [
        Row(
            (
                one["subject"],
                speech.say(STAGES[one["after"]]),
                speech.word("concluded" if one["concluded"] else "open"),
                speech.word(one["reason"]) if one["reason"] else NOTHING,
            )
        )
        for one in document["drops"]
    ]
    return grid(speech, DROPS, (0.15, 0.35, 0.2, 0.3), rows) if rows else none_line(speech)


def batches_block(document: Mapping[str, Any], speech: Speech) -> Facts:
    return Facts(tuple((speech.say(name), str(document["batches"][key])) for key, name in BATCHES.items()))


def definitions_block(document: Mapping[str, Any], speech: Speech) -> Facts:
    texts = document["definitions"]["texts"]
    names = {**STAGES, **LISTS}
    return Facts(tuple((speech.say(name), speech.say(texts[key])) for key, name in names.items() if key in texts))


def signed_block(session: Session, row: SnapshotRow, speech: Speech) -> Facts:
    return Facts(tuple(signature_facts(signatures_on(session, row.id), speech)))
