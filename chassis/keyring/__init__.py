"""A data key per tenant and person, wrapped by the tenant's key: destroy it, and what it sealed is gone everywhere."""

from chassis.keyring.chosen import KmsKind, kms_of
from chassis.keyring.file_kms import FileKms
from chassis.keyring.kms import Kms, MemoryKms, WrappedKey
from chassis.keyring.memory import MemoryKeyring
from chassis.keyring.models import open_models, seal_model
from chassis.keyring.mongo import MongoDataKeys, MongoKeyring
from chassis.keyring.port import Keyring, KeyUnavailable, PersonErased, SealBroken
from chassis.keyring.rotation import rewrap

__all__ = [
    "FileKms",
    "KeyUnavailable",
    "Keyring",
    "Kms",
    "KmsKind",
    "MemoryKeyring",
    "MemoryKms",
    "MongoDataKeys",
    "MongoKeyring",
    "PersonErased",
    "SealBroken",
    "WrappedKey",
    "kms_of",
    "open_models",
    "rewrap",
    "seal_model",
]
