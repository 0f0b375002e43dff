"""Questions manufacturing asks of the packages above; config/wiring.py plugs the answers in."""

from __future__ import annotations

from kernel.wiring import Port

unreconciled_labels = Port("unreconciled_labels")
"""``(session, batch_id) -> int``: containers without exactly one applied label, and prints not accounted for."""

container_classes = Port("container_classes")
"""``(session, container_ids) -> {id: PlaceClass}``: the status of storage places in which a container belongs."""

administered_containers = Port("administered_containers")
"""``(session, container_ids) -> set[container_id]``: those of which a subject was given something."""

labelled_container = Port("labelled_container")
"""``(session, text) -> container_id | None``: the container on which the scanned label stands."""

judged_criteria = Port("judged_criteria")
"""``(session, batch_id) -> [(criterion, outcome)]``: the verdicts of the specification as the records stand."""

deciders = Port("deciders")
"""``(session, batch_id) -> set[person_id]``: who ever reviewed, certified or judged the batch, or stood for its supply
out of specification."""
