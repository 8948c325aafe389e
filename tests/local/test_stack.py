"""`kobling up`: everything behind one port, and gone when told."""

from __future__ import annotations

from pathlib import Path

import httpx

from deploy.local.progress import silent
from deploy.local.stack import local_stack


async def test_the_engine_room_has_issuer_mailbox_topics_and_a_start_page(tmp_path: Path) -> None:
    async with local_stack(tmp_path, port=0, on_progress=silent, services=()) as stack, httpx.AsyncClient() as http:
        start = await http.get(stack.url)
        around = await http.get(stack.front.around)
        discovery = await http.get(f"{stack.issuer}/.well-known/openid-configuration")
        mails = await http.get(f"{stack.mailbox}/messages")
    assert "Mailbox" in start.text
    assert "Issuer" in around.text
    assert discovery.json()["issuer"] == stack.issuer
    assert mails.json() == []
    assert not stack.engines.is_kafka_running
