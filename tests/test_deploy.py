"""What `deploy/` runs and sets is there: commands, settings, and one place for each file."""

import re
import subprocess
from pathlib import Path

import pytest
import typer.main

from app.cli import app
from app.settings import FILE_VARIABLE, PREFIX, Settings

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def test_the_environment_names_settings_that_there_are() -> None:
    text = (DEPLOY / "office.env").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?(BILHETERIA_\w+)='", text, re.MULTILINE))
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields} | {FILE_VARIABLE}
    assert {"BILHETERIA_DATABASE", "BILHETERIA_KEY_FILE"} <= named
    secrets = re.findall(r"^#\w+='(.*)'$", text, re.MULTILINE)
    assert set(secrets) == {""}, "an example holds no secret"


def test_units_run_commands_that_there_are() -> None:
    commands: dict[str, object] = getattr(typer.main.get_command(app), "commands", {})
    text = "\n".join(unit.read_text(encoding="utf-8") for unit in UNITS)
    run = set(re.findall(r"/usr/local/lib/bilheteria/bin/bilheteria ([a-z]+)", text))
    parts = set(re.findall(r"bilheteria@([a-z]+)", text))
    assert (run, parts) == ({"backup"}, {"work", "bot", "serve"})
    assert run | parts <= set(commands)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_run_as_a_user_who_can_do_little(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    for needed in ("User=bilheteria", "UMask=0077", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert needed in lines
    assert "EnvironmentFile=/etc/bilheteria/office.env" in lines
    assert not [line for line in lines if "BILHETERIA_" in line], "secrets stay in the file"


def test_the_wrapper_is_a_script_that_a_shell_can_read() -> None:
    wrapper = DEPLOY / "bilheteria"
    assert wrapper.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", wrapper], check=True)
