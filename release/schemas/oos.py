"""Shapes of what is typed about a result out of specification."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import YesNo
from release.domain.oos import CHECKLIST, MOST_REPLICATES, Answer, CultureFault, RetestSample

LONGEST = 2000
ANSWERS = [
    (Answer.YES.value, N_("yes, in order")),
    (Answer.NO.value, N_("no, not in order")),
    (Answer.NOT_APPLICABLE.value, N_("not applicable")),
]
GROUNDS = [
    (CultureFault.FACILITY.value, N_("monitoring of the test facility shows a fault")),
    (CultureFault.PROCEDURE.value, N_("review of the test procedure shows a fault")),
    (CultureFault.CONTROLS.value, N_("growth in the negative controls")),
    (CultureFault.MATERIALS.value, N_("the organism came from material or technique of the test")),
]
SAMPLES = [
    (RetestSample.SAME.value, N_("the same sample")),
    (RetestSample.NEW.value, N_("another sample")),
]


def words(label: str, **metadata: Any) -> fields.String:
    about = {"label": label, "widget": "textarea", **metadata}
    return fields.String(required=True, validate=validate.Length(1, LONGEST), metadata=about)


def choice(label: str, choices: list[tuple[str, str]], **metadata: Any) -> fields.String:
    known = [value for value, _ in choices]
    about = {"label": label, "choices": choices, **metadata}
    return fields.String(required=True, validate=validate.OneOf(known), metadata=about)


def checklist_fields() -> dict[str, fields.Field[Any]]:
    """Each point with its answer and its words."""
    found: dict[str, fields.Field[Any]] = {}
    for key, question in CHECKLIST.items():
        found[key] = choice(question, ANSWERS)
        found[f"{key}_words"] = fields.String(
            required=True,
            validate=validate.Length(1, LONGEST),
            metadata={"label": N_("What was looked at, and what was found"), "of": question},
        )
    return found


LaboratorySchema = Schema.from_dict(
    {
        **checklist_fields(),
        "cause_found": YesNo(
            required=True,
            metadata={
                "label": N_("The failure has an assignable cause in the laboratory"),
                "help": N_("Without one the first result stands; it is never “probably the assay”."),
            },
        ),
        "conclusion": words(N_("Conclusion")),
    },
    name="LaboratorySchema",
)


class ConfirmOosSchema(Schema):
    decision = words(
        N_("Beyond the laboratory: what was looked at and decided"),
        help=N_("Manufacture, starting material, other batches that may be affected."),
    )


def invalidate_fields(*, culture: bool) -> dict[str, fields.Field[Any]]:
    found: dict[str, fields.Field[Any]] = {
        "cause": words(N_("Assignable cause"), help=N_("What happened, and how the evidence shows it."))
    }
    if culture:
        found["ground"] = choice(N_("Ground named by the method"), GROUNDS)
    return found


def invalidate_schema_of(*, culture: bool) -> Schema:
    return Schema.from_dict(invalidate_fields(culture=culture), name="InvalidateSchema")()


class RetestSchema(Schema):
    sample_choice = choice(N_("Which sample is tested again"), SAMPLES)
    sample = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Code of the sample"), "widget": "choice"},
    )
    analyst = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Analyst"), "widget": "choice", "help": N_("Only this person enters the values.")},
    )
    replicates = fields.Integer(
        required=True,
        validate=validate.Range(1, MOST_REPLICATES),
        metadata={
            "label": N_("Number of values"),
            "help": N_("Fixed now. Every single value has to meet the limit; no mean is taken."),
        },
    )
    rationale = words(N_("Why this sample and this number of values"))
