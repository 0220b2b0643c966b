"""What a search for a show looks at, folded so that accents and case do not matter."""

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.catalogue import ShowDraft

DESCRIPTION_SEARCHED_CHARACTERS: Final = 300


def normalise(text: str) -> str:
    """Fold a text for comparing: no accents, no case, no punctuation, single spaces.

    'São João -- Balcão' becomes 'sao joao balcao'. Folding a folded text changes nothing.
    """
    # Folding case can bring marks back (the Turkish dotted I), so they are parted once more.
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (
        letter if letter.isalnum() else " "
        for letter in parted
        if not unicodedata.combining(letter)
    )
    return " ".join("".join(kept).split())


def words(draft: "ShowDraft") -> str:
    """Give the folded text by which a show is found: what it is, and where."""
    return normalise(
        " ".join(
            (
                draft.title,
                draft.series.title if draft.series else "",
                draft.venue.name,
                draft.venue.city,
                draft.venue.region,
                draft.description[:DESCRIPTION_SEARCHED_CHARACTERS],
            )
        )
    )
