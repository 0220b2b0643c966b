"""The settings of an office, from the environment and a TOML file, checked all at once.

A variable of the environment (`BILHETERIA_DATABASE`) goes before the file. The file is the one
that `BILHETERIA_SETTINGS` names, otherwise `bilheteria.toml` in the folder the program starts in.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal, cast
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.catalogue import zone_known

PREFIX = "BILHETERIA_"
FILE_VARIABLE = "BILHETERIA_SETTINGS"
FILE_NAME = "bilheteria.toml"
_PATHS = ("database", "_file", "_folder")
"""How the names of those settings end that are paths."""
_FILE_MAX = 1_000_000
_SECRET_MAX = 10_000


class SettingsWrong(Exception):
    """The settings can't be used. `problems` are sentences: what is wrong, and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """The settings of one office. `load_settings` reads them; docs/settings.md describes them."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database: str = Field(default="bilheteria.db", repr=False)  # A URL may hold a password.
    """Where everything is kept: a path, `sqlite:` and a path, or `postgresql://` and so on."""
    key_file: Path = Path("bilheteria.key")
    """The house key; its public half lies beside it, with `.pub` after its name."""
    house: str = Field(default="Bilheteria", min_length=1, max_length=80)
    """The house's name, as sales and orders show it."""
    language: Literal["pt-BR", "en"] = "pt-BR"
    """How amounts and dates are written."""
    time_zone: str = "America/Sao_Paulo"
    """The house's own: for imports that name none, and what belongs to no show."""
    gateway: str = Field(default="", pattern=r"^([a-z][a-z0-9_-]{0,31})?$")
    """The gateway of shows that name none; none here: all that are set up are offered."""
    telegram_token: SecretStr = SecretStr("")
    """The bot's token, as BotFather gives it."""
    telegram_token_file: Path | None = None
    """A file that holds the token instead."""
    telegram_provider_token: SecretStr = SecretStr("")
    """The payment provider's token, as BotFather gives it: with it, invoices are offered."""
    telegram_provider_token_file: Path | None = None
    """A file that holds it instead."""
    sandbox: bool = False
    """Whether payments that move no money are offered, to try out; refused beside live keys."""
    stripe_key: SecretStr = SecretStr("")
    """Stripe's secret or restricted key: with it, cards and Pix are offered."""
    stripe_key_file: Path | None = None
    """A file that holds the key instead."""
    stripe_webhook_secret: SecretStr = SecretStr("")
    """The signing secret of Stripe's webhook endpoint."""
    stripe_webhook_secret_file: Path | None = None
    """A file that holds it instead."""
    stripe_return_url: str = Field(default="https://t.me/", pattern=r"^https?://\S+$")
    """Where Stripe's page sends people afterwards: the bot's address."""
    stripe_pix: bool = True
    """Whether Pix is offered for reais: it must be enabled in Stripe's dashboard."""
    stripe_url: str = ""
    """Another Stripe than the real one, for tests; refused with live keys."""
    serve_host: str = "127.0.0.1"
    """The address that `bilheteria serve` listens at."""
    serve_port: int = Field(default=8787, ge=0, le=65_535)
    """Its port; 0 is any that is free."""
    reconcile_seconds: int = Field(default=60, ge=5, le=3_600)
    """How often payments that are open too long are looked at where they are."""
    reconcile_at: str = Field(default="04:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When, in the house's time zone, all payments of the day are compared with the providers."""
    telegram_mode: Literal["polling", "webhook"] = "polling"
    """Whether `bilheteria bot` fetches what people write, or Telegram brings it."""
    telegram_webhook_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Where Telegram brings it: a public https address that leads to `telegram_webhook_port`."""
    telegram_webhook_port: int = Field(default=8788, ge=0, le=65_535)
    """The loopback port on which `bilheteria bot` listens for it; 0 is any that is free."""
    telegram_staff_chat: int = 0
    """The chat that managers get figures and alerts in; 0 is none."""
    telegram_figures_at: str = Field(default="09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When, in the house's time zone, the staff chat gets the figures of the day before."""
    telegram_api_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Another Bot API server than Telegram's own, without the token."""
    telegram_per_s: int = Field(default=25, ge=0, le=1_000)
    """Messages a second by Telegram, of all processes; 0: as many as come."""
    smtp_host: str = ""
    """The mail server: with it, e-mail is sent."""
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    """Its port: 587 for STARTTLS, 465 for TLS from the start."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept secret; none is for a server on the same machine."""
    smtp_user: str = ""
    """Who signs in there; nobody if empty."""
    smtp_password: SecretStr = SecretStr("")
    """The password."""
    smtp_password_file: Path | None = None
    """A file that holds it instead."""
    smtp_from: str = Field(default="", pattern=r"^([!-~]+@[!-~]+)?$")
    """Whom e-mail comes from, and where answers go."""
    smtp_ca_file: Path | None = None
    """Who signed the server's certificate, if the machine does not know."""
    smtp_timeout_s: float = Field(default=20.0, ge=0.1, le=40)
    """How long each of its answers is waited for."""
    smtp_per_s: int = Field(default=10, ge=0, le=1_000)
    """Messages a second by e-mail, of all processes; 0: as many as come."""
    sms_url: SecretStr = SecretStr("")
    """The SMS service as an Apprise URL, with {address} where the phone number goes."""
    sms_url_file: Path | None = None
    """A file that holds the URL instead."""
    sms_per_s: int = Field(default=5, ge=0, le=1_000)
    """Messages a second by SMS, of all processes; 0: as many as come."""
    push_url: SecretStr = SecretStr("")
    """The push service as an Apprise URL, with {address} where the person's topic goes."""
    push_url_file: Path | None = None
    """A file that holds the URL instead."""
    push_per_s: int = Field(default=10, ge=0, le=1_000)
    """Messages a second by push, of all processes; 0: as many as come."""
    link_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Where messages send people to go on: the bot's address."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    sweep_seconds: int = Field(default=5, ge=1, le=60)
    """How often the scheduler looks for work that other processes left."""
    window_name: str = Field(default="window", min_length=1, max_length=40)
    """What this terminal is called where it admits people."""
    window_currency: str = Field(default="BRL", pattern=r"^[A-Z]{3}$")
    """The currency of the window's drawers."""
    window_printer: str = Field(
        default="",
        pattern=r"^(tcp:[^:\s]+(:[0-9]{1,5})?|usb:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}|file:.+)?$",
    )
    """The receipt printer: tcp:HOST[:PORT], or file:PATH; none: slips go into files."""
    window_folder: Path = Path("window")
    """Where slips are written that no printer takes, and what the door keeps."""
    window_theme: Literal["dark", "light", "contrast"] = "dark"
    """The window's colours at its start."""
    window_lock_minutes: int = Field(default=5, ge=0, le=600)
    """How long nobody touches a key until the window locks; 0: never."""
    window_keys: dict[str, str] = Field(default_factory=dict[str, str])
    """Other keys for the window's commands, by their names."""

    @field_validator("database")
    @classmethod
    def _engine(cls, value: str) -> str:
        if value.startswith(("postgresql://", "postgres://")):
            return _postgres(value)
        if "://" in value:
            raise ValueError("this engine is unknown: give sqlite:FILE or postgresql://HOST/NAME")
        if not value.removeprefix("sqlite:").strip() or "\0" in value:
            raise ValueError("no file is named: give an SQLite file, sqlite:FILE")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if not zone_known(value):
            raise ValueError("no such time zone: give an IANA name, such as America/Sao_Paulo")
        return value

    @field_validator("house")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not value.isprintable() or not value.strip():
            raise ValueError("the name does not print: write it on one line")
        return value

    @model_validator(mode="after")
    def _only_test_keys_elsewhere(self) -> "Settings":
        if self.stripe_url and "_test_" not in self.secret("stripe_key")[:12]:
            raise ValueError("stripe_url is for tests: give a test key (sk_test_...) with it")
        return self

    @field_validator("sms_url", "push_url")
    @classmethod
    def _has_a_place(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and (not re.match(r"[a-z0-9]+://", url) or "{address}" not in url):
            raise ValueError("give an Apprise URL with {address} where the person's address goes")
        return value

    @model_validator(mode="after")
    def _mail_comes_from_someone(self) -> "Settings":
        if self.smtp_host and not self.smtp_from:
            raise ValueError("smtp_from is missing: say whom e-mail comes from")
        return self

    def secret(self, name: str) -> str:
        """Return a secret from its setting or from the file that `<name>_file` names; '' if none.

        Raises `SettingsWrong` if the file can't be read.
        """
        held: SecretStr = getattr(self, name)
        path: Path | None = getattr(self, f"{name}_file")
        if path is None or held.get_secret_value():
            return held.get_secret_value().strip()
        try:
            return path.read_text(encoding="utf-8")[:_SECRET_MAX].strip()
        except (OSError, UnicodeDecodeError) as lost:
            problem = f"{name}_file: {path} can't be read ({type(lost).__name__}): correct it"
            raise SettingsWrong([problem]) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say where settings come from, the strongest first."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _File(settings_cls)


SECRETS = tuple(
    name for name, field in Settings.model_fields.items() if field.annotation is SecretStr
)
"""The settings that are secrets; each has another, `<name>_file`."""


class _File(PydanticBaseSettingsSource):
    """The TOML file. Its relative paths start at its own folder, wherever the program starts."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        path = settings_path()
        if not path.exists() and FILE_VARIABLE not in os.environ:
            return {}
        values = _read(path)
        for name, value in values.items():
            here = isinstance(value, str) and "://" not in value and value
            if here and name.endswith(_PATHS):
                values[name] = _beside(path, value)
        return values


def settings_path() -> Path:
    """Return where the settings file is, or would be."""
    return Path(os.environ.get(FILE_VARIABLE) or FILE_NAME)


def load_settings() -> Settings:
    """Read and check the settings; `SettingsWrong` tells all that is wrong with them at once."""
    problems = list(_unknown_variables(os.environ))
    try:
        settings = Settings()
    except ValidationError as wrong:
        problems += [_sentence(cast("Mapping[str, Any]", error)) for error in wrong.errors()]
    else:
        if not problems:
            return settings
    raise SettingsWrong(problems)


def _postgres(url: str) -> str:
    try:
        name = urlsplit(url).path.strip("/")
    except ValueError as wrong:
        raise ValueError("this is no URL: give postgresql://USER@HOST/NAME") from wrong
    if not name or not url.isprintable():
        raise ValueError("no database is named: give postgresql://USER@HOST/NAME")
    return url


def _read(path: Path) -> dict[str, Any]:
    advice = f"correct {FILE_VARIABLE}, or run `bilheteria init`"
    try:
        with path.open("rb") as file:
            text = file.read(_FILE_MAX).decode("utf-8")
        return tomllib.loads(text)
    except OSError as lost:
        problem = f"the settings file {path} can't be read ({lost.strerror}): {advice}"
    except UnicodeDecodeError:
        problem = f"the settings file {path} is not UTF-8 text: save it anew"
    except tomllib.TOMLDecodeError as wrong:
        problem = f"the settings file {path} is not TOML ({wrong}): correct it"
    raise SettingsWrong([problem])


def _beside(path: Path, value: str) -> str:
    scheme = "sqlite:" if value.startswith("sqlite:") else ""
    return scheme + str(path.parent / Path(value.removeprefix(scheme)).expanduser())


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Find misspelt variables: a setting that does nothing is worse than one that is refused."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {FILE_VARIABLE}
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            hint = f"write {near[0]}" if near else "remove it"
            yield f"{name} in the environment is not a setting: {hint}"


def _sentence(error: Mapping[str, Any]) -> str:
    name = ".".join(map(str, error["loc"])) or "settings"
    kind: str = error["type"]
    if kind == "extra_forbidden":
        near = get_close_matches(name, list(Settings.model_fields), 1)
        hint = f"write {near[0]}" if near else "remove it"
        return f"{name} is not a setting: {hint}"
    what = str(error["msg"]).removeprefix("Value error, ")
    what = what[:1].lower() + what[1:]
    return f"{name} ({PREFIX}{name.upper()}): {what}"
