"""A second opinion on a database, with none of the application's code: files, keys, and the chain of the trail."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any

import psycopg

from tests.databases import sqlite_url
from tests.races.installations import Installation

LINKS = "SELECT seq, payload, prev_hash, hash FROM trail ORDER BY seq"
INDEX = "SELECT seq, record_id, version FROM trail_change"
HEAD = "SELECT seq, hash FROM trail_head"


def looked_at(here: Installation) -> list[str]:
    """What is wrong with the file and the chain; nothing if all is well."""
    if here.source is not None:
        address = here.app_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address) as connection:
            return chain_faults(*(connection.execute(one).fetchall() for one in (LINKS, INDEX, HEAD)))
    connection = sqlite3.connect(sqlite_url(here.folder).removeprefix("sqlite:///"))
    try:
        told = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        told += [f"foreign key of {row[0]}" for row in connection.execute("PRAGMA foreign_key_check")]
        return told + chain_faults(*(connection.execute(one).fetchall() for one in (LINKS, INDEX, HEAD)))
    finally:
        connection.close()


def chain_faults(links: list[Any], index: list[Any], head: list[Any]) -> list[str]:
    """Every link follows the one before, gives its hash, and names exactly the changes the index has of it."""
    wrong, before, number, changed = [], "0" * 64, 0, set()
    for seq, payload, prev_hash, stored in links:
        number += 1
        if seq != number or prev_hash != before:
            wrong.append(f"link {seq} does not follow link {number - 1}")
        inner = hashlib.sha256(payload.encode()).digest()
        if hashlib.sha256(b"\x01" + bytes.fromhex(prev_hash) + inner).hexdigest() != stored:
            wrong.append(f"link {seq} does not give its hash")
        changed |= {(seq, one["id"], one["version"]) for one in json.loads(payload).get("changes", ())}
        before = stored
    if changed != {tuple(row) for row in index}:
        wrong.append(f"index and trail differ in {len(changed ^ {tuple(row) for row in index})} places")
    if [tuple(row) for row in head] != [(number, before)]:
        wrong.append(f"the head is {head}, the last link {number}")
    return wrong
