"""Labels as people look at them: the ledger of each batch, one label with its record beside it, the print file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.queries import get_effective
from kernel.errors import NotFound, Refused, refuse_any
from kernel.refusals import N_, STATE_NOT_ALLOWED
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, download, panel, view
from kernel.web.site import Viewer
from labels.api.labels import ACTIONS, LABELS, action_refusals, slot_view
from labels.domain.labels import LabelStatus
from labels.domain.printers import GOING_OUT, LABEL_AT_PRINTER, PrintJobStatus
from labels.domain.printing import LABELS_NONE_OPEN, LIVE
from labels.domain.slots import DPI_203, PRODUCT, RESOLUTIONS, Resolution, SlotName, resolution_refusals
from labels.drawing.product_label import (
    draw_label,
    draw_labels,
    label_drawing_refusals,
    label_job,
    label_jobs,
)
from labels.drawing.zpl import ZPL
from labels.keys import is_demo
from labels.pages.preview import PREVIEW, VOID, label_svg
from labels.ports import label_keys
from labels.queries.contents import label_content, next_facts
from labels.queries.facts import stored_facts
from labels.queries.labels import ended_refusals, get_label, labels_of_container, live_label, open_prints
from labels.queries.overview import bare_containers, batch_labels, container_document, list_ledgers, waiting_labels
from labels.queries.printers import job_of_label
from labels.queries.scanning import label_called
from labels.queries.templates import LABEL_TEMPLATE
from labels.tables.labels import LabelRow
from manufacturing.queries.batches import get_batch
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow

NAVIGATION.append(Nav(N_("Labels"), LABELS, "label:read", 40))
TONES = {
    LabelStatus.GENERATED: "wait",
    LabelStatus.PRINTED: "wait",
    LabelStatus.VERIFIED: "wait",
    LabelStatus.APPLIED: "ok",
    LabelStatus.VOIDED: "warn",
    LabelStatus.DESTROYED: "plain",
    LabelStatus.SUPERSEDED: "plain",
}
JOB_TONES = {
    PrintJobStatus.UNSENT: "wait",
    PrintJobStatus.SENDING: "wait",
    PrintJobStatus.SENT: "ok",
    PrintJobStatus.UNCERTAIN: "warn",
    PrintJobStatus.GIVEN_UP: "stop",
    PrintJobStatus.CANCELLED: "plain",
}
SVG = "image/svg+xml"


@view("label.list", LABELS, permission="label:read", template="labels/list.html", summary="Label ledgers by batch.")
def show_labels(session: Session, viewer: Viewer) -> dict[str, Any]:
    batches, page = list_ledgers(session, viewer.args)
    return {"batches": batches, "page": page}


@view(
    "label.batch",
    LABELS + "/batches/<batch_id>",
    permission="label:read",
    template="labels/batch.html",
    summary="Every print of one batch, and its ledger.",
)
def show_batch_labels(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    batch = session.get(BatchRow, batch_id)
    if batch is None:
        raise NotFound(f"batch {batch_id}")
    subject = session.get_one(SubjectRow, batch.subject_id)
    about = {"id": batch.id, "number": batch.number, "status": batch.status, "subject": subject.code}
    files = print_files(session, batch_id) if viewer.may("label:print") else []
    return {"batch": about, "tones": tones(), "print_files": files, **batch_labels(session, batch_id)}


def print_files(session: Session, batch_id: str) -> list[dict[str, Any]]:
    """The sizes of which a print file of the batch can be opened, with how many labels are in it."""
    counted = [(slot, len(open_prints(session, batch_id, slot))) for slot in PRODUCT]
    return [{**slot_view(slot), "labels": count} for slot, count in counted if count]


@view(
    "label.show",
    LABELS + "/<label_id>",
    permission="label:read",
    template="labels/label.html",
    summary="One print: its text, the record beside it, its state and what can be done.",
)
def show_label(session: Session, viewer: Viewer, label_id: str) -> dict[str, Any]:
    row = get_label(session, label_id)
    content = label_content(session, label_id)
    people = names(session)
    container = session.get_one(ContainerRow, row.container_id)
    batch = session.get_one(BatchRow, container.batch_id)
    live, job = live_label(session, row.container_id, outer=row.slot == SlotName.OUTER), job_of_label(session, row)
    said = {
        name: people.get(getattr(row, name) or "", "")
        for name in ("printed_by", "verified_by", "applied_by", "witnessed_by")
    }
    times = {name: getattr(row, name) for name in ("printed_at", "verified_at", "applied_at", "ended_at", "reason")}
    return {
        "label": {**content, **said, **times, "id": row.id, "number": row.short_number},
        "container": {"id": container.id, "code": container.code, "expires_at": container.expires_at},
        "batch": {"id": batch.id, "number": batch.number},
        "replaced_by": {"id": live.id, "number": live.short_number} if live and live.id != row.id else None,
        "can_print": row.status == LabelStatus.PRINTED and not (job and job["status"] in GOING_OUT),
        "job": job,
        "job_tones": {status.value: tone for status, tone in JOB_TONES.items()},
        "slot": slot_view(SlotName(row.slot)),
        "refusals": [viewer.speech.refusal(one) for one in ended_refusals(session, row)],
        "actions": label_actions(session, viewer, row),
        "payload": row.payload if is_demo(label_keys()) and row.status in LIVE else None,
        "tones": tones(),
    }


def label_actions(session: Session, viewer: Viewer, row: LabelRow) -> list[dict[str, Any]]:
    """What the label's state offers, each with why it would be refused now."""
    offered = []
    for action in ACTIONS.get(LabelStatus(row.status), ()):
        said = [viewer.speech.refusal(one) for one in action_refusals(session, viewer, row.id, action)]
        offered.append(
            {
                "name": f"label.{action}",
                "codes": [one["code"] for one in said],
                "why": [one["sentence"] for one in said],
            }
        )
    return offered


