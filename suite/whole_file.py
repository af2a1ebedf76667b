"""Files that are whole at every moment, also when the process is killed while it writes."""

import fcntl
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

MARK = "part"
"""Ends the name of a file that is being written: `.NAME.RANDOM.part`."""


def write_whole(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step; raises `OSError`.

    What killed writers of the same path left beside it is removed: the system drops a dead
    process's lock, so that the part of one that still writes is left alone.
    """
    remove_parts(path)
    handle, name = locked_part(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(name, path)  # the lock is held until the part is a part no more
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def locked_part(path: Path) -> tuple[int, str]:
    """A new locked file beside `path`: its descriptor and its name."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=f".{MARK}")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, name
        os.close(handle)  # another writer took it for a dead one's before it was locked


def remove_parts(path: Path) -> None:
    """Remove the parts of `path` whose writers are dead."""
    part = re.compile(rf"\.{re.escape(path.name)}\.[^.]+\.{MARK}")
    for name in os.listdir(path.parent):
        if not part.fullmatch(name):
            continue
        with suppress(OSError):  # gone already, or locked by a writer that lives
            handle = os.open(path.parent / name, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(path.parent / name)
            finally:
                os.close(handle)
