"""The figures as a table for a terminal."""

from __future__ import annotations

import statistics

from tests.bench.measuring import ROUNDS, Timed

NAME, CELL = 30, 43


def spread(seconds: list[float]) -> str:
    """Median with the shortest and the longest, in milliseconds."""
    middle, least, most = (1000 * one for one in (statistics.median(seconds), min(seconds), max(seconds)))
    return f"{middle:7.1f} ms ({least:.1f}-{most:.1f})"


def cell(one: Timed, floor: float) -> str:
    return f"{spread(one.spent):<25}{one.median / floor:6.1f} x{one.statements:5} SQL"


def lines(found: list[tuple[int, dict[str, Timed]]], password: float) -> list[str]:
    """One line for each act and page, a column for each size; ``password``: seconds of a check in production.

    The bare commits stand between all other requests of a size; their median is what the others are compared with.
    """
    sizes = [f"{batches:,}" for batches, _ in found]
    largest, smallest = found[-1][1], found[0][1]
    floors = [[one for timed in figures.values() for one in timed.bare] for _, figures in found]
    medians = [statistics.median(one) for one in floors]
    width = [f"at {size} batches".ljust(CELL) for size in sizes]
    return [
        f"{'median of ' + str(ROUNDS):<{NAME}}{''.join(width)}{sizes[-1]}:{sizes[0]}",
        f"{'bare commit through server':<{NAME}}"
        + "".join(f"{spread(one):<25}{1:6.1f} x".ljust(CELL) for one in floors),
        *(
            f"{name:<{NAME}}"
            + "".join(
                cell(figures[name], floor).ljust(CELL) for (_, figures), floor in zip(found, medians, strict=True)
            )
            + f"{largest[name].median / smallest[name].median:8.2f}"
            for name in largest
        ),
        f"{'password check, production':<{NAME}}{1000 * password:7.1f} ms = {password / medians[-1]:.1f} x, "
        "to be added once for each signature of an act",
    ]