def tones() -> dict[str, str]:
    return {status.value: tone for status, tone in TONES.items()}


@download(
    "label.pdf",
    LABELS + "/<label_id>/label.pdf",
    permission="label:print",
    summary="The print file (PDF).",
    station=True,
)
def print_file(session: Session, viewer: Viewer, label_id: str) -> tuple[Callable[[], bytes], str, str]:
    """From the stored facts, for one print only: once verified, another print is a reprint. ``?dpi=300`` or 203."""
    return printed(session, viewer, label_id, draw_label), "application/pdf", file_name(session, label_id, "pdf")


@download(
    "label.zpl",
    LABELS + "/<label_id>/label.zpl",
    permission="label:print",
    summary="The same label as a job for a thermal printer (ZPL), dot by dot.",
    station=True,
    inline=False,
)
def print_job(session: Session, viewer: Viewer, label_id: str) -> tuple[Callable[[], bytes], str, str]:
    return printed(session, viewer, label_id, label_job), ZPL, file_name(session, label_id, "zpl")


@download(
    "label.all_pdf",
    LABELS + "/batches/<batch_id>/labels.pdf",
    permission="label:print",
    summary="One print file (PDF) of all labels of a batch that wait for it, a page for each; `slot`: the size.",
    station=True,
)
def print_all_file(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    drawn, name = all_printed(session, viewer, batch_id, draw_labels)
    return drawn, "application/pdf", f"{name}.pdf"


@download(
    "label.all_zpl",
    LABELS + "/batches/<batch_id>/labels.zpl",
    permission="label:print",
    summary="The same labels as jobs for a thermal printer (ZPL), one after the other in one file.",
    station=True,
    inline=False,
)
def print_all_jobs(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    drawn, name = all_printed(session, viewer, batch_id, label_jobs)
    return drawn, ZPL, f"{name}.zpl"


def all_printed(
    session: Session, viewer: Viewer, batch_id: str, draw: Callable[..., bytes]
) -> tuple[Callable[[], bytes], str]:
    """From the stored facts, for one print only. The name says how many there are; ``?slot=``: FULL where nothing is said."""
    number = get_batch(session, batch_id).number
    slot = next((one for one in PRODUCT if one == viewer.args.get("slot")), SlotName.FULL)
    resolution = resolution_of(viewer)
    refuse_any(resolution_refusals(slot, resolution))
    rows = open_prints(session, batch_id, slot)
    refuse_any([] if rows else [LABELS_NONE_OPEN(batch=number, slot=slot.value)])
    labels = [(stored_facts(row), row.payload) for row in rows]
    title = f"{number}-{slot.value}-{len(rows)}"
    return partial(draw, labels, title, resolution=resolution), title


def printed(session: Session, viewer: Viewer, label_id: str, draw: Callable[..., bytes]) -> Callable[[], bytes]:
    row = get_label(session, label_id)
    refuse_any(ended_refusals(session, row))
    if row.status != LabelStatus.PRINTED:
        raise Refused(STATE_NOT_ALLOWED(action="open the print file", record="label", state=row.status))
    job = job_of_label(session, row)
    if job and job["status"] in GOING_OUT:
        raise Refused(LABEL_AT_PRINTER(number=row.short_number, printer=job["printer"]))
    facts, resolution = stored_facts(row), resolution_of(viewer)
    refuse_any(resolution_refusals(facts.slot, resolution))
    return partial(draw, facts, row.payload, resolution=resolution)


def resolution_of(viewer: Viewer) -> Resolution:
    """``?dpi=``; that of most printers where nothing is said."""
    return RESOLUTIONS.get(viewer.args.get("dpi", ""), DPI_203)


def file_name(session: Session, label_id: str, ending: str) -> str:
    return f"{get_label(session, label_id).short_number.replace('*', '_')}.{ending}"


@download("label.preview", LABELS + "/<label_id>/preview.svg", permission="label:read", summary="The label as SVG.")
def preview(session: Session, _viewer: Viewer, label_id: str) -> tuple[bytes, str, str]:
    row = get_label(session, label_id)
    live, facts = row.status in LIVE, stored_facts(row)
    body = label_svg(facts, payload=row.payload if live and facts.demo else None, mark="" if live else VOID)
    return body, SVG, f"{row.short_number.replace('*', '_')}.svg"


@download(
    "container.label-preview",
    "/containers/<container_id>/label-preview.svg",
    permission="label:read",
    summary="The label this container would get, as SVG.",
)
def preview_next(session: Session, viewer: Viewer, container_id: str) -> tuple[bytes, str, str]:
    """``?slot=OUTER``: that of the outer package; else the first that is printed."""
    wanted = next_facts(session, container_id, get_effective(session, LABEL_TEMPLATE))
    chosen = [one for one in wanted if one.slot == viewer.args.get("slot", one.slot)]
    if not chosen:
        raise NotFound("no such label is printed now")
    refuse_any(label_drawing_refusals(chosen[0]))
    return label_svg(chosen[0], mark=PREVIEW), SVG, "preview.svg"


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("label:read"):
        return None
    return {"template": "labels/batch_panel.html", "tones": tones(), **batch_labels(session, batch_id)}


def container_panel(session: Session, viewer: Viewer, container_id: str, **_ids: str) -> dict[str, Any] | None:
    container = session.get(ContainerRow, container_id)
    if container is None or not viewer.may("label:read"):
        return None
    rows = list(labels_of_container(session, container_id))
    return {
        "template": "labels/container_panel.html",
        "tones": tones(),
        "containers": [container_document(container, rows)],
    }


def find_label_page(session: Session, code: str) -> str | None:
    """A scanned code or a typed short number opens its label, void ones too; nothing is decided here."""
    label = label_called(session, code)
    return f"{LABELS}/{label.id}" if label else None


WAITING = {
    LabelStatus.PRINTED: (
        "label:verify",
        "verify",
        N_("is printed and waits for a scan by another person"),
        N_("Verify"),
    ),
    LabelStatus.VERIFIED: ("label:apply", "apply", N_("is verified and waits to be put on its container"), N_("Apply")),
    LabelStatus.VOIDED: ("label:void", "destroy", N_("is void; the print must be destroyed"), N_("Destroy")),
}


def label_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Prints and bare containers that wait for somebody with this viewer's roles; nobody verifies their own print."""
    if not any(viewer.may(name) for name in ("label:print", "label:verify", "label:apply", "label:void")):
        return []
    tasks = [
        Task(
            "label:print",
            container.code,
            N_("is filled and has no label"),
            f"/containers/{container.id}/print-label",
            N_("Print"),
            deadline=container.expires_at,
        )
        for container in bare_containers(session)
    ]
    for label, container in waiting_labels(session):
        permission, action, reason, words = WAITING[LabelStatus(label.status)]
        if action == "verify" and label.printed_by == viewer.actor.id:
            continue
        deadline = None if action == "destroy" else container.expires_at
        where = f"{LABELS}/{label.id}/{action}"
        tasks.append(Task(permission, label.short_number, reason, where, words, deadline=deadline))
    return [task for task in tasks if viewer.may(task.permission)]


panel("batch", batch_panel)
panel("container", container_panel)
FINDERS.append(find_label_page)
TASKS.append(label_tasks)
