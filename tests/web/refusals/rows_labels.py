"""Labels from print to destruction, printers, label keys, labels read off a photo, and a trail that is shorter than known."""

from __future__ import annotations

from tests.web.clients import Attached
from tests.web.refusals.rows_giving import REPRINTED, SCAN
from tests.web.refusals.rows_subjects import HOLD
from tests.web.refusals.scenes import FRESH
from tests.web.refusals.sending import Other, Sent, refused

OF_NK04 = {"label_id": "@label:NK-04"}
OF_KEPT = {"label_id": "@kept:print"}
REPRINT = Sent("tech1", "label.reprint", OF_NK04, HOLD, "tech2", keep="print")
VERIFY = Sent("tech2", "label.verify", OF_KEPT, {"scanned": "@printed:print"})
APPLY = Sent("tech1", "label.apply", OF_KEPT, {"container_code": "@code:NK-04"}, "tech2")
VOID = Sent("tech1", "label.void", OF_NK04, HOLD, "tech2")
VOID_KEPT = Sent("tech1", "label.void", OF_KEPT, HOLD, "tech2")
PRINT = Sent("tech1", "label.print", {"container_id": "@container:NK-04"})
PRINT_ALL = Sent("tech1", "label.print_all", {"batch_id": "@batch:NK-04"})
PRINTER = {"code": "ZPL-01", "title": "labels", "host": "127.0.0.1", "port": "9100", "dpi": "300", "slot": "FULL"}
OPEN = Sent("qa1", "printer.open", {}, PRINTER, keep="printer")
BAGS = Sent("qa1", "printer.open", {}, PRINTER | {"slot": "BAG"}, keep="printer")
CLOSE = Sent("qa1", "printer.close", {"printer_id": "@kept:printer"})
LEAK = {"reason": "the server was seen by a stranger"}
ASK = Sent("admin1", "label_key.revoke", {"letter": "C"}, LEAK, keep="change")
APPROVE = Sent("qa1", "label_key.approve", {"change_id": "@kept:change"})
REVOKED = (ASK, APPROVE)
DECLINE = Sent("qa1", "label_key.decline", {"change_id": "@kept:change"}, LEAK)
PHOTO = {name: value for name, value in SCAN.items() if name != "label_code"} | {"photo": "@photo:NK-03"}
LOST = 1_000_000  # a line of the trail that this installation told of and has not got
RESTORED = Sent("pharm1", "container.scan", fields=SCAN | {"last_head": f"@lost:{LOST}"})
RECOVERY = {
    "kept_seq": "1",
    "lost_until": str(LOST),
    "copy": "the copy of Sunday, put back on Monday by the administrator",
    "accounted": "nothing was dispensed in the lost time; the two papers were entered again",
}
GENUINE_FORM = (
    "NKTLCCCCCCCCCCCCCCCCCCCCCCKJUURIEVCCLUDFFBEHEV"  # a published vector: right check letter, no label of ours
)
OTHER_KEY = "NKTLBCCCBCDCECFCGCHCICJCKIFJCICUEUNTVNTIIFFLGF"

