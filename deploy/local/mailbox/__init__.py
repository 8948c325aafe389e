"""A mail server that keeps what it is given and shows it: nothing ever leaves the machine."""

from deploy.local.mailbox.app import create_mailbox
from deploy.local.mailbox.letters import Letter, Letters
from deploy.local.mailbox.smtp import listening

__all__ = ["Letter", "Letters", "create_mailbox", "listening"]
