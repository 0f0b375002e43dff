"""What is recorded about a report of a serious reaction."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment


def reference(label: str, help_text: str) -> fields.String:
    return fields.String(required=True, validate=validate.Length(2, 80), metadata={"label": label, "help": help_text})


class ReportSchema(Schema):
    reported_at = Moment(required=True, metadata={"label": N_("Reported at"), "help": N_("When it was really made.")})
    reference = reference(N_("Reference"), N_("What the receiver gave, for example the number in the safety database."))


class JudgementSchema(Schema):
    reference = reference(N_("Reference"), N_("The safety information it is judged by, with version and section."))


class LinkSchema(Schema):
    reference = reference(N_("Reference"), N_("What it is judged by, for example the quality check of this reaction."))
