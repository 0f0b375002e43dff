"""What the database must show after every step, read with plain SQL and checked with the standard library alone."""

from __future__ import annotations

import hashlib
import json
from copy import copy
from typing import Any

from tests.hostile.machine.world import World

OWN = ("trail", "trail_head", "trail_change")
VERSIONED = (
    *("test", "result", "disposition", "decision", "oos", "laboratory_phase", "hold", "label", "weight"),
    *("infusion_order", "eligibility", "scan", "dispensing", "hand_over", "administration", "deviation"),
    *("deviation_entry", "deviation_batch", "batch", "container", "subject", "trial", "collection", "donor", "step"),
    *("recall", "recall_batch", "recall_notice", "recall_unit", "signature", "person", "role_grant", "message"),
    *("oos_supply", "oos_notice", "oos_overlay"),
)
UNVERSIONED = ("idempotency",)
COUNTS = " UNION ALL ".join(
    [
        f"SELECT '{name}' AS name, count(*) AS rows, coalesce(sum(version), 0) AS versions FROM {name}"
        for name in VERSIONED
    ]
    + [f"SELECT '{name}', count(*), 0 FROM {name}" for name in UNVERSIONED]
)


class Ledger:
    """Counts and versions of every table of the story, and the trail as far as it was read."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seq, self.hash, self.at = 0, "", ""
        head = world.rows("SELECT seq, hash, at FROM trail ORDER BY seq DESC LIMIT 1")[0]
        self.seq, self.hash, self.at = head["seq"], head["hash"], str(head["at"])
        self.counts = self.count()

    def again(self) -> Ledger:
        """The same for a run that begins where this one stands."""
        return copy(self)

    def count(self) -> dict[str, tuple[int, int]]:
        return {one["name"]: (int(one["rows"]), int(one["versions"])) for one in self.world.rows(COUNTS)}

    def links(self) -> list[dict[str, Any]]:
        """The links since the last look, each checked against the one before it (I14, I17, I18)."""
        found = []
        for row in self.world.rows(f"SELECT * FROM trail WHERE seq > {self.seq} ORDER BY seq"):
            inner = hashlib.sha256(row["payload"].encode()).digest()
            proper = hashlib.sha256(b"\x01" + bytes.fromhex(row["prev_hash"]) + inner).hexdigest()
            assert (row["seq"], row["prev_hash"], row["hash"]) == (self.seq + 1, self.hash, proper), (
                "the chain is broken"
            )
            assert str(row["at"]) >= self.at, "the trail went back in time"
            self.seq, self.hash, self.at = row["seq"], row["hash"], str(row["at"])
            found.append({**json.loads(row["payload"]), "outcome": row["outcome"], "actor_id": row["actor_id"]})
        head = self.world.rows("SELECT seq, hash FROM trail_head")[0]
        assert (head["seq"], head["hash"]) == (self.seq, self.hash), "the head is not the last link"
        return found

    def after(self, *, done: bool, person: str) -> None:
        """One act: exactly one link by who did it; a refusal, nothing but links of refusals (I14, I16, I19)."""
        links, before = self.links(), self.counts
        self.counts = self.count()
        fallen = {name for name, (rows, _) in self.counts.items() if rows < before[name][0]}
        assert not fallen, f"rows are gone: {fallen}"
        if done:
            made = [one for one in links if one["outcome"] == "done"]
            assert len(links) == len(made) == 1, f"{len(made)} done of {len(links)} links"
            assert made[0]["actor_id"] == person, "somebody else's name is on it"
            return
        changed = {name for name, now in self.counts.items() if now != before[name]}
        assert not changed, f"a refused request changed {changed}"
        assert links, "a refusal is not on the trail"
        assert all(one["outcome"] == "refused" and not one.get("changes") for one in links)

    def unchanged(self) -> None:
        """Nothing at all happened."""
        assert not self.links()
        assert self.count() == self.counts
