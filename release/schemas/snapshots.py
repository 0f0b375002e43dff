"""What is typed when the trial's figures are frozen."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_


class SnapshotSchema(Schema):
    occasion = fields.String(
        required=True,
        validate=validate.Length(3, 120),
        metadata={"label": N_("Occasion"), "help": N_("Such as: monitoring visit 3, or the annual report. No names.")},
    )
