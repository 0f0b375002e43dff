"""Files and imports: what is attached, read, confirmed, mapped - one fault away from taken."""

from __future__ import annotations

from config.instruments import export
from tests.web.clients import Attached
from tests.web.refusals.rows_subjects import HOLD
from tests.web.refusals.scenes import FRESH, ago
from tests.web.refusals.sending import Other, Sent, refused

RECORD = {"entity": "batch", "record_id": "@batch:NK-06"}
REPORT = Attached("run 1.csv", b"sample,WBC\nS1,4.5\n")
KEPT = {"file": REPORT, "purpose": "run_report", "looked_through": "yes"}
ATTACH = Sent("tech1", "file.attach", RECORD, KEPT, keep="file")
WITHDRAW = Sent("qa1", "file.withdraw", {"file_id": "@kept:file"}, HOLD, before=(ATTACH,))

AT = {"batch_id": "@batch:NK-06"}
TUBE = {"kind": "in_process_control", "step": "4", "volume_ml": "1", "drawn_at": ago(), "supernatant_only": "no"}
DRAWN = Sent("tech1", "sample.draw_batch", AT, TUBE, keep="sample")
ASKED = {"instrument": "COUNTER-1", "set_others_aside": "no", "looked_through": "yes"}


def read(*rows: str, name: str = "counts.csv") -> dict[str, Attached]:
    """``@sample:NK-06/2`` in a row stands for the code of the second sample of that batch."""
    return {"file": Attached(name, export(*rows))}


GOOD = "@sample:NK-06/2,52.6,97.8,"
PROPOSE = Sent("tech1", "import.propose", AT, ASKED | read(GOOD), before=(DRAWN,))
PROPOSED = Sent("tech1", "import.propose", AT, ASKED | read(GOOD), keep="import")
IMPORT = {"import_id": "@kept:import"}
CONFIRM = Sent("tech2", "import.confirm", IMPORT, before=(DRAWN, PROPOSED))
REJECT = Sent("tech2", "import.reject", IMPORT, HOLD, before=(DRAWN, PROPOSED))
EXAMPLE = Sent(
    "tech1", "mapping.example", {}, {"instrument": "FLOW-1", "looked_through": "yes", **read(GOOD)}, keep="example"
)
TEST = {"test_id": "@test:NK-08/viability"}
MEASURED = {"instrument": "COUNTER-1", "sample": "@sample:NK-08/1", "looked_through": "yes", "measured_at": ago()}
TUBE_OF_BAG = {"kind": "flow_cytometry", "container": "@code:NK-08", "volume_ml": "0.5", "drawn_at": ago()}
BAG = Sent("tech1", "sample.draw_batch", {"batch_id": "@batch:NK-08"}, TUBE_OF_BAG | {"supernatant_only": "no"})
ANSWER = "@sample:NK-08/1,22.1,95.0,"
BOXES = {
    "delimiter": "comma",
    "decimal_mark": "point",
    "sample": "Sample ID",
    "wbc_title": "WBC(10^3/uL)",
    "wbc_unit": "10^3/uL",
}

BASES = {
    "file.attach": ATTACH,
    "file.withdraw": WITHDRAW,
    "import.propose": PROPOSE,
    "import.confirm": CONFIRM,
    "import.reject": REJECT,
    "result.read": Sent("tech1", "result.read", TEST, MEASURED | read(ANSWER), before=(BAG,)),
    "mapping.example": EXAMPLE,
    "mapping.draft": Sent("tech1", "mapping.draft", {"example_id": "@kept:example"}, BOXES, before=(EXAMPLE,)),
}

