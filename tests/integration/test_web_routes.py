"""Every route of the console by the list of the application itself: a new one cannot be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.accounts import Scope
from lembur.domain.seats import StationCode
from lembur.ledger.queries.actions import read_actions
from support.web_console import Served, order, serve_queue
from web.pages import all_routers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JEBRES = StationCode("jebres")
VALUES = {"verb": "hold", "login": "budi", "kind": "pdf", "part": "now", "secret": "guess"}
"""A value of each field of an address but the number."""
OPEN = {"/login", "/welcome/{secret}", "/language", "/runbook"}
"""Pages and forms before a login."""
OWN = {"/logout", "/account", "/plan", "/cards/find", "/cards/find-blank"}
"""Forms that only read, or change nothing but the visitor's own session and password."""
NEW_PERSON: dict[str, object] = {
    "nik": "3372014505900000",
    "kelurahan_code": "33.72.04.1001",
    "stream": "replacement",
    "recorded_at": "2016-08-24T09:00:00+07:00",
}
DEADLINE = "2016-08-26T20:00:00+07:00"
BODIES: dict[str, dict[str, object]] = {
    "/cards": NEW_PERSON,
    "/cards/batch": {"cards": [NEW_PERSON]},
    "/cards/lookup": {"nik": NEW_PERSON["nik"]},
    "/cards/{number}/settle": {"finding": "printed"},
    "/cards/{number}/issue": {"to": "holder"},
    "/cards/{number}/ship": {"to": "Loket 3"},
    "/cards/{number}/blank": {"serial": "SN-1"},
    "/cards/{number}/reprint": {"reason": "hilang"},
    "/cards/{number}/letter": {"number": "470/1", "office": "Dukcapil"},
    "/cards/{number}/{verb}": {"reason": "salah"},
    "/orders": {"station": "jebres", "seats": 2, "reason": "antrean"},
    "/orders/{number}/end": {"reason": "cukup"},
    "/stock": {"verb": "receive", "station": "jebres", "blanks": 5, "minutes": "BA/1"},
    "/stock/spoiled": {"station": "jebres", "minutes": "BA/2", "witness": "Pak Budi"},
    "/plan/search": {"deadline": DEADLINE, "max_seats": 12},
    "/plan/apply": {"name": "any"},
}
"""A whole request of each act of the REST interface."""


@pytest.fixture
def served(valkey_url: str, office: str, tmp_path: Path) -> Iterator[Served]:
    """Give the console of an office with people, waiting cards and a seat order."""
    with serve_queue(valkey_url, office, tmp_path) as found:
        assert order(found.log_in("budi")) == 200
        yield found


def routes() -> list[tuple[str, str]]:
    """List the routes of the pages, each with its method and its address as the code has it."""
    found = [(method, route.path) for router in all_routers() for route in router.routes for method in route.methods]  # type: ignore[attr-defined]
    assert len(found) > 40
    return found


def address(served: Served, path: str) -> str:
    """Fill the fields of an address: the order that exists, a card of Jebres, a verb, a user."""
    number = "1" if path.startswith("/orders") else served.card_at(JEBRES)
    return path.format(number=number, **VALUES)


def acts(served: Served) -> list[str]:
    """List the acts in the log."""
    return [act.what for act in read_actions(served.office.ledger)]


def test_every_page_and_form_refuses_a_stranger(served: Served) -> None:
    """Without a login each route leads to the login, and a form does nothing."""
    before, stranger = acts(served), served.client().http

    for method, path in routes():
        if path not in OPEN:
            answer = stranger.request(method, address(served, path), follow_redirects=False)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/login"), (method, path)

    assert acts(served) == before


def test_every_form_that_acts_refuses_a_viewer(served: Served) -> None:
    """The server decides before it looks at what was typed; the log shows nothing but the login."""
    viewer = served.log_in("tamu")
    viewer.open("/account")
    before = acts(served)

    for method, path in routes():
        if method == "POST" and path not in OPEN | OWN:
            assert viewer.send(address(served, path)).status_code == 403, path

    assert acts(served) == before


def test_every_form_of_another_page_is_refused(served: Served) -> None:
    """A form that does not carry the token of the session was made elsewhere; even the head's does nothing."""
    head = served.log_in("sri")
    before = acts(served)

    for method, path in routes():
        if method == "POST" and path not in OPEN:
            assert head.send(address(served, path), form_token="of another page").status_code == 403, path

    assert acts(served) == before


def test_every_act_of_rest_needs_its_scope_and_station(served: Served) -> None:
    """A token that may only read is refused everywhere; so is one of another station at a card or a shelf."""
    reader, other = served.api(), served.api(Scope.CARDS, Scope.SEATS, Scope.STOCK, stations=["dinas"])
    paths = reader.get("/openapi.json").json()["paths"]
    assert {path for path, methods in paths.items() if "post" in methods} == {*BODIES, "/plan/question"}
    before = acts(served)

    for path, body in BODIES.items():
        assert reader.post(address(served, path), json=body).status_code == 403, path
        if "{number}" in path or "station" in body:
            assert other.post(address(served, path), json=body).status_code == 403, path

    assert acts(served) == before
