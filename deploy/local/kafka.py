"""One real Kafka broker (KRaft, broker and controller in one process) as a child process."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from pathlib import Path

from deploy.local.children import Child
from deploy.local.java import Java
from deploy.local.ports import HOST, require_free
from deploy.local.problem import StackProblem
from deploy.local.secured import Listener, SecuredFiles
from deploy.local.storage import ensure_formatted
from deploy.secret_files import write_secret

_START_SECONDS = 60.0

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
log.dirs={data}/log
metadata.log.dir={data}/metadata
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# After kill -9 the controller waits for the session of the dead broker to end before it lets the new one in.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=8388608
"""

_OPEN = """\
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
"""

# shutdownHook=disable: else log4j is gone before Kafka's own shutdown has said anything.
_LOG4J = """\
<Configuration status="ERROR" shutdownHook="disable">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c{1}: %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""


class KafkaBroker:
    """A broker on a fixed port with its data in a directory; its `process` may be killed and launched again.

    Unless it `is_secured` everybody on this machine may do everything there.
    """

    def __init__(
        self,
        java: Java,
        directory: Path,
        *,
        port: int,
        controller_port: int,
        log: Path,
        lock: int | None = None,
        is_secured: bool = False,
    ) -> None:
        self.java, self._directory, self._log = java, directory, log
        self._port, self._controller_port = port, controller_port
        self._inherit = () if lock is None else (lock,)
        self.process = Child()
        self.secured = SecuredFiles(directory) if is_secured else None

    def launch(self, *, aot_output: Path | None = None) -> None:
        """Start the process without waiting. With `aot_output` the run writes that cache when it ends."""
        require_free(self._port, what="Kafka")
        require_free(self._controller_port, what="Kafka's controller")
        self._directory.mkdir(parents=True, exist_ok=True)
        properties = self._write_configuration()
        ensure_formatted(self.java, self._directory, properties, secured=self.secured)
        self.process.start(
            self.java.command("kafka.Kafka", str(properties), flags=self._flags(aot_output)),
            log=self._log,
            inherit=self._inherit,
        )

    def wait_until_ready(self) -> None:
        """Return once the broker answers requests, which it does only after the controller let it in."""
        deadline = time.monotonic() + _START_SECONDS
        context = None if self.secured is None else ssl.create_default_context(cafile=self.secured.ca_file)
        while not answers(self._port, context):
            if not self.process.is_running:
                raise StackProblem(f"Kafka ended while starting: {_last_error(self._log)} (see {self._log})")
            if time.monotonic() > deadline:
                raise StackProblem(f"Kafka did not answer in {_START_SECONDS:.0f} s (see {self._log}).")
            time.sleep(0.02)

    def _write_configuration(self) -> Path:
        """Both files anew for each start; what is secret in them only we may read."""
        file = self._directory / "server.properties"
        ports = {"host": HOST, "port": self._port, "controller_port": self._controller_port}
        own = _OPEN.format(**ports)
        if self.secured is not None:
            own = self.secured.prepare(
                [Listener("CLIENTS", HOST, self._port, advertised=HOST)], controller=(HOST, self._controller_port)
            )
        write_secret(file, (PROPERTIES.format(**ports, data=self._directory) + own).encode())
        (self._directory / "log4j2.xml").write_text(_LOG4J)
        return file

    def _flags(self, aot_output: Path | None) -> list[str]:
        flags = [f"-Dlog4j2.configurationFile={self._directory}/log4j2.xml", f"-Dkafka.logs.dir={self._directory}"]
        if aot_output is not None:
            return [f"-XX:AOTCacheOutput={aot_output}", *flags]
        return [*self.java.aot_flags, *flags]


def answers(port: int, context: ssl.SSLContext | None = None) -> bool:
    """Whether an ApiVersions request (key 18, version 0) gets its answer; over TLS where a context is given."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection((HOST, port), timeout=1) as plain:
            if context is None:
                return _asked(plain, request)
            with context.wrap_socket(plain, server_hostname=HOST) as sealed:
                return _asked(sealed, request)
    except OSError:
        return False


def _asked(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(struct.pack(">i", len(request)) + request)
    return len(connection.recv(8)) == 8


def _last_error(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return next((line for line in reversed(lines) if "Exception" in line or "ERROR" in line), "no message")
