"""What a secured broker needs in files: certificates, its first users, and the part of its configuration about both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.kafka import MECHANISM, SecuredKafka
from deploy.access.credentials import new_password, password_file
from deploy.local.certificates import ensure_certificates
from deploy.secret_files import write_secret

OPERATOR = "operator"
_BROKER = "broker"  # whom the broker is when it speaks to itself

_PROPERTIES = """\
listeners={listeners},CONTROLLER://{controller}
advertised.listeners={advertised}
listener.security.protocol.map={protocols},CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name={first}
sasl.enabled.mechanisms={mechanism}
sasl.mechanism.inter.broker.protocol={mechanism}
sasl.mechanism.controller.protocol=PLAIN
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="{user}" password="{password}" user_{user}="{password}";
{logins}
ssl.keystore.type=PEM
ssl.keystore.location={directory}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={directory}/ca.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{user};User:{operator}
"""
_LOGIN_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule required"
_LOGIN = """\
listener.name.{listener}.{lower}.sasl.jaas.config={login} username="{user}" password="{password}";"""
_CLIENT = """\
security.protocol=SASL_SSL
sasl.mechanism={mechanism}
sasl.jaas.config={login} username="{user}" password="{password}";
ssl.truststore.type=PEM
ssl.truststore.location={ca}
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """Clients come to `port` at the address `bind` (empty: all), and are told that the broker is at `advertised`."""

    name: str
    bind: str
    port: int
    advertised: str


class SecuredFiles:
    """The folder `access` beside the data of one broker, for its owner only.

    The key of the CA is thrown away once the broker's certificate is signed: nobody can sign another one.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "access"

    @property
    def ca_file(self) -> Path:
        return self.directory / "ca.pem"

    def reached_as(self, user: str, servers: str) -> SecuredKafka:
        """How a user reaches the broker whose password file is in this folder."""
        return SecuredKafka(servers, user, password_file(self.directory, user), self.ca_file)

    def prepare(self, listeners: Sequence[Listener], *, controller: tuple[str, int]) -> str:
        """Make what is missing, and give the lines of server.properties. They hold the broker's own password."""
        ensure_certificates(self.directory, names=sorted({listener.advertised for listener in listeners}))
        own = {"user": _BROKER, "password": self._password(_BROKER)}
        names = [listener.name for listener in listeners]
        login = {"login": _LOGIN_MODULE, "lower": MECHANISM.lower(), **own}
        logins = [_LOGIN.format(listener=name.lower(), **login) for name in names]
        return _PROPERTIES.format(
            listeners=",".join(f"{one.name}://{one.bind}:{one.port}" for one in listeners),
            advertised=",".join(f"{one.name}://{one.advertised}:{one.port}" for one in listeners),
            protocols=",".join(f"{name}:SASL_SSL" for name in names),
            controller="{}:{}".format(*controller),
            first=names[0],
            mechanism=MECHANISM,
            logins="\n".join(logins),
            directory=self.directory,
            operator=OPERATOR,
            **own,
        )

    def write_format_arguments(self, file: Path, cluster_id: str, properties: Path) -> None:
        """The arguments of `kafka-storage format`, a line each, for `@file`: on a command line everybody could read
        the passwords of the first users."""
        arguments = ["--ignore-formatted", "-t", cluster_id, "-c", str(properties)]
        for user in (_BROKER, OPERATOR):
            arguments += ["--add-scram", f"{MECHANISM}=[name={user},password={self._password(user)}]"]
        write_secret(file, "\n".join(arguments).encode())

    def client_properties(self, user: str) -> str:
        """How Kafka's own tools connect as this user."""
        return _CLIENT.format(
            mechanism=MECHANISM, user=user, password=self._password(user), ca=self.ca_file, login=_LOGIN_MODULE
        )

    @contextmanager
    def format_arguments(self, cluster_id: str, properties: Path) -> Iterator[list[str]]:
        """The same in a file that is gone afterwards."""
        file = self.directory / "format.arguments"
        self.write_format_arguments(file, cluster_id, properties)
        try:
            yield [f"@{file}"]
        finally:
            file.unlink()

    @property
    def is_in_force(self) -> bool:
        """Whether the data beside this folder know its users."""
        return self._mark.exists()

    def note_in_force(self) -> None:
        self._mark.touch(mode=0o600)

    @property
    def _mark(self) -> Path:
        return self.directory / "formatted"

    def _password(self, user: str) -> str:
        file = password_file(self.directory, user)
        if not file.exists():
            write_secret(file, new_password().encode())
        return file.read_text()
