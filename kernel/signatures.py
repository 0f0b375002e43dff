"""Signatures: the server's seal over the exact content a person vouched for (hazards 4.2, decision 14)."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from kernel.tables import SignatureRow


@dataclass(frozen=True)
class Seal:
    """The server's Ed25519 key; it lives in a file outside the database."""

    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.public).hexdigest()[:12]

    def sign(self, document: str) -> str:
        return base64.b64encode(self.key.sign(document.encode("utf-8"))).decode("ascii")


def load_seal(path: Path) -> Seal:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    return Seal(key)


def make_seal(path: Path) -> None:
    """A new key file, readable by its owner only."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


@functools.lru_cache(maxsize=1024)
def seal_holds(public_key: bytes, document: str, seal: str) -> bool:
    """Of the same bytes the answer is always the same, so it is found once: a decision verifies a hundred of them."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            base64.b64decode(seal, validate=True), document.encode("utf-8")
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def signature_faults(row: SignatureRow, public_key: bytes) -> list[str]:
    """What is wrong with a stored signature: its seal, its digest, or columns that differ from what was signed."""
    if not seal_holds(public_key, row.document, row.seal):
        return ["seal"]
    document = json.loads(row.document)
    expected = {
        "record_entity": row.record_entity,
        "record_id": row.record_id,
        "record_version": row.record_version,
        "meaning": row.meaning,
        "signer_id": row.signer_id,
        "signer_name": row.signer_name,
        "content_sha256": row.content_sha256,
    }
    return [name for name, value in expected.items() if document.get(name) != value]
