"""What a scanner typed of the set-up label: kept for nobody, judged at once."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_

LONGEST = 512


class ScannerTestSchema(Schema):
    qr_text = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={
            "label": N_("Square code with three corners (QR)"),
            "widget": "textarea",
            "staff": True,
            "help": N_("Put the cursor here and scan the upper code of the set-up label, once."),
        },
    )
    data_matrix_text = fields.String(
        load_default="",
        validate=validate.Length(0, LONGEST),
        metadata={
            "label": N_("Code with two solid edges (Data Matrix)"),
            "widget": "textarea",
            "staff": True,
            "help": N_("Only where Data Matrix codes are scanned: then scan the lower one here."),
        },
    )
