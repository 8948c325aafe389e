"""`python -m contracts.publish [--check]`."""

import argparse
import sys

from contracts.publish.files import breaks, drift, generated, write

_WRITE_ANEW = "What is only out of date is written by: python -m contracts.publish\n"
_NEVER_STORED = (
    "Nothing was written. A version that nobody ever stored or read may change: delete its files here first.\n"
)


def main(arguments: list[str]) -> int:
    """0 when all is well; 1 with one line per file at fault on standard error."""
    parser = argparse.ArgumentParser(prog="python -m contracts.publish", description="Write contracts/published/.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail when a file is not what the code says"
    )
    options = parser.parse_args(arguments)
    try:
        files = generated()
    except LookupError as missing:
        sys.stderr.write(f"{missing.args[0]}\n")
        return 1
    faults = list(breaks())
    if options.check:
        faults += drift(files)
    if faults:
        sys.stderr.write("".join(f"{fault}\n" for fault in faults) + (_WRITE_ANEW if options.check else _NEVER_STORED))
        return 1
    touched = [] if options.check else write(files)
    for file in touched:
        sys.stdout.write(f"contracts/published/{file}\n")
    sys.stdout.write(f"{len(files)} files are what the code says, {len(touched)} of them written now\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
