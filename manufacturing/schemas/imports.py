"""What is sent with an export, and the boxes in which its columns are mapped."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Attachment, YesNo
from manufacturing.domain.imports.cells import COMMA, POINT
from manufacturing.domain.imports.mapping import FIELDS, INSTRUMENT, LONGEST, WORDS
from manufacturing.domain.imports.table import DELIMITERS
from manufacturing.domain.units import ANALYTES

FILE = {"label": N_("Export of the instrument"), "help": N_("CSV or other plain text, exactly as it was exported.")}
LOOKED = {"label": N_("I looked through it: it shows no name, birth date or hospital number of anybody treated")}
CODE = N_("2 to 24 capitals, digits and dashes.")


class ProposeSchema(Schema):
    file = Attachment(required=True, metadata=FILE)
    instrument = fields.String(
        required=True,
        validate=validate.Length(1, 24),
        metadata={"label": N_("Instrument"), "widget": "choice", "help": N_("Read by its mapping in force.")},
    )
    set_others_aside = YesNo(
        required=True,
        metadata={
            "label": N_("Set rows of other samples aside"),
            "help": N_("No: a row with a code that is no sample of this batch refuses the whole file."),
        },
    )
    looked_through = YesNo(required=True, metadata=LOOKED)


class ExampleSchema(Schema):
    instrument = fields.String(
        required=True,
        validate=validate.Regexp(INSTRUMENT.pattern + r"\Z", error=CODE),
        metadata={"label": N_("Instrument"), "help": CODE},
    )
    file = Attachment(required=True, metadata=FILE)
    looked_through = YesNo(required=True, metadata=LOOKED)


def title_box(label: str, group: str) -> fields.String:
    about = {"label": label, "group": group, "widget": "select"}
    return fields.String(load_default="", validate=validate.Length(max=LONGEST), metadata=about)


def unit_box(field: str, group: str) -> fields.String:
    units = [unit for unit, _ in ANALYTES[FIELDS[field]].factors]
    about = {
        "label": N_("Unit in the file"),
        "of": WORDS[field],
        "group": group,
        "widget": "select",
        "choices": [(one, one) for one in units],
    }
    return fields.String(load_default="", validate=validate.OneOf(["", *units]), metadata=about)


WHERE = N_("Where what stands")
MARKS_BOXES: dict[str, Any] = {
    "delimiter": fields.String(
        required=True,
        validate=validate.OneOf(list(DELIMITERS)),
        metadata={
            "label": N_("What separates the columns"),
            "group": WHERE,
            "choices": [(one, one) for one in DELIMITERS],
        },
    ),
    "decimal_mark": fields.String(
        required=True,
        validate=validate.OneOf([POINT, COMMA]),
        metadata={
            "label": N_("What stands before decimals"),
            "group": WHERE,
            "choices": [(POINT, N_("point")), (COMMA, N_("comma"))],
            "help": N_("Look at a number of which you know the size; it is never guessed."),
        },
    ),
    "sample": fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={"label": N_("Column with the code of the sample"), "group": WHERE, "widget": "select"},
    ),
    "population": title_box(N_("Column that names the population, where each has a row of its own"), WHERE),
    "value": title_box(N_("Column of its value"), WHERE),
}
VALUES = N_("Values")
VALUE_BOXES = {
    name: box
    for key, words in WORDS.items()
    for name, box in ((f"{key}_title", title_box(words, VALUES)), (f"{key}_unit", unit_box(key, VALUES)))
}
MappingSchema = Schema.from_dict({**MARKS_BOXES, **VALUE_BOXES}, name="MappingSchema")
