"""What an administrator enters about a receiver and its keys."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from release.domain.receivers import LONGEST_URL, OVERLAP_HOURS


def words(label: str, longest: int, **about: str) -> fields.String:
    return fields.String(required=True, validate=validate.Length(2, longest), metadata={"label": label, **about})


class ReceiverSchema(Schema):
    code = words(N_("Code of the receiver"), 20, help=N_("For example: EDC-01."))
    title = words(N_("What it is"), 80)
    url = words(
        N_("Web address"),
        LONGEST_URL,
        help=N_("As the receiver's people write it, without a password: it stays on the trail."),
    )


class RenewSchema(Schema):
    overlap_hours = fields.Integer(
        load_default=OVERLAP_HOURS,
        validate=validate.Range(0, 168),
        metadata={
            "label": N_("The older key signs too for another"),
            "unit": N_("hours"),
            "help": N_("Left empty: 24. With 0 it counts no more at once, for a secret that got out."),
        },
    )
