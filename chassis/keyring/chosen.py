"""Which KMS a place uses: files, or a cloud's."""

from pathlib import Path
from typing import Literal

from chassis.keyring.file_kms import FileKms
from chassis.keyring.kms import Kms

KmsKind = Literal["file", "aws"]


def kms_of(kind: KmsKind, directory: Path) -> Kms:
    """Raises KeyUnavailable when what the kind needs is not installed. `directory` matters to files only."""
    match kind:
        case "file":
            return FileKms(directory)
        case "aws":
            from chassis.keyring.aws_kms import AwsKms

            return AwsKms.connect()
