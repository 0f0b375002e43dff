"""An installation that lacks a secret, or has a bad one, does not start."""

from __future__ import annotations

import secrets

import pytest

from config.keys import make_keys
from config.settings import Settings, Unfit, psycopg_url, read_secret


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "session.key"
    path.write_text(secrets.token_hex(32))
    path.chmod(0o600)
    return path


def test_a_good_key_is_read(key):
    assert len(read_secret(key)) == 64


@pytest.mark.parametrize(
    "fault",
    ["missing", "short", "known", "monotonous", "readable by others"],
)
def test_a_bad_key_is_refused(key, fault):
    if fault == "missing":
        key.unlink()
    elif fault == "short":
        key.write_text("a1b2c3d4e5f60718")
    elif fault == "known":
        key.write_text("changeme" + secrets.token_hex(32))
    elif fault == "monotonous":
        key.write_text("ab" * 32)
    else:
        key.chmod(0o644)
    with pytest.raises(Unfit):
        read_secret(key)


def test_production_is_told_where_its_database_and_keys_are(tmp_path):
    with pytest.raises(Unfit):
        Settings.from_environ({"NKTRACE_MODE": "production"})
    with pytest.raises(Unfit):
        Settings.from_environ({"NKTRACE_MODE": "production", "DATABASE_URL": "sqlite:///x"})


def test_an_unknown_mode_is_refused():
    with pytest.raises(Unfit):
        Settings.from_environ({"NKTRACE_MODE": "live"})


def test_keys_are_made_once_and_for_their_owner_only(tmp_path):
    assert make_keys(tmp_path) == ["session.key", "seal.pem", "receivers.key"]
    before = (tmp_path / "session.key").read_bytes()
    assert make_keys(tmp_path) == []
    assert (tmp_path / "session.key").read_bytes() == before
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_postgres_addresses_mean_the_installed_driver():
    assert psycopg_url("postgres://a@b/c") == psycopg_url("postgresql://a@b/c") == "postgresql+psycopg://a@b/c"
