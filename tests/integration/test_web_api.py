"""The REST interface: tokens with scopes, the same checks as the pages, requests that may be repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from lembur.accounts import Scope
from lembur.domain.card import CardId, Status
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, queries
from lembur.ledger.queries.actions import read_actions
from support.waiting import eventually
from support.web_console import Served, open_morning, serve_console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2


JEBRES = StationCode("jebres")
NIK = "3372014505900000"


def person(number: int = 0) -> dict[str, str]:
    """Return a recorded person, invented."""
    return {
        "nik": f"33720145059{number:01d}0000",
        "kelurahan_code": "33.72.04.1001",
        "stream": "replacement",
        "recorded_at": "2016-08-24T09:00:00+07:00",
    }


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """An open office without cards at Thursday 25 August 2016, 08:00."""
    return open_morning(valkey_url, office)


@pytest.fixture
def served(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> Iterator[Served]:
    """The console of that office."""
    assert ledger.orders() == []
    with serve_console(valkey_url, office, tmp_path) as found:
        yield found


def ask(api: httpx2.Client, method: str, path: str, **body: object) -> dict[str, Any]:
    """Ask what takes long until it is answered: 202 first."""

    def answered() -> dict[str, Any]:
        answer = api.request(method, path, json=body or None)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return eventually(answered)


def test_plans_reports_and_visits(ledger: Ledger, served: Served) -> None:
    """A program asks the planner, finds a plan, and reads reports and visits; only the scope of plans may order one."""
    api, deadline = served.api(), "2016-08-26T20:00:00+07:00"

    found = ask(api, "POST", "/plan/question", deadline=deadline, seats=12, hours=2)
    assert found["changed"]["seat_hours"] > found["as_ordered"]["seat_hours"]
    assert found["caution"].startswith("few prints were seen until now")
    assert found["as_ordered"]["reasons"][0].startswith("no seat is ordered at ")
    assert ask(api, "GET", "/report?day=2016-08-25")["printed"] == 0
    assert ask(api, "GET", "/visits")["visits"]
    assert api.post("/plan/question", json={"deadline": "2054-01-20T00:00:00Z"}).status_code == 409
    served.enrol_queue()
    terms = {"deadline": deadline, "max_seats": 12, "confidence": 0.5}
    assert api.post("/plan/search", json=terms).status_code == 403
    planner = served.api(Scope.PLAN)
    plan = ask(planner, "POST", "/plan/search", **terms)
    assert plan["orders"]
    assert plan["as_of"].startswith("2016-08-25T08:00")
    assert plan["caution"].startswith("few prints were seen until now")
    assert sum(one["rupiah"] for one in plan["orders"]) == plan["rupiah"] > 0
    assert api.post("/plan/apply", json={"name": plan["name"]}).status_code == 403
    assert planner.post("/plan/apply", json={"name": "another"}).status_code == 409
    assert ledger.orders() == []
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        assert planner.post("/plan/apply", json={"name": plan["name"]}, headers=key).status_code == 201
    assert len(ledger.orders()) == len(plan["orders"])


def test_every_route_refuses_a_stranger(served: Served) -> None:
    """Each operation of the document answers 401 with problem details to a caller without a token."""
    document = served.api().get("/openapi.json").json()
    stranger = served.client().http
    operations = [(path, method) for path, routes in document["paths"].items() for method in routes]

    assert len(operations) > 12
    assert document["openapi"].startswith("3.1")
    for path, method in operations:
        address = "/api/v1" + path.replace("{number}", "1").replace("{verb}", "hold")
        answer = stranger.request(method.upper(), address, json={})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 401


def test_a_token_acts_within_its_scopes_and_stations(ledger: Ledger, served: Served) -> None:
    """Reading is allowed to all tokens; an act needs its scope, and its station."""
    order = {"station": "jebres", "seats": 2, "reason": "antrean"}

    assert served.api().get("/board").status_code == 200
    assert served.api(Scope.STOCK).post("/orders", json=order).status_code == 403
    assert served.api(Scope.SEATS, stations=["dinas"]).post("/orders", json=order).status_code == 403
    assert served.api(Scope.SEATS, stations=["jebres"]).post("/orders", json=order).status_code == 201

    assert ledger.seats_at(JEBRES, ledger.time()[0]) == 2
    assert read_actions(ledger)[0].by.endswith("(API)")


def test_a_request_with_a_key_is_done_once(ledger: Ledger, served: Served) -> None:
    """The same act with the same Idempotency-Key is answered again, and another act with it is done."""
    api = served.api(Scope.SEATS, Scope.STOCK)
    order, key = {"station": "jebres", "seats": 2, "reason": "antrean"}, {"idempotency-key": "one"}
    move = {"verb": "receive", "station": "jebres", "blanks": 500, "minutes": "BA/1"}

    for _ in range(2):
        assert api.post("/orders", json=order, headers=key).status_code == 201
        assert api.post("/stock", json=move, headers=key).status_code == 201
    assert api.post("/stock", json=move).status_code == 409  # minutes are booked once
    for _ in range(2):
        assert api.post("/orders/1/end", json={"reason": "cukup"}, headers=key).status_code == 200

    assert [act.what for act in read_actions(ledger)] == ["order", "receive", "cancel"]


def test_cards_are_enrolled_found_and_handled(ledger: Ledger, served: Served) -> None:
    """One card, a batch with a refusal, a look-up by NIK in a body, hold, and paging; the NIK comes back nowhere."""
    api = served.api(Scope.CARDS)
    wrong = {**person(2), "kelurahan_code": "11.11.11.1111"}

    assert api.post("/cards", json=person()).json() == {"outcome": "ENROLLED", "reason": ""}
    batch = api.post("/cards/batch", json={"cards": [person(), person(1), wrong]}).json()["results"]
    assert [one["outcome"] for one in batch] == ["KNOWN", "ENROLLED", "REFUSED"]
    found = api.post("/cards/lookup", json={"nik": person()["nik"]})
    assert found.json()["card"] == "00000001"
    assert api.post("/cards/00000001/hold", json={"reason": "salah"}).json() == {"done": True}
    assert queries.read_card(ledger, CardId("00000001")).status is Status.HELD
    first = api.get("/cards", params={"limit": 1}).json()
    second = api.get("/cards", params={"limit": 1, "after": first["next"]}).json()

    assert [one["card"] for one in (*first["cards"], *second["cards"])] == ["00000001", "00000002"]
    assert second["next"] is None
    assert NIK not in found.text
    assert api.get("/cards/00000009").status_code == 404


def test_a_wrong_request_is_a_problem_that_repeats_no_value(served: Served) -> None:
    """The place and the rule are named; a value may be a NIK, and is not sent back."""
    answer = served.api(Scope.CARDS).post("/cards/lookup", json={"nik": "33720145059000001"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "body.nik" in answer.json()["detail"]
    assert "33720145059000001" not in answer.text


def test_an_order_that_was_not_seen_is_a_conflict(served: Served) -> None:
    """With `seen`, another program's order in between answers 409."""
    order = {"station": "jebres", "seats": 2, "reason": "antrean", "seen": 0}

    assert served.api(Scope.SEATS).post("/orders", json=order).status_code == 201
    assert served.api(Scope.SEATS).post("/orders", json=order).status_code == 409


def test_events_arrive_as_a_stream(ledger: Ledger, served: Served) -> None:
    """A change of the ledger comes through the stream with its name."""
    api = served.api(Scope.CARDS)
    with api.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        served.api(Scope.STOCK).post(
            "/stock", json={"verb": "receive", "station": "jebres", "blanks": 5, "minutes": "BA/9"}
        )
        assert any(line.startswith("event:") for line in lines)
    assert read_actions(ledger)


@pytest.mark.filterwarnings("ignore")
def test_random_requests_find_no_fault(served: Served) -> None:
    """Whatever the document allows, and much that it does not, is answered as the document states."""
    secret = served.office.accounts.add_token("fuzz", set(Scope) - {Scope.USERS})
    headers = {"authorization": f"Bearer {secret}"}
    document = served.client().http.get("/api/v1/openapi.json", headers=headers).json()
    document["paths"].pop("/events")
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"{served.address}/api/v1", headers=headers)
    for operation in schema.get_all_operations():
        cases = operation.ok().as_strategy()  # type: ignore[union-attr]

        @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=cases)
        def check(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=headers)

        check()
