"""What QA enters about a printer, and what is chosen when a label is printed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from labels.domain.printers import RAW_PORT
from labels.domain.slots import PRODUCT, RESOLUTIONS


def words(label: str, longest: int, **about: str) -> fields.String:
    return fields.String(required=True, validate=validate.Length(2, longest), metadata={"label": label, **about})


def one_of(label: str, values: tuple[str, ...], **about: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(values),
        metadata={"label": label, "choices": [(value, value) for value in values], **about},
    )


class PrinterSchema(Schema):
    code = words(N_("Code of the printer"), 20, help=N_("For example: ZPL-01."))
    title = words(N_("What it is"), 80)
    host = words(N_("Address"), 120, help=N_("Its name or address on the network, for example 10.1.2.3."))
    port = fields.Integer(
        load_default=RAW_PORT,
        validate=validate.Range(1, 65_535),
        metadata={"label": N_("Port"), "help": N_("Usually 9100; it takes print jobs in ZPL.")},
    )
    dpi = one_of(N_("Resolution (dpi)"), tuple(RESOLUTIONS))
    slot = one_of(
        N_("Labels on its roll"), tuple(slot.value for slot in PRODUCT), help=N_("FULL and OUTER are one size.")
    )


class PrintLabelSchema(Schema):
    printer = fields.String(
        load_default="",
        validate=validate.Length(0, 64),
        metadata={"label": N_("Printer"), "widget": "choice", "help": N_("Without one you get a print file.")},
    )
    outer_printer = fields.String(
        load_default="",
        validate=validate.Length(0, 64),
        metadata={
            "label": N_("Printer for the label of the outer package"),
            "widget": "choice",
            "help": N_("Only with a small label."),
        },
    )
