"""What is typed when a container is destroyed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Number


class DestructionSchema(Schema):
    volume_ml = Number(required=True, metadata={"label": N_("Volume destroyed"), "unit": "mL"})
    method = fields.String(
        required=True, validate=validate.Length(3, 200), metadata={"label": N_("Method of destruction")}
    )
    explanation = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=500),
        metadata={
            "label": N_("What became of the rest"),
            "widget": "textarea",
            "help": N_("Needed when less is destroyed than is left on record: the rest counts as lost."),
        },
    )
