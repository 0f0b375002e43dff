"""The chain of a code on paper: the drawing on one A4, then everything behind it, for an inspector's desk (ATMPR-15.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kernel.canonical import digest
from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from release.domain.paper import Block, Facts, Lines, Picture, Printed, Row, Section
from release.queries.paper_frame import DEMO
from release.queries.record_parts import grid, none_line
from release.queries.record_words import NOTHING, said

TITLE = N_("Trace")
HEADS = (N_("Donor"), N_("Collection"), N_("Batch"), N_("Container"), N_("Way"), N_("Subject"))
CHAIN_SHARES = (0.13, 0.22, 0.16, 0.2, 0.17, 0.12)
HIDDEN = N_("What happened to the recipient is not shown to your role.")


def trace_paper(
    code: str,
    trace: Mapping[str, Any],
    drawing: Mapping[str, Any],
    chain: Sequence[Mapping[str, str]],
    speech: Speech,
    *,
    by: str,
    at: datetime,
    demo: bool = False,
) -> Printed:
    name = speech.say(TITLE)
    printed = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    head: tuple[Block, ...] = (about(trace, speech),)
    if not trace["clinical"]:
        head = (*head, Lines((speech.say(HIDDEN),), strong=True))
    return Printed(
        title=f"{name} {code}",
        subtitle=speech.say(N_("Donor → collection → batch → container → way → subject, and back. Codes only.")),
        header=f"NKTrace · {name} {code}",
        footer=f"{printed}\n{speech.say(N_('Digest of the record'))}: {digest(dict(trace))}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=code,
        code_caption=speech.say(N_("Scan in NKTrace: opens the live record")),
        head=head,
        sections=(
            Section(speech.say(N_("The chain")), (picture(drawing, speech), chain_grid(chain, speech))),
            *(one for place, batch in enumerate(trace["batches"]) for one in batch_sections(batch, place > 0, speech)),
        ),
        watermark=speech.say(DEMO) if demo else "",
        language=speech.language,
    )


def about(trace: Mapping[str, Any], speech: Speech) -> Facts:
    parts = (one["code"] for one in trace["parts"])
    pairs = (
        (N_("Subject"), trace["subject"]["code"]),
        (N_("Donor"), ", ".join(one["code"] for one in trace["donors"])),
        (N_("Collections"), ", ".join([*(one["number"] for one in trace["collections"]), *parts])),
        (N_("Batches"), ", ".join(one["number"] for one in trace["batches"])),
    )
    return Facts(tuple((speech.say(name), value or NOTHING) for name, value in pairs))


def picture(drawing: Mapping[str, Any], speech: Speech) -> Picture:
    """What the page draws, in the reader's words."""
    step = drawing["width"] / len(HEADS)
    return Picture(
        width=drawing["width"],
        height=drawing["height"],
        box=(drawing["box_width"], drawing["box_height"]),
        boxes=tuple(
            (one["x"], one["y"], speech.word(one["text"]), speech.word(one["below"])) for one in drawing["boxes"]
        ),
        links=tuple((one["x1"], one["y1"], one["x2"], one["y2"]) for one in drawing["links"]),
        heads=tuple((10 + step * place, speech.say(name)) for place, name in enumerate(HEADS)),
    )


def chain_grid(chain: Sequence[Mapping[str, str]], speech: Speech) -> Block:
    rows = [Row(tuple(speech.word(value) or NOTHING for value in one.values())) for one in chain]
    return grid(speech, HEADS, CHAIN_SHARES, rows) if rows else none_line(speech)


def batch_sections(batch: Mapping[str, Any], new_page: bool, speech: Speech) -> list[Section]:  # noqa: FBT001
    named = (
        (N_("Containers and labels"), containers_block(batch, speech)),
        (N_("Custody"), custody_block(batch, speech)),
        (N_("Dispensing and infusion"), ways_block(batch, speech)),
        (N_("Materials"), lots_block(batch, speech)),
        (N_("Equipment"), equipment_block(batch, speech)),
        (N_("Tests"), tests_block(batch, speech)),
        (N_("Decisions"), decisions_block(batch, speech)),
        (N_("Who signed"), people_block(batch, speech)),
        (N_("Signatures"), signatures_block(batch, speech)),
    )
    title = f"{speech.say(N_('Batch'))} {batch['number']} · {speech.word(batch['status'])}"
    parts = (Section(speech.say(name), (block,), 2) for name, block in named)
    return [Section(title, (), new_page=new_page), *parts]


def table(speech: Speech, header: Sequence[str], shares: Sequence[float], rows: Sequence[Sequence[Any]]) -> Block:
    found = [Row(tuple(said(cell, speech) for cell in row)) for row in rows]
    return grid(speech, header, shares, found) if found else none_line(speech)


