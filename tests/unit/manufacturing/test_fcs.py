"""FCS 2.0, 3.0 and 3.1: what the file says of itself, exactly, or that it is damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusals import Refusal
from manufacturing.domain.imports.fcs import fcs_refusals, names_sample, read_fcs
from tests.unit.manufacturing.fcs_files import SAMPLE, fcs


@pytest.mark.req("A11-5")
@pytest.mark.parametrize("version", ["FCS2.0", "FCS3.0", "FCS3.1"])
@pytest.mark.parametrize("delimiter", ["/", "\\", "\f", "|", "!"])
def test_a_whole_file_says_sample_time_instrument_and_events(version, delimiter):
    found = read_fcs(fcs(version, delimiter=delimiter))
    assert (found.version, found.sample, found.events, found.parameters) == (version, SAMPLE, 10, 2)
    assert (found.cytometer, found.serial) == ("FACSLyric", "R659180000123")
    assert found.acquired == "28-NOV-2026 09:41:07 09:43:12"
    assert fcs_refusals(found, SAMPLE) == ()


def test_a_delimiter_within_a_value_is_doubled_and_read_back():
    assert read_fcs(fcs(changes={"$CYT": "Canto / II"})).cytometer == "Canto / II"


def test_letters_of_another_alphabet_and_small_keywords_are_read():
    assert read_fcs(fcs(changes={"$CYT": None, "$cyt": "Größe µ"})).cytometer == "Größe µ"


def test_events_may_lie_where_only_the_text_says():
    body = fcs(data=(0, 0), changes={"$BEGINDATA": "00000500", "$ENDDATA": "00000579"}).ljust(600, b"\0")
    assert read_fcs(body).events == 10


WHOLE = fcs()
DAMAGED = {
    "cut in the header": WHOLE[:40],
    "cut in the text": WHOLE[:300],
    "cut in the events": WHOLE[:-1],
    "another version": b"FCS4.0" + WHOLE[6:],
    "no blanks after the version": b"FCS3.1xxxx" + WHOLE[10:],
    "an offset in letters": WHOLE[:10] + b"     abc" + WHOLE[18:],
    "text before the header ends": fcs(text_begin=58).replace(b"      58", b"      10", 1),
    "text ends before it begins": WHOLE[:18] + b"     100" + WHOLE[26:],
    "text ends one too late": WHOLE[:18] + f"{int(WHOLE[18:26]) + 1:>8}".encode() + WHOLE[26:],
    "events end before they begin": fcs(data=(700, 600)),
    "events beyond the file": fcs(data=(700, 99_999_999)),
    "events nowhere": fcs(data=(0, 0)),
    "no last delimiter": fcs(ending=""),
    "a keyword without value": fcs(ending="/ODD/"),
    "a keyword twice": fcs(changes={"$par": "2"}),
    "no number of parameters": fcs(changes={"$PAR": None}),
    "parameters in words": fcs(changes={"$PAR": "two"}),
    "no number of events": fcs(changes={"$TOT": None}),
    "a negative number of events": fcs(changes={"$TOT": "-10"}),
    "more events than there are bytes": fcs(changes={"$TOT": "11"}),
    "a table with another name": b"Sample ID,WBC\n" * 20,
    "nothing": b"",
}


@pytest.mark.req("A11-5")
@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_and_says_what_is_wrong(body):
    found = read_fcs(body)
    assert isinstance(found, Refusal)
    assert found.code == "FCS_BROKEN"
    assert found.fact("problem")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"$SMNO": "NK26-0001-S04-1", "$FIL": "x.fcs"}, "FCS_SAMPLE"),
        ({"$SMNO": "", "$FIL": None, "TUBE NAME": "Unstained"}, "FCS_SAMPLE"),
        ({"$SMNO": f"{SAMPLE}1", "$FIL": f"A{SAMPLE}.fcs"}, "FCS_SAMPLE"),
        ({"$SRC": "de Vries"}, "FCS_PERSONAL"),
        ({"PATIENT ID": "1234567"}, "FCS_PERSONAL"),
    ],
)
def test_another_sample_or_a_person_in_the_file_is_refused(changes, code):
    assert [one.code for one in fcs_refusals(read_fcs(fcs(changes=changes)), SAMPLE)] == [code]


def test_the_code_counts_with_what_the_instrument_adds_behind_it():
    assert names_sample(f"{SAMPLE}_001.fcs", SAMPLE)
    assert names_sample(f"Tube {SAMPLE}", SAMPLE)
    assert not names_sample(SAMPLE[:-1], SAMPLE)
    assert not names_sample(SAMPLE.lower(), SAMPLE)


@given(st.binary(max_size=400), st.integers(0, len(WHOLE)))
def test_any_bytes_get_an_answer(noise, place):
    """Noise anywhere in a whole file: facts or a refusal, never an exception, never events that are not there."""
    for body in (noise, WHOLE[:place] + noise + WHOLE[place + len(noise) :]):
        found = read_fcs(body)
        assert isinstance(found, Refusal) or found.events >= 0


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_refused(length):
    assert isinstance(read_fcs(WHOLE[:length]), Refusal)
