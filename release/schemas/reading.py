"""What is sent to read a result out of a file."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Attachment, YesNo
from manufacturing.schemas.measurements import measured_field


class ReadingSchema(Schema):
    file = Attachment(
        required=True,
        metadata={
            "label": N_("Export of the instrument"),
            "help": N_("CSV or other plain text, exactly as it was exported."),
        },
    )
    instrument = fields.String(
        required=True,
        validate=validate.Length(1, 24),
        metadata={"label": N_("Instrument"), "widget": "choice", "help": N_("Read by its mapping in force.")},
    )
    sample = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={
            "label": N_("Code on the tube that was measured"),
            "widget": "scan",
            "help": N_("Only the row of this sample is read."),
        },
    )
    measured_at = measured_field()
    looked_through = YesNo(
        required=True,
        metadata={
            "label": N_("I looked through it: it shows no name, birth date or hospital number of anybody treated")
        },
    )
