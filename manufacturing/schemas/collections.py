"""Shapes of what is typed about a leukapheresis and its donor."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment, Number, YesNo
from manufacturing.domain.collections import NumberKind
from manufacturing.domain.donors import EXTRA, IN_WORDS, MARKER_NAMES, Marker, MarkerResult
from manufacturing.domain.units import ANALYTES

NUMBER_KINDS = [
    (NumberKind.FACILITY.value, N_("number of the facility")),
    (NumberKind.DIN.value, N_("ISBT 128 donation number (DIN)")),
]
WBC_UNITS = [(name, name) for name, _ in ANALYTES["wbc"].factors]
RESULTS = [(MarkerResult.NON_REACTIVE.value, "non_reactive"), (MarkerResult.REACTIVE.value, "reactive")]


def subject_code() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(2, 20),
        metadata={"label": N_("Subject code"), "widget": "scan", "help": N_("Scan or type it from the paper.")},
    )


def donation_number(label: str = N_("Donation number")) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(3, 30),
        metadata={"label": label, "widget": "scan", "help": N_("Scan or type it from the bag.")},
    )


def words(label: str, longest: int = 80, **metadata: str) -> fields.String:
    return fields.String(required=True, validate=validate.Length(2, longest), metadata={"label": label, **metadata})


def optional(label: str, longest: int = 80, **metadata: str) -> fields.String:
    return fields.String(
        load_default=None, validate=validate.Length(max=longest), metadata={"label": label, **metadata}
    )


class PlanSchema(Schema):
    subject_code = subject_code()
    donor_code = fields.String(
        required=True,
        validate=validate.Length(3, 20),
        metadata={
            "label": N_("Donor code"),
            "widget": "scan",
            "help": N_("A code such as DN-101; no number of a person."),
        },
    )
    grid = optional(
        N_("GRID of the donor"), 30, widget="scan", help=N_("Of an unrelated donor, from the registry's paper.")
    )
    number_kind = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in NUMBER_KINDS]),
        metadata={"label": N_("Kind of donation number"), "choices": NUMBER_KINDS},
    )
    number = donation_number()
    check_character = fields.String(
        load_default="",
        validate=validate.Length(max=1),
        metadata={"label": N_("Check character"), "help": N_("The boxed character beside a DIN that is typed.")},
    )
    planned_on = CalendarDay(required=True, metadata={"label": N_("Planned day")})
    mobilised = YesNo(required=True, metadata={"label": N_("Did or will the donor get G-CSF or plerixafor?")})
    consent_reference = fields.String(
        load_default=None,
        validate=validate.Length(max=60),
        metadata={
            "label": N_("Reference of the donor's consent"),
            "help": N_("Consent to this leukapheresis, not to the stem-cell donation."),
        },
    )
    consented_on = CalendarDay(load_default=None, metadata={"label": N_("Day of the donor's consent")})


class ReceiveSchema(Schema):
    number = donation_number(N_("Donation number on the bag"))
    subject_code = subject_code()
    sec = optional(
        N_("Single European Code"), 60, widget="scan", help=N_("From the accompanying paper, where it has one.")
    )
    started_at = Moment(required=True, metadata={"label": N_("Start of the leukapheresis")})
    ended_at = Moment(
        required=True,
        metadata={"label": N_("End of the leukapheresis"), "help": N_("The first shelf-life clock starts here.")},
    )
    shipped_at = Moment(required=True, metadata={"label": N_("Left the apheresis unit at")})
    received_at = Moment(required=True, metadata={"label": N_("Received at")})
    delay = optional(N_("Delay of the courier: how long, and why"), 300, help=N_("Leave it open when there was none."))
    mobilised = YesNo(required=True, metadata={"label": N_("Did the donor get G-CSF or plerixafor?")})
    container_intact = YesNo(required=True, metadata={"label": N_("Bag intact, seals closed?")})
    label_matches = YesNo(required=True, metadata={"label": N_("Do label and paper agree?")})
    free_of_clots = YesNo(required=True, metadata={"label": N_("Free of clots and haemolysis?")})
    temperature_c = Number(required=True, metadata={"label": N_("Temperature at receipt"), "unit": "°C"})
    logger_low_c = Number(
        load_default=None,
        metadata={
            "label": N_("Lowest temperature of the logger"),
            "unit": "°C",
            "help": N_("Both ends stay open only when the logger cannot be read; that is a deviation."),
        },
    )
    logger_high_c = Number(load_default=None, metadata={"label": N_("Highest temperature of the logger"), "unit": "°C"})
    volume_ml = Number(required=True, metadata={"label": N_("Volume"), "unit": "mL"})
    wbc = Number(
        required=True, metadata={"label": N_("White cells"), "help": N_("Number and unit as the print shows.")}
    )
    wbc_unit = fields.String(
        load_default="10^6/mL",
        validate=validate.OneOf([value for value, _ in WBC_UNITS]),
        metadata={"label": N_("Unit of the white cells"), "widget": "choice", "choices": WBC_UNITS},
    )
    viability = Number(required=True, metadata={"label": N_("Viability"), "unit": "%"})


def marker(name: str, help_text: str = "", group: str = "") -> fields.String:
    about = {"label": name, "widget": "choice", "choices": RESULTS, "help": help_text, "group": group}
    return fields.String(load_default=None, validate=validate.OneOf([value for value, _ in RESULTS]), metadata=about)


class _Donor(Schema):
    """The donor's record for one leukapheresis; results that are not known yet stay open."""

    sampled_at = Moment(required=True, metadata={"label": N_("Sample taken at"), "help": N_("Before the procedure.")})
    laboratory = words(N_("Laboratory"))
    kit = words(N_("Kit (CE/IVD)"))
    report_reference = words(N_("Number of the report"))
    anti_hiv = marker(MARKER_NAMES[Marker.ANTI_HIV])
    hbsag = marker(MARKER_NAMES[Marker.HBSAG])
    anti_hbc = marker(MARKER_NAMES[Marker.ANTI_HBC])
    anti_hcv = marker(MARKER_NAMES[Marker.ANTI_HCV])
    syphilis = marker(MARKER_NAMES[Marker.SYPHILIS])
    syphilis_specific = marker(MARKER_NAMES[Marker.SYPHILIS_SPECIFIC], N_("Needed when the first test is reactive."))
    htlv_risk = YesNo(
        required=True,
        metadata={"label": N_("Donor, partner or parents from an area where HTLV-I is common?")},
    )
    anti_htlv = marker(MARKER_NAMES[Marker.ANTI_HTLV])
    blood_or_colloids_48h = YesNo(
        required=True, metadata={"label": N_("Blood or colloids in the 48 h before the sample?")}
    )
    crystalloids_1h = YesNo(required=True, metadata={"label": N_("Crystalloids in the hour before the sample?")})
    identity_check = words(N_("How the donor's identity was checked"), 200, help=N_("The procedure, without names."))
    interview_suitable = YesNo(required=True, metadata={"label": N_("Interview: suitable as donor?")})
    examination_suitable = YesNo(required=True, metadata={"label": N_("Examination: suitable as donor?")})
    change_reason = optional(N_("Reason, when an earlier answer changes"), 300, widget="textarea")


