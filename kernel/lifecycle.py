"""State machines as tables: what may happen, from which state, by whom, with which signature and guards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kernel.refusals import STATE_NOT_ALLOWED, Refusal

Guard = Callable[[Any], Refusal | None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of requirements 14. ``meaning`` lists the signature meanings, first person first."""

    action: str
    sources: frozenset[StrEnum]
    target: StrEnum
    permission: str
    meaning: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True)
class Lifecycle:
    """A record's states and the only moves between them."""

    record: str
    states: type[StrEnum]
    transitions: tuple[Transition, ...]

    def transition(self, action: str, status: StrEnum | str) -> Transition | Refusal:
        """The move named ``action`` from ``status``, or the refusal that says there is none."""
        state = self.states(status)
        for candidate in self.transitions:
            if candidate.action == action and state in candidate.sources:
                return candidate
        return STATE_NOT_ALLOWED(action=action, record=self.record, state=state.value)

    def actions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(transition.action for transition in self.transitions))

    def terminal(self) -> frozenset[StrEnum]:
        """States that nothing leaves."""
        left = {source for transition in self.transitions for source in transition.sources}
        return frozenset(state for state in self.states if state not in left)

    def mermaid(self) -> str:
        """The diagram of the manual, drawn from the same table the checks use."""
        lines = ["stateDiagram-v2"]
        for transition in self.transitions:
            lines.extend(
                f"    {source.value} --> {transition.target.value}: {transition.action}"
                for source in sorted(transition.sources, key=list(self.states).index)
            )
        return "\n".join(lines)


def states(*members: StrEnum) -> frozenset[StrEnum]:
    return frozenset(members)
