"""Which tests a donor of one leukapheresis needs, what their results mean, and who belongs to whom.

Source: Dir. 2006/17 Annex II 1, Dir. (EU) 2015/566; requirements 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.refusals import ID_FORMAT, N_, Refusal, kind


class Marker(StrEnum):
    ANTI_HIV = "anti_hiv"
    HBSAG = "hbsag"
    ANTI_HBC = "anti_hbc"
    ANTI_HCV = "anti_hcv"
    SYPHILIS = "syphilis"
    SYPHILIS_SPECIFIC = "syphilis_specific"
    ANTI_HTLV = "anti_htlv"
    CMV = "cmv"
    EBV = "ebv"
    TOXOPLASMA = "toxoplasma"
    MALARIA = "malaria"
    T_CRUZI = "t_cruzi"
    HEV = "hev"
    ABO_RHD = "abo_rhd"
    HLA = "hla"


class MarkerResult(StrEnum):
    NON_REACTIVE = "non_reactive"
    REACTIVE = "reactive"
    RECORDED = "recorded"


MARKER_NAMES = {
    Marker.ANTI_HIV: "anti-HIV-1/2",
    Marker.HBSAG: "HBsAg",
    Marker.ANTI_HBC: "anti-HBc",
    Marker.ANTI_HCV: "anti-HCV",
    Marker.SYPHILIS: "syphilis (T. pallidum)",
    Marker.SYPHILIS_SPECIFIC: "syphilis, specific test",
    Marker.ANTI_HTLV: "anti-HTLV-I",
    Marker.CMV: "CMV",
    Marker.EBV: "EBV",
    Marker.TOXOPLASMA: "toxoplasma",
    Marker.MALARIA: "malaria",
    Marker.T_CRUZI: "T. cruzi",
    Marker.HEV: "HEV",
    Marker.ABO_RHD: "ABO/RhD",
    Marker.HLA: "HLA",
}
ALWAYS = (Marker.ANTI_HIV, Marker.HBSAG, Marker.ANTI_HBC, Marker.ANTI_HCV, Marker.SYPHILIS)
# What a protocol may require besides (Annex II 1.5); the last two have a finding in words, not a reaction.
IN_WORDS = (Marker.ABO_RHD, Marker.HLA)
EXTRA = (Marker.CMV, Marker.EBV, Marker.TOXOPLASMA, Marker.MALARIA, Marker.T_CRUZI, Marker.HEV, *IN_WORDS)
# Common in healthy adults: written down for the physician, neither excluding nor a hazard on the label.
INFORMATIVE = frozenset({Marker.CMV, Marker.EBV, Marker.TOXOPLASMA})
ASSESSABLE = frozenset({Marker.ANTI_HBC, Marker.SYPHILIS_SPECIFIC, Marker.MALARIA, Marker.T_CRUZI, Marker.HEV})
UNRELATED = "volunteer_unrelated"
DONOR_CODE = re.compile(r"[A-Z][A-Z0-9-]{2,19}", re.ASCII)

DONOR_TEST_MISSING = kind(
    "DONOR_TEST_MISSING",
    409,
    N_("The donor's %(marker)s is not on record."),
    resolver=N_("the technician or QA"),
    next_step=N_("Enter the laboratory's result with laboratory, kit and report."),
)
DONOR_NOT_ELIGIBLE = kind(
    "DONOR_NOT_ELIGIBLE",
    409,
    N_("The donor is not eligible: %(finding)s."),
    resolver=N_("nobody: this finding excludes the donation"),
    next_step=N_("Reject the collection."),
)
DONOR_RISK_ASSESSMENT = kind(
    "DONOR_RISK_ASSESSMENT",
    409,
    N_("%(marker)s is reactive and its risk assessment is missing."),
    resolver=N_("QA"),
    next_step=N_("Write the assessment with its evidence, then accept; or reject the collection."),
)
DONOR_MISMATCH = kind(
    "DONOR_MISMATCH",
    409,
    N_("Donor %(donor)s and subject %(subject)s do not belong together: each subject has one stem-cell donor."),
    resolver=N_("nobody: donor and subject stay together for ever"),
    next_step=N_("Compare both codes with the paper of the transplant."),
)
IMPORT_MISSING = kind(
    "IMPORT_MISSING",
    409,
    N_("For a collection of an unrelated donor this is not on record: %(missing)s."),
    resolver=N_("the technician or QA"),
    next_step=N_("Enter it from the papers of the importing tissue establishment, in the donor's record."),
)


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """Where an unrelated donor's cells come from (TC-566-IMP). ``outside_eu`` None is unanswered."""

    donor_type: str = ""
    outside_eu: bool | None = None
    establishment: str | None = None
    authorisation: str | None = None
    supplier: str | None = None


