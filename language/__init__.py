"""What people read, in their language: texts from catalogues, and money, dates and spans.

`speech(language, domain)` is the way in. Texts in the code are English and stand where they are
used; `catalogues/<language>/<domain>.po` holds their translations, one domain a room.
"""

from language.speaking import Speech, closest, msgid, speech

__all__ = ["Speech", "closest", "msgid", "speech"]
