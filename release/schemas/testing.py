"""Results as forms: the fields follow the kind of the criterion, the outcome is never one of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment, Number, YesNo
from manufacturing.schemas.measurements import measured_field
from release.domain.criteria import Criterion, Kind, Sterility
from release.domain.entries import MYCOPLASMA, MYCOPLASMA_METHODS, OTHER, operators_of, units_of, value_names

LONGEST = 200
ORDINALS = (
    *(N_("First value"), N_("Second value"), N_("Third value"), N_("Fourth value"), N_("Fifth value")),
    *(N_("Sixth value"), N_("Seventh value"), N_("Eighth value"), N_("Ninth value"), N_("Tenth value")),
)
MOST_EVENTS = 100_000_000
WORDS = {
    "=": N_("= exactly"),
    "<": N_("< less than"),
    ">": N_("> more than"),
    Sterility.FINAL_NEGATIVE.value: N_("final negative: no growth after the whole incubation"),
    Sterility.POSITIVE.value: N_("positive: growth"),
}


def method_field() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 120), metadata={"label": N_("Method")})


def mycoplasma_method() -> fields.String:
    """Which of the methods of Ph. Eur. 2.6.7 was used is part of the result (PHE-2.6.7)."""
    return fields.String(
        required=True,
        validate=validate.OneOf(MYCOPLASMA_METHODS),
        metadata={"label": N_("Method"), "choices": [(one, one) for one in MYCOPLASMA_METHODS], "widget": "select"},
    )


def sample_fields() -> dict[str, fields.Field[Any]]:
    """Which tube was measured; or the container itself, of which no tube is drawn."""
    return {
        "sample": fields.String(
            load_default=None,
            validate=validate.Length(max=40),
            metadata={"label": N_("Sample"), "widget": "scan", "help": N_("The code on the tube that was measured.")},
        ),
        "of_container": YesNo(
            load_default=False,
            metadata={
                "label": N_("Measured on the container itself?"),
                "help": N_("Yes for volume, appearance and the like: no tube was drawn for it."),
            },
        ),
    }


def reference_field() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(1, 120),
        metadata={
            "label": N_("Raw data"),
            "help": N_("Where the print or file is: instrument, run or file number. The second person opens it."),
        },
    )


def value_field(place: int, of: int) -> Number:
    """The only value, or one of several: each is entered, never their mean (ATMP-CALC)."""
    label = N_("Value") if of == 1 else ORDINALS[place - 1]
    return Number(
        required=True,
        metadata={"label": label, "help": N_("As on the print, with a decimal point; 1.2e6 is accepted.")},
    )


def number_fields(criterion: Criterion) -> dict[str, fields.Field[Any]]:
    units = units_of(criterion)
    return {
        "operator": fields.String(
            load_default="=",
            validate=validate.OneOf(["=", "<", ">"]),
            metadata={
                "label": N_("Sign before the value"),
                "choices": [(sign, WORDS[sign]) for sign in operators_of(criterion)],
                "help": N_("“<” and “>” only when the instrument says so."),
            },
        ),
        **{name: value_field(place, criterion.replicates) for place, name in enumerate(value_names(criterion), 1)},
        "unit": fields.String(
            required=True,
            validate=validate.Length(1, 20),
            metadata={"label": N_("Unit"), "choices": [(unit, unit) for unit in units]},
        ),
    }


class Count(Number):
    """A number of events: whole, as text like every number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        number = super()._deserialize(value, attr, data, **kwargs)
        if number != number.to_integral_value() or not 0 <= number <= MOST_EVENTS:
            raise ValidationError(N_("Give a whole number of events."))
        return int(number)


def count_fields() -> dict[str, fields.Field[Any]]:
    """The events decide the bound that is compared, so they are entered and not the quotient (decision 31)."""
    return {
        "events": Count(
            required=True,
            metadata={"label": N_("Counted events"), "help": N_("0 is a count; it is judged at its upper 95 % bound.")},
        ),
        "bead_events": Count(required=True, metadata={"label": N_("Bead events")}),
        "beads_per_tube": Number(required=True, metadata={"label": N_("Beads per tube")}),
        "sample_volume": Number(required=True, metadata={"label": N_("Sample volume"), "unit": "µL"}),
        "dilution": Number(
            load_default=None,
            metadata={"label": N_("Dilution factor"), "help": N_("1 when the sample was not diluted.")},
        ),
    }


def word_fields(criterion: Criterion) -> dict[str, fields.Field[Any]]:
    choices = [(text, text) for text in criterion.texts]
    return {
        "text": fields.String(
            required=True,
            validate=validate.OneOf([*criterion.texts, OTHER]),
            metadata={"label": N_("Finding"), "choices": [*choices, (OTHER, N_("something else"))]},
        ),
        "finding": fields.String(
            load_default=None,
            validate=validate.Length(max=LONGEST),
            metadata={
                "label": N_("What was found"),
                "widget": "textarea",
                "help": N_("Only for “something else”: this is out of specification."),
            },
        ),
    }


def entry_fields(criterion: Criterion) -> dict[str, fields.Field[Any]]:
    """What is asked for one criterion."""
    about = {
        **sample_fields(),
        "method": mycoplasma_method() if criterion.key == MYCOPLASMA else method_field(),
        "measured_at": measured_field(),
        "raw_data_reference": reference_field(),
    }
    if criterion.kind is Kind.STERILITY:
        return conclusion_fields()
    if criterion.by_beads:
        return {**count_fields(), **about}
    return {**(word_fields(criterion) if criterion.kind is Kind.QUALITATIVE else number_fields(criterion)), **about}


def conclusion_fields() -> dict[str, fields.Field[Any]]:
    readings = (Sterility.FINAL_NEGATIVE.value, Sterility.POSITIVE.value)
    return {
        "reading": fields.String(
            required=True,
            validate=validate.OneOf(readings),
            metadata={"label": N_("Reading"), "choices": [(one, WORDS[one]) for one in readings]},
        ),
        **reading_fields(),
    }


def reading_fields() -> dict[str, fields.Field[Any]]:
    return {
        "read_at": Moment(
            required=True,
            metadata={"label": N_("Read at"), "help": N_("When it was read, not when you type.")},
        ),
        "method": method_field(),
        "raw_data_reference": reference_field(),
    }


def entry_schema_of(criterion: Criterion) -> Schema:
    return Schema.from_dict(entry_fields(criterion), name="ResultSchema")()


class InoculateSchema(Schema):
    sample = sample_fields()["sample"]
    inoculated_at = Moment(
        required=True,
        metadata={"label": N_("Inoculated at"), "help": N_("The incubation is counted from this time.")},
    )


ReadSchema = Schema.from_dict(reading_fields(), name="ReadSchema")
ConcludeSchema = Schema.from_dict(conclusion_fields(), name="ConcludeSchema")


class ReopenSchema(Schema):
    evidence = fields.String(
        required=True,
        validate=validate.Length(10, LONGEST),
        metadata={
            "label": N_("Evidence of the slip"),
            "widget": "textarea",
            "help": N_("What the raw data show and what was entered instead: file, run, line."),
        },
    )


class VerifySchema(Schema):
    raw_data_seen = YesNo(
        required=True, metadata={"label": N_("I opened the raw data, and value, unit, method and time agree with it")}
    )
