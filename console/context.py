"""The way to the ledger that a command speaks to: an address given, or that of a run on this machine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lembur import settings
from lembur.domain.errors import LedgerError, SettingsError
from lembur.settings import Settings

if TYPE_CHECKING:
    from lembur.ledger import Ledger
    from lembur.ledger.types import Wakes

DATA = Path("var")
LATEST = DATA / "latest"
"""Holds the data folder of the run begun last, so that other commands find it."""

RedisOption = Annotated[
    str | None, typer.Option("--redis", metavar="URL", help="A Redis of your own (also LEMBUR_REDIS_URL).")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The data folder of a run; the latest when not given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def find_settings(redis_url: str | None, data: Path | None) -> Settings:
    """Where the ledger is: --redis, else LEMBUR_REDIS_URL, else the run in the data folder."""
    url = redis_url or os.environ.get("LEMBUR_REDIS_URL")
    folder = data or _latest()
    if url is None:
        if folder is None or not (folder / "address").exists():
            raise SettingsError("no run is known here: start one with 'lembur up', or give --redis or --data")
        url = (folder / "address").read_text()
    given = {**os.environ, "LEMBUR_REDIS_URL": url}
    if folder is not None:
        given["LEMBUR_DATA"] = str(folder)
    return settings.from_environment(given)


def open_ledger(found: Settings) -> Ledger:
    """The ledger itself."""
    from lembur.ledger import Ledger, connect

    return Ledger(connect(found.redis_url), office=found.office)


def remember(data: Path) -> None:
    """Let other commands find this run."""
    DATA.mkdir(exist_ok=True)
    LATEST.write_text(str(data.absolute()))


def _latest() -> Path | None:
    return Path(LATEST.read_text()) if LATEST.exists() else None


def wake(found: Settings, wakes: Wakes) -> None:
    """Send the wake-ups that a command has caused."""
    from lembur import bus

    bus.send(bus.make_app(found), wakes)


def shown(found: Settings) -> str:
    """The ledger's address without its password."""
    from lembur.ledger import address_of

    return address_of(found.redis_url)


def check_durable(ledger: Ledger, *, unsafe: bool) -> None:
    """Refuse a server that loses acknowledged changes with its machine, unless told otherwise."""
    from lembur.ledger import Durability, prove_durability

    if unsafe:
        return
    found = prove_durability(ledger.server, prefix=ledger.prefix)
    if found == Durability.TOO_SOON:
        raise LedgerError(
            "this server says that a change is on its disk before it is (WAITAOF answers at once): set 'appendfsync "
            "always' and let this user read it (+config|get), or accept it with --unsafe"
        )
    if found == Durability.NONE:
        raise LedgerError(
            "this server forgets in a power cut what it was told: set 'appendonly yes' (and, before Redis 7.2, "
            "'appendfsync always'), or accept it with --unsafe"
        )


def say_json(value: object) -> None:
    """Answer in JSON, which knows no times or enums of ours: they are written as text."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")
