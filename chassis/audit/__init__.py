"""Who read or changed what about whom: one chain of entries per tenant in each service's database."""

from chassis.audit.entry import Draft, Entry
from chassis.audit.memory import MemoryTrail
from chassis.audit.port import Trail
from chassis.audit.witness import WitnessedKeyring, witness, witnessing

__all__ = ["Draft", "Entry", "MemoryTrail", "Trail", "WitnessedKeyring", "witness", "witnessing"]
