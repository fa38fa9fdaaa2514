"""`lembur backup` and `restore`: one file that holds an office. `migrate`: an office of an older version."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import echo
from lembur.domain.errors import LedgerError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as office.tar.gz.")],
    *,
    data: context.DataOption = None,
) -> None:
    """Copy an office into one file, also while it runs."""
    from console.runtime import pack

    settings = context.find_server(None, data)
    if not (settings.data / context.SERVER).exists():
        raise SettingsError(
            f"{settings.data} holds no server of Lembur: copy your own Redis by its own means, see docs/backup.md"
        )
    with _files_stand_still(settings):
        pack(settings.data, file)
    echo(f"{settings.data} is copied to {file}: keep it as safe as the office, it holds the key of the NIKs")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that 'lembur backup' wrote.")],
    *,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The data folder of the office.")],
) -> None:
    """Put a copy of a stopped office into its data folder."""
    from console.runtime import lock_folder, unpack

    with lock_folder(data):
        unpack(file, data)
    echo(f"{file} is restored to {data}: 'lembur up --data {data}' goes on, and enters what was printed since")


def migrate(*, redis: context.RedisOption = None, data: context.DataOption = None) -> None:
    """Convert the ledger of a stopped office of an older version.

    The functions of other versions leave the server, if no other office is on it.
    """
    from console.runtime import start_folder_server

    settings = context.find_server(redis, data)
    if settings.redis_url:
        _migrate(settings)
        return
    if not (settings.data / context.SERVER).exists():
        raise SettingsError(f"{settings.data} holds no server of Lembur: give --redis, or --data with its folder")
    with start_folder_server(settings.data) as url:
        _migrate(context.find_server(url, settings.data))


def _migrate(settings: Settings) -> None:
    from console.text import plural
    from lembur.ledger import SCHEMA, migrate

    ledger = context.open_ledger(settings)
    cards = migrate(ledger)
    echo(f"the office is kept by schema {SCHEMA} now, with {plural(cards, 'card')}: 'lembur reconcile' checks it")
    if deleted := ledger.delete_other_versions():
        echo(f"the functions of {plural(deleted, 'other version')} were deleted")


@contextmanager
def _files_stand_still(settings: Settings) -> Iterator[None]:
    """Keep the server from rewriting its append-only file meanwhile. A stopped server does not rewrite it."""
    from lembur.ledger import pause_rewrites

    try:
        ledger = context.open_ledger(context.find_settings(None, settings.data))
    except (LedgerError, SettingsError):  # a restored folder has no address yet
        yield
        return
    with pause_rewrites(ledger.server):
        yield
