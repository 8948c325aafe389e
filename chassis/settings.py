"""What a service needs to know of the place it runs in, from `KOBLING_…` environment variables."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.auth import BadIssuers, PlainIssuer, Trusted, read_issuers
from chassis.auth.trust import DEFAULT_LIFETIME_SECONDS
from chassis.kafka import Kafka, SecuredKafka


class Settings(BaseSettings):
    """Every setting of every service. Addresses have no default that could point at somebody else's engines."""

    model_config = SettingsConfigDict(env_prefix="KOBLING_", frozen=True)

    kafka: str
    """Bootstrap servers, `host:port[,host:port]`."""
    kafka_user: str | None = None
    """The service's own user at the broker, who proves a password over TLS (SCRAM-SHA-512). None: neither TLS nor a
    password, which is for tests and machines of developers only."""
    kafka_password_file: Path | None = None
    """Where that user's password stands; read anew for each connection that is made."""
    kafka_ca_file: Path | None = None
    """Who vouches for the brokers (PEM); None: whom the system trusts."""
    mongo: str
    """MongoDB URI of the service's own database."""
    keyring_mongo: str | None = None
    """MongoDB URI with the credentials of the keyring; the service's own where they are not told apart."""
    namespace: str = ""
    """Put before the name of each database, topic and consumer group, so that several stacks may share the engines."""
    kms: Literal["file", "aws"] = "file"
    """Where tenant keys are: files, or `aws`, which needs the extra `kobling[aws]`."""
    kms_dir: Path
    """Where the file-backed KMS keeps the tenant keys."""
    audit_dir: Path | None = None
    """Where signed checkpoints of the audit trail go, outside the database; None: `audit` beside `kms_dir`."""
    issuer: str | None = None
    """URL of the one issuer whose tokens are believed and say everything: tenant, scopes, person."""
    audience: str = "kobling"
    max_token_seconds: int = Field(default=DEFAULT_LIFETIME_SECONDS, ge=60)
    """How long a token of that issuer may be good for."""
    issuers: Path | None = None
    """A YAML file of several issuers, such as those in deploy/issuers (docs/runbook.md); beside `issuer` or instead."""
    site: str | None = None
    """Public address of the site, `https://host`, behind which each service answers under its name; None: no pages."""
    session_keys: Path | None = None
    """A file of keys that seal sessions, the same for all services: 32 bytes in base64url a line, newest first."""
    client_id: str = "kobling-site"
    """What `issuer` knows the site as; those of the file say it themselves (`log_in`)."""
    client_secret_file: Path | None = None
    """Where the site's secret with the issuer is, when it has one."""
    invented_people: bool = False
    """Whether all who can log in are invented: then pages offer to be somebody else. Only local stacks set it."""
    smtp: str = "127.0.0.1:25"
    """`host:port` of the mail server; only notifications uses it."""
    sms: str | None = None
    """URL of the webhook that sends text messages; None: there are none. Only notifications uses it."""
    mail_from: str = "kobling@kobling.example"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    clock_file: Path | None = None
    """A file with seconds by which the clock is moved; only local stacks and tests set it."""
    caller_per_second: float = Field(default=200, gt=0)
    """How many requests of one caller a process answers in a second, after a burst of `caller_burst`."""
    caller_burst: int = Field(default=2000, ge=1)
    tenant_per_second: float = Field(default=600, gt=0)
    """The same for all callers of a tenant together."""
    tenant_burst: int = Field(default=6000, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _require_whole_access(self) -> Self:
        """Half of it would mean to speak in the clear although somebody thought otherwise."""
        if (self.kafka_user is None) != (self.kafka_password_file is None):
            raise ValueError("KOBLING_KAFKA_USER and KOBLING_KAFKA_PASSWORD_FILE are set together")
        if self.kafka_ca_file is not None and self.kafka_user is None:
            raise ValueError("KOBLING_KAFKA_CA_FILE is of no use without KOBLING_KAFKA_USER")
        return self

    @property
    def brokers(self) -> Kafka:
        """How Kafka is reached."""
        if self.kafka_user is None or self.kafka_password_file is None:
            return self.kafka
        return SecuredKafka(self.kafka, self.kafka_user, self.kafka_password_file, self.kafka_ca_file)

    @property
    def trusted(self) -> list[Trusted]:
        """Whose tokens are believed. Raises BadIssuers for a file that cannot be used, or where there is none."""
        found: list[Trusted] = [] if self.issuers is None else [*read_issuers(self.issuers)]
        if self.issuer is not None:
            plain = PlainIssuer(issuer=self.issuer, audience=self.audience, max_lifetime_seconds=self.max_token_seconds)
            found.append(plain)
        if not found:
            raise BadIssuers("KOBLING_ISSUER or KOBLING_ISSUERS says whose tokens are believed")
        return found

    @property
    def checkpoints_dir(self) -> Path:
        return self.audit_dir or self.kms_dir.with_name("audit")

    def database_name(self, service: str) -> str:
        return f"{self.namespace}{service}"

    def topic_name(self, topic: str) -> str:
        return f"{self.namespace}{topic}"
