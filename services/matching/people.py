"""What ranking must know of people beside what they offer, as sets of one tenant's ids."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class People:
    """`held_pairs` are tokens; `experienced` told so for finding somebody, and is in no collection (S2.13)."""

    held_pairs: set[str] = field(default_factory=set)
    in_peace: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    experienced: set[str] = field(default_factory=set)

    def note(self, person_id: str, *, in_peace: bool, is_protected: bool, is_experienced: bool) -> None:
        """What is known now replaces what was."""
        for people, is_in in (
            (self.in_peace, in_peace),
            (self.protected, is_protected),
            (self.experienced, is_experienced),
        ):
            (people.add if is_in else people.discard)(person_id)
