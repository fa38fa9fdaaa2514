"""The web console over a real ledger, in a thread of the test, and a client that acts as a browser without scripts."""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import httpx2
import uvicorn
from argon2 import PasswordHasher

from lembur.accounts import Role, Scope
from lembur.domain.scenario import load
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.queries.live import list_cards
from lembur.office import OfficeSetup, open_office
from lembur.settings import read_settings
from producers import RecordedPerson, enrol_people
from support.waiting import PATIENCE_S, eventually
from web import create_app
from web.office import open_web_office

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lembur.domain.card import CardId
    from lembur.domain.seats import StationCode
    from web.office import WebOffice

PASSWORD = "correct horse battery"
QUICK_HASH: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A real hash costs a fifth of a second, also at each login. The test of the first login has a real one."""
PAGES = (
    "/",
    "/plan",
    "/orders",
    "/cards",
    "/cards/uncollected",
    "/cards/letters",
    "/intake",
    "/stock",
    "/reports",
    "/forecasts",
    "/log",
    "/users",
    "/wall",
    "/account",
    "/runbook",
)
"""The pages of the console that need no card's number; only the head of the office sees `/users`."""


@dataclass(slots=True)
class Served:
    """A console that is served, and its office."""

    address: str
    office: WebOffice
    opened: list[httpx2.Client] = field(default_factory=list)

    def add_user(self, login: str, name: str, role: Role, stations: Sequence[str] = ()) -> None:
        """Add a user with the password of the tests."""
        self.office.accounts.add_user(login, name, role, stations)
        self.office.accounts._write("UPDATE users SET hash = ? WHERE login = ?", QUICK_HASH, login)

    def add_people(self) -> None:
        """Add a head, a lead of one station, and a viewer."""
        self.add_user("sri", "Sri Lestari", Role.HEAD)
        self.add_user("budi", "Budi Santoso", Role.LEAD, ["jebres"])
        self.add_user("tamu", "Tamu", Role.VIEWER)

    def enrol_queue(self) -> None:
        """Enrol 720 people, more than a day of the office can print."""
        people = [
            RecordedPerson(
                f"337204{day:02d}{month:02d}{year:02d}0000", "33.72.04.1001", "replacement", "2016-08-24T09:00:00"
            )
            for year in range(60, 90)
            for month in range(1, 13)
            for day in (1, 2)
        ]
        assert {outcome for outcome, _ in enrol_people(self.office, people)} == {"ENROLLED"}

    def card_at(self, station: StationCode) -> CardId:
        """Return the first card of a station."""
        return list_cards(self.office.ledger, status=None, after=0, most=1, station=station)[0][0].card

    def client(self) -> Client:
        """Give a browser that has not logged in."""
        return Client(self._http(base_url=self.address, follow_redirects=True))

    def _http(self, **options: Any) -> httpx2.Client:
        self.opened.append(httpx2.Client(timeout=60, **options))
        return self.opened[-1]

    def log_in(self, login: str) -> Client:
        """Give a browser in which this user has logged in."""
        client = self.client()
        answer = client.send("/login", login=login, password=PASSWORD)
        assert answer.status_code == 200, answer.text
        return client

    def api(self, *scopes: Scope, stations: Sequence[str] = ()) -> httpx2.Client:
        """Give a client of the REST interface with a token of these scopes."""
        name = f"program {len(self.office.accounts.tokens())}"
        secret = self.office.accounts.add_token(name, {Scope.READ, *scopes}, stations)
        headers = {"authorization": f"Bearer {secret}"}
        return self._http(base_url=f"{self.address}/api/v1", headers=headers)


@dataclass(slots=True)
class Client:
    """Opens pages and sends their forms, with the token that each form carries."""

    http: httpx2.Client
    token: str = field(default="")

    def open(self, path: str) -> httpx2.Response:
        """Open a page, and keep the token of its forms."""
        answer = self.http.get(path)
        found = re.search(r'name="form_token" value="([^"]+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer

    def send(self, path: str, *, files: Any = None, **fields: str) -> httpx2.Response:
        """Send a form."""
        return self.http.post(path, data={"form_token": self.token, **fields}, files=files)


def order(client: Client, station: str = "jebres", **more: str) -> int:
    """Order two seats at a station until 20:00; the status of the answer."""
    client.open("/orders")
    fields = {"station": station, "seats": "2", "until": "2016-08-25T20:00", "reason": "antrean", **more}
    return client.send("/orders", **fields).status_code


def open_morning(url: str, office: str) -> Ledger:
    """Open an office without cards or overtime at Thursday 25 August 2016, 08:00."""
    setup = OfficeSetup(load("solo-2016").model_copy(update={"overtime": ()}), 1, 1)
    found = Ledger(connect(url), office=office)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    return found


@contextmanager
def serve_console(redis_url: str, office: str, data: Path) -> Iterator[Served]:
    """Serve the console of an open office while inside."""
    settings = read_settings(redis_url=redis_url, office=office, data=data)
    web_office = open_web_office(settings)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(web_office), access_log=False, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    served = Served(f"http://127.0.0.1:{listening.getsockname()[1]}", web_office)
    try:
        yield served
    finally:
        for client in served.opened:
            client.close()
        server.should_exit = True
        thread.join(PATIENCE_S)
        listening.close()


@contextmanager
def serve_queue(redis_url: str, office: str, data: Path) -> Iterator[Served]:
    """Serve the console of an office with people, on a Thursday morning under a long queue."""
    ledger = open_morning(redis_url, office)
    with serve_console(redis_url, office, data) as found:
        found.add_people()
        found.enrol_queue()
        ledger.advance(found.office.setup.all_stations, fed_ms=NEVER_MS)
        yield found
