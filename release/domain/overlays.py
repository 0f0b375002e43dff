"""The overlay of a container that is supplied out of specification: printed, applied by two, destroyed by two.

The label stays as it is and stays the one that is scanned; the overlay stands beside it (ATMP-11.5-LABEL).
"""

from __future__ import annotations

from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import N_, kind

OVERLAY_MISSING = kind(
    "OVERLAY_MISSING",
    409,
    N_("Container %(container)s does not carry the overlay that says it is out of specification."),
    resolver=N_("the pharmacist"),
    next_step=N_("Print the overlay on the page of the supply and put it on with a second person; then scan again."),
)
OVERLAY_OPEN = kind(
    "OVERLAY_OPEN",
    409,
    N_("There is already an overlay for container %(container)s: %(number)s (%(state)s)."),
    resolver=N_("you"),
    next_step=N_("Put that one on, or destroy it with a second person first."),
)


class OverlayStatus(StrEnum):
    PRINTED = "overlay_printed"
    APPLIED = "overlay_applied"
    DESTROYED = "overlay_destroyed"


LIVE_OVERLAYS = states(OverlayStatus.PRINTED, OverlayStatus.APPLIED)
OVERLAY = Lifecycle(
    record="overlay",
    states=OverlayStatus,
    transitions=(
        Transition(
            "apply_overlay",
            states(OverlayStatus.PRINTED),
            OverlayStatus.APPLIED,
            "oos_supply:overlay",
            meaning=("applied", "witnessed"),
        ),
        Transition(
            "destroy_overlay",
            LIVE_OVERLAYS,
            OverlayStatus.DESTROYED,
            "oos_supply:overlay",
            meaning=("destroyed", "witnessed"),
        ),
    ),
)
