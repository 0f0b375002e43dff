"""What people scan or type when they verify and apply a label."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_


class VerifyLabelSchema(Schema):
    scanned = fields.String(
        required=True,
        validate=validate.Length(1, 256),
        metadata={
            "label": N_("Code on the printed label"),
            "widget": "scan",
            "help": N_("Scan the square code on the label that came out of the printer, not the screen."),
        },
    )

    data_matrix = fields.String(
        load_default="",
        validate=validate.Length(0, 256),
        metadata={
            "label": N_("Data Matrix on the printed label"),
            "widget": "scan",
            "help": N_("Only where the label has one: the smaller square code, with the ISBT 128 data."),
        },
    )


class ApplyLabelSchema(Schema):
    container_code = fields.String(
        required=True,
        validate=validate.Length(1, 64),
        metadata={
            "label": N_("Number on the container"),
            "widget": "scan",
            "help": N_("Scan or type the number on the container in your hand."),
        },
    )
