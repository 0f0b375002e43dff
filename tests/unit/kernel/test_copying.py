"""A file that cannot be read as a complete copy is a fault with a sentence, whatever is in it (P11-10b)."""

from __future__ import annotations

import base64
import json
from zipfile import ZipFile

import pytest

from kernel.copying.checking import check_file
from kernel.copying.domain import CHAIN, FORMAT, MANIFEST, TRAIL


@pytest.mark.req("P11-10b")
@pytest.mark.parametrize(
    ("name", "body"),
    [
        (MANIFEST, b"[]"),
        (TRAIL, b"[1]"),
        (TRAIL, b"[" * 100_000),
        (CHAIN, b"seq,prev,inner,hash\n" + b"1" * 200_000),
    ],
)
def test_what_is_no_complete_copy_is_said_to_be_none(tmp_path, name, body):
    manifest = {
        "format": FORMAT,
        "public_key": base64.b64encode(bytes(32)).decode("ascii"),
        "key_id": "",
        "files": {name: {"sha256": "", "bytes": 0}},
        "head": {"seq": 0, "hash": ""},
        "lines": [],
        "records": {},
    }
    path = tmp_path / "copy.zip"
    with ZipFile(path, "w") as archive:
        for one, written in ({MANIFEST: json.dumps(manifest).encode()} | {name: body}).items():
            archive.writestr(one, written)
    assert "cannot be read as a complete copy" in check_file(path).faults[-1]
