"""Questions the release package asks of the installation; config/wiring.py plugs the answers in."""

from __future__ import annotations

from kernel.wiring import Port

integrity_faults = Port("integrity_faults")
"""``(session, batch_id) -> list[str]``: what is wrong with the batch's records, trail and signatures (INT-VERIFY)."""

mail_is_sent = Port("mail_is_sent")
"""``() -> bool``: whether this installation has a mail server."""

receiver_secret = Port("receiver_secret")
"""``(key_id) -> bytes``: the secret of a key of a receiver, which follows from the installation's own key."""

hosts_inside = Port("hosts_inside")
"""``() -> frozenset[str]``: hosts of receivers that the configuration names, within this network or unencrypted."""
