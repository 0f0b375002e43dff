"""The numbers of steps and fields: the same on the screen, on the blank record and on the executed one."""

from __future__ import annotations

from manufacturing.domain.plan import PlannedStep


def field_number(position: int, place: int) -> str:
    """``4.2``: the second field of the fourth step; both count from one."""
    return f"{position}.{place}"


def field_numbers(position: int, step: PlannedStep) -> dict[str, str]:
    """The number of every field of a step, by its key."""
    return {field.key: field_number(position, place) for place, field in enumerate(step.fields, start=1)}
