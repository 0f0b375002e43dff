"""Shapes of what is typed about places and moves."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment, Number
from manufacturing.domain.places import PlaceClass
from manufacturing.schemas.samples import text

CLASSES = [(one.value, one.value) for one in PlaceClass]


class PlaceSchema(Schema):
    code = text(N_("Code on the door"), 20, shortest=3, widget="scan", help=N_("For example: FR-02-Q."))
    title = text(N_("What it is"), 80, shortest=3)
    status_class = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in CLASSES]),
        metadata={"label": N_("For what is"), "choices": CLASSES, "widget": "choice"},
    )
    low_c = Number(load_default=None, metadata={"label": N_("Not colder than"), "unit": "°C"})
    high_c = Number(load_default=None, metadata={"label": N_("Not warmer than"), "unit": "°C"})


class MoveSchema(Schema):
    codes = text(
        N_("Units, one on each line"),
        4000,
        widget="textarea",
        help=N_("Scan one after the other: labels, bags, tubes."),
    )
    moved_at = Moment(required=True, metadata={"label": N_("Moved at")})
    temperature_c = Number(required=True, metadata={"label": N_("Temperature"), "unit": "°C"})
    device = text(N_("Thermometer or logger"), 60, shortest=2, widget="scan")
    found_in = text(
        N_("Found in"), 20, required=False, widget="scan", help=N_("Only when they lay elsewhere than on record.")
    )
    note = text(N_("Remark"), 300, required=False, widget="textarea")


class CustodyAssessSchema(Schema):
    assessment = text(N_("What it means for the product, with its evidence"), 2000, shortest=10, widget="textarea")
