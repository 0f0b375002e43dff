"""The label keys as people meet them: page and JSON, in both languages, and on the Work page of who must act."""

from __future__ import annotations

import pytest

from labels.ports import label_keys
from tests.integration.labels.factory import KEYS, labelled, new_bench

LEAK = {"reason": "the server was seen by a stranger"}
PAGE = "/administration/label-keys"


@pytest.mark.req("QR-1")
def test_a_leaked_key_is_revoked_on_two_pages_and_its_label_waits_for_its_reprint(
    app, database, person, people, browser, api, codes, monkeypatch
):
    monkeypatch.setattr(label_keys, "answer", lambda: KEYS)
    bench = new_bench(database, person)
    label = labelled(bench, bench.containers[0])
    administrator, qa = browser("Ad"), browser("QA")
    assert codes(administrator.submit(f"{PAGE}/C/use", LEAK)) == ["LABEL_KEY_STANDS"]
    assert administrator.get(f"{PAGE}/X/use").status_code == 404
    assert administrator.submit(f"{PAGE}/C/revoke", LEAK).location == PAGE
    (change,) = api("In").get(PAGE).json["changes"]
    approve = f"/administration/label-key-changes/{change['id']}/approve"
    assert approve in qa.get("/").text
    assert codes(api("Ad").act(approve)) == ["ROLE_NOT_ALLOWED"]
    assert qa.submit(approve).status_code == 303
    assert f"/labels/{label.id}/reprint" in browser("T").get("/").text
    refused = browser("T").submit(f"/labels/{label.id}/reprint", LEAK, second="QA")
    assert (refused.status_code, codes(refused)) == (409, ["LABEL_KEY_NONE"])
    told = api("Ad").get(PAGE).json
    assert [(one["letter"], one["state"]) for one in told["keys"]] == [("C", "revoked"), ("B", "only verifies")]
    assert [one["number"] for one in told["to_reprint"]] == [label.short_number]
    for language, words in (("nl", "ingetrokken"), ("en", "revoked")):
        page = qa.get(f"{PAGE}?lang={language}").text
        assert words in page
        assert not any(key.hex() in page for key in KEYS.keys.values())
