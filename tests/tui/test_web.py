"""The window in a browser: served on loopback, signed in as anywhere."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BILHETERIA_")}
    environment |= {"PYTHONPATH": str(ROOT), "BILHETERIA_LANGUAGE": "en"}
    command = [sys.executable, "-m", "app"]
    subprocess.run(
        [*command, "init"], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    with subprocess.Popen(
        [*command, "window", "--web", "--port", str(port)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        for _ in range(600):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_it_is_served_to_browsers_on_this_machine(address: str) -> None:
    with urllib.request.urlopen(address, timeout=30) as answer:
        page = answer.read().decode()
    assert "Bilheteria" in page
    assert "textual" in page.lower()


def test_a_browser_sees_the_sign_in(address: str, tmp_path: Path) -> None:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no headless browser is installed: none of {', '.join(BROWSERS)}")
    picture = tmp_path / "window.png"
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=20000",
            f"--screenshot={picture}",
            address,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert picture.stat().st_size > 5_000
