"""The leukapheresis as starting material (requirements 14.1)."""

from __future__ import annotations

from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states


class CollectionStatus(StrEnum):
    PLANNED = "planned"
    RECEIVED_QUARANTINE = "received_quarantine"
    ACCEPTED = "accepted"
    IN_USE = "in_use"
    CONSUMED = "consumed"
    REJECTED = "rejected"


COLLECTION = Lifecycle(
    record="collection",
    states=CollectionStatus,
    transitions=(
        Transition(
            "receive",
            states(CollectionStatus.PLANNED),
            CollectionStatus.RECEIVED_QUARANTINE,
            "collection:receive",
            meaning=("received", "identity verified"),
        ),
        Transition(
            "accept",
            states(CollectionStatus.RECEIVED_QUARANTINE),
            CollectionStatus.ACCEPTED,
            "collection:accept",
            meaning=("donor eligible, starting material approved",),
        ),
        Transition(
            "reject",
            states(CollectionStatus.RECEIVED_QUARANTINE, CollectionStatus.ACCEPTED),
            CollectionStatus.REJECTED,
            "collection:reject",
            meaning=("rejected",),
        ),
        Transition("use", states(CollectionStatus.ACCEPTED), CollectionStatus.IN_USE, "batch:open"),
        Transition("consume", states(CollectionStatus.IN_USE), CollectionStatus.CONSUMED, "batch:complete"),
    ),
)
