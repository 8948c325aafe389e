"""An OpenID Connect issuer with invented people for the local stack and for tests; docs/decisions tells why our own."""

from deploy.local.issuer.app import create_issuer
from deploy.local.issuer.directory import Account, Directory, read_directory
from deploy.local.issuer.login import log_in, log_in_system

__all__ = ["Account", "Directory", "create_issuer", "log_in", "log_in_system", "read_directory"]
