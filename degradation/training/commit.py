"""Which code this is: its commit."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from degradation.files import PACKAGE, sha256

COMMIT, CODE = "DEGRADATION_COMMIT", "DEGRADATION_CODE"  # environment variables


def commit() -> str | None:
    """The code's commit, with `-dirty` where files differ from it; None where that can't be told.

    `DEGRADATION_COMMIT` in the environment says it for a copy of the code that isn't a checkout. A sweep says
    it to its networks so, with the digest of the code: a network that starts after the code was edited looks
    for itself, and edits of anything else don't matter.
    """
    told, digest = os.environ.get(COMMIT), os.environ.get(CODE)
    if told and digest and digest == code():
        return told
    return _git() or told or None


def for_networks() -> Mapping[str, str]:
    """Environment variables that tell the processes of a sweep by which commit it was started."""
    found = commit()
    return {COMMIT: found, CODE: code()} if found else {}


def code() -> str:
    """Digest of the package's files."""
    files = sorted(PACKAGE.rglob("*.py"))
    return sha256(
        *(part for path in files for part in (str(path.relative_to(PACKAGE)).encode(), path.read_bytes()))
    )


def _git() -> str | None:
    """What git says; None outside a checkout."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(PACKAGE), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")) != PACKAGE.parent:
            return None  # installed, in an environment that lies in another project's checkout
        changed = git(
            "status", "--porcelain", "--untracked-files=no", "--", ":/degradation", ":/conf", ":/scripts"
        )
        return git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
