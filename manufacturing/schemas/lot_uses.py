"""Shapes of what is typed about the use of lots: the form of a step has a line for each material its plan names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment, Number
from kernel.web.site import Viewer
from manufacturing.queries.materials import known_kinds
from manufacturing.queries.step_lots import OTHER, planned_materials
from manufacturing.schemas.samples import text
from manufacturing.services.lot_uses import Line


def lots_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    """When, then for each planned material its lot, the opened piece where it has a clock, and how much; one more."""
    kinds = known_kinds(session)
    boxes: dict[str, Any] = {"performed_at": Moment(required=True, metadata={"label": N_("Used at")})}
    for planned in planned_materials(session, batch_id, position):
        kind = kinds.get(planned.kind)
        title = viewer.speech.word(kind.title) if kind else planned.kind
        clock = kind is None or kind.in_use is not None
        boxes |= line_boxes(planned.kind, title, planned.unit, clock=clock)
    boxes |= line_boxes(OTHER, N_("Another material"), "", clock=True)
    boxes["late_reason"] = text(N_("Reason of a late entry"), 300, required=False, widget="textarea")
    return Schema.from_dict(boxes)()


def line_boxes(key: str, title: str, unit: str, *, clock: bool) -> dict[str, Any]:
    """``clock``: an opened one has its own end, so it is asked which one it was."""
    about = {"group": title}
    lot = fields.String(
        load_default=None,
        validate=validate.Length(1, 40),
        metadata={**about, "label": N_("Lot"), "widget": "scan", "help": N_("Scan it, or choose from the receipts.")},
    )
    piece = fields.String(
        load_default=None,
        validate=validate.Length(1, 40),
        metadata={**about, "label": N_("Opened piece"), "widget": "choice"},
    )
    quantity = Number(load_default=None, metadata={**about, "label": N_("Quantity used"), "unit": unit})
    return {f"{key}_lot": lot, f"{key}_quantity": quantity, **({f"{key}_piece": piece} if clock else {})}


def lines_of(typed: Mapping[str, Any]) -> list[Line]:
    """The lines that name a lot, in the order of the form; a quantity without a lot is a line without one."""
    keys = [name.removesuffix("_lot") for name in typed if name.endswith("_lot")]
    return [
        Line(
            lot=typed[f"{key}_lot"],
            quantity=typed[f"{key}_quantity"],
            piece=typed.get(f"{key}_piece") or "",
            wanted="" if key == OTHER else key,
            prefix=f"{key}_",
        )
        for key in keys
        if typed[f"{key}_lot"]
    ]


class CorrectUseSchema(Schema):
    quantity = Number(
        required=True,
        metadata={"label": N_("Quantity used"), "help": N_("0 where it was not used at all; the old one stays.")},
    )


class OpenPieceSchema(Schema):
    opened_at = Moment(required=True, metadata={"label": N_("Opened, thawed or dissolved at")})


class DiscardLotSchema(Schema):
    quantity = Number(required=True, metadata={"label": N_("Quantity discarded")})
