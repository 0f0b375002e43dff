"""Acts on lots of materials, as people do them, beside a story."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from kernel.files.domain.refusals import Upload
from kernel.files.queries import attach_content
from kernel.files.services import attach_file
from kernel.work import unit_of_work
from manufacturing.queries.lot_uses import stop_content
from manufacturing.queries.materials import certificates_of, lot_content, receipt_content
from manufacturing.services.lot_stops import assess_lot
from manufacturing.services.materials import approve_lot, decide_lot_anew, recall_lot, receive_lot, reject_lot

D = Decimal
LIST = json.loads(Path("config/presets/materials.json").read_text(encoding="utf-8"))["body"]
WHY = "the supplier reports particles"


def listed(story, body=None):
    """The list of materials in force."""
    return story.effective("materials", body or LIST, (story.qa2, "QA"), (story.qp, "QP"))


def received_lot(story, material="cd3_reagent", quantity="20", *, by=None, certificate=True, **changed):
    fields = {
        "supplier": "Reagents and Sets",
        "manufacturer_lot": f"{material[:3].upper()}-5521",
        "expires_on": date(2027, 3, 31),
        "storage": "FR-01",
        "certificate_reference": "CoA 5521 of 2026-09-01",
        "received_at": story.now,
        **changed,
    }
    with story.act("lot.receive", by or story.t1, content=(receipt_content,)) as work:
        lot = receive_lot(work, material=material, quantity=D(quantity), **fields)
    if certificate:
        certified(story, lot)
    return lot


def certified(story, lot, text="lot complies", name="certificate.txt"):
    """A certificate as a file of the lot."""
    upload = Upload(name, f"{lot.code}: {text}".encode())
    with story.act("file.attach", story.t1, content=(attach_content, "lot", lot.id)) as work:
        return attach_file(work, upload, entity="lot", record_id=lot.id, purpose="certificate")


def opened(story, lot, *, by=None):
    """The person downloads every certificate of the lot, which the trail keeps."""
    for one in story.read(certificates_of, lot.id):
        with unit_of_work(story.database, by or story.qa, "file.content", details={"file": f"/files/{one.id}/content"}):
            pass


def decided(story, lot, act, service, *, by=None, reason=None, looking=True):
    content = lot_content if service is approve_lot else stop_content
    if service in {approve_lot, decide_lot_anew} and looking:
        opened(story, lot, by=by)
    with story.act(act, by or story.qa, content=(content, lot.id), reason=reason) as work:
        return service(work, lot.id)


def approved(story, lot, *, by=None, looking=True):
    return decided(story, lot, "lot.approve", approve_lot, by=by, looking=looking)


def rejected(story, lot, *, by=None, reason=WHY):
    return decided(story, lot, "lot.reject", reject_lot, by=by, reason=reason)


def recalled(story, lot, *, by=None, reason=WHY):
    return decided(story, lot, "lot.recall", recall_lot, by=by, reason=reason)


def decided_anew(story, lot, *, by=None, reason="the particles are label glue, report 5521"):
    return decided(story, lot, "lot.decide_anew", decide_lot_anew, by=by, reason=reason)


def ready_lot(story, material="cd3_reagent", quantity="20", **changed):
    """Received and approved."""
    return approved(story, received_lot(story, material, quantity, **changed))


def assessed(story, lot, *, by=None, assessment="Particles come from the cap; the lots in use were filtered."):
    with story.act("lot.assess", by or story.qa, content=(stop_content, lot.id)) as work:
        return assess_lot(work, lot.id, assessment=assessment)
