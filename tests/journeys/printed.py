"""What a reader of a printed batch record finds of a hard day at the bench."""

from __future__ import annotations

import re

import pypdfium2 as pdfium

from tests.journeys.hard_day import CLUMPED, DELAY, LATE, MISREAD


def text_of(pdf: bytes) -> str:
    """What a reader of the print reads, in one line."""
    document = pdfium.PdfDocument(pdf)
    said = []
    for page in document:
        words = page.get_textpage()
        said.append(words.get_text_range())
        words.close()
        page.close()
    document.close()
    return " ".join(" ".join(said).split())


# What a reader of the printed record finds: among the exceptions on its first pages, and where it happened.
MARKED = {
    "the delay of the courier": ("delay of the courier A999926123456", f"Delay of the courier {DELAY}"),
    "the correction": ("corrected value 1.4 White cells: 89.6 -> 98.6", "Changed from 89.6 to 98.6 by Tess Bakker"),
    "why it was corrected": (f"Reason: {MISREAD}",),
    "the late entry": ("late entry 3 CD3 labelling", f"Reason: {LATE}"),
    "the failed depletion": ("in-process action limit 4 CD3 depletion", "(log10): 2.696", "ACTION LIMIT"),
    "the second depletion": ("part opened by a value Second CD3 depletion", "6 · Second CD3 depletion (verified)"),
    "the repeated count": ("measured again 8.5 White cells: 1: 24.2 10^6/mL; 2: 24.6 10^6/mL (2)", CLUMPED),
}
# And in the part of the record that is about the step itself, the marks that no reader can pass over.
AT_THE_STEP = {
    1: ("98.6 10^6/mL possible 0.5–600 CHANGED", "Changed from 89.6 to 98.6 by Tess Bakker", MISREAD),
    3: ("LATE ENTRY: performed", LATE),
    4: (
        "0.64 % of viable CD45+ action ≤ 0.1 beyond the action limit ACTION LIMIT",
        "action limit ACTION LIMIT DEVIATION",
    ),
    6: ("Second CD3 depletion: NEEDED T-cell depletion of the step (log10): 2.696",),
    8: ("24.6 10^6/mL possible 0.5–600 CHANGED · MEASURED AGAIN", "Changed from 24.2 to 24.6 by Tess Bakker", CLUMPED),
}
HEADING = re.compile(r"([0-9]+) · [^()]{3,60} \((?:verified|not needed)\)")


def walked(day, bench, name):
    """Everything up to the printed record, as text."""
    day.documents()
    day.include()
    day.receive_late()
    day.make_it()
    bench.look("qa1", f"/batches/{day.making.batch}", name)
    return text_of(bench.file("qa1", f"/batches/{day.making.batch}/record.pdf?language=en"))


def missing(record, marked):
    return {what: one for what, marks in marked.items() for one in marks if one not in record}


def unmarked(record):
    """The steps whose own part of the record lacks a mark, each with the first that it lacks."""
    headings = [(int(one[1]), one.start()) for one in HEADING.finditer(record)]
    ends = [start for _, start in headings[1:]] + [len(record)]
    parts = {step: record[start:end] for (step, start), end in zip(headings, ends, strict=True)}
    return {step: one for step, marks in AT_THE_STEP.items() for one in marks if one not in parts.get(step, "")}
