"""Shapes of what is typed about a supply out of specification. People are chosen by their account, never named."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Attachment, Moment, YesNo
from release.domain.supply import Informed
from release.schemas.oos import words

INFORMED = [
    (Informed.PATIENT.value, N_("the patient")),
    (Informed.PARENTS.value, N_("the parents")),
    (Informed.BOTH.value, N_("the patient and the parents")),
    (Informed.GUARDIAN.value, N_("the legal representative")),
]
HANDWRITTEN = N_("PDF or picture. Cover every name, birth date and hospital number before you scan it.")


def person(label: str, help_: str = "") -> fields.String:
    about = {"label": label, "widget": "choice", **({"help": help_} if help_ else {})}
    return fields.String(required=True, validate=validate.Length(1, 40), metadata=about)


def looked_through() -> YesNo:
    said = N_("I looked through it: it shows no name, birth date or hospital number of anybody treated")
    return YesNo(required=True, metadata={"label": said})


class RequestSupplySchema(Schema):
    hazard = words(
        N_("Immediate significant hazard to the patient"),
        help=N_("What threatens this patient now, and why this product is needed to avoid it."),
    )
    alternatives = words(N_("Alternatives that were considered"), help=N_("Each with why it is no way out."))
    consequence = words(N_("What follows if the product is not given"))


class CopyRequestSchema(RequestSupplySchema):
    physician = person(N_("Physician who signed the form"))
    file = Attachment(required=True, metadata={"label": N_("The signed form"), "help": HANDWRITTEN})
    looked_through = looked_through()


class EvaluateSchema(Schema):
    evaluation = words(
        N_("What the risk evaluation comes to"),
        help=N_("The risks of this product as it is, for this patient; the document itself is attached."),
    )
    file = Attachment(required=True, metadata={"label": N_("Document of the risk evaluation")})
    looked_through = looked_through()


class AcceptSchema(Schema):
    informed = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in INFORMED]),
        metadata={
            "label": N_("Who was informed that the product is out of specification, and of its risks"),
            "choices": INFORMED,
        },
    )
    informed_by = person(N_("Physician who informed them"))
    informed_at = Moment(required=True, metadata={"label": N_("Informed at")})


class CopyAcceptanceSchema(AcceptSchema):
    physician = person(N_("Physician who signed the form"))
    file = Attachment(required=True, metadata={"label": N_("The signed form"), "help": HANDWRITTEN})
    looked_through = looked_through()


class NoticeSchema(Schema):
    reference = fields.String(
        load_default="",
        validate=validate.Length(0, 60),
        metadata={
            "label": N_("Reference number of the authority"),
            "help": N_("As it stands on the receipt. Left empty where the sponsor itself takes notice."),
        },
    )


class ApplyOverlaySchema(Schema):
    label_code = fields.String(
        required=True,
        validate=validate.Length(1, 512),
        metadata={
            "label": N_("Label on the container"),
            "widget": "scan",
            "staff": True,
            "help": N_("Scan the label that is on the container; the overlay goes beside it and covers nothing."),
        },
    )
