"""Who can log in at the local issuer: invented people and systems, from `people.yaml` and added while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

PEOPLE_FILE = Path(__file__).with_name("people.yaml")


class Account(BaseModel):
    """An invented human being (with a name) or a system (with a secret, or a public `key` and an `organisation` as
    Maskinporten knows it, by register and number). `person` is the pseudonym in the tenant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(pattern=r"^[a-z0-9-]{1,80}$")
    tenant: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    scopes: tuple[str, ...]
    name: str | None = None
    person: str | None = None
    secret: str | None = None
    key: dict[str, str] | None = None
    organisation: str | None = Field(default=None, pattern=r"^0(184|192):[0-9]{8,9}$")

    @property
    def is_system(self) -> bool:
        return self.secret is not None or self.key is not None


class Directory:
    """The accounts, in the order they were added; the same subject again replaces the earlier one."""

    def __init__(self, accounts: list[Account]) -> None:
        self._accounts = {account.subject: account for account in accounts}

    def find(self, subject: str) -> Account | None:
        return self._accounts.get(subject)

    def put(self, account: Account) -> None:
        self._accounts[account.subject] = account

    def people(self) -> list[Account]:
        return [account for account in self._accounts.values() if not account.is_system]

    def tenants(self) -> list[str]:
        return sorted({account.tenant for account in self._accounts.values()})


def read_directory(file: Path = PEOPLE_FILE) -> Directory:
    """The accounts of a YAML file: roles give the scopes, the first word of the subject is the tenant."""
    document: dict[str, Any] = yaml.safe_load(file.read_text())
    roles: dict[str, tuple[str, ...]] = {name: tuple(scopes) for name, scopes in document["roles"].items()}

    def account(entry: dict[str, Any], **more: Any) -> Account:
        fields = {name: value for name, value in entry.items() if name != "role"}
        tenant = entry["subject"].split("-", 1)[0]
        return Account(**fields, tenant=tenant, scopes=roles[entry["role"]], **more)

    people = [account(entry) for entry in document["people"]]
    systems = [account(entry, secret=entry["subject"]) for entry in document["systems"]]
    return Directory([*people, *systems])
