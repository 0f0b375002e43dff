"""What is sent with a file."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Attachment, YesNo


class AttachSchema(Schema):
    file = Attachment(
        required=True,
        metadata={
            "label": N_("File"),
            "help": N_("PDF, picture, text, CSV, XML, Excel or Word without macros, FCS."),
        },
    )
    purpose = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("What it is to this record"), "widget": "choice"},
    )
    looked_through = YesNo(
        required=True,
        metadata={
            "label": N_("I looked through it: it shows no name, birth date or hospital number of anybody treated"),
        },
    )
