"""Shapes of what is typed about a sample."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment, Number, YesNo
from manufacturing.domain.samples import SampleKind

KINDS = [(one.value, one.value) for one in SampleKind]


def text(label: str, longest: int, *, shortest: int = 1, required: bool = True, **about: Any) -> fields.String:
    """A short text with its label; ``about``: widget, help and the like."""
    given: dict[str, Any] = {"required": True} if required else {"load_default": None}
    return fields.String(validate=validate.Length(shortest, longest), metadata={"label": label, **about}, **given)


class DrawSchema(Schema):
    kind = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in KINDS]),
        metadata={"label": N_("Drawn for"), "choices": KINDS, "widget": "choice"},
    )
    volume_ml = Number(required=True, metadata={"label": N_("Volume drawn"), "unit": "mL"})
    drawn_at = Moment(required=True, metadata={"label": N_("Drawn at")})
    supernatant_only = YesNo(
        required=True,
        metadata={"label": N_("Supernatant only?"), "help": N_("A sample for culture holds cells; say why if not.")},
    )
    remark = text(N_("Purpose or explanation"), 300, required=False, widget="textarea")
    late_reason = text(N_("Reason of a late entry"), 300, required=False, widget="textarea")


class CollectionDrawSchema(DrawSchema):
    class Meta:
        exclude = ("late_reason",)


class BatchDrawSchema(DrawSchema):
    step = text(N_("In step"), 3, required=False, widget="choice", help=N_("A sample of a step, or of a container."))
    container = text(N_("Or from container"), 40, required=False, widget="scan")

    class Meta:
        fields = ("step", "container", "kind", "volume_ml", "drawn_at", "supernatant_only", "remark", "late_reason")


class ReceiveSchema(Schema):
    code = text(N_("Code on the tube"), 40, shortest=4, widget="scan")
    received_at = Moment(required=True, metadata={"label": N_("Received at")})
    laboratory = text(N_("Laboratory"), 80, shortest=2)


class TestedSchema(Schema):
    result_reference = text(
        N_("Result"), 60, shortest=3, widget="scan", help=N_("Number of the test, of the report or of the raw data.")
    )


class RetainSchema(Schema):
    kept_in = text(N_("Kept in"), 60, shortest=2, widget="scan")
    kept_until = CalendarDay(
        required=True,
        metadata={
            "label": N_("Not discarded before"),
            "help": N_("Two years after the end of the last trial that used the batch; at least two years from today."),
        },
    )


class DiscardSchema(Schema):
    exemption = text(
        N_("Exemption from retention"),
        300,
        required=False,
        widget="textarea",
        help=N_("Only for a retained sample whose time is not over."),
    )
