"""Settings: read once from the environment, checked whole, passed on explicitly."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lembur.address import parse_address
from lembur.domain.errors import SettingsError
from lembur.domain.seats import StationCode  # noqa: TC001 - pydantic reads types at run time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

PREFIX: Final = "LEMBUR_"
BROKER: Final = re.compile(r"[a-z][a-z0-9+.-]*://")
MASTER: Final = "master_name="


def _rule(text: str) -> dict[str, Any]:
    """Name what a value must be, for the sentence about a wrong one and for docs/settings.md."""
    return {"rule": text}


def _read_secret(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise SettingsError(
            "%(name)s cannot be read: %(path)s (%(reason)s)", name=PREFIX + name, path=path, reason=reason
        ) from fault


def _split(given: object) -> object:
    return tuple(code for code in given.split(",") if code) if isinstance(given, str) else given


class Settings(BaseSettings):
    """The settings of a process; each field is the variable `LEMBUR_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    redis_password_file: Path | None = Field(
        None,
        description="File with the server's password, used when the address has none: other users of the machine can "
        "see an environment.",
        json_schema_extra=_rule("a file that can be read"),
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="Address of the server. Without it, `lembur run` and `lembur up` start a server of their own, and "
        "other commands ask the server of the data folder.",
        json_schema_extra=_rule("an address like `redis://:PASSWORD@HOST:6379/0`"),
    )
    broker_url: str = Field(
        "",
        repr=False,
        description="Address of the bus of wake-ups, where it is not the ledger's server: any transport of Celery. "
        "Wake-ups may be lost, so that server needs no disk. A ledger on a Redis Cluster needs it.",
        json_schema_extra=_rule("an address like `amqp://USER:PASSWORD@HOST/OFFICE`"),
    )
    office: str = Field(
        "3372",
        pattern=r"^[0-9]{4}$",
        description="Code of the office's city (Kemendagri), part of every key; 3372 is Surakarta. `lembur up` and "
        "`run` give a new data folder the code of the scenario's region, and the folder keeps it.",
        json_schema_extra=_rule("the four digits of province and city"),
    )
    data: Path = Field(
        Path("var"),
        description="Data folder of this machine: the key of the NIKs, the printers' logs, the server's files.",
        json_schema_extra=_rule("a folder"),
    )
    lease_s: float = Field(
        15.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds after which a claim without a sign of life goes back into the queue.",
        json_schema_extra=_rule("a number of seconds above zero"),
    )
    stations: Annotated[tuple[StationCode, ...], NoDecode, BeforeValidator(_split)] = Field(
        (),
        description="Stations that a worker process serves; `lembur worker --stations` sets it.",
        json_schema_extra=_rule("codes of stations with commas between"),
    )
    budget: int = Field(
        0,
        ge=0,
        description="Rupiah for overtime, shown beside its cost in metrics; 0 for none.",
        json_schema_extra=_rule("a whole number of rupiah, 0 or more"),
    )

    centre_token_file: Path | None = Field(
        None,
        description="File with the token for a centre over HTTP; `lembur centre` asks for the same.",
        json_schema_extra=_rule("a file that can be read"),
    )
    centre_ca_file: Path | None = Field(
        None,
        description="Certificates of the authority that the centre's is from; without it those of the machine hold.",
        json_schema_extra=_rule("a file in PEM"),
    )
    webhook_secret_file: Path | None = Field(
        None,
        description="File with the secret that signs the events of a webhook: `whsec_`, then 24 to 64 bytes in base64.",
        json_schema_extra=_rule("a file that can be read"),
    )

    @field_validator("redis_url")
    @classmethod
    def _check_address(cls, given: str, info: ValidationInfo) -> str:
        address = parse_address(given) if given else None
        file = info.data.get("redis_password_file")
        if address and file and not address.password:
            address = replace(address, password=_read_secret(file, "REDIS_PASSWORD_FILE"))
        return address.url if address else ""

    @field_validator("broker_url")
    @classmethod
    def _check_broker(cls, given: str) -> str:
        if not given:
            return ""
        if given.startswith(("redis://", "rediss://")):
            return parse_address(given).url
        if not BROKER.match(given):  # without its text, which could show a part of a password
            raise SettingsError("LEMBUR_BROKER_URL must be an address like amqp://USER:PASSWORD@HOST/OFFICE")
        if given.startswith("sentinel://") and MASTER not in given:
            raise SettingsError(
                "LEMBUR_BROKER_URL with sentinel:// ends in ?%(master)sNAME, the master's name there", master=MASTER
            )
        return given

    @field_validator("data")
    @classmethod
    def _make_absolute(cls, given: Path) -> Path:
        return given.absolute()

    def read_centre_token(self) -> str:
        """Read the token for the centre; '' without one."""
        return _read_secret(self.centre_token_file, "CENTRE_TOKEN_FILE") if self.centre_token_file else ""

    def read_webhook_secret(self) -> str:
        """Read the secret that signs events; a webhook without one is refused."""
        if self.webhook_secret_file is None:
            raise SettingsError(
                "LEMBUR_WEBHOOK_SECRET_FILE is missing: write a secret into a file for you and the receiver, "
                'with echo "whsec_$(openssl rand -base64 32)"'
            )
        return _read_secret(self.webhook_secret_file, "WEBHOOK_SECRET_FILE")

    @property
    def printers(self) -> Path:
        """Folder of the job logs of this machine's printers."""
        return self.data / "printers"

    @property
    def page(self) -> Path:
        """Template of the page that real printers print; without the file the plain page is printed."""
        return self.data / "page.toml"

    @property
    def keys(self) -> Path:
        """Folder of the key of the NIKs, apart from the ledger's files: who copies one has not the other."""
        return self.data / "keys"

    def environment(self) -> dict[str, str]:
        """Return the same settings as variables for a child process."""
        values = {**self.model_dump(exclude={"redis_password_file"}), "stations": ",".join(self.stations)}
        return {PREFIX + name.upper(): str(value) for name, value in values.items() if value is not None}


def read_settings(**given: object) -> Settings:
    """Read the settings from the environment; what is given wins, unless it is None. Report all faults at once."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as fault:
        raise SettingsError("%(faults)s", faults="; ".join(_sentence(one) for one in fault.errors())) from None


def child_environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with variables added."""
    return {**os.environ, **added}


def _sentence(fault: ErrorDetails) -> str:
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, SettingsError):
        return str(cause)
    name = str(fault["loc"][0])
    extra: Any = Settings.model_fields[name].json_schema_extra
    return f"{PREFIX}{name.upper()} must be {extra['rule']}, not '{fault['input']}'"
