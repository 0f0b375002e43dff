"""Shapes of a downtime: what is asked when a kit is printed and counted, and what stands on its sheets.

The sheets of the kit are drawn from these schemas, so that paper and screen ask the same things in the same words.
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Attachment, Moment, Number, YesNo
from release.schemas.administration import AdministrationSchema
from release.schemas.dispensing import HandOverSchema
from release.schemas.orders import EligibilitySchema
from release.schemas.supply import HANDWRITTEN, looked_through, person

ORDER = N_("The order on paper, where NKTrace has none of that day")
MOST_SHEETS = 999


class PrintKitSchema(Schema):
    earlier_unused = YesNo(
        required=True,
        metadata={
            "label": N_("The earlier kits were not used, and are destroyed"),
            "help": N_("Answer no when a sheet of one was written on: it is counted and entered first."),
        },
    )


def sheets(label: str) -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=False,
        validate=validate.Range(0, MOST_SHEETS),
        metadata={"label": label, "widget": "number"},
    )


class CountKitSchema(Schema):
    checks = sheets(N_("Checks of the day on its sheets"))
    dispensings = sheets(N_("Dispensings on its sheets"))
    hand_overs = sheets(N_("Hand-overs on its sheets"))
    administrations = sheets(N_("Infusions on its sheets, also those that did not take place"))


class EvidenceSchema(Schema):
    """What makes paper a record: the sheet itself."""

    file = Attachment(
        required=True, metadata={"label": N_("Scan of the sheet"), "help": HANDWRITTEN, "group": N_("The sheet itself")}
    )
    looked_through = looked_through()


class OnOrder(Schema):
    ordered_by = fields.String(
        load_default=None,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Physician who ordered"), "widget": "choice", "group": ORDER},
    )
    volume_ml = Number(load_default=None, metadata={"label": N_("Volume to infuse"), "unit": "mL", "group": ORDER})
    duration_minutes = Number(
        load_default=None, metadata={"label": N_("Duration of the infusion"), "unit": "min", "group": ORDER}
    )
    ward = fields.String(
        load_default=None, validate=validate.Length(1, 60), metadata={"label": N_("Ward"), "group": ORDER}
    )


class Examined(Schema):
    """Whose check of the day it is, when and by whom."""

    subject_code = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Subject code"), "widget": "scan", "help": N_("As it stands on the sheet.")},
    )
    checked_at = Moment(required=True, metadata={"label": N_("Examined at")})
    performed_by = person(N_("Examined by"))


class CheckSheet(OnOrder, EligibilitySchema, Examined):
    """The physician's check of the day; the questions are those of the screen."""


class ReadOff(Schema):
    """Read off the container, and off the order or the study card: never one from the other."""

    label_code = fields.String(
        required=True,
        validate=validate.Length(1, 512),
        metadata={
            "label": N_("Number under the square code"),
            "widget": "scan",
            "staff": True,
            "placeholder": "NK-26-0001-01-01-5",
            "help": N_("As it was read off the container."),
        },
    )
    subject_code = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Subject code"), "widget": "scan", "help": N_("As it stands on the sheet.")},
    )


class DispensingTimes(ReadOff):
    dispensed_at = Moment(required=True, metadata={"label": N_("Dispensed at")})
    performed_by = person(N_("Dispensed by"))
    second_person = person(N_("Second check by"))


class DispensingSheet(OnOrder, DispensingTimes):
    """A dispensing, with its order where NKTrace has none."""


class HandOverSheet(HandOverSchema):
    performed_by = person(N_("Handed over by"))
    second_person = person(N_("Received by"))


class AdministrationSheet(AdministrationSchema, ReadOff):
    performed_by = person(N_("Recorded by"))


class PaperCheckSchema(EvidenceSchema, CheckSheet):
    """The sheet of a check of the day, and its scan."""


class PaperDispensingSchema(EvidenceSchema, DispensingSheet):
    """The sheet of a dispensing, and its scan."""


class PaperHandOverSchema(EvidenceSchema, HandOverSheet):
    """The sheet of a hand-over, and its scan."""


class PaperAdministrationSchema(EvidenceSchema, AdministrationSheet):
    """The sheet of an infusion, and its scan."""
