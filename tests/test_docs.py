"""The docs say all that there is: every setting, every command, and links that lead somewhere."""

import re
import subprocess
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

from app.cli import app
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#+\s+(.*?)\s*$", re.MULTILINE)


def pages() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / path for path in sorted(listed.split("\0")) if path and (ROOT / path).is_file()]


def manual() -> str:
    """README and docs/ as one text, its lines joined: a command may run over a line's end."""
    told = [page for page in pages() if page == ROOT / "README.md" or ROOT / "docs" in page.parents]
    return " ".join(" ".join(page.read_text(encoding="utf-8").split()) for page in told)


def fields(model: type[BaseModel], prefix: str, delimiter: str) -> Iterator[str]:
    """Names of all settings as environment variables, those of nested models too."""
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *typing.get_args(field.annotation))
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if nested:
            for kind in nested:
                yield from fields(kind, f"{prefix}{name}{delimiter}", delimiter)
        else:
            yield f"{prefix}{name}".upper()


def settings() -> list[str]:
    config = Settings.model_config
    delimiter = config.get("env_nested_delimiter") or "__"
    return list(fields(Settings, config.get("env_prefix", ""), delimiter))


def commands(command: object, path: str = "bilheteria") -> Iterator[str]:
    """Full names of all commands: `bilheteria show import`."""
    below: dict[str, object] | None = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, one in below.items():
        if not getattr(one, "hidden", False):
            yield from commands(one, f"{path} {name}")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    headings: list[str] = HEADING.findall(text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> Iterator[tuple[Path, str]]:
    for page in pages():
        text = CODE.sub("", FENCED.sub("", page.read_text(encoding="utf-8")))
        for target in LINK.findall(text):
            if not re.match(r"[a-z][a-z0-9+.-]*:", target):
                yield page, target


def test_every_setting_is_told() -> None:
    text = manual()
    untold = [name for name in settings() if not re.search(rf"\b{name}\b", text)]
    assert not untold, "name the environment variable in README.md or docs/"


def test_every_command_is_told() -> None:
    text = manual()
    told = list(commands(typer.main.get_command(app)))
    untold = [name for name in told if not re.search(rf"\b{re.escape(name)}(?![\w-])", text)]
    assert told
    assert not untold, "write the whole command in README.md or docs/"


@pytest.mark.parametrize(("page", "target"), list(links()))
def test_every_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.is_relative_to(ROOT), f"{page.name} leads out of the repository: {target}"
    assert there.exists(), f"{page.name}: no {target}"
    if anchor and there.suffix == ".md":
        assert anchor in anchors(there), f"{page.name}: no heading for {target}"
