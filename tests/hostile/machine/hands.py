"""No one person is ever both hands: asked of the records after a run, not of the model (I7, S2, S3, S6, S7, S11)."""

from __future__ import annotations

from tests.hostile.machine.world import World

CERTIFICATES = ("stage1", "full", "stage2", "given")
OF_BOTH = (*CERTIFICATES, "review", "weight")
HANDS = (
    "SELECT entered_at AS at, entered_by AS who FROM result"
    " UNION ALL SELECT verified_at, verified_by FROM result WHERE verified_by IS NOT NULL"
    " UNION ALL SELECT inoculated_at, inoculated_by FROM test WHERE inoculated_by IS NOT NULL"
    " UNION ALL SELECT recorded_at, performed_by FROM step UNION ALL SELECT verified_at, verified_by FROM step"
)
PAIRS = (
    ("S6", "SELECT id, printed_by AS one, verified_by AS other FROM label"),
    ("S7", "SELECT id, dispensed_by AS one, checked_by AS other FROM dispensing"),
    ("S7", "SELECT id, cancelled_by AS one, cancel_checked_by AS other FROM dispensing WHERE cancelled_by IS NOT NULL"),
    (
        "S2",
        "SELECT r.id, h.entered_by AS one, r.verified_by AS other FROM result r"
        " JOIN result h ON h.test_id = r.test_id AND h.sequence <= r.sequence",
    ),
)


def both_hands(world: World) -> list[str]:
    found = [f"{rule} {row['id']}" for rule, query in PAIRS for row in world.rows(query) if row["one"] == row["other"]]
    return [*found, *deciders_with_a_hand_in_it(world)]


def deciders_with_a_hand_in_it(world: World) -> list[str]:
    """S3, S11: nobody decided who had a hand in the making, the testing or, for a certifier, the review, before or
    after."""
    decided = world.rows("SELECT kind, decided_by FROM decision ORDER BY sequence")
    hands = [(one["who"], "tested") for one in world.rows(HANDS)]
    hands += [(one["decided_by"], "reviewed") for one in decided if one["kind"] == "review"]
    found = []
    for one in (row for row in decided if row["kind"] in OF_BOTH):
        excluded = {"tested"} if one["kind"] == "review" else {"tested", "reviewed"}
        mine = [what for who, what in hands if who == one["decided_by"] and what in excluded]
        found += [f"{one['decided_by']} {what} and signed {one['kind']}" for what in mine]
    return found