def containers_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [
        (
            one["code"],
            speech.word(one["disposition"] or "quarantine"),
            f"{expanded(one['volume_ml'])} mL",
            ", ".join(f"{label['number']} ({speech.word(label['status'])})" for label in one["labels"]),
        )
        for one in batch["containers"]
    ]
    header = (N_("Container"), N_("Decision"), N_("Filled (mL)"), N_("Labels"))
    return table(speech, header, (0.2, 0.2, 0.14, 0.46), rows)


def custody_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [
        (
            one["code"],
            move["at"],
            move["from"],
            move["to"],
            f"{move['handed_by']} → {move['received_by']}",
            temperature(move),
        )
        for one in batch["containers"]
        for move in one["moves"]
    ]
    header = (N_("Container"), N_("When"), N_("From"), N_("To"), N_("Who"), N_("Temperature (°C)"))
    return table(speech, header, (0.17, 0.22, 0.12, 0.12, 0.25, 0.12), rows)


def temperature(move: Mapping[str, Any]) -> str:
    return expanded(move["temperature_c"])


def ways_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [row for one in batch["containers"] for row in way_rows(one, speech)]
    header = (N_("Container"), N_("What"), N_("When"), N_("Who"), N_("mL"))
    return table(speech, header, (0.2, 0.2, 0.25, 0.27, 0.08), rows)


def way_rows(container: Mapping[str, Any], speech: Speech) -> list[tuple[Any, ...]]:
    code, found = container["code"], []
    for way in container["dispensings"]:
        said = paper_word(speech, "dispensed", way["kit"])
        found.append((code, said, way["at"], f"{way['by']}, {way['checked_by']}", ""))
        if way["cancelled_at"]:
            found.append((code, speech.word("dispensing cancelled"), way["cancelled_at"], "", ""))
        if way["handed_over_at"]:
            said = paper_word(speech, "handed over", way["hand_over_kit"])
            found.append((code, said, way["handed_over_at"], way["received_by"], ""))
        if way["outcome"]:
            said = paper_word(speech, way["outcome"], way["infusion_kit"])
            found.append((code, said, way["started_at"], way["recorded_by"], way["volume_given_ml"]))
    if end := container["destruction"]:
        who = f"{end['by']}, {end['witnessed_by']}"
        found.append((code, speech.word("destroyed"), end["at"], who, end["volume_ml"]))
    return found


def paper_word(speech: Speech, what: str, kit: str | None) -> str:
    """What happened, with the downtime kit it was entered from."""
    said = speech.word(what)
    return f"{said} ({speech.word(N_('downtime entry'))} {kit})" if kit else said


def lots_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [
        (
            one["code"],
            speech.word(one["material"]),
            f"{one['supplier']} {one['manufacturer_lot']}",
            f"{expanded(one['quantity'])} {speech.word(one['unit'])}",
            speech.word(one["state"]),
        )
        for one in batch["lots"]
    ]
    header = (N_("Lot"), N_("Material"), N_("Supplier"), N_("Quantity"), N_("Status"))
    return table(speech, header, (0.15, 0.27, 0.3, 0.14, 0.14), rows)


def equipment_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [(one["code"], one["title"], ", ".join(str(place) for place in one["steps"])) for one in batch["equipment"]]
    return table(speech, (N_("Device"), N_("Name"), N_("Steps")), (0.2, 0.5, 0.3), rows)


def tests_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [
        (
            one["number"],
            speech.word(one["name"]),
            speech.word(one["status"]),
            speech.word(one["outcome"]) if one["outcome"] else "",
        )
        for one in batch["tests"]
    ]
    return table(speech, (N_("Test"), N_("Criterion"), N_("Status"), N_("Outcome")), (0.3, 0.3, 0.2, 0.2), rows)


def decisions_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [(speech.word(one["kind"]), one["by"], one["at"]) for one in batch["decisions"]]
    return table(speech, (N_("Decision"), N_("By"), N_("At")), (0.4, 0.3, 0.3), rows)


def people_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [(one["name"], ", ".join(speech.word(what) for what in one["signed"])) for one in batch["people"]]
    return table(speech, (N_("Person"), N_("Signed")), (0.25, 0.75), rows)


def signatures_block(batch: Mapping[str, Any], speech: Speech) -> Block:
    rows = [
        (one["at"], one["name"], speech.word(one["meaning"]), speech.word(one["record"].replace("_", " ")))
        for one in batch["signatures"]
    ]
    return table(speech, (N_("At"), N_("By"), N_("Signature"), N_("Record")), (0.25, 0.22, 0.33, 0.2), rows)
