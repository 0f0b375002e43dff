"""Refusals that are met seldom: days later, after other papers, or by people who were there before.

Not met here, because no process or specification of the example asks for it, so that no submission is one fault away:
values of a result that are missing (REPLICATES_MISSING), reconstitution (RECON_…), pooling (POOLING_…), a part by choice
(CONDITION_UNDECIDED), a step that counts cells (COUNT_MISSING), cultured cells (MYCOPLASMA_OMITTED), a formulation of no
cells (FORMULATION_COUNT_ZERO). SOD_QP_PH takes two certifications of one batch. A form has no box for N/A where a field
always applies (NA_NOT_ALLOWED).

Of labels: a batch of the example has one container, so that none is in hand beside another (LABEL_IN_PROGRESS), and all
carry full labels (LABEL_OUTER, LABEL_PACKAGE, LABEL_SUPERSEDED, LABEL_REPLACEMENT); what is printed comes from records that
are whole (MISSING_ITEM, LABEL_DONOR_STATUS, LABEL_GLYPH, LABEL_TEXT_TOO_LONG, LABEL_RECORD_DRIFT); there is one installation
with one key (WRONG_INSTANCE, LABEL_KEY_MISSING), no station (SCANNER_UNTESTED), and an administrator who holds no other role,
so that nobody approves the key he asked for (SOD_ACCESS). Files are no acts (LABEL_AT_PRINTER, LABELS_NONE_OPEN), and a
picture of more than 8 MB is not sent four times (PHOTO_TOO_LARGE). Their tests are in ``tests/unit``,
``tests/integration`` and ``tests/web/labels``.
"""

from __future__ import annotations

from datetime import timedelta

from tests.web.refusals.rows_giving import GIVEN_OUT, SCANNED
from tests.web.refusals.rows_lots import GIVEN
from tests.web.refusals.rows_results import CULTURE, INOCULATED, READING, REVIEWED, SEEN, STAGE_ONE, STAINED
from tests.web.refusals.rows_specifications import BEGUN, BOXES, DRAFT
from tests.web.refusals.rows_subjects import WEIGHT
from tests.web.refusals.rows_supply import IN_FORCE, ORDERED, PRINT, PUT_ON
from tests.web.refusals.scenes import FRESH, ago
from tests.web.refusals.sending import Other, Row, Sent, refused

OF_NK11 = {"label_code": "@payload:NK-11", "subject_code": "NK-11"}
OUT = {"ids": {"container_id": "@container:NK-03"}, "before": (SCANNED, GIVEN_OUT)}
OWN_LOT = {
    "who": FRESH,
    "ids": {"lot_id": "@kept:lot"},
    "before": (Sent(FRESH, "lot.receive", fields=GIVEN, keep="lot"),),
}
FINAL = (
    *STAINED,
    INOCULATED,
    timedelta(days=8),
    Sent("tech1", "sterility.conclude", CULTURE, READING | {"reading": "final_negative", "read_at": ago(days=-8)}),
    Sent("tech2", "result.verify", CULTURE, SEEN),
    REVIEWED,
)
GROWN_UP = Sent(
    "doctor1",
    "weight.record",
    {"subject_id": "@subject:NK-11"},
    WEIGHT | {"kg": "12", "kg_again": "12"},
    "nurse1",
)

B_CELLS = BOXES | {
    "title": "B cells",
    "key": "b_percent",
    "population": "CD19+ of viable CD45+",
    "comparison": "at_most",
    "alert": "1",
    "limit": None,
    "report_only": "yes",
    "mandatory": "no",
}

BASES = {
    "specification.change_criterion": Sent(
        "qa1", "specification.change_criterion", DRAFT | {"criterion": "b_percent"}, B_CELLS, before=(BEGUN,)
    ),
}
ROWS: list[Row] = [
    *refused(
        "batch.close",
        ("nobody says what became of it", Other(ids={"batch_id": "@batch:NK-03"}), "NOT_FINAL", "UNITS_OPEN"),
    ),
    *refused("container.destroy", ("it is on the way to the ward", Other(**OUT), "UNIT_OUT")),
    *refused("lot.approve", ("who received it", Other(**OWN_LOT), "SOD_LOT", "LOT_CERTIFICATE_MISSING")),
    *refused("kit.assemble", ("a lot that has expired", Other(before=(timedelta(days=800),)), "LOT_EXPIRED")),
    *refused(
        "specification.change_criterion",
        ("of no gate", {"parent": ""}, "GATE_UNKNOWN"),
        ("of two gates", {"population": "CD19+ of CD45+"}, "GATE_MIXED"),
    ),
    *refused("release.stage_one", ("every result is there", Other(before=FINAL), "PRODUCT_EXPIRED", "NOTHING_PENDING")),
    *refused(
        "container.scan",
        ("eight days later", Other(before=(timedelta(days=8),)), "WEIGHT_STALE", "ORDER_MISSING", "PRODUCT_EXPIRED"),
        (
            "certified, and not released by the sponsor",
            Other(fields=OF_NK11, before=(*STAINED, INOCULATED, REVIEWED, STAGE_ONE)),
            "NOT_SPONSOR_RELEASED",
            "ORDER_MISSING",
        ),
        ("supplied without its overlay", Other(fields=OF_NK11, before=(*IN_FORCE, *ORDERED)), "OVERLAY_MISSING"),
        (
            "the child weighs less than accepted",
            Other(fields=OF_NK11, before=(*IN_FORCE, PRINT, PUT_ON, *ORDERED, GROWN_UP)),
            "SUPPLY_STALE",
        ),
        verdict=True,
    ),
]
