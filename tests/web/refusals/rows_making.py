"""Around the bench: parts of a leukapheresis, counts of cells, what a step is made with, kits, places."""

from __future__ import annotations

from config.products import BENCH
from manufacturing.domain.kits import kit_code
from tests.web.refusals.rows_bench import (
    AGAIN,
    ASSESSED,
    BATCH,
    BENCHED,
    EQUIPPED,
    EQUIPPED_AGAIN,
    INVESTIGATED,
    LABELLED,
    LEFT_OUT,
    NEXT,
    OUTSIDE,
    PERFORMED,
    REPORTED,
    RUN,
    SCANNED,
    SCANNED_AGAIN,
    SECOND,
    VERIFIED,
)
from tests.web.refusals.rows_collections import OF
from tests.web.refusals.rows_lots import KIT
from tests.web.refusals.scenes import ACCEPTED, RECEIVED, ago
from tests.web.refusals.sending import Other, Sent, refused

PARTED = {"number": ACCEPTED, "subject_code": "NK-07", "volume_ml": "100", "remainder_ml": "125"}
SPLIT = Sent("tech1", "collection.split", OF["accepted"], PARTED, "tech2", keep="part")
OPENED_PART = Sent("tech1", "batch.open_part", {"part_id": "@kept:part"})

DRAWN = {"kind": "in_process_control", "step": "4", "volume_ml": "0.1", "drawn_at": ago(minutes=1)}
TUBE = Sent("tech1", "sample.draw_batch", {"batch_id": "@batch:NK-06"}, DRAWN | {"supernatant_only": "no"}, keep="tube")
READ = {"wbc_1": "24.9", "viability_1": "97.8", "wbc_2": "25.1", "viability_2": "97.8"}
CHAMBER = {"method": "manual_dye_exclusion", "dye": "trypan blue", "dilution": "2", "instrument": "chamber 3"}
COUNT = Sent("tech1", "sample.count", {"sample_id": "@kept:tube"}, CHAMBER | READ | {"counted_at": ago()})
AS_COUNTED = Sent("tech1", "step.perform", BENCHED, {"performed_at": ago(), **RUN, **BENCH.depleted.not_counted()})

DEVIATED = (OUTSIDE, VERIFIED, REPORTED, INVESTIGATED, ASSESSED)
NOT_DONE = Sent("tech1", "condition.leave_out", SECOND, LEFT_OUT)
NEXT_DONE, AGAIN_DONE = (Sent("tech1", "step.perform", one, LABELLED) for one in (NEXT, AGAIN))

SHELF = {"code": "FR-09-Q", "title": "Refrigerator of the quarantine", "status_class": "quarantine"}
PLACE = Sent("qa1", "place.open", fields=SHELF, keep="place")
CARRIED = {"codes": "@code:NK-08", "moved_at": ago(), "temperature_c": "5.1", "device": "T-02"}
MOVED = Sent("tech1", "custody.move", {"place_id": "@kept:place"}, CARRIED, "tech2")

BASES = {
    "collection.split": SPLIT,
    "batch.open_part": Sent(**vars(OPENED_PART) | {"before": (SPLIT,)}),
    "sample.count": Sent(**vars(COUNT) | {"before": (TUBE,)}),
    "batch.take_kit": Sent("tech1", "batch.take_kit", BATCH, {"kit": kit_code(2026, 2)}, before=(KIT,)),
    "custody.move": Sent(**vars(MOVED) | {"before": (PLACE,)}),
    "place.close": Sent("qa1", "place.close", {"place_id": "@kept:place"}, before=(PLACE,)),
}

ROWS = [
    *refused(
        "collection.split",
        ("more than there is", {"volume_ml": "300"}, "SPLIT_BALANCE", "SPLIT_VOLUME"),
        ("the volumes do not add up", {"remainder_ml": "124"}, "SPLIT_BALANCE"),
        ("another number on the bag", {"number": RECEIVED}, "DONATION_MISMATCH"),
        ("one person for two", Other(second="tech1"), "SOD_SECOND"),
    ),
    *refused("batch.open_part", ("it went into a batch", Other(before=(SPLIT, OPENED_PART)), "PART_GONE")),
    *refused(
        "sample.count",
        ("half a third reading", {"wbc_3": "25.0"}, "COUNT_REPLICATES"),
        ("less than undiluted", {"dilution": "0.5"}, "COUNT_DILUTION"),
        ("before it was drawn", {"counted_at": ago(minutes=3)}, "TIME_ORDER"),
        ("in ten minutes", {"counted_at": ago(minutes=-10)}, "FUTURE_TIME"),
        ("not by QA", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused("step.perform", ("not the mean of its count", Other(before=(TUBE, COUNT)), "COUNT_DIFFERS")),
    *refused(
        "step.measure_again",
        ("nobody counted again", Other(before=(TUBE, COUNT, AS_COUNTED)), "COUNT_NOT_REPEATED"),
    ),
    *refused(
        "step.perform the next",
        ("no lot is on record", Other(before=(PERFORMED, VERIFIED, EQUIPPED)), "MATERIAL_MISSING"),
        ("no device is on record", Other(before=(PERFORMED, VERIFIED, SCANNED)), "EQUIPMENT_MISSING"),
    ),
    *refused(
        "condition.leave_out",
        (
            "a step of it is recorded",
            Other(before=(*DEVIATED, SCANNED_AGAIN, EQUIPPED_AGAIN, AGAIN_DONE)),
            "CONDITION_BEGUN",
        ),
    ),
    *refused(
        "condition.open",
        (
            "a later step is recorded",
            Other(before=(*DEVIATED, NOT_DONE, SCANNED, EQUIPPED, NEXT_DONE)),
            "CONDITION_PASSED",
        ),
    ),
    *refused(
        "batch.take_kit",
        ("a kit nobody assembled", {"kit": kit_code(2026, 99)}, "KIT_UNKNOWN"),
        ("the kit of another batch", {"kit": kit_code(2026, 1)}, "KIT_TAKEN"),
    ),
    *refused(
        "custody.move",
        ("a code that is nothing here", {"codes": "NK-99-1"}, "UNIT_COUNT", "UNIT_UNKNOWN"),
        ("one person for two", Other(second="tech1"), "SOD_SECOND"),
        ("in ten minutes", {"moved_at": ago(minutes=-10)}, "FUTURE_TIME"),
    ),
    *refused("place.close", ("something is in it", Other(before=(PLACE, MOVED)), "PLACE_NOT_EMPTY")),
]
