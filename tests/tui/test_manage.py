"""Manage: shows written and imported, sales run, clerks, messages that failed."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from core import requests as ask
from core.messages import Kind
from core.outcomes import Unchangeable
from core.terms import Problem
from language import speech
from tests.auxil import books
from tests.auxil.drafts import T0_MS
from tests.auxil.fans import Fan, register
from tests.tui.conftest import CIRCO, Scene, press, settled, text_of, until, window
from tui.problems import _SAID, problem_text, retold
from tui.screens.changing import field_name
from tui.screens.clerks import Clerks
from tui.screens.failed import Failed
from tui.screens.form import ShowForm
from tui.screens.manage import Manage
from tui.screens.signin import SignIn
from tui.widgets.lists import Walk
from tui.widgets.rows import Row
from tui.widgets.story import failure_text

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "sample.toml"
FILLED = {
    "title": "Trio Cascavel",
    "slug": "trio",
    "starts": "in 20 days at 21:00",
    "venue.name": "Clube",
    "venue.city": "Recife",
}
TIER = {"tier[0].name": "Pista", "tier[0].capacity": "280", "tier[0].price": "60,00"}


def form_of(app: object) -> ShowForm:
    screen = getattr(app, "screen", None)
    assert isinstance(screen, ShowForm)
    return screen


def fill(form: ShowForm, values: dict[str, str]) -> None:
    """Fill fields in as pasting would."""
    rows = {row.path: row for row in form.query(Row)}
    for path, value in values.items():
        field = rows[path].field
        assert isinstance(field, Input)
        field.value = value


async def test_a_manager_writes_a_show_and_publishes_it(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "n")
        await press(pilot, *"Trio", "enter", *"tr!")
        assert "other characters than small letters" in text_of(app, "#notice")
        await press(pilot, "backspace", *"io")
        form = form_of(app)
        assert (form.form.values["title"], form.form.values["slug"]) == ("Trio", "trio")
        fill(form, {key: FILLED[key] for key in ("starts", "venue.name", "venue.city")})
        await press(pilot, "ctrl+s")
        assert "the capacity is missing" in text_of(app, "#notice")
        await press(pilot, *"280", "enter", *"60,00")
        fill(form, {"tier[0].name": "Pista"})
        await press(pilot, "down", "down", "space")
        await press(pilot, "ctrl+s")
        assert "280 tickets" in text_of(app, ".question")
        await press(pilot, "enter")
        assert isinstance(app.screen, Manage)
        assert "1 show published" in text_of(app, "#notice")
    show_id = await scene.office.look.show_id("trio")
    assert show_id is not None
    shown = await scene.office.look.show(show_id)
    assert shown is not None
    assert shown.card.status == "open"
    assert [(fare.name, fare.price_minor) for fare in shown.fares] == [
        ("Inteira", 6_000),
        ("Meia-entrada", 3_000),
    ]
    (published,) = [e for e in await ledger(scene, show_id) if e == "clerk:ida"]
    assert published


async def ledger(scene: Scene, show_id: int) -> list[str]:
    sql = f"select actor from ledger where show_id = {show_id} and kind = 'published'"
    return [row["actor"] for row in books.rows(scene.database, sql)]


async def test_parts_are_added_and_removed_and_what_was_begun_waits(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "n")
        form = form_of(app)
        fill(form, FILLED | TIER)
        await press(pilot, "ctrl+o")
        await press(pilot, "down", "down", "enter")
        fill(form, {"tier[0].fare[0].name": "Social", "tier[0].fare[0].price": "20"})
        await press(pilot, "ctrl+o")
        await press(pilot, "down", "enter")
        assert any(row.path.startswith("quota") for row in form.query(Row))
        await press(pilot, "ctrl+r")
        await press(pilot, "enter")
        assert not any(row.path.startswith("quota") for row in form.query(Row))
        await press(pilot, "escape")
        assert isinstance(app.screen, Manage)
        await press(pilot, "n")
        await press(pilot, "enter")
        assert form_of(app).form.all_values()["tier[0].fare[0].name"] == "Social"
        await press(pilot, "ctrl+s")
        await press(pilot, "enter")
        assert isinstance(app.screen, Manage)
    show_id = await scene.office.look.show_id("trio")
    assert show_id is not None
    shown = await scene.office.look.show(show_id)
    assert shown is not None
    assert [fare.name for fare in shown.fares] == ["Inteira", "Social"]


async def test_a_show_begins_as_a_copy_and_is_opened_after_a_yes(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "l")
        form = form_of(app)
        assert form.form.values["title"] == "São João no Circo"
        assert form.form.values["slug"] == ""
        fill(form, {"slug": "later", "sale_opens": "10 days before"})
        await press(pilot, "ctrl+s")
        await press(pilot, "enter")
        walk = app.screen.query_one("#shows", Walk)
        walk.highlighted = walk.get_option_index(str(await scene.office.look.show_id("later")))
        await settled(pilot)
        assert "not open yet" in text_of(app, "#whole")
        await press(pilot, "o")
        await press(pilot, "enter")
        assert "on sale" in text_of(app, "#whole")
        await press(pilot, "o")
        assert not app.screen.is_modal


async def test_what_is_published_is_changed_after_a_look_at_what_differs(scene: Scene) -> None:
    await register(scene.office, "ana")
    await Fan(scene.office, scene.shows["festa"], "ana").buy(2)
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "down", "e")
        form = form_of(app)
        assert form.form.values["slug"] == "festa"
        await press(pilot, "ctrl+s")
        assert "Nothing differs" in text_of(app, "#notice")
        fill(form, {"venue.name": "Tenda", "tier[0].capacity": "1"})
        await press(pilot, "ctrl+s")
        told = text_of(app, ".reading Static")
        assert "Venue: Circo Voador → Tenda" in told
        assert "Salão · Tickets: 3 → 1" in told
        assert "1 person is told." in told
        await press(pilot, "enter")
        assert form_of(app) is form
        refused = text_of(app, "#notice")
        assert "festa: Salão · Tickets: give at least 2: 2 sold, 0 held, 0 set aside" in refused
        fill(form, {"tier[0].capacity": "8"})
        await press(pilot, "ctrl+s")
        await press(pilot, "enter")
        assert isinstance(app.screen, Manage)
        assert "1 show changed." in text_of(app, "#notice")
    shown = await scene.office.look.show(scene.shows["festa"])
    assert shown is not None
    assert (shown.card.venue, shown.tiers[0].capacity, shown.card.status) == ("Tenda", 8, "open")
    books.check(scene.database)


async def test_a_file_changes_the_shows_that_it_has_otherwise(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "[[show]]\ntitle = 'Trio'\nslug = 'trio'\nstarts = '2030-05-20 21:00'\n"
        "venue = {name = 'Clube', city = 'Recife', time_zone = 'America/Recife'}\n"
        "[[show.tier]]\nname = 'Pista'\ncapacity = 280\nprice = '60.00'\n"
    )
    (tmp_path / "a.toml").write_text(text)
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "i", *"a.toml", "enter")
        await press(pilot, "enter")
        assert "1 show published." in text_of(app, "#notice")
        (tmp_path / "a.toml").write_text(text.replace("60.00", "70.00"))
        await press(pilot, "i", *"a.toml", "enter")
        told = text_of(app, ".reading Static")
        assert "Price: R$60.00 → R$70.00" in told
        assert "Nobody is told" in told
        await press(pilot, "enter")
        assert "1 show changed." in text_of(app, "#notice")
        await press(pilot, "i", *"a.toml", "enter")
        assert "Nothing differs" in text_of(app, "#notice")


async def test_what_can_not_change_is_told_in_portuguese(scene: Scene) -> None:
    show_id, say = scene.shows["circo"], speech("pt-BR", "tui")
    await register(scene.office, "ana")
    await Fan(scene.office, show_id, "ana").buy(2, 2)
    tier = CIRCO.tiers[0]
    half = replace(tier.fares[1], proof=False)
    terms = CIRCO.terms
    wrong = (
        replace(CIRCO, slug="festa"),
        replace(CIRCO, currency="USD"),
        replace(CIRCO, venue=replace(CIRCO.venue, time_zone="America/Recife")),
        replace(CIRCO, terms=replace(terms, sale_opens_ms=terms.sale_opens_ms + 60_000)),
        replace(CIRCO, quotas=(replace(CIRCO.quotas[0], capacity=1),)),
        replace(CIRCO, tiers=(replace(tier, fares=(tier.fares[0], half)), CIRCO.tiers[1])),
    )
    for draft in wrong:
        answer = await scene.office.change(ask.Change(show_id=show_id, draft=draft))
        assert isinstance(answer, Unchangeable), answer
        assert retold(answer.advice, say) != answer.advice
        assert field_name(answer.field, say) != answer.field


async def test_a_file_is_imported_or_all_its_problems_are_told(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shows.toml").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "zzz.toml").write_text("[[show]]\nslug = 'x'\ncapaciti = 1\ntitel = 'x'\n")
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "i", *"sh")
        await until(lambda: app.screen.query_one(Input)._suggestion)
        await press(pilot, "tab", "enter")
        assert "Publish 12 shows?" in text_of(app, ".question")
        await press(pilot, "escape")
        await press(pilot, "i", *"zzz.toml", "enter")
        told = " ".join(str(part.render()) for part in app.screen.query("Static"))
        assert "Nothing was published" in told
        assert "zzz.toml:3 show[0].capaciti" in told
        assert "did you mean" in told
        await press(pilot, "enter")
        await press(pilot, "i", *"nothing.toml", "enter")
        assert "no such file" in text_of(app, ".wrong")
    assert len(await scene.office.look.search()) == 2


async def test_cancelling_says_what_will_happen_and_is_typed_out(scene: Scene) -> None:
    await register(scene.office, "ana", "beto")
    await Fan(scene.office, scene.shows["circo"], "ana").buy(2)
    await Fan(scene.office, scene.shows["circo"], "beto").join()
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f2", "enter", "1", "enter")
        await press(pilot, "enter")
        await press(pilot, "f8", "x")
        await press(pilot, *"rain", "enter")
        told = text_of(app, ".question")
        assert "2 orders are refunded" in told
        assert "cash R$384.00" in told
        assert "2 people are told" in told
        assert "1 walk-in left no contact" in told
        await press(pilot, "enter")
        assert app.screen.is_modal
        await press(pilot, *"circo", "enter")
        assert "Cancelled" in text_of(app, "#notice")
    shown = await scene.office.look.show(scene.shows["circo"])
    assert shown is not None
    assert (shown.card.status, shown.valid) == ("cancelled", 0)
    books.check(scene.database)


async def test_clerks_are_added_changed_and_disabled(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f8", "c")
        assert isinstance(app.screen, Clerks)
        await press(pilot, "n", *"eva", "enter")
        assert "in use already" in text_of(app, ".wrong")
        await press(pilot, *["backspace"] * 3, *"ana", "enter")
        await press(pilot, "down", "down", "enter")
        await press(pilot, *"abc", "enter")
        assert "8 to 200" in text_of(app, ".wrong")
        await press(pilot, *"defgh", "enter")
        await press(pilot, *"another", "enter")
        assert "another one" in text_of(app, ".wrong")
        await press(pilot, *["backspace"] * 7, *"abcdefgh", "enter")
        assert "ana: done" in text_of(app, "#notice")
        await press(pilot, "home", "down", "d")  # ana, eva, ida, rui
        await press(pilot, "enter")
        await press(pilot, "down", "d")
        assert not app.screen.is_modal, "nobody disables themselves"
    roles = {clerk.name: clerk.role for clerk in await scene.office.look.clerks()}
    assert roles == {"ana": "door", "eva": "disabled", "ida": "manager", "rui": "door"}
    async with window(scene, "", drawer=False) as (app, pilot):
        await press(pilot, *"eva", "enter", *"eva-password", "enter")
        assert isinstance(app.screen, SignIn)


async def test_who_is_disabled_meanwhile_is_signed_out(scene: Scene) -> None:
    async with window(scene) as (app, _):
        await scene.office.set_clerk(ask.SetClerk(name="eva", role="disabled"))
        await until(lambda: isinstance(app.screen, SignIn))
        assert app.context.clerk is None


REFUSED = "the mail server refuses the address: ask the person for another (550)"


async def test_what_failed_is_told_and_sent_another_way(scene: Scene) -> None:
    contacts = (("telegram", "123"), ("email", "ana@example.org"))
    await scene.office.register(ask.Register(customer_id="ana", name="Ana", contacts=contacts))
    await Fan(scene.office, scene.shows["circo"], "ana").buy(1)
    (effect,) = await scene.office.take_effects("w", [Kind.RECEIPT], 10)
    key: dict[str, Any] = {"show_id": effect.show_id, "ledger_seq": effect.ledger_seq}
    key["item"] = effect.item
    tried = ask.EffectTried(**key, try_no=1, channel="email", state="refused", said=REFUSED)
    await scene.office.note_attempt(tried)
    await scene.office.finish(ask.EffectDead(**key, error=REFUSED))
    channels = frozenset({"telegram", "email"})
    async with window(scene, "ida", channels=channels) as (app, pilot):
        await press(pilot, "f8", "m")
        assert isinstance(app.screen, Failed)
        told = text_of(app, "#told")
        assert REFUSED in told
        assert "e-mail: ana@example.org" in told
        await press(pilot, "e")
        await press(pilot, "down", "down", "enter")
        assert "on its way" in text_of(app, "#notice")
        assert app.screen.query_one("#messages", Walk).option_count == 0
    (again,) = await scene.office.take_effects("w", [Kind.RECEIPT], 10)
    assert again.data == '{"by":"email"}'


def test_why_a_message_failed_is_told_in_portuguese() -> None:
    say = speech("pt-BR", "tui")
    told = "o servidor de e-mail recusa o endereço: peça outro à pessoa (550)"
    assert failure_text(REFUSED, say) == told
    for strange in ("BrokenInvariant: {'held': -1}", "OSError", ""):
        assert failure_text(strange, say) == strange


async def test_a_clerk_manages_nothing(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        before = app.screen
        await press(pilot, "f8")
        assert app.screen is before
        named = {command.title for command in app.get_system_commands(app.screen)}
        assert "Manage" not in named


WRONG = {
    "title": " Trio\u202e ",
    "slug": "Trio!",
    "starts": "31/02/2030 21:00",
    "doors": "soon",
    "sale_opens": "12 h before at 18:00",
    "language": "fr",
    "currency": "reais",
    "venue.name": "x" * 200,
    "venue.city": "",
    "venue.country": "Brasil",
    "venue.time_zone": "Recife",
    "limit_per_customer": "0",
    "claim": "3",
    "choosing": "9 h",
    "gateway": "Não sei",
    "half_price_quota": "muitos",
    "calls_max": "many",
    "description": "x" * 5_000,
    "series.title": "Sem código",
    "quota[0].name": "moradores",
    "quota[0].capacity": "900",
    "tier[0].name": "Pista",
    "tier[0].capacity": "10",
    "tier[0].price": "1.234",
    "tier[0].allotment[0].channel": "fax",
    "tier[0].allotment[0].quantity": "20",
    "tier[1].name": "pista",
    "tier[1].capacity": "0",
    "tier[1].fare[0].quota": "outra",
    "tier[1].fare[0].price": "-1",
    "tier[1].fare[0].fee": "x",
}


def test_no_problem_is_taken_for_another() -> None:
    say = speech("pt-BR", "tui")
    for said in _SAID:
        facts = dict.fromkeys(re.findall(r"\{(\w+)\}", said), "7")
        assert retold(said.format(**facts), say) == say.text(said, **facts)


def test_every_problem_of_a_form_is_told_in_portuguese(scene: Scene) -> None:
    say = speech("pt-BR", "tui")
    catalogue = scene.givens.catalogue
    found: list[Problem] = list(catalogue.from_form({}, T0_MS)[1])
    for mended in ({}, {"starts": "20/05/2030 21:00"}, {"sale_opens": "", "doors": "1 h before"}):
        found += catalogue.from_form(WRONG | mended, T0_MS)[1]
    assert len({problem.where for problem in found}) > 25
    for problem in found:
        for text in (problem.what, problem.advice):
            assert retold(text, say) != text, text
    braces = Problem(where="x", what="the show has no quota named '{0.a}'", advice="write it")
    assert "{0.a}" in problem_text(braces, say)
