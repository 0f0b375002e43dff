"""Shapes of what is sent about people."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment

LOGIN = validate.Regexp(r"[a-z][a-z0-9.-]{2,31}\Z", error=N_("3 to 32 lower-case letters, digits, dots or dashes."))


class PersonSchema(Schema):
    login = fields.String(required=True, validate=LOGIN, metadata={"label": N_("User id"), "staff": True})
    full_name = fields.String(
        required=True, validate=validate.Length(2, 80), metadata={"label": N_("Full name"), "staff": True}
    )
    roles = fields.List(
        fields.String(validate=validate.Length(1, 8)),
        required=True,
        validate=validate.Length(1, 9),
        metadata={"label": N_("Roles")},
    )
    language = fields.String(
        required=True,
        validate=validate.OneOf(["nl", "en"]),
        metadata={"label": N_("Language"), "choices": [("nl", N_("Dutch")), ("en", N_("English"))]},
    )
    valid_until = Moment(metadata={"label": N_("Valid until"), "help": N_("For a QP: the end of the appointment.")})


class ApprovePersonSchema(Schema):
    identity_check = fields.String(
        required=True,
        validate=validate.Length(5, 200),
        metadata={
            "label": N_("How the identity was checked"),
            "help": N_("For example: staff card seen at the desk. No document numbers."),
        },
    )


class RoleSchema(Schema):
    role = fields.String(
        required=True, validate=validate.Length(1, 8), metadata={"label": N_("Role"), "widget": "choice"}
    )
    valid_until = Moment(metadata={"label": N_("Valid until")})
