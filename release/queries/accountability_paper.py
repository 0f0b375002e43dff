"""The accountability log on paper, for the monitor's visit and the trial master file (DSP-ACC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.canonical import digest
from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from release.domain.accountability import Scope
from release.domain.paper import Block, Facts, Lines, Printed, Row, Section
from release.queries.accountability import Log
from release.queries.paper_frame import DEMO
from release.queries.record_parts import grid, none_line
from release.queries.record_words import NOTHING, said

TITLE = N_("Accountability log")
SUMS = (
    ("filled", N_("Filled (mL)")),
    ("sampled", N_("Samples (mL)")),
    ("given", N_("Given (mL)")),
    ("destroyed", N_("Destroyed (mL)")),
    ("lost", N_("Lost (mL)")),
    ("left", N_("Left (mL)")),
)
UNITS = (N_("Container"), N_("Subject"), N_("Where it counts"), *(name for _, name in SUMS))
UNIT_SHARES = (0.16, 0.09, 0.13, 0.1, 0.1, 0.11, 0.11, 0.1, 0.1)
LINES = (N_("What"), N_("When"), N_("mL"), N_("Who"), N_("Remark"))
LINE_SHARES = (0.15, 0.24, 0.07, 0.26, 0.28)
CAPTIONS = {
    Scope.TRIAL: N_("Trial"),
    Scope.SUBJECT: N_("Subject"),
    Scope.BATCH: N_("Batch"),
}
ADDS_UP = N_("Nothing is open: every container adds up, in containers and in mL.")


def accountability_paper(
    log: Log, accounts: Sequence[Mapping[str, Any]], speech: Speech, *, by: str, at: Any, demo: bool = False
) -> Printed:
    """``accounts``: the documents of the whole log; the digest is taken of them, not of the moment of printing."""
    content = {"scope": log.scope, "record": log.record, "accounts": [dict(one) for one in accounts]}
    name = speech.say(TITLE)
    printed = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    caption = speech.say(CAPTIONS[log.scope])
    return Printed(
        title=name,
        subtitle=f"{caption} {log.record}",
        header=f"NKTrace · {name} · {caption} {log.record}",
        footer=f"{printed}\n{speech.say(N_('Digest of the record'))}: {digest(content)}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=log.record,
        code_caption=f"{caption} {log.record}",
        head=(balance_facts(log, speech),),
        sections=(
            Section(speech.say(N_("What is open")), (open_lines(accounts, speech),)),
            Section(speech.say(N_("Each container")), (units_block(accounts, speech),)),
            Section(speech.say(N_("Line by line")), ()),
            *(account_section(one, speech) for one in accounts),
        ),
        watermark=speech.say(DEMO) if demo else "",
        language=speech.language,
    )


def balance_facts(log: Log, speech: Speech) -> Facts:
    sums = log.balance
    pairs = [
        (N_("Containers received"), str(sums.received)),
        *((stage.value, str(count)) for stage, count in sums.stages),
        *((name, expanded(getattr(sums, key))) for key, name in SUMS),
    ]
    return Facts(tuple((speech.word(name), value) for name, value in pairs))


def open_lines(accounts: Sequence[Mapping[str, Any]], speech: Speech) -> Block:
    found = [f"{one['container']}: {open_words(one, speech)}" for one in accounts if one["open"]]
    return Lines(tuple(found) or (speech.say(ADDS_UP),), strong=bool(found))


def open_words(one: Mapping[str, Any], speech: Speech) -> str:
    return speech.say(one["open"], left=one["open_ml"]) if one["open"] else ""


def units_block(accounts: Sequence[Mapping[str, Any]], speech: Speech) -> Block:
    rows = [
        Row(
            (
                one["container"],
                one["subject"],
                speech.word(one["stage"]),
                *(expanded(one[f"{key}_ml"]) for key, _ in SUMS),
            )
        )
        for one in accounts
    ]
    return grid(speech, UNITS, UNIT_SHARES, rows) if rows else none_line(speech)


def account_section(one: Mapping[str, Any], speech: Speech) -> Section:
    title = f"{one['container']} · {one['subject']} · {speech.word(one['stage'])}"
    return Section(title, (grid(speech, LINES, LINE_SHARES, [line_row(line, speech) for line in one["lines"]]),), 2)


def line_row(line: Mapping[str, Any], speech: Speech) -> Row:
    volume = NOTHING if line["volume_ml"] is None else expanded(line["volume_ml"])
    note = line["note"] + (f" · {speech.word('downtime entry')} {line['kit']}" if line["kit"] else "")
    cells = (speech.word(line["what"]), said(line["at"], speech), volume, ", ".join(line["by"]), note)
    return Row(cells, (), tuple(signature_words(one, speech) for one in line["signatures"]))


def signature_words(one: Mapping[str, Any], speech: Speech) -> str:
    signed = speech.say(N_("Signed: %(meaning)s"), meaning=speech.word(one["meaning"]))
    return f"{signed} · {one['name']} · {speech.moment(one['at'])}"
