"""A scratch copy of the project that imports as `hardposterior`, to plant faults in."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("spec", "impl", "properties", "proofs_checks")


def scratch_copy(folder: Path, root: Path = ROOT) -> Path:
    """Copy the rooms, suite and tests of `root` into `folder`; put its `package` on the path."""
    for name in (*ROOMS, "suite", "tests"):
        if (root / name).exists():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / name, folder / name, ignore=ignored)
    shutil.copy(root / "pyproject.toml", folder)
    package = folder / "package" / "hardposterior"
    package.mkdir(parents=True)
    for path in (folder / "suite").iterdir():
        (package / path.name).symlink_to(path)
    for room in ROOMS:
        (package / room).symlink_to(folder / room)
    return folder