def pending_markers(results: Mapping[str, str], *, htlv_risk: bool | None, required: Iterable[str] = ()) -> list[str]:
    """Names of the tests without a result. A reactive non-specific syphilis test asks for the specific one."""
    wanted = [*ALWAYS]
    if results.get(Marker.SYPHILIS) == MarkerResult.REACTIVE:
        wanted.append(Marker.SYPHILIS_SPECIFIC)
    if htlv_risk:
        wanted.append(Marker.ANTI_HTLV)
    wanted.extend(one for one in EXTRA if one in set(required))
    return [MARKER_NAMES[one] for one in wanted if one not in results]


def missing_refusals(
    results: Mapping[str, str], *, htlv_risk: bool | None, required: Iterable[str] = ()
) -> tuple[Refusal, ...]:
    """One refusal for each test without a result; the HTLV question must be answered, and “yes” asks its marker."""
    missing = [
        DONOR_TEST_MISSING(marker=one) for one in pending_markers(results, htlv_risk=htlv_risk, required=required)
    ]
    if htlv_risk is None:
        missing.append(DONOR_TEST_MISSING(marker=N_("answer to the HTLV question")))
    return tuple(missing)


def reactive_markers(results: Mapping[str, str]) -> tuple[Marker, ...]:
    """Reactions that count: not those every second adult has, and not a syphilis screening its specific test cleared."""
    found = [one for one in Marker if results.get(one) == MarkerResult.REACTIVE and one not in INFORMATIVE]
    cleared = results.get(Marker.SYPHILIS_SPECIFIC) == MarkerResult.NON_REACTIVE
    return tuple(one for one in found if not (cleared and one is Marker.SYPHILIS))


def reactive_refusals(results: Mapping[str, str], *, assessed: bool) -> tuple[Refusal, ...]:
    """anti-HBc, the specific syphilis test and some extra ones are assessed (Annex II 1.3-1.5); others exclude."""
    refusals = []
    for marker in reactive_markers(results):
        if marker is Marker.SYPHILIS:
            continue
        if marker not in ASSESSABLE:
            refusals.append(DONOR_NOT_ELIGIBLE(finding=f"{MARKER_NAMES[marker]} reactive"))
        elif not assessed:
            refusals.append(DONOR_RISK_ASSESSMENT(marker=MARKER_NAMES[marker]))
    return tuple(refusals)


def import_refusals(facts: ImportFacts) -> tuple[Refusal, ...]:
    """From outside the EU/EEA: importing establishment, its authorisation and the supplier are known (2015/566)."""
    if facts.donor_type != UNRELATED or facts.outside_eu is False:
        return ()
    if facts.outside_eu is None:
        return (IMPORT_MISSING(missing=N_("whether it comes from outside the EU or EEA")),)
    wanted = (
        (facts.establishment, N_("importing tissue establishment")),
        (facts.authorisation, N_("import authorisation")),
        (facts.supplier, N_("third-country supplier")),
    )
    return tuple(IMPORT_MISSING(missing=name) for value, name in wanted if not (value or "").strip())


def donor_code_refusals(code: str) -> tuple[Refusal, ...]:
    """A local code that begins with a letter, so that no number of a person fits."""
    if DONOR_CODE.fullmatch(code):
        return ()
    expected = N_("3 to 20 capital letters, digits and hyphens, first a letter")
    return (ID_FORMAT(name=N_("Donor code"), expected=expected, field="donor_code"),)


def donor_pair_refusals(
    donor: str, subject: str, *, subject_of_donor: str | None, donors_of_subject: Iterable[str]
) -> tuple[Refusal, ...]:
    """One donor for one subject, one subject for one donor (F-COI-1, TR-DONORTYPE)."""
    taken = subject_of_donor is not None and subject_of_donor != subject
    other = any(known != donor for known in donors_of_subject)
    return (DONOR_MISMATCH(donor=donor, subject=subject, field="donor_code"),) if taken or other else ()
