"""What is asked of QA, the QP and the sponsor before they sign."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import YesNo

LONGEST = 2000
PERSONAL = N_("Personal statements")


class ReviewSchema(Schema):
    difference_answer = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST),
        metadata={
            "label": N_("Explanation of the difference between formulation and release count"),
            "widget": "textarea",
            "help": N_("Needed when the two differ by more than the tolerance of the specification."),
        },
    )


class CertifySchema(Schema):
    deviation_assessment = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST),
        metadata={
            "label": N_("Why the deviations do not affect quality and safety"),
            "widget": "textarea",
            "help": N_("Needed when the batch has deviations."),
        },
    )
    superseding_reason = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST),
        metadata={
            "label": N_("Why this certification takes the place of the earlier one"),
            "widget": "textarea",
            "help": N_("Needed when the record was corrected after an earlier certification; it is in the register."),
        },
    )
    manufacturing_authorised = YesNo(
        required=True,
        metadata={"label": N_("The manufacturing authorisation permits this product"), "group": PERSONAL},
    )
    national_duties = YesNo(
        required=True,
        metadata={"label": N_("I have fulfilled my duties as QP under national law"), "group": PERSONAL},
    )
    register_entry = YesNo(
        required=True,
        metadata={"label": N_("This certification is to be entered in the register"), "group": PERSONAL},
    )


class SponsorSchema(Schema):
    trial_authorised = YesNo(
        required=True, metadata={"label": N_("The trial is authorised and this protocol version is in force")}
    )
    site_ready = YesNo(required=True, metadata={"label": N_("The site may treat this subject")})
