"""Where an outcome comes from: sources, commit, versions."""

import hashlib
import importlib.metadata
import platform
import subprocess
from pathlib import Path

LIBRARIES = (
    "torch",
    "numpy",
    "scipy",
    "mpmath",
    "sympy",
    "python-flint",
    "hypothesis",
    "z3-solver",
)


def fingerprint() -> str:
    """A digest of the package's own sources: outcomes of other sources are not reused."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    folders = [root, *(Path(p) for p in room_folders())]
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def room_folders() -> list[str]:
    """The folders of the four rooms, wherever they are installed."""
    from importlib.util import find_spec

    names = ("spec", "impl", "properties", "proofs_checks")
    found = [find_spec(f"hardposterior.{name}") for name in names]
    return [str(Path(spec.origin).parent) for spec in found if spec and spec.origin]


def commit() -> str | None:
    """The commit that the sources are at, with "+ changes" where they differ; None outside git."""
    folder = Path(__file__).resolve().parent

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "provenance.py")  # not a repository that merely holds us
        changed = git("status", "--porcelain", "--untracked-files=no", ":/")
        return git("rev-parse", "HEAD") + (" + changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries that decide outcomes."""
    found = {name: importlib.metadata.version(name) for name in ("hardposterior", *LIBRARIES)}
    return {"python": platform.python_version(), **found}
