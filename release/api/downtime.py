"""What can be done about a downtime: print the kit before, count and enter its sheets afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import Refused
from kernel.files.domain.refusals import FILE_NOT_LOOKED_THROUGH, MEGABYTE
from kernel.files.ports import attachable
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer, this_site
from kernel.work import Work
from release.queries.dispensing import get_dispensing
from release.queries.downtime import counted, entering_content, get_kit, people_of, uncounted_kits
from release.queries.orders import not_asked_on_paper
from release.schemas.downtime import (
    CountKitSchema,
    PaperAdministrationSchema,
    PaperCheckSchema,
    PaperDispensingSchema,
    PaperHandOverSchema,
    PrintKitSchema,
)
from release.services.downtime import account_for_kit, print_kit
from release.services.downtime_checks import enter_check
from release.services.downtime_entries import enter_administration, enter_dispensing, enter_hand_over
from release.services.downtime_sheets import SHEET
from release.tables.downtime import DowntimeEntryRow

DOWNTIME = "/downtime"
KIT = f"{DOWNTIME}/<kit_id>"
ONE = f"{KIT}/dispensings/<dispensing_id>"
ENTERED = N_("I entered what stands on the sheet; the second person compared the entry with it.")

attachable(
    DowntimeEntryRow,
    read="downtime:read",
    attach="downtime:enter",
    purposes={SHEET: N_("sheet of the downtime kit")},
    place=lambda session, row: (get_kit(session, row.kit_id).number, f"{DOWNTIME}/{row.kit_id}#entries"),
)


def before_printing(session: Session, viewer: Viewer) -> dict[str, Any]:
    """Which kits are not counted yet."""
    waiting = ", ".join(one.number for one in uncounted_kits(session))
    note = viewer.speech.say(N_("Not counted yet: %(kits)s."), kits=waiting) if waiting else None
    return {"notes": [note] if note else [], "initial": {} if waiting else {"earlier_unused": True}}


@act(
    "downtime.print",
    f"{DOWNTIME}/print",
    permission="downtime:print",
    title=N_("Print a downtime kit"),
    schema=PrintKitSchema,
    prepare=before_printing,
    signs=1,
    meaning=N_("This list is what NKTrace allows now; it is used on paper only while NKTrace cannot be reached."),
)
def print_it(work: Work, *, earlier_unused: bool) -> Done:
    row = print_kit(work, earlier_unused=earlier_unused)
    body = {"id": row.id, "number": row.number, "valid_until": row.valid_until}
    return Done(
        f"{DOWNTIME}/{row.id}", N_("The kit is on record. Print its PDF now and put it at the counter."), body, 201
    )


def before_counting(session: Session, _viewer: Viewer, kit_id: str) -> dict[str, Any]:
    known = counted(get_kit(session, kit_id))
    names = ("checks", "dispensings", "hand_overs", "administrations")
    return {"initial": dict(zip(names, known.values(), strict=True)) if known else dict.fromkeys(names, 0)}


@act(
    "downtime.count",
    f"{KIT}/count",
    permission="downtime:account",
    title=N_("Count the sheets"),
    schema=CountKitSchema,
    content=entering_content,
    prepare=before_counting,
    signs=1,
    meaning=N_("I counted what stands on the sheets of this kit; its other sheets are destroyed."),
)
def count_it(work: Work, kit_id: str, **fields: int) -> Done:
    row = account_for_kit(work, kit_id, **fields)
    return Done(f"{DOWNTIME}/{row.id}", N_("Counted."), {"id": row.id, "number": row.number})


def before_entering(session: Session, viewer: Viewer, kit_id: str, **_ids: str) -> dict[str, Any]:
    """People as the sheet names them; whoever enters is proposed nowhere."""
    get_kit(session, kit_id)
    people = sorted(people_of(session).items(), key=lambda one: one[1])
    asked = ("performed_by", "second_person", "ordered_by")
    limit = viewer.speech.say(N_("At most %(limit)s MB."), limit=this_site().largest_file // MEGABYTE)
    return {
        "choices": dict.fromkeys(asked, people),
        "verbatim": list(asked),
        "notes": [
            viewer.speech.say(
                N_(
                    "What happened is always recorded. What NKTrace would have refused is listed, opens a deviation, and the dose does not count for feasibility."
                )
            )
        ],
        "help": {"file": limit},
    }


def before_check(session: Session, viewer: Viewer, kit_id: str) -> dict[str, Any]:
    """The questions of the sheet; whether one had to be answered follows from when the subject was examined."""
    not_asked = not_asked_on_paper(session, get_kit(session, kit_id).printed_at) & not_asked_on_paper(
        session, viewer.at
    )
    return {**before_entering(session, viewer, kit_id), "left_out": not_asked}


@act(
    "downtime.enter_check",
    f"{KIT}/checks/new",
    permission="eligibility:write",
    title=N_("Enter a check of the day from paper"),
    schema=PaperCheckSchema,
    content=entering_content,
    prepare=before_check,
    signs=2,
    second_permission="downtime:compare",
    meaning=ENTERED,
    takes_file=True,
)
def check_from_paper(work: Work, kit_id: str, *, looked_through: bool, gvhd_grade: str, **fields: Any) -> Done:
    refuse_unseen(looked_through)
    row = enter_check(work, kit_id, gvhd_grade=int(gvhd_grade), **fields)
    done = told(row)
    refused = row.deviation_id is None and bool(json.loads(row.conflicts))
    said = N_("Entered. It allows nothing: NKTrace refuses it.") if refused else done.message
    return replace(done, message=said)


def of_dispensing(session: Session, kit_id: str, dispensing_id: str) -> dict[str, Any]:
    get_dispensing(session, dispensing_id)
    return entering_content(session, kit_id)


def refuse_unseen(looked_through: bool) -> None:  # noqa: FBT001
    if not looked_through:
        raise Refused(FILE_NOT_LOOKED_THROUGH(field="looked_through"))


@act(
    "downtime.enter_dispensing",
    f"{KIT}/dispensings/new",
    permission="container:dispense",
    title=N_("Enter a dispensing from paper"),
    schema=PaperDispensingSchema,
    content=entering_content,
    prepare=before_entering,
    signs=2,
    second_permission="downtime:compare",
    meaning=ENTERED,
    takes_file=True,
)
def dispensing_from_paper(work: Work, kit_id: str, *, looked_through: bool, **fields: Any) -> Done:
    refuse_unseen(looked_through)
    return told(enter_dispensing(work, kit_id, **fields))


@act(
    "downtime.enter_hand_over",
    f"{ONE}/hand-over",
    permission="container:hand_over",
    title=N_("Enter a hand-over from paper"),
    schema=PaperHandOverSchema,
    content=of_dispensing,
    prepare=before_entering,
    signs=2,
    second_permission="downtime:compare",
    meaning=ENTERED,
    takes_file=True,
)
def hand_over_from_paper(work: Work, kit_id: str, dispensing_id: str, *, looked_through: bool, **fields: Any) -> Done:
    refuse_unseen(looked_through)
    return told(enter_hand_over(work, kit_id, dispensing_id, **fields))


@act(
    "downtime.enter_administration",
    f"{ONE}/administration",
    permission="container:administer",
    title=N_("Enter an infusion from paper"),
    schema=PaperAdministrationSchema,
    content=of_dispensing,
    prepare=before_entering,
    signs=2,
    second_permission="downtime:compare",
    meaning=ENTERED,
    takes_file=True,
)
def administration_from_paper(
    work: Work, kit_id: str, dispensing_id: str, *, looked_through: bool, explanation: str | None, **fields: Any
) -> Done:
    refuse_unseen(looked_through)
    return told(enter_administration(work, kit_id, dispensing_id, reason=explanation, **fields))


def told(row: DowntimeEntryRow) -> Done:
    said = (
        N_("Entered.") if row.deviation_id is None else N_("Entered, with a deviation: NKTrace refuses what was done.")
    )
    body = {
        "id": row.id,
        "kind": row.kind,
        "record_id": row.record_id,
        "order_id": row.order_id,
        "dispensing_id": row.dispensing_id,
        "deviation_id": row.deviation_id,
    }
    return Done(f"{DOWNTIME}/{row.kit_id}#entries", said, body, 201)
