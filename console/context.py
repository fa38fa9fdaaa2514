"""The office that a command works on, by its address or by a data folder of this machine."""

from __future__ import annotations

import fcntl
import json
import sys
from dataclasses import dataclass
from functools import cached_property, wraps
from inspect import Parameter, signature
from pathlib import Path
from shlex import quote
from shutil import disk_usage
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lembur.domain.errors import LedgerError, SettingsError
from lembur.domain.time import NEVER_MS, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.ledger import Ledger
    from lembur.ledger.types import Wakes
    from lembur.settings import Settings

USUAL_SCENARIO = "solo-2016"
"""The scenario of a command that names none."""
DATA = Path("var")
SERVER = "redis"
"""The folder of the embedded server's files, inside the data folder."""
ADDRESS = "address"
"""The file with the address of that server, as it was when the office ran last."""
OFFICE = "office"
"""The file with the code of the office that the data folder is of."""
LATEST = DATA / "latest"
"""Names the data folder of the last run, so that other commands find it."""

RedisOption = Annotated[
    str | None, typer.Option("--redis", metavar="URL", help="Server of the ledger; LEMBUR_REDIS_URL by default.")
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder of the office; that of the last run by default."),
]
HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Address to serve on; 127.0.0.1 is for this machine only.")
]
LEAST_ROOM_BYTES = 1_000_000
"""Room below which a disk is full: the server's next write may not fit."""
FIRST_MOMENT_MS = 10**11
"""The year 1973. A smaller number of milliseconds is a duration, which has no ISO text."""
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def _read_line(param: typer.CallbackParam, text: str) -> str:
    from console.text import read_line

    return read_line(text, option=param.opts[0])


def line_option(name: str, help: str, metavar: str = "TEXT") -> Any:  # noqa: A002, ANN401 - Typer's own word, and what Typer takes
    """Make a required option for one line of text that is kept in the log."""
    return typer.Option(name, metavar=metavar, help=help, callback=_read_line)


CardArgument = Annotated[str, typer.Argument(metavar="CARD", help="A card's number, or the NIK it is for.")]
ByOption = Annotated[str, line_option("--by", "Your name; kept in the log.", "NAME")]
ReasonOption = Annotated[str, line_option("--reason", "The reason; kept in the log.")]
MinutesOption = Annotated[str, line_option("--minutes", "Number of the minutes (berita acara).", "NUMBER")]


class OfficeStoppedError(LedgerError):
    """The office has a server of its own, and that server is stopped."""

    def __init__(self, data: Path) -> None:
        self.data = data
        shown = data.relative_to(Path.cwd()) if data.is_relative_to(Path.cwd()) else data
        super().__init__(
            f"the office in {shown} is stopped: go on with it by 'lembur up --data {quote(str(shown))}', "
            "or read it as it is by 'lembur report' and 'lembur reconcile'"
        )


@dataclass(frozen=True)
class Connection:
    """The office that --redis and --data name. It is looked for when a command first needs it."""

    redis_url: str | None
    data: Path | None

    @cached_property
    def settings(self) -> Settings:
        """Find the settings of its ledger: without an address for a restored folder, whose server has not run yet."""
        found = find_server(self.redis_url, self.data)
        has_server = not found.redis_url and (found.data / SERVER).is_dir()
        if has_server and not (found.data / ADDRESS).exists() and not is_kept(found.data):
            return found
        return find_settings(self.redis_url, self.data)

    @cached_property
    def ledger(self) -> Ledger:
        """Open its ledger; refuse one of another schema."""
        found = self._open()
        found.check_schema()
        return found

    def _open(self) -> Ledger:
        if not self.settings.redis_url:
            raise OfficeStoppedError(self.settings.data)
        try:
            return open_ledger(self.settings)
        except LedgerError as fault:
            if not self._has_own_server():
                raise
            if not is_kept(self.settings.data):  # A run and its server end together.
                raise OfficeStoppedError(self.settings.data) from fault
            if full := describe_full_disk(self.settings.data):
                raise LedgerError(full) from fault
            raise

    def _has_own_server(self) -> bool:
        data = self.settings.data
        address = data / ADDRESS
        return address.exists() and address.read_text() == self.settings.redis_url and (data / SERVER).is_dir()

    def wake(self, wakes: Wakes) -> None:
        """Send the wake-ups that a command has caused."""
        from lembur import bus

        bus.send(bus.make_app(self.settings), wakes)


def describe_full_disk(data: Path) -> str:
    """Describe a data folder whose disk has no room left, because its server ends then; '' while there is room."""
    if disk_usage(data).free > LEAST_ROOM_BYTES:
        return ""
    return (
        f"the disk of {data} is full, and its server stops at each write: make room, and the office goes on by itself"
    )


def is_used(data: Path) -> bool:
    """Check whether a data folder is an office's. One whose first start was interrupted is none's yet."""
    return (data / ADDRESS).exists() or (data / OFFICE).exists()


