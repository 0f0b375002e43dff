"""Parts by page and by API: taken off by two, found by their code, opened as a batch."""

from __future__ import annotations

import pytest


@pytest.mark.req("ATMP-ID-SPLIT")
@pytest.mark.parametrize(("door", "language"), [("page", "nl"), ("api", "en")])
def test_a_part_is_taken_off_found_by_its_code_and_becomes_a_batch(story, browser, api, door, language):
    collection = story.accepted()
    technician, other = (browser("T"), browser("QA")) if door == "page" else (api("T"), api("QA"))
    send = technician.submit if door == "page" else technician.act
    told = {"number": collection.number, "subject_code": "NK-01", "volume_ml": "100", "remainder_ml": "111"}
    assert technician.codes(send(f"/collections/{collection.id}/split", told, other.login)) == ["SPLIT_BALANCE"]
    answer = send(f"/collections/{collection.id}/split", told | {"remainder_ml": "112"}, other.login)
    assert technician.codes(answer) == []
    pages = technician if door == "page" else browser("T")
    whole = pages.get(f"/collections/{collection.id}?lang={language}").text
    code = next(word for word in whole.replace("<", ">").split(">") if word.startswith(f"{collection.number}-P1-"))
    place = pages.get(f"/find?code={code}").location
    page = pages.get(f"{place}?lang={language}").text
    assert collection.number in page
    for path in ("open-batch", "destroy"):
        assert pages.get(f"{place}/{path}?lang={language}").status_code == 200
    batch = send(f"{place}/open-batch", {})
    assert technician.codes(batch) == []
    assert "NK26-0001" in pages.get(f"{place}?lang={language}").text
    assert technician.codes(send(f"{place}/open-batch", {})) == ["PART_GONE"]
    traced = browser("QA").get(f"/trace/{code}?lang={language}").text
    assert "NK26-0001" in traced
