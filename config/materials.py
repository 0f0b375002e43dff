"""The lots of the worked example: received by a technician, approved by QA, used at every bench."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.certificates import certificate
from config.playing import Player, text
from kernel.files.domain.refusals import Upload

Lots = dict[str, str]
Used = tuple[tuple[str, str], ...]  # material and quantity
LOTS = (  # material, supplier, lot of the manufacturer, quantity
    ("cd3_reagent", "Cell Separation Supplies", "5200418", "60"),
    ("cd56_reagent", "Cell Separation Supplies", "5200733", "40"),
    ("depletion_set", "Cell Separation Supplies", "6110254", "40"),
    ("enrichment_set", "Cell Separation Supplies", "6110901", "40"),
    ("buffer", "Cell Separation Supplies", "7000312", "100000"),
    ("albumin", "Plasma Products", "HSA-21M07", "4000"),
    ("saline", "Hospital Infusions", "22K114", "10000"),
    ("immunoglobulin", "Plasma Products", "IG-88120", "500"),
    ("dnase", "Enzymes and Buffers", "DN-0417", "40"),
    ("culture_medium", "Culture Media", "CM-30552", "6000"),
    ("il15", "Enzymes and Buffers", "IL-1508", "20"),
    ("culture_bag", "Bags and Sets", "CB-0611", "20"),
    ("bag", "Bags and Sets", "B50-2207", "60"),
    ("syringe", "Bags and Sets", "S50-9913", "100"),
)
# What each step uses, by its position: material and quantity, as the preset plans it; a second depletion is not needed.
USED = {
    2: (("buffer", "600"), ("albumin", "15"), ("dnase", "1")),
    3: (("cd3_reagent", "2"), ("immunoglobulin", "5")),
    4: (("depletion_set", "1"), ("buffer", "1000")),
    7: (("cd56_reagent", "1"),),
    8: (("enrichment_set", "1"), ("buffer", "1000")),
    9: (("saline", "100"), ("albumin", "25")),
    10: (("bag", "1"), ("syringe", "1")),
}
OPENED = {"buffer", "albumin", "saline", "immunoglobulin", "dnase", "culture_medium", "il15"}


def receive_lots(player: Player, now: datetime) -> Lots:
    """Every kind once; the code of each lot by its kind. One more buffer waits for QA."""
    found = {material: receive(player, now, material, *rest) for material, *rest in LOTS}
    receive(player, now, "buffer", "Cell Separation Supplies", "7000356", "20000", approved=False)
    return found


def receive(
    player: Player,
    now: datetime,
    material: str,
    supplier: str,
    manufacturer_lot: str,
    quantity: str,
    *,
    approved: bool = True,
) -> str:
    done = player.act(
        "tech2",
        "lot.receive",
        material=material,
        supplier=supplier,
        manufacturer_lot=manufacturer_lot,
        quantity=quantity,
        expires_on=(now + timedelta(days=730)).date().isoformat(),
        storage="as labelled",
        certificate_reference=f"CoA {manufacturer_lot}",
        received_at=text(now),
    )
    certified(player, done["id"], supplier, manufacturer_lot, now)
    if approved:
        player.act("qa2", "lot.approve", lot_id=done["id"])
    return str(player.read("tech2", f"/lots/{done['id']}")["lot"]["code"])


def certified(player: Player, lot_id: str, supplier: str, manufacturer_lot: str, now: datetime) -> None:
    """The certificate as a file of the lot; both in QA open it, so that either may decide."""
    code = str(player.read("tech2", f"/lots/{lot_id}")["lot"]["code"])
    file = Upload(f"certificate_{manufacturer_lot}.pdf", certificate(supplier, manufacturer_lot, code, now.date()))
    about = {"entity": "lot", "record_id": lot_id, "purpose": "certificate"}
    player.act("tech2", "file.attach", file=file, looked_through=True, **about)
    for kept in player.read("qa2", f"/files/of/lot/{lot_id}")["files"]:
        for login in ("qa1", "qa2"):
            player.file(login, f"/files/{kept['id']}/content")


def lines(lots: Lots, used: Used) -> dict[str, str]:
    """What a technician scans for one step; each bottle and vial is opened for it."""
    found: dict[str, str] = {}
    for material, quantity in used:
        found |= {f"{material}_lot": lots[material], f"{material}_quantity": quantity}
        if material in OPENED:
            found[f"{material}_piece"] = "new"
    return found