ROWS = [
    *refused(
        "file.attach",
        ("no file", {"file": None}, "FIELD_INVALID"),
        ("an empty one", {"file": Attached("run 1.csv", b"")}, "FILE_EMPTY"),
        ("a program", {"file": Attached("run 1.csv", b"MZ\x90\0\3\0")}, "FILE_DANGEROUS"),
        ("a page with a script", {"file": Attached("run 1.txt", b"<script>x</script>")}, "FILE_DANGEROUS"),
        ("of no kind", {"file": Attached("run 1.dat", b"\0\1\2\3")}, "FILE_TYPE_UNKNOWN"),
        ("another kind than its name", {"file": Attached("run 1.pdf", REPORT.body)}, "FILE_NOT_AS_NAMED"),
        ("the name of a person", {"file": Attached("J. Jansen.csv", REPORT.body)}, "PII_IN_FIELD"),
        ("nothing that a file is to a batch", {"purpose": "donor_document"}, "FILE_PURPOSE"),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
        ("the same bytes again", Other(before=(ATTACH,)), "FILE_ALREADY_HERE"),
    ),
    *refused(
        "file.withdraw",
        ("without why", {"reason": None}, "MISSING_REASON"),
        ("a second time", Other(before=(ATTACH, Sent(**{**vars(WITHDRAW), "before": ()}))), "FILE_WITHDRAWN"),
    ),
    *refused(
        "import.propose",
        ("an instrument nobody mapped", {"instrument": "COUNTER-2"}, "NO_EFFECTIVE_DOCUMENT"),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
        ("a workbook with another name", {"file": Attached("a.csv", b"PK\3\4" + b"x" * 40)}, "IMPORT_NOT_A_TABLE"),
        ("UTF-16 without its mark", {"file": Attached("a.csv", GOOD.encode("utf-16-le"))}, "IMPORT_ENCODING"),
        ("a sign nobody sees", read("@sample:NK-06/2,52.6,97.8,\u202e"), "IMPORT_HIDDEN"),
        ("a quotation mark that stays open", read('@sample:NK-06/2,"52.6,97.8,'), "IMPORT_QUOTES"),
        ("a row that ends early", read("@sample:NK-06/2,52.6"), "IMPORT_RAGGED"),
        ("without names", {"file": Attached("a.csv", b"@sample:NK-06/2,52.6,97.8,\n")}, "IMPORT_HEADER"),
        ("names twice", read("Sample ID,WBC(10^3/uL),Viability(%),Flag"), "IMPORT_HEADER_TWICE"),
        ("a comma for decimals", read('@sample:NK-06/2,"52,6",97.8,'), "IMPORT_DECIMAL_MARK"),
        ("a cell that says nothing", read("@sample:NK-06/2,----,97.8,"), "IMPORT_CELL"),
        ("a formula", read("@sample:NK-06/2,=50+2.6,97.8,"), "IMPORT_CELL"),
        ("below what can be counted", read("@sample:NK-06/2,<0.1,97.8,"), "IMPORT_CENSORED"),
        ("a count in per cent", read("@sample:NK-06/2,52.6%,97.8,"), "IMPORT_PERCENT"),
        ("a thousand times too much", read("@sample:NK-06/2,52600,97.8,"), "IMPORT_IMPLAUSIBLE"),
        ("a code nobody gave out", read("NK26-0006-S77-0,52.6,97.8,"), "IMPORT_SAMPLE_UNKNOWN"),
        ("a sample twice", read(GOOD, GOOD), "IMPORT_SAMPLE_TWICE"),
        ("of a step that is signed", read("@sample:NK-06/1,104.6,98.9,"), "IMPORT_STEP_CLOSED"),
        ("nothing but a control", read(), "IMPORT_NOTHING"),
        ("the same bytes again", Other(before=(DRAWN, PROPOSED)), "IMPORT_ALREADY"),
        (
            "another file before the first is decided",
            Other(before=(DRAWN, Sent("tech1", "import.propose", AT, ASKED | read(GOOD.replace("52.6", "52.7"))))),
            "IMPORT_WAITING",
        ),
        ("into a batch that is not being made", Other(ids={"batch_id": "@batch:NK-03"}), "STATE_NOT_ALLOWED"),
        ("by somebody who is not trained", Other(who=FRESH), "NOT_TRAINED"),
    ),
    *refused(
        "import.confirm",
        ("by whoever imported it", Other(who="tech1"), "SOD_IMPORT"),
        ("by somebody who is not trained", Other(who=FRESH), "NOT_TRAINED"),
        ("a second time", Other(before=(DRAWN, PROPOSED, Sent("tech2", "import.confirm", IMPORT))), "IMPORT_DECIDED"),
    ),
    *refused("import.reject", ("without why", {"reason": None}, "MISSING_REASON")),
    *refused(
        "result.read",
        ("a sample of another batch", {"sample": "@sample:NK-06/1"}, "RESULT_SAMPLE"),
        (
            "a test this instrument does not answer",
            Other(ids={"test_id": "@test:NK-08/purity"}),
            "RESULT_NOT_IN_MAPPING",
        ),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
        ("a cell that says nothing", read("@sample:NK-08/1,22.1,,"), "IMPORT_CELL"),
        ("a test that the records answer", Other(ids={"test_id": "@test:NK-08/identity"}), "RESULT_NOT_IN_MAPPING"),
    ),
    *refused(
        "mapping.example",
        ("an instrument with blanks", {"instrument": "my counter"}, "FIELD_INVALID"),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
    ),
    *refused(
        "mapping.draft",
        ("a column that is not there", {"sample": "Tube Name"}, "IMPORT_HEADER"),
        ("another unit than the title says", {"wbc_unit": "cells/uL"}, "DOCUMENT_INVALID"),
        ("no mark for decimals", {"decimal_mark": None}, "FIELD_INVALID"),
    ),
]
