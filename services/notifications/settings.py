"""How the senders want to be spoken to, from `KOBLING_SMTP_…` and `KOBLING_SMS_…` environment variables."""

from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class MailSettings(BaseSettings):
    """`none` is for a mail server on the same machine. A password never travels in clear."""

    model_config = SettingsConfigDict(env_prefix="KOBLING_SMTP_", frozen=True)

    security: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: SecretStr | None = None
    neutral_from: str | None = None
    """Whom a disguised mail comes from, where not from `post@` and the domain of the usual sender: its own domain too
    should say nothing (S2.9)."""

    @model_validator(mode="after")
    def _password_is_protected(self) -> Self:
        if self.password is not None and self.security == "none":
            raise ValueError("KOBLING_SMTP_SECURITY: a password needs starttls or tls")
        return self


class SmsSettings(BaseSettings):
    """The token that the webhook for text messages asks for."""

    model_config = SettingsConfigDict(env_prefix="KOBLING_SMS_", frozen=True)

    token: SecretStr | None = None
