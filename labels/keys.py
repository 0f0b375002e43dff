"""The label keys of one installation: a file outside the database, readable by its owner only (decisions 15, 27).

``{"instance": "DEMO-7Q2KTV", "current": "C", "keys": {"C": "<64 hex digits>"}}``. Keys are never removed. ``current`` signs
until another one is put in use by two people (``labels/services/label_keys.py``), and old ones go on verifying the
labels they made. A key is no key of another installation.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from pathlib import Path

from labels.domain.payload import KEY_BYTES, MODHEX, LabelKeys

FILE = "labels.json"
DEMO = "DEMO-"
INSTANCE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class UnfitKeys(Exception):  # noqa: N818
    """The label keys cannot be used; the sentence says what to do."""


def make_label_keys(folder: Path, *, demo: bool = True) -> list[str]:
    """A new instance id and one key, where there are none. Returns the names of the files made.

    What exists is never replaced, and no other process ever sees half a file. ``demo`` is in the instance id: the
    keys of a demo do not open a production installation.
    """
    if (folder / FILE).exists():
        return []
    name = "".join(secrets.choice(INSTANCE_LETTERS) for _ in range(6))
    keys = LabelKeys({MODHEX[0]: secrets.token_bytes(KEY_BYTES)}, MODHEX[0], f"{DEMO if demo else 'NKT-'}{name}")
    fresh = written(folder, keys)
    try:
        os.link(fresh, folder / FILE)
    except FileExistsError:  # another process was first
        return []
    finally:
        fresh.unlink()
    return [FILE]


def installed_label_keys(folder: Path, *, demo: bool) -> LabelKeys:
    """The installation's keys; a demo or test instance makes them at its first start, production is given them."""
    if demo:
        make_label_keys(folder, demo=True)
    return load_label_keys(folder, demo=demo)


def load_label_keys(folder: Path, *, demo: bool) -> LabelKeys:
    """The keys from their file, or ``UnfitKeys``: missing, open to others, damaged, or of the other kind of instance."""
    path = folder / FILE
    if not path.exists():
        raise UnfitKeys(f"The label keys {path} are missing.")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnfitKeys(f"The label keys {path} can be read by others; set the mode of the file to 0600.")
    try:
        document = json.loads(path.read_text(encoding="ascii"))
        given = {letter: bytes.fromhex(key) for letter, key in document["keys"].items()}
        keys = LabelKeys(given, document["current"], document["instance"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnfitKeys(f"The label keys {path} are damaged ({type(error).__name__}).") from None
    if is_demo(keys) is not demo:
        raise UnfitKeys(f"The label keys {path} belong to a {'demo' if is_demo(keys) else 'production'} installation.")
    if any(len(set(key)) < 8 for key in keys.keys.values()):
        raise UnfitKeys(f"A key in {path} is not random.")
    return keys


class KeyFile:
    """The keys as their file has them now: it is read again when it was replaced, so that a new key needs no restart."""

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self.folder, self.demo = folder, demo
        self.keys = installed_label_keys(folder, demo=demo)
        self.stamp = self.read_stamp()

    def read_stamp(self) -> tuple[int, int, int] | None:
        """None for a file that is gone: it is then looked for again, and refused."""
        try:
            found = (self.folder / FILE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def __call__(self) -> LabelKeys:
        stamp = self.read_stamp()
        if stamp is None or stamp != self.stamp:
            self.keys = load_label_keys(self.folder, demo=self.demo)
            self.stamp = stamp
        return self.keys


def add_label_key(folder: Path, *, demo: bool) -> LabelKeys:
    """A new key under the next letter, which signs nothing before it is put in use. Sixteen at most."""
    before = load_label_keys(folder, demo=demo)
    free = [letter for letter in MODHEX if letter not in before.keys]
    if not free:
        raise UnfitKeys("All sixteen key letters are used.")
    keys = LabelKeys({**before.keys, free[0]: secrets.token_bytes(KEY_BYTES)}, before.current, before.instance)
    written(folder, keys).replace(folder / FILE)
    return keys


def is_demo(keys: LabelKeys) -> bool:
    """Whether labels of this installation say DEMO."""
    return keys.instance.startswith(DEMO)


def written(folder: Path, keys: LabelKeys) -> Path:
    """A complete file beside the real one, readable by its owner only, on the disk."""
    document = {
        "instance": keys.instance,
        "current": keys.current,
        "keys": {letter: key.hex() for letter, key in keys.keys.items()},
    }
    fresh = folder / f"{FILE}.{secrets.token_hex(4)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps(document, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return fresh
