"""Roles and what they may do: two tables that the packages fill, read by every check, page and test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """``excludes_others``: whoever holds it holds nothing else (S10). ``reads_only``: may sign nothing."""

    code: str
    label: str
    excludes_others: bool = False
    reads_only: bool = False


ROLES: dict[str, Role] = {}
PERMISSIONS: dict[str, frozenset[str]] = {}


def role(code: str, label: str, *, excludes_others: bool = False, reads_only: bool = False) -> str:
    ROLES[code] = Role(code, label, excludes_others, reads_only)
    return code


def permission(name: str, *roles: str) -> str:
    """Give a permission its roles; every permission is defined once."""
    if name in PERMISSIONS:
        raise ValueError(f"permission {name} is defined twice")
    PERMISSIONS[name] = frozenset(roles)
    return name


def allows(name: str, held: frozenset[str]) -> bool:
    """Whether a person holding these roles has the permission; an unknown permission belongs to nobody."""
    return bool(PERMISSIONS.get(name, frozenset()) & held)
