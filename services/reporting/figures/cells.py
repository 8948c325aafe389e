"""Small groups of people are not shown, nor anything from which they could be worked out (S0.9)."""

from collections.abc import Mapping

from pydantic import BaseModel


class Cell(BaseModel):
    """`count` None: not shown."""

    group: str
    count: int | None


class Breakdown(BaseModel):
    """People by group. `withheld`: too few, or too many small groups; not even the groups are named."""

    min_cell: int
    withheld: bool
    cells: list[Cell]


def breakdown(counts: Mapping[str, int], min_cell: int) -> Breakdown:
    """Hides every group under `min_cell`, then the smallest others until the hidden ones cannot be worked out.

    The sum of all groups may be known elsewhere, and this rule is no secret. So the hidden ones together are
    `min_cell` people or more and of different sizes, groups of one size are hidden or shown together, and where
    nothing would be left to show the whole breakdown is withheld. Then whoever knows the sum can exchange any two
    hidden groups and would see the same answer. Groups of nobody are left out: they say nothing about anybody.
    """
    present = {group: count for group, count in counts.items() if count > 0}
    sizes = _hidden_sizes(present, min_cell)
    if present and sizes.issuperset(present.values()):
        return Breakdown(min_cell=min_cell, withheld=True, cells=[])
    shown = [Cell(group=group, count=None if present[group] in sizes else present[group]) for group in sorted(present)]
    return Breakdown(min_cell=min_cell, withheld=False, cells=shown)


def part_of(part: int, whole: int, min_cell: int) -> int | None:
    """How many of a known whole share something nobody may guess of any of them; None when it is not shown.

    Not only few are told: where all or nearly all share it, or none, the number would tell it of each (S2.13).
    """
    return part if min(part, whole - part) >= min_cell else None


def _hidden_sizes(counts: Mapping[str, int], min_cell: int) -> set[int]:
    sizes: set[int] = set()
    hidden_sum = 0
    for size in sorted(set(counts.values())):
        is_safe = not sizes or (len(sizes) > 1 and hidden_sum >= min_cell)
        if size >= min_cell and is_safe:
            break
        sizes.add(size)
        hidden_sum += sum(count for count in counts.values() if count == size)
    return sizes
