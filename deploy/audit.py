"""`python -m deploy.audit`: has anything that uv.lock pins a known weakness? Asked of OSV, in one request for all.

Ends with 0 for none, 1 for some (each is named, with the version that mends it), NOT_ASKED where nobody could be asked.
Arguments are for `uv audit`: `--project`, `--service-url` for a mirror.
"""

import os
import subprocess
import sys
from pathlib import Path

NOT_ASKED = 75
"""EX_TEMPFAIL: nothing is wrong, and nothing is known either."""

_UV = Path(sys.executable).parent / "uv"
# What is pinned is what is asked about: no index is needed for it.
_AUDIT = (_UV, "audit", "--frozen", "--no-index", "--preview-features", "audit")
_PATIENCE = {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "10"}
_UNANSWERED = " for url ("


def main() -> int:
    done = subprocess.run(
        [*_AUDIT, *sys.argv[1:]], env={**os.environ, **_PATIENCE}, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) and _UNANSWERED in done.stderr:
        print("NOBODY COULD BE ASKED whether what uv.lock pins has known weaknesses. Ask where there is a network.")
        print(done.stderr, end="")
        return NOT_ASKED
    print(done.stdout, done.stderr, sep="", end="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
