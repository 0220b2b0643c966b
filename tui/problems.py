"""What is wrong with a show, in the clerk's language: the catalogue says it in English."""

import re
from functools import cache

from core.terms import Problem
from language import Speech, msgid

_SAID: tuple[str, ...] = (
    msgid("tickets cannot be written in this language"),
    msgid("give one of {names}"),
    msgid("this is not a currency code of ISO 4217"),
    msgid("give three capital letters, such as BRL"),
    msgid("the slug is missing or has other characters than small letters, digits and '-'"),
    msgid("give 1 to {most} of a-z, 0-9 and '-', as in 'lua-nova-recife'"),
    msgid("the {noun} is missing"),
    msgid("write it"),
    msgid("the text has {count} characters; the most is {most}"),
    msgid("shorten it"),
    msgid("the text begins or ends with a space"),
    msgid("take the space away"),
    msgid("the text has a line break or an invisible control character"),
    msgid("write it anew on one line"),
    msgid("the description has {count} characters; the most is {most}"),
    msgid("the description has an invisible control character"),
    msgid("write it anew; line breaks are allowed"),
    msgid("this is not a country code of ISO 3166"),
    msgid("give two capital letters, such as BR"),
    msgid("this is not a time zone this machine knows"),
    msgid("give an IANA name, such as America/Sao_Paulo or America/Manaus"),
    msgid("there is no {noun}"),
    msgid("add at least one {noun}"),
    msgid("there are {count} {noun}s; the most is {most}"),
    msgid("leave out or merge {noun}s"),
    msgid("{count} is outside {least} to {most}"),
    msgid("give a whole number of tickets from {least} to {most}"),
    msgid("give a whole number from {least} to {most}"),
    msgid("the show has no quota named {name}"),
    msgid("define the quota with its capacity, or correct the name"),
    msgid("{total} tickets are set aside in a tier of {capacity}"),
    msgid("set fewer aside"),
    msgid("the doors open after the show starts"),
    msgid("open the doors at the start of the show or before"),
    msgid("there is another {noun} named {name}"),
    msgid("give each its own name; accents and capitals alone do not tell them apart"),
    msgid("an amount of {amount} minor units is outside 0 to {most}"),
    msgid("give an amount of nothing or more, within reason"),
    msgid("tickets cannot be set aside for this channel"),
    msgid("the tickets are released when the sale has closed, when no one can buy them"),
    msgid("release them before the sale closes"),
    msgid("the quota of {quota} is more than the {total} tickets of the show"),
    msgid("lower the quota"),
    msgid("no fare counts against the quota {name}"),
    msgid("name it in the fares it is for, or leave it out"),
    msgid("the tier has another allotment for the channel '{channel}'"),
    msgid("make them one"),
    msgid("the sale opens at or after the time it closes"),
    msgid("open the sale earlier, or close it later"),
    msgid("the sale closes after the show starts"),
    msgid("close the sale at the start of the show or before"),
    msgid("the lobby opens at or after the opening of the sale"),
    msgid("open the lobby before the sale, or leave it out to sell without a draw"),
    msgid("the time is outside the years 2000 to 2099"),
    msgid("check the year, and that instants are in milliseconds"),
    msgid("the name of the gateway is not one a gateway can have"),
    msgid("give the short name of a gateway, such as 'counter', or leave it out"),
    msgid("the clock is {clock} ms, which is outside 1 second to 4 hours"),
    msgid("give a length between 1 s and 4 h"),
    msgid("the clock is longer than the longest a purchase may last"),
    msgid("shorten it, or raise session_max"),
    msgid("write time_zone in the venue, such as America/Sao_Paulo, or give --time-zone"),
    msgid("write the currency"),
    msgid("write the date and the time"),
    msgid("write the number of tickets"),
    msgid('write the price, such as "120.00"; "0" is free'),
    msgid("write the name of a table [venues.NAME], or a table"),
    msgid("write {key}"),
    msgid('write a number of tickets, or "40 %"'),
    msgid("{value} is not a text"),
    msgid("write a text, in quotes"),
    msgid("{value} is not a whole number"),
    msgid("write digits alone, such as 1200"),
    msgid("{value} is neither true nor false"),
    msgid("write true or false"),
    msgid("{value} is not an amount in {currency}, or could mean two"),
    msgid('write it as "120.00" or "1.234,56", without a minus sign'),
    msgid('write an amount such as "12.00", or a share: "10 %"'),
    msgid('write a number of tickets, or a share: "40 %"'),
    msgid("{value} is not a length of time with its unit"),
    msgid('write it as "3 min", "180 s" or "1 h 30 min"'),
    msgid("{value} is not a date and time"),
    msgid(
        "write it as 2027-03-20T21:00:00, 20/03/2027 21:00 or 'in 40 days at 21:00', or "
        "as '2 h before'"
    ),
    msgid("write it as 2027-03-20T21:00:00, 20/03/2027 21:00 or 'in 40 days at 21:00'"),
    msgid("the year {year} is no year for a show"),
    msgid("correct it"),
    msgid("{value} has a time of day after a number of hours or less"),
    msgid("use 'at' with days or weeks only"),
    msgid("{value} is a day or a time that does not exist"),
    msgid("correct the date or the time"),
    msgid("the clocks change then in {zone}: {value} comes twice or never"),
    msgid("write the time with its offset from UTC, such as 2027-03-20T21:00:00-03:00"),
    msgid("did you mean '{near}'?"),
    msgid("use one of {names}"),
    msgid("there is no {noun} {name}"),
    msgid("give a file that ends in {names}"),
    msgid("this is not a kind of catalogue that can be read"),
    msgid("the series '{series}' has another title elsewhere in the file"),
    msgid("write one title"),
    msgid("the slug is that of another show, at {place}"),
    msgid("give each show a slug of its own"),
    msgid("the file is not in an encoding that can be read"),
    msgid("save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"),
    msgid("the file is empty"),
    msgid("write at least one show"),
    msgid("the file is larger than {most} bytes"),
    msgid("split it"),
    msgid("this is not a file"),
    msgid("give the path of a file"),
    msgid("the file cannot be read: {reason}"),
    msgid("check the path and its rights"),
    msgid("this is not TOML: {reason}"),
    msgid("correct it there"),
    msgid("the file has no show"),
    msgid("write at least one [[show]]"),
    msgid("the file has no row of a fare"),
    msgid("add rows under the header"),
    msgid("this is not CSV: {reason}"),
    msgid("the column '{column}' is missing"),
    msgid("add it to the header"),
    msgid("there is no schema.org Event in the file"),
    msgid("this is not JSON: {reason}"),
    msgid("a show keeps its own: {slug}"),
    msgid("the show was cancelled: publish another one"),
    msgid("tickets are sold in {currency}: publish another show"),
    msgid("it stays {zone}: publish another show"),
    msgid("give a time to come"),
    msgid("tickets were sold with it: it may only be later"),
    msgid("the sale has opened: leave it as it was"),
    msgid("the sale is over: leave tiers, fares and quotas as they were"),
    msgid("give at least {least}: so many are sold or held"),
    msgid("what it asks for stays: leave it out, and add a fare of another name"),
    msgid("give at least {least}: {sold} sold, {held} held, {kept} set aside"),
    msgid("{short} more must stay: people were called, or are choosing, and have their word"),
)
"""What the catalogue says."""
_NOUNS = {
    "title": msgid("title"),
    "name": msgid("name"),
    "slug": msgid("slug"),
    "start": msgid("start"),
    "currency": msgid("currency"),
    "capacity": msgid("capacity"),
    "price": msgid("price"),
    "venue": msgid("venue"),
    "city": msgid("city"),
    "time zone of the venue": msgid("time zone of the venue"),
    "number of tickets": msgid("number of tickets"),
    "time of release": msgid("time of release"),
    "tier": msgid("tier"),
    "fare": msgid("fare"),
    "quota": msgid("quota"),
    "allotment": msgid("allotment"),
    "key": msgid("key"),
    "column": msgid("column"),
    "quantity": msgid("quantity"),
    "release": msgid("release"),
}
"""Words that stand in those texts and are ours, not the show's."""


def problem_text(problem: Problem, say: Speech) -> str:
    """Say what is wrong and what to do."""
    return f"{retold(problem.what, say)}: {retold(problem.advice, say)}"


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return how each text is known again once it was filled in, the most telling first."""
    found: list[tuple[re.Pattern[str], str]] = []
    for said in sorted(_SAID, key=lambda said: -len(re.sub(r"\{\w+\}", "", said))):
        parts = re.split(r"\{(\w+)\}", said)
        pattern = "".join(
            f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)
        )
        found.append((re.compile(pattern, re.DOTALL), said))
    return found


def retold(text: str, say: Speech) -> str:
    """Say a text of the catalogue in the clerk's language; one that is unknown stays as it is."""
    for pattern, said in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            facts = found.groupdict()
            told = {name: say.text(_NOUNS[v]) if v in _NOUNS else v for name, v in facts.items()}
            return say.text(said, **told)
    return text
