"""A data key per tenant and person, wrapped by the tenant's key: destroy it, and what it sealed is gone everywhere."""

from chassis.keyring.kms import FileKms, Kms, MemoryKms
from chassis.keyring.memory import MemoryKeyring
from chassis.keyring.mongo import MongoKeyring
from chassis.keyring.port import Keyring, KeyUnavailable, PersonErased, SealBroken

__all__ = [
    "FileKms",
    "KeyUnavailable",
    "Keyring",
    "Kms",
    "MemoryKeyring",
    "MemoryKms",
    "MongoKeyring",
    "PersonErased",
    "SealBroken",
]
