"""What the kernel asks of the packages above about a controlled document; config/wiring.py plugs the answer in."""

from __future__ import annotations

from kernel.wiring import Port

consequences = Port("consequences")
"""``(session, document_id) -> dict``: what an approver is to be shown, and signs, of what this version would change."""
