"""Brings the catalogues up to date with the texts in the code.

`python -m scripts.gather_messages` (or `make messages`) takes up new texts, untranslated, and
drops those that nobody says any more. Texts are what is given to `Speech.text`, `Speech.plural`
and `msgid`, in Python and in Jinja templates. tests/language fails on what is left to translate.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "language" / "catalogues"
LOCALE = "pt_BR"
"""The one language besides that of the msgids."""
ROOMS = {"notifier": "notifier", "bot": "bot", "tui": "tui", "api": "api", "cli": "app"}
"""Domains, each with the room whose texts it holds."""
_KEYWORDS = {"text": None, "plural": (1, 2), "msgid": None}
_METHODS = [("**/templates/**", "jinja2"), ("**.py", "python")]
_HEADER = f"""\
# What {{domain}} says, in Brazilian Portuguese. `make messages` brings it up to date.
msgid ""
msgstr ""
"Language: {LOCALE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


def catalogue_path(domain: str) -> Path:
    """Return where a domain's translations are kept."""
    return CATALOGUES / LOCALE / f"{domain}.po"


def said(domain: str) -> Catalog:
    """Gather what the code of a domain's room says; nothing of it is translated."""
    room = ROOMS[domain]
    catalogue = Catalog(locale=LOCALE, domain=domain)
    found = extract_from_dir(
        ROOT / room, method_map=_METHODS, keywords=_KEYWORDS, comment_tags=("Translators:",)
    )
    for path, line, text, comments, context in found:
        place = (Path(room, path).as_posix(), line)
        catalogue.add(text, locations=[place], auto_comments=comments, context=context)
    return catalogue


def translated(domain: str) -> Catalog:
    """Read a domain's translations; none, if it has no catalogue yet."""
    path = catalogue_path(domain)
    text = path.read_bytes() if path.is_file() else b""
    return read_po(io.BytesIO(text), locale=LOCALE, domain=domain)


def gathered(domain: str) -> str | None:
    """Return a domain's catalogue as it should stand, or None if its room says nothing."""
    now, catalogue = said(domain), translated(domain)
    if not len(now):
        return None
    catalogue.update(now, no_fuzzy_matching=True)
    file = io.BytesIO()
    write_po(
        file,
        catalogue,
        width=100,
        omit_header=True,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return _HEADER.format(domain=domain) + file.getvalue().decode()


def untranslated(domain: str) -> Iterator[str]:
    """Yield the texts of a domain that still need their translation."""
    for message in translated(domain):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> None:
    """Write every catalogue anew and say what is left to translate."""
    for domain in ROOMS:
        text, path = gathered(domain), catalogue_path(domain)
        if text is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        left = list(untranslated(domain))
        print(f"{path.relative_to(ROOT)}: {len(left)} to translate")
        for one in left:
            print(f"  {one!r}")


if __name__ == "__main__":
    main()
