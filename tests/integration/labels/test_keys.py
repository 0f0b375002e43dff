"""The label keys of an installation: made once, for their owner only, never of another kind of instance."""

from __future__ import annotations

import json
import stat

import pytest

from labels.domain.payload import MODHEX, build_payload, label_refusals, read_scan
from labels.keys import (
    FILE,
    KeyFile,
    UnfitKeys,
    add_label_key,
    installed_label_keys,
    is_demo,
    load_label_keys,
    make_label_keys,
)


def test_a_demo_makes_its_keys_at_the_first_start_and_keeps_them(tmp_path):
    keys = installed_label_keys(tmp_path, demo=True)
    assert installed_label_keys(tmp_path, demo=True) == keys
    assert make_label_keys(tmp_path) == []
    assert is_demo(keys)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_production_is_given_its_keys_and_makes_none(tmp_path):
    with pytest.raises(UnfitKeys, match="missing"):
        installed_label_keys(tmp_path, demo=False)
    assert make_label_keys(tmp_path, demo=False) == [FILE]
    assert not is_demo(installed_label_keys(tmp_path, demo=False))


@pytest.mark.parametrize("demo", [True, False])
def test_keys_of_the_other_kind_of_instance_are_refused(tmp_path, demo):
    make_label_keys(tmp_path, demo=demo)
    with pytest.raises(UnfitKeys, match="belong to"):
        load_label_keys(tmp_path, demo=not demo)


def test_keys_that_others_can_read_are_refused(tmp_path):
    make_label_keys(tmp_path)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(UnfitKeys, match="0600"):
        load_label_keys(tmp_path, demo=True)


@pytest.mark.parametrize(
    "change",
    [
        {"current": "D"},
        {"keys": {"C": "00" * 32}},
        {"keys": {"C": "ab"}},
        {"keys": {"A": "ab" * 32}, "current": "A"},
        {"keys": "C"},
        {"keys": {"C": "not hex"}},
    ],
)
def test_damaged_or_weak_keys_are_refused(tmp_path, change):
    make_label_keys(tmp_path)
    written = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(written | change))
    with pytest.raises(UnfitKeys):
        load_label_keys(tmp_path, demo=True)


@pytest.mark.req("QR-1")
def test_a_new_key_signs_nothing_before_it_is_put_in_use_and_the_old_one_goes_on(tmp_path):
    old = installed_label_keys(tmp_path, demo=True)
    facts = {"instance": old.instance, "issue": 1}
    payload = build_payload(old, bytes(10), facts)
    new = add_label_key(tmp_path, demo=True)
    assert (new.current, new.instance, list(new.keys)) == (MODHEX[0], old.instance, [*MODHEX[:2]])
    assert load_label_keys(tmp_path, demo=True) == new
    assert label_refusals(read_scan(payload), new, printed=facts, record=facts) == ()
    assert build_payload(new, bytes(10), facts) == payload
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


@pytest.mark.req("QR-1")
def test_a_running_server_sees_a_new_key_and_does_without_keys_that_others_can_read(tmp_path):
    keys = KeyFile(tmp_path, demo=True)
    first = keys()
    assert keys() is first
    assert add_label_key(tmp_path, demo=True) == keys() != first
    (tmp_path / FILE).chmod(0o644)
    (tmp_path / FILE).touch()
    with pytest.raises(UnfitKeys, match="0600"):
        keys()
    (tmp_path / FILE).unlink()
    for _ in range(2):
        with pytest.raises(UnfitKeys, match="missing"):
            keys()


def test_the_sixteenth_key_is_the_last(tmp_path):
    make_label_keys(tmp_path)
    for letter in MODHEX[1:]:
        assert letter in add_label_key(tmp_path, demo=True).keys
    with pytest.raises(UnfitKeys, match="sixteen"):
        add_label_key(tmp_path, demo=True)


def test_two_installations_share_neither_name_nor_key(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = (installed_label_keys(tmp_path / name, demo=True) for name in ("a", "b"))
    assert first.instance != second.instance
    assert first.keys[first.current] != second.keys[second.current]