BASES = {
    "label.reprint again": REPRINT,
    "label.verify again": Sent(**{**vars(VERIFY), "before": (REPRINT,)}),
    "label.apply again": Sent(**{**vars(APPLY), "before": (REPRINT, VERIFY)}),
    "label.void": VOID,
    "label.destroy": Sent("tech1", "label.destroy", OF_NK04, {}, "tech2", before=(VOID,)),
    "label.print again": Sent(**{**vars(PRINT), "before": (VOID,)}),
    "label.print on a printer": Sent(**{**vars(PRINT), "fields": {"printer": "@kept:printer"}, "before": (VOID, OPEN)}),
    "label.print_all": Sent(**{**vars(PRINT_ALL), "before": (VOID,)}),
    "printer.open": OPEN,
    "printer.close": Sent(**{**vars(CLOSE), "before": (OPEN,)}),
    "label_key.revoke": ASK,
    "label_key.approve": Sent(**{**vars(APPROVE), "before": (ASK,)}),
    "label_key.decline": Sent(**{**vars(DECLINE), "before": (ASK,)}),
    "container.scan of a photo": Sent("pharm1", "container.scan", fields=PHOTO),
    "trail.recover": Sent("qa1", "trail.recover", {}, RECOVERY, before=(RESTORED,)),
}
ROWS = [
    *refused(
        "label.reprint again",
        ("no reason", {"reason": None}, "MISSING_REASON"),
        ("one person for two", Other(second="tech1"), "SOD_SECOND"),
        ("before the training", Other(who=FRESH), "NOT_TRAINED"),
        ("a nurse as the second", Other(second="nurse1"), "SECOND_ROLE_NOT_ALLOWED"),
        ("reprinted before", Other(before=(REPRINT,)), "LABEL_VOID"),
        ("the key that signs is revoked", Other(before=REVOKED), "LABEL_KEY_NONE"),
    ),
    *refused(
        "label.verify again",
        ("by whoever printed it", Other(who="tech1"), "SOD_LABEL"),
        ("the print of another container", {"scanned": "@payload:NK-03"}, "LABEL_UNREAD"),
        ("cut off", {"scanned": GENUINE_FORM[:40]}, "LABEL_TRUNCATED"),
        ("a web page", {"scanned": "https://example.org"}, "NOT_A_LABEL"),
        ("a Data Matrix where none is", {"data_matrix": "=+02000=A99992612345600"}, "ISBT_COUNT"),
        ("another donation in the Data Matrix", {"data_matrix": "=+01000=A99992612345600"}, "ISBT_MISMATCH"),
        ("a part of it for the whole", {"data_matrix": "=A99992612345600"}, "ISBT_FORM"),
        ("a day that is none", {"data_matrix": "=+01000&>0263661200"}, "ISBT_DATE"),
        ("void meanwhile", Other(meanwhile=(VOID_KEPT,)), "LABEL_VOID"),
        ("made with a revoked key", Other(before=(REPRINT, *REVOKED)), "LABEL_KEY_REVOKED"),
    ),
    *refused(
        "label.apply again",
        ("on another container", {"container_code": "@code:NK-03"}, "LABEL_CONTAINER"),
        ("not verified", Other(before=(REPRINT,)), "STATE_NOT_ALLOWED"),
        ("nobody watches", Other(second="tech1"), "SOD_SECOND"),
    ),
    *refused("label.void", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused("label.destroy", ("it is on its container", Other(before=()), "STATE_NOT_ALLOWED")),
    *refused("label.print again", ("it has one", Other(before=()), "LABEL_EXISTS")),
    *refused(
        "label.print on a printer",
        ("with other labels on the roll", Other(before=(VOID, BAGS)), "PRINTER_SLOT"),
        ("that was closed", Other(before=(VOID, OPEN, CLOSE)), "PRINTER_CLOSED"),
    ),
    *refused(
        "label.print_all",
        ("every container has one", Other(before=()), "LABELS_ALL_THERE"),
        ("nothing is filled", Other(ids={"batch_id": "@batch:NK-06"}), "LABELS_NO_CONTAINER"),
    ),
    *refused(
        "printer.open",
        ("a small letter", {"code": "zpl-01"}, "ID_FORMAT"),
        ("a port of the system", {"port": "80"}, "ID_FORMAT"),
        ("too coarse for a syringe", {"slot": "SYRINGE", "dpi": "203"}, "LABEL_RESOLUTION"),
        ("a code in use", Other(before=(OPEN,)), "DUPLICATE_ID"),
        ("by a technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused("printer.close", ("closed before", Other(before=(OPEN, CLOSE)), "PRINTER_CLOSED")),
    *refused(
        "label_key.revoke",
        ("no reason", {"reason": None}, "MISSING_REASON"),
        ("asked before", Other(before=(ASK,)), "LABEL_KEY_WAITS"),
        ("revoked before", Other(before=REVOKED), "LABEL_KEY_STANDS"),
        ("by QA", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "label_key.approve",
        ("by whoever asked", Other(who="admin1"), "ROLE_NOT_ALLOWED"),
        ("declined before", Other(before=(ASK, DECLINE)), "STATE_NOT_ALLOWED"),
    ),
    *refused("label_key.decline", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused(
        "container.scan of a photo",
        ("of nothing", {"photo": "@picture:empty"}, "PHOTO_NO_CODE"),
        ("of two labels", {"photo": "@picture:two"}, "PHOTO_TWO_LABELS"),
        ("that is no picture", {"photo": Attached("label.jpg", b"%PDF-1.7")}, "PHOTO_UNREADABLE"),
        verdict=True,
    ),
    *refused(
        "container.scan",
        ("cut off", {"label_code": GENUINE_FORM[:40]}, "LABEL_TRUNCATED"),
        ("two in one field", {"label_code": GENUINE_FORM * 2}, "LABEL_DOUBLED"),
        ("misread", {"label_code": f"{GENUINE_FORM[:-1]}C"}, "LABEL_MISREAD"),
        ("forged", {"label_code": "@forged:NK-03"}, "LABEL_FORGED"),
        ("on a German keyboard", {"label_code": "´`04000´A99992612345600´;S0000V00"}, "LAYOUT_MISMATCH"),
        ("a number with a wrong check letter", {"label_code": "NK26-0099-01-01-6"}, "SHORT_NUMBER"),
        ("of a label nobody printed", {"label_code": GENUINE_FORM}, "LABEL_UNKNOWN"),
        ("of a key that is not ours", {"label_code": OTHER_KEY}, "LABEL_KEY_UNKNOWN"),
        ("made with a revoked key", Other(before=REVOKED), "LABEL_KEY_REVOKED"),
        (
            "the new print before it is applied",
            Other(before=(Sent(**{**vars(REPRINTED), "keep": "print"}),), fields={"label_code": "@printed:print"}),
            "LABEL_UNVERIFIED",
        ),
        verdict=True,
    ),
    *refused(
        "trail.recover",
        ("nothing is missing", Other(before=()), "NOTHING_MISSED"),
        ("a line too few", {"lost_until": str(LOST - 1)}, "RECOVERY_RANGE"),
        ("by a pharmacist", Other(who="pharm1"), "ROLE_NOT_ALLOWED"),
    ),
]
