"""A page in a headless browser, and what a script in it saw."""

import json
import re
import shutil
import subprocess

import pytest

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no browser: install chromium to run this"
)

CATCH = "<head><script>window.__errors=[];onerror=m=>{__errors.push(m)}</script>"


def seen_by(probe, page, folder, width):
    """What `probe` left, as JSON, in `document.body.dataset.seen`; it stands before </body>."""
    path = folder / "page.html"
    text = page.replace("<head>", CATCH).replace("</body>", probe)
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900", "--virtual-time-budget=4000", "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    seen = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert seen, done.stdout[-2000:]
    return json.loads(seen.group(1).replace("&quot;", '"'))