def is_kept(data: Path) -> bool:
    """Check whether a run keeps this data folder for itself."""
    with (data / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def with_office(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options --redis and --data. Its parameter `office` is the office that they name."""
    of_command = signature(command, eval_str=True)
    parameters = [one for name, one in of_command.parameters.items() if name != "office"]
    parameters += [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in (("redis", RedisOption), ("data", DataOption))
    ]

    @wraps(command)
    def run(*, redis: str | None, data: Path | None, **given: object) -> None:
        command(office=Connection(redis, data), **given)

    # Typer reads a command's options from these two.
    run.__signature__ = of_command.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def choose_question(scenario: str | None, *, live: bool) -> str:
    """Return the scenario that a question is about, or '' for the open office. A question about both is none."""
    if live and scenario:
        raise SettingsError(f"give either a scenario or --live: is it '{scenario}', or the open office?")
    if not live and not scenario:
        raise SettingsError("give --live for the open office, or a scenario such as solo-2016")
    return scenario or ""


def find_settings(redis_url: str | None, data: Path | None) -> Settings:
    """Find the ledger: by --redis, else LEMBUR_REDIS_URL, else the given data folder, else that of the last run."""
    from lembur.settings import read_settings

    settings = find_server(redis_url, data)
    if settings.redis_url:
        return settings
    try:
        address = (settings.data / ADDRESS).read_text()
    except (FileNotFoundError, NotADirectoryError):
        raise SettingsError("no run is known here: start one with 'lembur up', or give --redis or --data") from None
    return with_code(read_settings(redis_url=address, data=settings.data))


def find_server(redis_url: str | None, data: Path | None) -> Settings:
    """Find the server that is named, or else the data folder, whose own server may be stopped."""
    from lembur.settings import read_settings

    settings = read_settings(redis_url=redis_url, data=data)
    if folder_of(settings) is None:
        settings = read_settings(redis_url=redis_url, data=_latest())
    return with_code(settings)


def with_code(settings: Settings) -> Settings:
    """Take the code of the office that the data folder is of; refuse another one."""
    try:
        code = (settings.data / OFFICE).read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return settings
    if "office" not in settings.model_fields_set:
        return settings.model_copy(update={"office": code})
    if settings.office != code:
        raise SettingsError(
            f"{settings.data} is of office {code}, but LEMBUR_OFFICE is {settings.office}: "
            "leave it out, or give another --data"
        )
    return settings


def folder_of(settings: Settings) -> Path | None:
    """Return the data folder that --data or LEMBUR_DATA names."""
    return settings.data if "data" in settings.model_fields_set else None


def open_ledger(found: Settings) -> Ledger:
    """Open the ledger that the settings name. A cluster, which messages cannot use, needs another broker beside it."""
    from lembur.ledger import Ledger, connect, is_cluster

    ledger = Ledger(connect(found.redis_url), office=found.office)
    if not found.broker_url and is_cluster(ledger.server):
        raise SettingsError(
            f"{address_of(found)} is a Redis Cluster, which Celery's messages cannot use: set LEMBUR_BROKER_URL to "
            "another server for them, such as redis://:PASSWORD@HOST:6379/0"
        )
    return ledger


def remember(data: Path) -> None:
    """Let other commands find this run."""
    from lembur.files import write_private

    DATA.mkdir(exist_ok=True)
    write_private(LATEST, str(data.absolute()))


def _latest() -> Path | None:
    return Path(LATEST.read_text()) if LATEST.exists() else None


def address_of(found: Settings) -> str:
    """Return the ledger's address without its password."""
    from lembur.address import parse_address

    return str(parse_address(found.redis_url))


def check_durable(ledger: Ledger, *, unsafe: bool) -> None:
    """Refuse a server that loses acknowledged changes in a power cut, unless the user accepts it as unsafe."""
    from lembur.ledger import Durability, prove_durability

    if unsafe:
        return
    found = prove_durability(ledger.server, prefix=ledger.prefix)
    if found == Durability.TOO_SOON:
        raise LedgerError(
            "this server confirms a change before it is on its disk (WAITAOF answers at once): set 'appendfsync "
            "always' and let this user read it (+config|get), or accept it with --unsafe"
        )
    if found == Durability.NONE:
        raise LedgerError(
            "this server forgets acknowledged changes in a power cut: set 'appendonly yes' (and, before Redis 7.2, "
            "'appendfsync always'), or accept it with --unsafe"
        )


def print_json(value: object) -> None:
    """Print JSON. Each moment in milliseconds also has its ISO text, and a moment that never comes is null."""
    sys.stdout.write(json.dumps(_readable(value), indent=2, default=str, allow_nan=False) + "\n")


def _readable(value: object) -> object:
    if isinstance(value, dict):
        moments = {name: value[name] for name in value if isinstance(name, str) and name.endswith("_ms")}
        written = {name.removesuffix("_ms"): _iso(moment) for name, moment in moments.items() if _is_moment(moment)}
        return {**written, **{name: _readable(part) for name, part in value.items()}}
    if isinstance(value, list | tuple):
        return [_readable(part) for part in value]
    if isinstance(value, float | int) and (value >= NEVER_MS or value != value):  # noqa: PLR0124 - only nan is unequal
        return None
    return value


def _is_moment(value: object) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(_is_moment(one) for one in value)
    return value is None or (isinstance(value, int | float) and value >= FIRST_MOMENT_MS)


def _iso(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_iso(one) for one in value]
    if isinstance(value, int | float) and value < NEVER_MS:
        return utc_text(value)
    return None
