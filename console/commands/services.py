"""`lembur open`, `feed`, `load`, `flower`, `seen`: the parts of `lembur up` by themselves, for containers and hosts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Event
from typing import Annotated

import typer

from console import context
from console.commands import run
from console.text import echo, plural
from lembur.domain.errors import LedgerError, SettingsError

FEED = "feed"
"""The feed signs in among the workers, so that `lembur doctor` tells whether it is there."""


def open_office(
    scenario: run.MaybeScenario = None,
    *,
    speed: run.SpeedOption = None,
    seed: run.SeedOption = None,
    seats: run.SeatsOption = None,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
    unsafe: run.UnsafeOption = False,
) -> None:
    """Open an office in a ledger, with its stations, hours and stock; one that is open already stays as it is."""
    from lembur.office import open_or_continue

    setup = run.setup_of(scenario or run.DEFAULT_SCENARIO, speed or "1", seed, seats or [])
    ledger = context.open_ledger(context.find_settings(redis, data))
    context.check_durable(ledger, unsafe=unsafe)
    was_open = bool(ledger.office())
    found = open_or_continue(ledger, setup, given=run.given_of(scenario, speed, seed, seats))
    news = "was open already and stays as it is" if was_open else f"is open: {plural(len(found.stations), 'station')}"
    echo(f"{found.scenario.name} {news}")


def feed(*, redis: context.RedisOption = None, data: context.DataOption = None) -> None:
    """Keep the time of a demonstration, and bring the people of its scenario, until Ctrl-C."""
    from console.runtime import Interrupted, stop_on_signals
    from lembur.bus import sender
    from lembur.heartbeat import start_heartbeat
    from lembur.ledger import load_nik_key
    from lembur.office import read_setup
    from producers import Feed

    found = context.find_settings(redis, data)
    ledger = context.open_ledger(found)
    setup = read_setup(ledger)
    with suppress(Interrupted), stop_on_signals():
        if not setup.scenario.demonstration:
            # It stays, because containers start it for every office, and people type their commands beside it.
            echo(f"{setup.scenario.name} is a real office: it prints what is ready without a feed")
            start_heartbeat(found, FEED)
            Event().wait()
        feeding = Feed(ledger, setup, load_nik_key(ledger, found.keys), sender(found), jumps=setup.speed > 1)
        feeding.prepare()
        feeding.begin()
        start_heartbeat(found, FEED)
        feeding.play(Event())


def load(
    cards: Annotated[int, typer.Argument(metavar="CARDS", min=1, max=1_000_000)],
    *,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Bring so many invented people at once into a demonstration, to see what a rush does."""
    from lembur.bus import sender
    from lembur.domain import world
    from lembur.domain.scenario import Backlog
    from lembur.ledger import load_nik_key
    from lembur.office import read_setup
    from producers import Feed

    found = context.find_settings(redis, data)
    ledger = context.open_ledger(found)
    play = read_setup(ledger)
    if not play.scenario.demonstration:
        raise SettingsError(f"{play.scenario.name} is no demonstration: invented people have no place in it")
    now_ms, _ = ledger.time()
    crowd = play.scenario.model_copy(update={"backlog": Backlog(cards=cards)})
    # A seed of their own, or they would be the scenario's people, who are known already.
    coming = [replace(one, recorded_ms=now_ms) for one in world.opening_backlog(crowd, now_ms)]
    Feed(ledger, replace(play, seed=now_ms), load_nik_key(ledger, found.keys), sender(found)).enrol_all(coming)
    echo(f"{cards:,} people came at once")


def flower(
    *,
    host: Annotated[str, typer.Option("--host", help="On which address; others can see it only if not 127.0.0.1.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", help="The port of its page.")] = 5555,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Show the workers of an office that is open in Flower, until Ctrl-C."""
    from console.runtime import exec_flower

    exec_flower(context.find_settings(redis, data), host=host, port=port)


def seen(
    node: Annotated[str, typer.Argument(metavar="NODE")],
    *,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Tell whether a worker, or the feed, has signed in within the last seconds; exit 1 when it has not."""
    from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS

    ledger = context.open_ledger(context.find_settings(redis, data))
    ago_s = (ledger.real_ms() - ledger.last_seen().get(node, 0)) / 1000
    if ago_s > HEARTBEAT_TIMEOUT_MS / 1000:
        raise LedgerError(f"{node} has not signed in within the last {HEARTBEAT_TIMEOUT_MS // 1000} seconds")
    echo(f"{node} signed in {ago_s:.1f} s ago")