WHERE = N_("Where an unrelated donor's cells come from")
MORE = N_("Tests that the protocol may ask for")
FROM = {
    "outside_eu": YesNo(load_default=None, metadata={"label": N_("Collected outside the EU or EEA?"), "group": WHERE}),
    "importing_establishment": optional(N_("Importing tissue establishment"), group=WHERE),
    "import_authorisation": optional(N_("Number of the import authorisation"), group=WHERE),
    "third_country_supplier": optional(N_("Supplier in the third country"), group=WHERE),
}
EXTRA_TESTS = {
    one.value: optional(MARKER_NAMES[one], 60, group=MORE) if one in IN_WORDS else marker(MARKER_NAMES[one], group=MORE)
    for one in EXTRA
}
DonorSchema = _Donor.from_dict({**EXTRA_TESTS, **FROM}, name="DonorSchema")


class AcceptSchema(Schema):
    assessment = fields.String(
        load_default=None,
        validate=validate.Length(max=2000),
        metadata={
            "label": N_("Assessment"),
            "widget": "textarea",
            "help": N_(
                "Risk of reactive anti-HBc or syphilis, dilution of the sample: what was found and why it is acceptable."
            ),
        },
    )


class AtRiskSchema(Schema):
    assessment = fields.String(
        required=True,
        validate=validate.Length(1, 2000),
        metadata={
            "label": N_("Risk assessment"),
            "widget": "textarea",
            "help": N_("Which results are awaited, why the cells cannot wait, and what happens when one is reactive."),
        },
    )


class WindowSchema(Schema):
    justification = fields.String(
        required=True,
        validate=validate.Length(1, 2000),
        metadata={
            "label": N_("Justification of the 30-day window"),
            "widget": "textarea",
            "help": N_("Why a sample from before the donation shows the donor as he was at the donation."),
        },
    )


class OpenSchema(Schema):
    volume_ml = Number(
        load_default=None,
        metadata={"label": N_("Volume taken"), "unit": "mL", "help": N_("All that is left, unless you say less.")},
    )


class SplitSchema(Schema):
    number = donation_number(N_("Donation number on the bag"))
    subject_code = subject_code()
    volume_ml = Number(required=True, metadata={"label": N_("Volume of the part"), "unit": "mL"})
    remainder_ml = Number(
        required=True,
        metadata={"label": N_("Volume that stays in the bag"), "unit": "mL", "help": N_("Measured, not computed.")},
    )
    lost_ml = Number(
        load_default=Decimal(0),
        metadata={"label": N_("Lost on the way"), "unit": "mL", "help": N_("What stayed in the tubing; 0 if nothing.")},
    )
    lost_reason = optional(N_("How it was lost"), 300)


class PartDestroySchema(Schema):
    code = fields.String(
        required=True,
        validate=validate.Length(3, 40),
        metadata={"label": N_("Code on the bag"), "widget": "scan", "help": N_("Scan it from the part in your hand.")},
    )
    method = words(N_("How it was destroyed"), 200)


class DisposeSchema(Schema):
    volume_ml = Number(required=True, metadata={"label": N_("Volume destroyed"), "unit": "mL"})
    method = words(N_("How it was destroyed"), 200)
