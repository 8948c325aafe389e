"""The mailbox: what is sent over SMTP is shown, and kept."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx

from deploy.local.mailbox import Letters, create_mailbox, listening


async def test_a_mail_that_was_sent_is_shown_and_survives_a_restart(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "kobling@kobling.example", "runa@kobling.example", "Velkommen på møte"
    mail.set_content("Hei Runa, vi ses på torsdag. <3\n")

    async with listening(Letters(tmp_path)) as address:
        host, port = address.split(":")
        await aiosmtplib.send(mail, hostname=host, port=int(port))

    kept = Letters(tmp_path)
    app = create_mailbox(kept)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mailbox") as http:
        (shown,) = (await http.get("/messages")).json()
        page = (await http.get("/")).text
    assert shown["id"] == kept.all()[0].id
    assert shown["from"] == "kobling@kobling.example"
    assert shown["to"] == ["runa@kobling.example"]
    assert shown["subject"] == "Velkommen på møte"
    assert shown["text"] == "Hei Runa, vi ses på torsdag. <3\n"
    assert "Hei Runa, vi ses på torsdag. &lt;3" in page


async def test_a_text_message_is_kept_once_whatever_comes_again(tmp_path: Path) -> None:
    kept = Letters(tmp_path)
    transport = httpx.ASGITransport(app=create_mailbox(kept))
    text = {"to": "+4799999999", "text": "Det ligger en melding til deg.", "id": "m-1"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mailbox.test") as client:
        answers = [(await client.post("/sms", json=body)).status_code for body in (text, text, {**text, "to": 7})]
        (shown,) = (await client.get("/messages")).json()
    assert answers == [202, 202, 422]
    assert (shown["from"], shown["to"], shown["text"].strip()) == ("sms", [text["to"]], text["text"])
