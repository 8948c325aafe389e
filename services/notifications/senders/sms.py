"""Text messages over a webhook: POST `{to, text, id}` as JSON; each answer becomes one of the four.

`id` is the same in every attempt: a gateway that has it sends nothing again.
"""

import re

import httpx

from services.notifications.senders.port import Accepted, Answer, Mail, NotNow, Refused, Unknown
from services.notifications.settings import SmsSettings

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
TRY_LATER = frozenset({408, 425, 429})
# Together less than a timer may take (50 s), and much less than a claim lasts (domain/waits.py, two minutes).
_TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=5.0)


class SmsSender:
    """One connection per message, as for mail: they are few."""

    def __init__(self, url: str | None, *, settings: SmsSettings) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"} if settings.token else {}

    async def send(self, mail: Mail) -> Answer:
        """Hands it over. A gateway that cannot be reached is NotNow; no answer from one that was, Unknown (0011)."""
        if self._url is None:
            return Refused("sms_not_configured")
        if not _NUMBER.fullmatch(mail.recipient):
            return Refused("bad_address")
        body = {"to": mail.recipient, "text": mail.text.strip(), "id": mail.message_id}
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
                answer = await client.post(self._url, json=body, headers=self._headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return NotNow("sms_unreachable")
        except httpx.HTTPError:
            return Unknown()
        return _by_status(answer.status_code)


def _by_status(status: int) -> Answer:
    if 200 <= status < 300:
        return Accepted()
    if 400 <= status < 500 and status not in TRY_LATER:
        return Refused(f"sms_{status}")
    return NotNow(f"sms_{status}")
