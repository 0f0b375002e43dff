"""Shapes of what is typed about lots of materials."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment, Number
from manufacturing.schemas.samples import text


class ReceiveLotSchema(Schema):
    material = fields.String(
        required=True, validate=validate.Length(1, 40), metadata={"label": N_("Material"), "widget": "choice"}
    )
    supplier = text(N_("Supplier"), 80, shortest=2)
    manufacturer_lot = text(N_("Lot of the manufacturer"), 60, widget="scan", article=True)
    quantity = Number(
        required=True,
        metadata={"label": N_("Quantity"), "help": N_("In the unit of the material, as the list of materials says.")},
    )
    expires_on = CalendarDay(
        load_default=None,
        metadata={
            "label": N_("Expires on (day)"),
            "help": N_("Good to the end of this day. Only a month on the label: its last day."),
        },
    )
    expires_at = Moment(
        load_default=None,
        metadata={"label": N_("Expires at (time)"), "help": N_("Only where the label gives a time; then no day.")},
    )
    storage = text(N_("Stored in"), 80, shortest=2, help=N_("Refrigerator, freezer or shelf, as labelled."))
    certificate_reference = text(
        N_("Certificate of analysis"), 80, shortest=2, article=True, help=N_("Its number and date.")
    )
    received_at = Moment(required=True, metadata={"label": N_("Received at")})
    remark = text(N_("Remark"), 300, required=False, widget="textarea")


class AssessLotSchema(Schema):
    assessment = text(
        N_("What it means for every batch that used it, with its evidence"), 2000, shortest=10, widget="textarea"
    )
