"""`lembur open`, `feed`, `load`, `flower`, `seen`: the parts of `lembur up` by themselves, for containers and hosts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from console import context
from console.commands import run
from console.text import count, echo, plural
from lembur.domain.errors import LedgerError, SettingsError

FEED = "feed"
"""The name of the feed among the workers, so that `lembur doctor` shows whether it is alive."""


@context.with_office
def open_office(
    office: context.Connection,
    scenario: run.MaybeScenario = None,
    *,
    speed: run.SpeedOption = None,
    seed: run.SeedOption = None,
    seats: run.SeatsOption = None,
    unsafe: run.UnsafeOption = False,
) -> None:
    """Open an office in a ledger; an open one stays as it is."""
    from console.runtime import check_code
    from lembur.office import open_or_continue

    setup = run.setup_of(scenario or context.USUAL_SCENARIO, speed or "1", seed, seats or [])
    ledger = office.ledger
    context.check_durable(ledger, unsafe=unsafe)
    was_open = bool(ledger.office())
    if not was_open:
        if not scenario:
            raise SettingsError("nothing is open here yet: name a scenario, such as solo-2016")
        check_code(office.settings, setup)
    found = open_or_continue(ledger, setup, given=run.given_of(scenario, speed, seed, seats))
    ledger.delete_other_versions()
    news = "was open already and stays as it is" if was_open else f"is open: {plural(len(found.stations), 'station')}"
    echo(f"{found.scenario.name} {news}")


@context.with_office
def feed(office: context.Connection) -> None:
    """Run the clock of a demonstration and enrol its people."""
    from console.runtime import Interrupted, stop_on_signals
    from lembur.bus import sender
    from lembur.ledger import load_nik_key
    from lembur.office import read_setup
    from lembur.service import start_heartbeat
    from producers import Feed

    ledger = office.ledger
    setup = read_setup(ledger)
    with suppress(Interrupted), stop_on_signals():
        if not setup.scenario.demonstration:
            # It stays, because containers start it for every office, and people run their commands beside it.
            echo(f"{setup.scenario.name} is a real office: it prints what is ready without a feed")
            start_heartbeat(office.settings, FEED)
            Event().wait()
        key = load_nik_key(ledger, office.settings.keys)
        feeding = Feed(ledger, setup, key, sender(office.settings), jumps=setup.speed > 1)
        feeding.prepare()
        feeding.begin()
        start_heartbeat(office.settings, FEED)
        feeding.play(Event())


@context.with_office
def load(
    office: context.Connection,
    cards: Annotated[int, typer.Argument(metavar="CARDS", min=1, max=1_000_000, help="Number of people.")],
) -> None:
    """Enrol a crowd of invented people at once (demonstrations only)."""
    from lembur.bus import sender
    from lembur.domain import world
    from lembur.domain.scenario import Backlog
    from lembur.ledger import load_nik_key
    from lembur.office import read_setup
    from producers import Feed

    ledger = office.ledger
    play = read_setup(ledger)
    if not play.scenario.demonstration:
        raise SettingsError(f"{play.scenario.name} is no demonstration: invented people have no place in it")
    now_ms, _ = ledger.time()
    crowd = play.scenario.model_copy(update={"backlog": Backlog(cards=cards)})
    # Another seed, because the scenario's own people are enrolled already.
    coming = [replace(one, recorded_ms=now_ms) for one in world.opening_backlog(crowd, now_ms)]
    key = load_nik_key(ledger, office.settings.keys)
    Feed(ledger, replace(play, seed=now_ms), key, sender(office.settings)).enrol_all(coming)
    echo(f"{count(cards)} people came at once")


@context.with_office
def flower(
    office: context.Connection,
    *,
    host: context.HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port to serve on.")] = 5555,
) -> None:
    """Serve Flower, the page of the workers, until Ctrl-C."""
    from console.runtime import exec_flower

    exec_flower(office.settings, host=host, port=port)


@context.with_office
def centre(
    office: context.Connection,
    *,
    host: context.HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, metavar="N", help="Port to serve on.")] = 8443,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Certificate for TLS (PEM).")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Private key of the certificate (PEM).")
    ] = None,
) -> None:
    """Simulate the centre over HTTP, for trials, until Ctrl-C.

    It answers by the office's clock, with the scenario's times, outages, verdicts and script.
    """
    from console.runtime import exec_centre
    from lembur.office import read_setup

    if (certificate is None) != (key is None):
        raise SettingsError("--certificate and --key belong together: give both, or none")
    read_setup(office.ledger)  # A closed office is one sentence.
    exec_centre(office.settings, host=host, port=port, tls=(certificate, key) if certificate and key else ())


@context.with_office
def webhook(
    office: context.Connection,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The receiver, such as https://city.example/cards.")
    ],
) -> None:
    """Send events about cards to another program until Ctrl-C.

    An event is, for example, that a card is ready. Each is signed, and sent again until the program takes it. The next
    start goes on with the first event that was not taken.
    """
    from console.runtime import exec_webhook
    from lembur.office import read_setup

    _check_address(address)
    office.settings.read_webhook_secret()
    read_setup(office.ledger)
    exec_webhook(office.settings, address)


def _check_address(address: str) -> None:
    """Refuse an address that events cannot be sent to, or that would show a password in the log."""
    from urllib.parse import urlsplit

    wrong = SettingsError(f"the address must be like https://city.example/cards, not '{address}'")
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError as fault:  # a port or an IPv6 address that is none
        raise wrong from fault
    if not is_whole:
        raise wrong
    if parts.username is not None:
        raise SettingsError(
            "the address must hold no name and no password: the log shows it, and each event is signed already"
        )


@context.with_office
def check_seen(
    office: context.Connection,
    node: Annotated[
        str, typer.Argument(metavar="NODE", help="A process, such as feed, verify@centre or print@jebres.")
    ],
) -> None:
    """Check that a worker or the feed is alive; exit 1 if not."""
    from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS

    ledger = office.ledger
    ago_s = (ledger.real_ms() - ledger.last_seen().get(node, 0)) / 1000
    if ago_s > HEARTBEAT_TIMEOUT_MS / 1000:
        raise LedgerError(f"{node} has not signed in within the last {HEARTBEAT_TIMEOUT_MS // 1000} seconds")
    echo(f"{node} signed in {ago_s:.1f} s ago")
