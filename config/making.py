"""The path of one product, told act by act: used by the worked example, and by the journeys that prove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.counting import count_cells
from config.devices import clean, scanned
from config.materials import LOTS, USED, Lots, Used, lines
from config.monitoring import expose
from config.playing import Player, text
from config.products import Counts, Product

WARD = ("doctor1", "nurse1")


@dataclass
class Making:
    """One batch from plan to ward. ``now`` is the clock of the telling; each method is one person's doing."""

    player: Player
    now: Callable[[], datetime]
    scan: Callable[[str], str]
    subject: str
    donor: str
    number: str
    check: str
    product: Product
    lots: Lots = field(default_factory=dict)  # and devices, by what they are called
    room: str = "Clean room 1"
    kept_ml: str = "0"  # of the leukapheresis, for another batch
    collection: str = ""
    part: str = ""
    bag: str = ""
    batch: str = ""
    batch_number: str = ""
    containers: list[dict[str, Any]] = field(default_factory=list)
    scanned: set[int] = field(default_factory=set)
    equipped: set[int] = field(default_factory=set)
    monitored: bool = False
    ended_at: datetime | None = None
    order: str = ""
    dispensing: str = ""
    administration: str = ""

    def plan(self) -> None:
        today = self.now().date().isoformat()
        done = self.player.act(
            "tech1",
            "collection.plan",
            subject_code=self.subject,
            donor_code=self.donor,
            number_kind="din" if self.check else "facility",
            number=self.number,
            check_character=self.check,
            planned_on=today,
            mobilised=False,
            consent_reference=f"DC-{self.subject}",
            consented_on=today,
        )
        self.collection = done["id"]

    def receive(self, ended_at: datetime, **arrival: Any) -> None:
        """``arrival``: what was otherwise than usual."""
        self.ended_at = ended_at
        self.player.act(
            "tech1",
            "collection.receive",
            second="tech2",
            collection_id=self.collection,
            number=self.number,
            subject_code=self.subject,
            started_at=text(ended_at - timedelta(hours=4)),
            ended_at=text(ended_at),
            shipped_at=text(min(ended_at + timedelta(minutes=10), self.now())),
            received_at=text(self.now()),
            mobilised=False,
            container_intact=True,
            label_matches=True,
            free_of_clots=True,
            temperature_c="18.5",
            logger_low_c="17.9",
            logger_high_c="20.4",
            volume_ml=str(Decimal(self.product.apheresis.volume) + Decimal(self.kept_ml)),
            wbc=self.product.apheresis.wbc,
            viability=self.product.apheresis.viability,
            **arrival,
        )

    def markers(self) -> None:
        assert self.ended_at is not None  # noqa: S101  (received before)
        self.player.act(
            "tech2",
            "donor.record",
            collection_id=self.collection,
            sampled_at=text(self.ended_at - timedelta(hours=4, minutes=20)),
            htlv_risk=False,
            blood_or_colloids_48h=False,
            crystalloids_1h=False,
            identity_check="two identifiers against the order, outside this system",
            interview_suitable=True,
            examination_suitable=True,
            laboratory="Laboratory for donor testing",
            kit="CE-IVD serology panel",
            report_reference=f"LAB-{self.donor}",
            anti_hiv="non_reactive",
            hbsag="non_reactive",
            anti_hbc="non_reactive",
            anti_hcv="non_reactive",
            syphilis="non_reactive",
            outside_eu=False,
        )

        self.blood_groups()

    def blood_groups(self) -> None:
        """Of donor and recipient, each on two samples entered by two people."""
        found = self.player.read("tech1", f"/collections/{self.collection}")["collection"]
        owners = (("donor", found["donor"]["id"], ("tech1", "tech2")), ("subject", found["subject"]["id"], WARD))
        for owner, record_id, people in owners:
            for number, login in enumerate(people, start=1):
                self.player.act(
                    login,
                    f"blood_group.{owner}",
                    abo="A",
                    rhd="positive",
                    sample=f"{owner[0].upper()}-{self.number[-6:]}-{number}",
                    sampled_at=text(self.now() - timedelta(hours=10 * number, minutes=int(self.number[-2:]))),
                    laboratory="Blood bank",
                    report_reference=f"BB-{self.number[-6:]}-{number}",
                    **{f"{owner}_id": record_id},
                )

    def accept(self) -> None:
        self.player.act("qa2", "collection.accept", collection_id=self.collection)

    def split(self) -> None:
        """Take off what this batch is made of, and keep the rest for another one."""
        done = self.player.act(
            "tech1",
            "collection.split",
            second="tech2",
            collection_id=self.collection,
            number=self.number,
            subject_code=self.subject,
            volume_ml=self.product.apheresis.volume,
            remainder_ml=self.kept_ml,
        )
        self.part, self.bag = done["id"], done["code"]

    def open(self) -> None:
        if self.part:
            self.batch = self.player.act("tech1", "batch.open_part", part_id=self.part)["id"]
        else:
            self.batch = self.player.act("tech1", "batch.open", collection_id=self.collection)["id"]
        self.batch_number = self.player.read("tech1", f"/batches/{self.batch}")["batch"]["number"]

    def start(self) -> None:
        self.player.act(
            "tech1",
            "batch.start",
            second="tech2",
            batch_id=self.batch,
            room=self.room,
            number=self.bag or self.number,
            subject_code=self.subject,
            cleared=True,
        )
        clean(self.player, self.lots, self.room, self.now())

    def step(self, position: int, **values: Any) -> None:
        """One step done by the first technician, with its lots and equipment scanned before, and checked by the second."""
        given = {"batch_id": self.batch, "position": str(position), "performed_at": text(self.now())}
        self.bring(position)
        self.player.act("tech1", "step.perform", **given, **values)
        self.player.act("tech2", "step.verify", batch_id=self.batch, position=str(position))
        if self.monitored:
            expose(self.player, self.batch, position, self.now())

    def bring(self, position: int, used: Used | None = None, like: int | None = None) -> None:
        """What the step is made with: materials and equipment.

        ``used``: other materials than it usually takes. ``like``: the step of the first preset that takes the same; 0
        for a step that takes nothing.
        """
        like = position if like is None else like
        self.scan_lots(position, USED.get(like, ()) if used is None else used)
        codes = scanned(self.lots, like, self.room) if like and position not in self.equipped else ""
        if codes:
            given = {"batch_id": self.batch, "position": str(position), "performed_at": text(self.now())}
            self.player.act("tech1", "step.use_equipment", **given, codes=codes)
            self.equipped.add(position)

    def scan_lots(self, position: int, used: Used) -> None:
        """The materials of a step, unless they are scanned already; a process may ask for none."""
        found = {} if position in self.scanned else lines(self.lots, used)
        if found:
            given = {"batch_id": self.batch, "position": str(position), "performed_at": text(self.now())}
            self.player.act("tech1", "step.use_lots", **given, **found)
            self.scanned.add(position)

    def take_kit(self) -> None:
        """The lots of the steps to come as one kit, scanned once."""
        codes = "\n".join(self.lots[material] for material, *_ in LOTS)
        done = self.player.act("tech2", "kit.assemble", lots=codes)
        kit = self.player.read("tech2", f"/kits/{done['id']}")["kit"]["code"]
        self.player.act("tech1", "batch.take_kit", batch_id=self.batch, kit=kit)

    def inspect(self, *, counted: bool = False) -> None:
        """``counted``: white cells and viability stand there already, read out of the counter's file."""
        counts = self.product.apheresis.not_counted() if counted else self.product.apheresis.fields()
        sample = {"sampled": "2", "culture_sample": f"S-{self.number[-6:]}"}
        self.step(1, label_matches=True, appearance=True, **counts, **sample)

    def wash(self) -> None:
        counts = self.product.apheresis
        spun = text(self.now() - timedelta(minutes=50))
        self.step(
            2, program="200 g, 15 min", spin_started=spun, volume="200", wbc=counts.wbc, viability=counts.viability
        )

    def label_cd3(self) -> None:
        self.step(3, vials="2", incubation="30", temperature="20.5")

    def deplete(self) -> None:
        self.step(4, program="Depletion 2.1", **self.run(timedelta(hours=2)), **self.product.depleted.fields())

    def label_cd56(self) -> None:
        self.step(7, vials="1", incubation="30", temperature="20.8")

    def enrich(self) -> None:
        self.step(8, program="Enrichment 1.1", **self.run(timedelta(hours=1)), **self.product.enriched.fields())

    def run(self, length: timedelta) -> dict[str, str]:
        now = self.now()
        return {"run_started": text(now - length), "run_ended": text(now - timedelta(minutes=10))}

    def formulate(self) -> None:
        medium = "NaCl 0.9 % with 5 % HSA" + (f"; {self.product.remark}" if self.product.remark else "")
        self.step(9, medium=medium, formulated_at=text(self.now()), **self.counted(9, self.product.final))

    def counted(self, position: int, counts: Counts) -> dict[str, str]:
        """What is left to type of a step whose cells are counted in a tube."""
        count_cells(self.player, self.batch, position, counts, self.now())
        return counts.not_counted()

    def fill(self) -> None:
        self.fill_bag()
        self.step(10, appearance=True, seals=True, retained="1")

    def fill_bag(self) -> None:
        self.player.act(
            "tech1",
            "container.fill",
            second="tech2",
            batch_id=self.batch,
            batch_number=self.batch_number,
            subject_code=self.subject,
            container_type="bag_50",
            volume_ml=self.product.fill_ml,
        )
        self.containers = self.player.read("tech1", f"/batches/{self.batch}")["containers"]

    def label(self) -> None:
        """Print at fill; a second person scans the print; it is applied before a witness."""
        for container in self.containers:
            printed = self.player.act("tech1", "label.print", container_id=container["id"])
            label_id = printed["id"]
            self.player.act("tech2", "label.verify", label_id=label_id, scanned=self.scan(label_id))
            self.player.act("tech1", "label.apply", second="tech2", label_id=label_id, container_code=container["code"])
            container["label_id"] = label_id

    def complete(self) -> None:
        self.player.act("tech1", "batch.complete", batch_id=self.batch)
