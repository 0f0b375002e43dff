"""A stored signature is believed for its seal: whoever rewrites its text and its columns alike has no key for it."""

from __future__ import annotations

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kernel.canonical import canonical
from kernel.signatures import load_seal, make_seal, signature_faults
from kernel.tables import SignatureRow

pytestmark = pytest.mark.req("P11-70")
SIGNED = {
    "record_entity": "result",
    "record_id": "0123456789abcdef",
    "record_version": 2,
    "meaning": "verified",
    "signer_id": "fedcba9876543210",
    "signer_name": "Quinten Jansen",
    "content_sha256": "0" * 64,
}


@pytest.fixture
def seals(tmp_path):
    for name in ("ours", "another"):
        make_seal(tmp_path / name)
    return load_seal(tmp_path / "ours"), load_seal(tmp_path / "another")


def stored(signed, seal_of, **columns):
    return SignatureRow(**{**signed, **columns}, document=canonical(signed), seal=seal_of.sign(canonical(signed)))


def test_what_was_signed_has_no_fault(seals):
    ours, _ = seals
    assert signature_faults(stored(SIGNED, ours), ours.public) == []


def test_a_text_rewritten_together_with_its_columns_breaks_the_seal(seals):
    ours, _ = seals
    row = stored(SIGNED, ours)
    assert signature_faults(row, ours.public) == []
    row.meaning, row.document = "certified", canonical(json.loads(row.document) | {"meaning": "certified"})
    assert signature_faults(row, ours.public) == ["seal"]


@pytest.mark.parametrize("seal", ["", "not base64", "QUJD", "{}!", "{} "])
def test_what_is_no_seal_or_holds_more_than_one_is_none(seals, seal):
    ours, _ = seals
    row = stored(SIGNED, ours)
    row.seal = seal.format(row.seal)
    assert signature_faults(row, ours.public) == ["seal"]


def test_a_key_is_named_by_twelve_letters_of_its_public_part_and_read_by_its_owner_only(seals, tmp_path):
    ours, another = seals
    assert re.fullmatch("[0-9a-f]{12}", ours.key_id)
    assert ours.key_id != another.key_id
    assert (tmp_path / "ours").stat().st_mode & 0o777 == 0o600


def test_a_key_of_another_kind_seals_nothing(tmp_path):
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "ec").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(TypeError, match="Ed25519"):
        load_seal(tmp_path / "ec")


def test_another_key_is_another_installation(seals):
    ours, another = seals
    assert signature_faults(stored(SIGNED, another), ours.public) == ["seal"]


@pytest.mark.parametrize("column", SIGNED)
def test_each_column_is_what_the_text_says(seals, column):
    ours, _ = seals
    other = SIGNED[column] + 1 if column == "record_version" else "another"
    assert signature_faults(stored(SIGNED, ours, **{column: other}), ours.public) == [column]
