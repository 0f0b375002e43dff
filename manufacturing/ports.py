"""Questions manufacturing asks of the packages above; config/wiring.py plugs the answers in."""

from __future__ import annotations

from kernel.wiring import Port

unreconciled_labels = Port("unreconciled_labels")
"""``(session, batch_id) -> int``: containers without exactly one applied label, and prints not accounted for."""
