"""Small groups of people are not shown, nor anything from which they could be worked out (S0.9)."""

from collections.abc import Mapping

from pydantic import BaseModel


class Cell(BaseModel):
    """`count` None: not shown."""

    group: str
    count: int | None


class Breakdown(BaseModel):
    """People by group. `withheld`: all of them together are fewer than `min_cell`, so not even the groups are named."""

    min_cell: int
    withheld: bool
    cells: list[Cell]


def breakdown(counts: Mapping[str, int], min_cell: int) -> Breakdown:
    """Hides every group under `min_cell`, then the smallest others until the hidden ones cannot be worked out.

    The sum of all groups may be known elsewhere. So at least two groups are hidden or none, and all hidden ones
    together are `min_cell` people or more. Groups of nobody are left out: they say nothing about anybody.
    """
    present = {group: count for group, count in counts.items() if count > 0}
    if sum(present.values()) < min_cell:
        return Breakdown(min_cell=min_cell, withheld=bool(present), cells=[])
    hidden = _hidden(present, min_cell)
    shown = [Cell(group=group, count=None if group in hidden else present[group]) for group in sorted(present)]
    return Breakdown(min_cell=min_cell, withheld=False, cells=shown)


def _hidden(counts: Mapping[str, int], min_cell: int) -> set[str]:
    hidden: set[str] = set()
    hidden_sum = 0
    for group, count in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        is_safe = not hidden or (len(hidden) > 1 and hidden_sum >= min_cell)
        if count >= min_cell and is_safe:
            break
        hidden.add(group)
        hidden_sum += count
    return hidden
