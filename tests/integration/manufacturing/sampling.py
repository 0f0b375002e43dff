"""Acts on samples, as people do them, beside a story."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from manufacturing.queries.samples import batch_draw_content, collection_draw_content, sample_content
from manufacturing.services.samples import (
    conclude_test,
    discard_sample,
    draw_from_batch,
    draw_from_collection,
    receive_sample,
    retain_sample,
)

D = Decimal


def drawn(story, batch, **changed):
    fields = {"kind": "sterility", "volume_ml": D(2), "drawn_at": story.now, "supernatant_only": False, **changed}
    if not {"step", "container"} & set(changed):
        fields["step"] = "1"
    with story.act("sample.draw_batch", story.t1, content=(batch_draw_content, batch.id)) as work:
        return draw_from_batch(work, batch.id, **fields)


def drawn_from(story, collection, **changed):
    fields = {"kind": "donor_markers", "volume_ml": D(4), "drawn_at": story.now, "supernatant_only": False, **changed}
    with story.act("sample.draw_collection", story.t1, content=(collection_draw_content, collection.id)) as work:
        return draw_from_collection(work, collection.id, **fields)


def at_lab(story, sample, *, by=None, **changed):
    fields = {"code": sample.code, "received_at": story.now, "laboratory": "QC laboratory", **changed}
    with story.act("sample.receive", by or story.qa, content=(sample_content, sample.id)) as work:
        return receive_sample(work, sample.id, **fields)


def ends_tested(story, sample, reference="ST-0042"):
    with story.act("sample.test", story.qa, content=(sample_content, sample.id)) as work:
        return conclude_test(work, sample.id, result_reference=reference)


def retained(story, sample, until=date(2030, 1, 1)):
    with story.act("sample.retain", story.qa, content=(sample_content, sample.id)) as work:
        return retain_sample(work, sample.id, kept_in="freezer 2", kept_until=until)


def discarded(story, sample, *, second=None, exemption=None, reason="the tube broke in the rotor"):
    content = (sample_content, sample.id)
    with story.act("sample.discard", story.qa, second or story.t2, content=content, reason=reason) as work:
        return discard_sample(work, sample.id, exemption=exemption)
