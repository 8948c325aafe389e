"""What a service needs to know of the place it runs in, from `KOBLING_…` environment variables."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of every service. Addresses have no default that could point at somebody else's engines."""

    model_config = SettingsConfigDict(env_prefix="KOBLING_", frozen=True)

    kafka: str
    """Bootstrap servers, `host:port[,host:port]`."""
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
    issuer: str
    """URL of the OpenID Connect issuer whose tokens are believed."""
    audience: str = "kobling"
    site: str | None = None
    """Public address of the site, `https://host`, behind which each service answers under its name; None: no pages."""
    session_keys: Path | None = None
    """A file of keys that seal sessions, the same for all services: 32 bytes in base64url a line, newest first."""
    client_id: str = "kobling-site"
    """What the issuer knows the site as."""
    client_secret_file: Path | None = None
    """Where the site's secret with the issuer is, when it has one."""
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

    @property
    def checkpoints_dir(self) -> Path:
        return self.audit_dir or self.kms_dir.with_name("audit")

    def database_name(self, service: str) -> str:
        return f"{self.namespace}{service}"

    def topic_name(self, topic: str) -> str:
        return f"{self.namespace}{topic}"
