"""The ISBT 128 code of a label: what a facility with its own ICCBBA number prints as one Data Matrix.

A facility without a number makes no claim: nothing of this stands on its labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from labels.domain.isbt128 import BY_NUMBER, CHAIN, DONATION, EXPIRY, PRODUCT

FACILITY = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}", re.ASCII)
PRODUCT_CODE = re.compile(r"[A-Z][0-9A-Z]{4}", re.ASCII)
COLLECTION_TYPE = re.compile(r"[0-9A-Za-z]", re.ASCII)
UNDIVIDED_FLAG = "00"
# From the public value set of HL7 FHIR (biologicallyderived-productcodes): mobilised leukaphereses, and marrow.
OTHER_MATERIAL = frozenset({"S1128", "S1194", "S1195", "S1310", "S1398", "S1697", "S2598"})


@dataclass(frozen=True, slots=True)
class IsbtSetting:
    """What the facility registered: its number (FIN), the product description code, the type of collection."""

    facility: str
    product_code: str
    collection_type: str

    @property
    def well_formed(self) -> bool:
        return bool(
            FACILITY.fullmatch(self.facility)
            and PRODUCT_CODE.fullmatch(self.product_code)
            and COLLECTION_TYPE.fullmatch(self.collection_type)
        )

    def product(self, container: int) -> str:
        """Code, type of collection and division: every container is a division of its own, also a single one."""
        return f"{self.product_code}{self.collection_type}{division(container)}"

    def chain(self, batch: str) -> str:
        """Chain of identity: this facility, the year of the batch and the last six letters and digits of its number."""
        plain = batch.replace("-", "")
        year = next((part for part in batch.split("-") if re.fullmatch(r"[0-9]{2}", part, re.ASCII)), "00")
        return f"CH{self.facility}{year}{plain[-6:].rjust(6, '0')}"


def division(container: int) -> str:
    """``A0`` to ``Z0``, then ``Aa``, ``Ab`` …: one for each of the 99 containers a batch may have."""
    first, second = (container - 1, 0) if container <= 26 else divmod(container - 27, 26)
    return f"{chr(ord('A') + first)}{'0' if container <= 26 else chr(ord('a') + second)}"


def structures_of(donation: str, product: str, expires_at: datetime, zone: str, chain: str) -> dict[str, str]:
    """Structure number to content: donation, product, expiry in the zone printed beside it, chain of identity."""
    return {
        DONATION: f"{donation}{UNDIVIDED_FLAG}",
        PRODUCT: product,
        EXPIRY: isbt_moment(expires_at, zone),
        CHAIN: chain,
    }


def isbt_moment(moment: datetime, zone: str) -> str:
    """``cyyjjjhhmm``: three digits of the year, its day, the time; seconds are dropped, never rounded up."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.year % 1000:03}{local:%j%H%M}"


def compound_message(structures: Mapping[str, str]) -> str:
    """Structures in their order, which no table of ICCBBA prescribes (000)."""
    parts = [
        f"{'=' if number == DONATION else BY_NUMBER[number].identifier}{text}" for number, text in structures.items()
    ]
    return f"=+{len(parts):02}000{''.join(parts)}"
