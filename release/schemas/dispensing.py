"""What is scanned, and what is noted at the hand-over."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from kernel.refusals import N_
from kernel.web.fields import Attachment, Moment, Number, YesNo

LONGEST_SCAN = 512
PLACES = [("pharmacy", N_("Pharmacy: before dispensing")), ("bedside", N_("Bedside: at the start of the infusion"))]


class CodesSchema(Schema):
    """Nothing that is scanned is kept, so nothing of it needs the check for personal data (decision 28).

    An empty or foreign code is an answer of the verdict, not a fault of the form.
    """

    label_code = fields.String(
        load_default="",
        validate=validate.Length(0, LONGEST_SCAN),
        metadata={
            "label": N_("Label on the container"),
            "widget": "scan",
            "staff": True,
            "expected": True,
            "help": N_("Scan the square code on the container."),
        },
    )
    subject_code = fields.String(
        load_default="",
        validate=validate.Length(0, LONGEST_SCAN),
        metadata={
            "label": N_("Subject code"),
            "widget": "scan",
            "staff": True,
            "expected": True,
            "help": N_("Scan it from the printed order or the study card, never from the container."),
        },
    )
    place = fields.String(
        load_default="pharmacy",
        validate=validate.OneOf([value for value, _ in PLACES]),
        metadata={"label": N_("Where"), "choices": PLACES, "expected": True},
    )
    nonce = fields.String(load_default="", validate=validate.Length(0, 64), metadata={"hidden": True, "staff": True})


class ScanSchema(CodesSchema):
    """The label's code from a scanner or a camera, or a photo of the label, which is read and not kept."""

    photo = Attachment(
        load_default=None,
        metadata={
            "label": N_("or a photo of the label"),
            "widget": "photo",
            "help": N_("One label, sharp and whole. The picture is read and not kept."),
        },
    )
    camera = fields.Boolean(load_default=False, metadata={"hidden": True})

    class Meta:
        """In the order in which people do it."""

        fields = ("label_code", "photo", "subject_code", "place", "nonce", "camera")

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("photo") and data.get("label_code"):
            raise ValidationError(N_("Scan the code or take a photo, not both."), "photo")


class TypedScanSchema(CodesSchema):
    """For a label that cannot be read: one person types the number, the other the subject code."""

    label_code = fields.String(
        load_default="",
        validate=validate.Length(0, LONGEST_SCAN),
        metadata={
            "label": N_("Number under the square code, typed by you"),
            "widget": "scan",
            "staff": True,
            "placeholder": "NK-26-0001-01-01-5",
        },
    )
    subject_code = fields.String(
        load_default="",
        validate=validate.Length(0, LONGEST_SCAN),
        metadata={
            "label": N_("Subject code, typed by the second person"),
            "widget": "scan",
            "staff": True,
            "help": N_("From the printed order or the study card, never from the container."),
        },
    )


class DispenseOosSchema(Schema):
    """Only for a product that is supplied out of specification; the answer is never prefilled."""

    oos_acknowledged = YesNo(
        required=True,
        metadata={
            "label": N_("I know that this product is OUT OF SPECIFICATION and is supplied at the physician's request"),
            "help": N_("Read above what failed, and who evaluated and accepted it."),
        },
    )


class HandOverSchema(Schema):
    handed_over_at = Moment(required=True, metadata={"label": N_("Handed over at")})
    temperature_c = Number(required=True, metadata={"label": N_("Temperature of the container"), "unit": "°C"})
    condition = fields.String(
        required=True,
        validate=validate.Length(3, 200),
        metadata={"label": N_("Condition of the container"), "help": N_("For example: intact, no clumps.")},
    )
    transport_box = fields.String(
        required=True,
        validate=validate.Length(1, 60),
        metadata={"label": N_("Transport box"), "widget": "scan"},
    )
