"""The people of a demo instance; production has none."""

from __future__ import annotations

from dataclasses import dataclass

DEMO_PASSWORD = "vijf stille eksters zingen"  # noqa: S105  (printed on the demo's sign-in page)


@dataclass(frozen=True)
class DemoPerson:
    login: str
    full_name: str
    roles: tuple[str, ...]


DEMO_PEOPLE = (
    DemoPerson("tech1", "Tess Bakker", ("T",)),
    DemoPerson("tech2", "Tom Visser", ("T",)),
    DemoPerson("qa1", "Anna Smit", ("QA",)),
    DemoPerson("qa2", "Daan Mulder", ("QA",)),
    DemoPerson("qp1", "Quinten Jansen", ("QP",)),
    DemoPerson("pharm1", "Fatima Aydin", ("Ph",)),
    DemoPerson("pharm2", "Pieter Postma", ("Ph",)),
    DemoPerson("sponsor1", "Sanne Dekker", ("Sp",)),
    DemoPerson("doctor1", "Ilse Kramer", ("Dr",)),
    DemoPerson("nurse1", "Noor Willems", ("N",)),
    DemoPerson("admin1", "Arjen Hoekstra", ("Ad",)),
    DemoPerson("inspector1", "Inge Verbeek", ("In",)),
)
