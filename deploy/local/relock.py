"""Write `jars.lock` anew: `python -m deploy.local.relock`. Needed only for another version of Kafka."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver

from deploy.local.jars import LOCK_FILE

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOG4J_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:{version}"  # Kafka names an slf4j-api 1.7 but no binding


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        context = MavenContext(repo_cache=Path(cache), resolver=PythonResolver(), timeout=60)
        kafka = context.create_dependency(KAFKA)
        kafka.raw = True  # else a parent POM takes kafka-clients down to 3.9
        roots, others = context.resolver.resolve([kafka])
        log4j = next(d.version for d in others if d.artifactId == "log4j-core")
        binding = context.create_dependency(LOG4J_BINDING.format(version=log4j))
        wanted = [*roots, *others, binding]
        jars = sorted((f"{d.groupId}:{d.artifactId}:{d.version}", d.artifact.resolve()) for d in wanted)
        lines = [f"{coordinate} {hashlib.sha256(path.read_bytes()).hexdigest()}" for coordinate, path in jars]
    headline = f"# {KAFKA} and what it needs; made by `python -m deploy.local.relock`"
    LOCK_FILE.write_text("\n".join([headline, *lines]) + "\n")


if __name__ == "__main__":
    main()
