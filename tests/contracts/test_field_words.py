"""What changed behind a page is told in the reader's language: every record and every field of it has Dutch words."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from config.tables import audited_tables
from kernel.trail.queries import SECRETS
from tests.contracts.messages import catalogue

OF_MACHINES = ("sha256", "seal", "nonce")  # nobody reads them, and nobody changes them


def fields() -> set[str]:
    found = {attribute.key for row in audited_tables().values() for attribute in sa.inspect(row).column_attrs}
    return {one for one in found - SECRETS - {"id", "version"} if not one.endswith(OF_MACHINES)}


def said(name: str, words: dict[str, str]) -> bool:
    """As ``kernel.trail.since`` says it: a reference is called by what it refers to."""
    return any(one in words for one in (name, name.replace("_", " "), name.removesuffix("_id").replace("_", " ")))


@pytest.mark.req("SIG-WYSIWYS")
def test_every_record_and_field_has_dutch_words():
    words = catalogue("nl")
    assert sorted(name for name in {*audited_tables(), *fields()} if not said(name, words)) == []


def test_a_planted_field_is_seen():
    assert not said("colour_of_the_lid", catalogue("nl"))
