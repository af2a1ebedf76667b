"""A headless browser to try pages in, spoken to through a pipe in its own protocol.

A window is never narrower than 500 pixels, so a phone is emulated, as are dark style and print.
"""

import base64
import fcntl
import json
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager, suppress
from itertools import count

import pytest

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no browser: install chromium to run this"
)

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """One tab of a browser: its commands, what it evaluates, and the errors that it reported."""

    def __init__(self, commands, events):
        self._commands, self._events = commands, events
        self._numbers, self._session, self.errors = count(1), None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScrollbarsHidden", hidden=True)

    def call(self, method, **params):
        """The result of a command; events that come first are looked through for errors."""
        asked = {"id": next(self._numbers), "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        self._commands.write(json.dumps(asked).encode() + b"\0")
        self._commands.flush()
        while (said := self._hear()).get("id") != asked["id"]:
            pass
        assert "error" not in said, said
        return said["result"]

    def _hear(self):
        text = bytearray()
        while (byte := self._events.read(1)) != b"\0":
            assert byte, "the browser has ended"
            text += byte
        said = json.loads(text)
        if said.get("method") == "Runtime.exceptionThrown":
            self.errors.append(said["params"]["exceptionDetails"]["text"])
        if said.get("method") == "Log.entryAdded":
            entry = said["params"]["entry"]
            if entry["level"] == "error":
                self.errors.append(entry["text"])
        return said

    def open(self, page, folder, width=1280, dark=False, media=""):
        """Load a page at this width, in this style."""
        path = folder / "page.html"
        path.write_text(page, encoding="utf-8")
        self.errors.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Page.navigate", url=path.as_uri())
        while self._hear().get("method") != "Page.loadEventFired":
            pass
        assert self.run("innerWidth") == width

    def run(self, expression):
        """The value of an expression, or of the promise that it is."""
        found = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key):
        """Press a key, as a reader does."""
        for kind in ("rawKeyDown", "keyUp"):
            code = {"Tab": 9, "Enter": 13, " ": 32}[key]
            text = {"text": "\r"} if key == "Enter" and kind == "rawKeyDown" else {}
            self.call(
                "Input.dispatchKeyEvent", type=kind if not text else "keyDown", key=key,
                code="Space" if key == " " else key, windowsVirtualKeyCode=code, **text,
            )  # fmt: skip

    def tree(self):
        """What a screen reader is told: (role, name) of every node that is not ignored."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (n["role"]["value"], n.get("name", {}).get("value", ""))
            for n in nodes
            if not n["ignored"]
        ]

    def picture(self, path):
        """Write the whole page as a PNG."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self, path):
        """Write the page as it is printed."""
        data = self.call("Page.printToPDF", printBackground=False)["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def started():
    """A browser with a profile of its own."""
    folder = tempfile.mkdtemp()
    ours, theirs = [], []
    for number, (reading, writing) in enumerate((os.pipe(), os.pipe())):
        mine, other = (writing, reading) if number == 0 else (reading, writing)
        ours.append(os.fdopen(mine, "wb" if number == 0 else "rb"))
        # Out of the way of 3 and 4, which the browser reads and writes.
        theirs.append(fcntl.fcntl(other, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(other)
    quiet = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in (1, 2)]
    pipes = [(os.POSIX_SPAWN_DUP2, end, 3 + n) for n, end in enumerate(theirs)]
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    pid = os.posix_spawn(BROWSER, command, os.environ, file_actions=quiet + pipes, setpgroup=0)
    for end in theirs:
        os.close(end)
    try:
        yield Browser(*ours)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for end in ours:
            with suppress(OSError):
                end.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def browser():
    """A browser for the tests of a module."""
    with started() as found:
        yield found
