"""What is packed is whole: the wheel carries every file of every room, and its command starts."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree and unpacked in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_carries_every_file_of_every_room(unpacked: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    rooms: list[str] = project["hatch"]["build"]["targets"]["wheel"]["packages"]
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *rooms]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tracked = {path for path in listed.split("\0") if path and (ROOT / path).is_file()}
    packed = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")}
    assert not tracked - packed


def test_the_wheel_carries_the_rooms_and_nothing_else(unpacked: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    rooms: list[str] = project["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == set(rooms)


def test_the_packed_command_starts(unpacked: Path) -> None:
    code = "import app, sys; from app.__main__ import main; print(app.__file__); main()"
    started = subprocess.run(
        [sys.executable, "-P", "-c", code, "--help"],
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        check=True,
        capture_output=True,
        text=True,
    )
    where, _, said = started.stdout.partition("\n")
    assert Path(where).is_relative_to(unpacked)
    assert "Usage" in said
