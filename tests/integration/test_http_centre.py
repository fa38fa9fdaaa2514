"""A centre over HTTP: asked once, heard whenever it answers, and no more than a refusal when it is ill."""

from __future__ import annotations

import time
import tracemalloc
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import formatdate
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest
import schemathesis
import uvicorn
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from lembur.domain.card import Status, card_id
from lembur.domain.circuit_breaker import CircuitState, Trouble
from lembur.domain.scenario import Backlog, CentreTrial, Mishap, Scenario, load
from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import DAY_MS, NEVER_MS, moment_ms
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.circuit import read_circuit
from lembur.ledger.types import Lot, Verdict
from lembur.office import OfficeSetup, change_office, compare_office, open_office
from lembur.settings import Settings
from support.certificates import make_certificate
from support.cups import wall_ms
from support.programs import free_port
from support.relay import Relay
from support.servers import redis_of
from support.small_office import HALL, WING, identity, opened
from support.waiting import eventually
from workers import hearing, verification
from workers.claiming import LotClaims
from workers.devices import CentreFailedError, SimulatedCentre
from workers.devices.centre_service import PlayedCentre, follow_office, make_app
from workers.devices.http_centre import HttpCentre, connect_centre

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LEASE_MS = 4_000
CROWD = 10_000
TOKEN = "not a secret, a test"


@contextmanager
def serving(centre: PlayedCentre, token: str = "", **tls: str) -> Iterator[int]:
    """Serve a simulated centre and give its port."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(make_app(centre, token), host="127.0.0.1", port=port, log_level="error", **tls)  # type: ignore[arg-type]
    )
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


@dataclass(slots=True)
class Line:
    """An office with a line to a centre, through a relay that can fail."""

    ledger: Ledger
    centre: PlayedCentre
    relay: Relay
    client: HttpCentre
    claims: LotClaims

    def work(self) -> str:
        """Take the next lot to the centre."""
        return verification.next_lot(self.claims, self.client)

    def hear(self) -> None:
        """Hear the centre once."""
        hearing.hear_news(self.claims, self.client)

    def hear_until(self, counts: dict[Status, int]) -> None:
        """Hear the centre until the cards have these statuses."""

        def done() -> bool:
            self.hear()
            return self.counts() == counts

        eventually(done)

    def counts(self) -> dict[Status, int]:
        """Return the cards by status, without zeros."""
        return {status: count for status, count in self.ledger.counts().items() if count}


def played(ledger: Ledger, office: str, *script: CentreTrial, median_s: float = 0.3) -> PlayedCentre:
    """Play a quick centre that finds every record good, but for its script."""
    scenario = load("solo-2016")
    verdicts = {Status.PRINT_READY_RECORD: 1.0}
    centre = scenario.centre.model_copy(
        update={
            "median_s": median_s,
            "p90_s": median_s,
            "profile": (),
            "spells": (),
            "script": script,
            "verdicts": verdicts,
        }
    )
    simulated = SimulatedCentre(ledger, OfficeSetup(scenario.model_copy(update={"centre": centre}), 1, 2))
    return PlayedCentre(lambda: simulated, office, lambda: ledger.time()[0])


@contextmanager
def line_to(url: str, office: str, *script: CentreTrial, median_s: float = 0.3) -> Iterator[Line]:
    """Open an office with four first issues and one line."""
    with connect(url) as connection:
        ledger, now = Ledger(connection, office=office), wall_ms()
        opened(ledger, started=False, steps=(Step(0, 1),))
        ledger.set_clock(virtual_ms=now, speed=1, ends_ms=now + 10**9)
        ledger.enrol([identity(n, first_issue=True, ready_ms=now - 1_000, due_ms=now + 10**8) for n in range(4)])
        ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
        centre = played(ledger, office, *script, median_s=median_s)
        with serving(centre) as port, Relay(port) as relay:
            http = connect_centre(f"http://127.0.0.1:{relay.port}", Settings())
            client = HttpCentre(ledger, http, office)
            yield Line(ledger, centre, relay, client, LotClaims(ledger, lambda _: None, 2, LEASE_MS, "", Event()))
            http.close()
        assert reconcile(ledger, [HALL, WING]) == []


READY, SENT = Status.PRINT_READY_RECORD, Status.SENT_FOR_ENROLLMENT


def finds_only(verdict: Status) -> Scenario:
    """Return the scenario of a real office whose quick centre always gives this verdict."""
    solo = load("solo-2016")
    centre = {"median_s": 1.0, "p90_s": 1.0, "profile": (), "spells": (), "verdicts": {verdict: 1.0}}
    real = {"demonstration": False, "backlog": Backlog(cards=0), "overtime": (), "deliveries": ()}
    return solo.model_copy(update={**real, "centre": solo.centre.model_copy(update=centre)})


def test_the_service_follows_a_change_of_the_office(valkey_url: str, office: str) -> None:
    """Cards asked after `lembur change` get the new verdicts, without a restart; the older verdicts stay."""
    before, after = finds_only(READY), finds_only(Status.DUPLICATE_RECORD)
    with connect(valkey_url) as connection:
        ledger = Ledger(connection, office=office)
        open_office(ledger, OfficeSetup(before, seed=1, lot_cards=1))
        ledger.set_clock(virtual_ms=moment_ms(before.starts), speed=1, ends_ms=moment_ms(before.ends), exact=False)
        with serving(PlayedCentre(follow_office(ledger), office, lambda: ledger.time()[0])) as port:
            http = connect_centre(f"http://127.0.0.1:{port}", Settings())
            client, (first, second) = HttpCentre(ledger, http, office), (card_id(1), card_id(2))

            client.request({first: 1})
            eventually(lambda: client.request({first: 1}) == [Verdict(first, 1, READY)])
            change_office(ledger, compare_office(ledger, after), by="Bu Sri", reason="a trial")
            client.request({second: 1})
            eventually(lambda: client.request({second: 1}) == [Verdict(second, 1, Status.DUPLICATE_RECORD)])
            assert client.request({first: 1}) == [Verdict(first, 1, READY)]
            http.close()


def test_the_service_refuses_while_the_ledger_is_away(valkey_url: str, office: str) -> None:
    """Its caller is asked to come again; the next answer needs no restart."""
    port = urlsplit(valkey_url).port
    assert port
    with Relay(port) as relay, connect(valkey_url.replace(f":{port}", f":{relay.port}")) as line:
        centre = played(opened(Ledger(line, office=office)), office)
        with serving(centre) as door, httpx2.Client(base_url=f"http://127.0.0.1:{door}", timeout=60) as http:
            assert http.get("/v1/health").json() == {"pending": 0}
            relay.cut()
            answer = http.get("/v1/health")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.headers["Content-Type"] == "application/problem+json"
            relay.heal()
            eventually(lambda: http.get("/v1/health").status_code == 200)


def test_verdicts_are_heard_and_the_cards_are_ready(valkey_url: str, office: str) -> None:
    """One line asks for two lots of two before any verdict is there; then their cards wait for their printers."""
    with line_to(valkey_url, office, median_s=2) as line:
        assert [line.work(), line.work()] == ["2 cards asked", "2 cards asked"]
        assert line.counts() == {SENT: 4}

        line.hear_until({READY: 4})
        assert line.centre.pending() == 0


def test_cards_that_are_asked_again_are_asked_once(valkey_url: str, office: str) -> None:
    """A worker dies before it notes the asking; the next one gets the verdicts that came meanwhile."""
    with line_to(valkey_url, office) as line:
        line.hear()
        offer = line.ledger.offer(CENTRE, most=2)
        assert not isinstance(offer, str)
        lot = line.ledger.claim(offer, ends_ms=[offer.start_ms + 1] * 2, lease_ms=LEASE_MS)
        assert isinstance(lot, Lot)
        line.client.request(line.ledger.attempts(lot.cards))
        line.ledger.fail(lot, trouble=Trouble.SILENT)
        eventually(lambda: line.centre.pending() == 0)

        # Cards that a lot lost are asked again after the others, and alone.
        assert [line.work(), line.work(), line.work()] == ["2 cards asked", "1 card asked", "1 card asked"]
        line.hear_until({READY: 4})
        assert len(line.centre._asked) == 4


def test_the_reader_holds_one_request_open(valkey_url: str, office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for what is new since its cursor, so verdicts that it has heard already end no request."""
    with line_to(valkey_url, office, median_s=3) as line:
        line.work()
        line.work()
        reads = list[str]()
        read = HttpCentre.read

        def count(client: HttpCentre, after: str) -> tuple[list[Verdict], str]:
            reads.append(after)
            return read(client, after)

        monkeypatch.setattr(HttpCentre, "read", count)

        line.hear_until({READY: 4})

        assert len(reads) <= 8


def test_an_answer_is_heard_after_a_month_without_a_worker_or_a_centre(valkey_url: str, office: str) -> None:
    """All are away for a month, the centre loses what it was asked, and cards are asked again: once, for good."""
    with line_to(valkey_url, office) as line:
        line.work()
        line.relay.cut()
        now_ms, _ = line.ledger.time()
        line.ledger.set_clock(virtual_ms=now_ms + 30 * DAY_MS, speed=1, ends_ms=now_ms + 10**11)
        line.centre._asked.clear()
        line.centre._feed.clear()
        with pytest.raises(CentreFailedError):
            line.hear()
        line.relay.heal()
        again = LotClaims(Ledger(line.ledger.server, office=office), lambda _: None, 2, LEASE_MS, "", Event())

        assert hearing.ask_again(again, line.client) == 2
        assert hearing.ask_again(again, line.client) == 0
        line.hear_until({READY: 2, Status.BIO_CAPTURED: 2})


def test_one_process_of_all_reads_the_feed(valkey_url: str, office: str) -> None:
    """The others ask nothing of the centre; when the reader is gone another one goes on."""
    with line_to(valkey_url, office) as line:
        line.work()
        other = LotClaims(Ledger(line.ledger.server, office=office), lambda _: None, 2, LEASE_MS, "", Event())
        assert hearing.hear_alone(line.claims, line.client, "verify@one")
        line.relay.cut()
        assert not hearing.hear_alone(other, line.client, "verify@two")  # it would fail if it asked
        line.relay.heal()
        assert hearing.hear_alone(line.claims, line.client, "verify@one")  # its lease is renewed

        redis_of(line.ledger.server).pexpire(line.ledger.key("feed_reader"), 1)
        eventually(lambda: hearing.hear_alone(other, line.client, "verify@two"))
        assert not hearing.hear_alone(line.claims, line.client, "verify@one")


def test_ten_thousand_cards_are_heard_by_one_reader(valkey_url: str, office: str) -> None:
    """No lot and no lease is held while the centre has them; the feed is read in a few requests."""
    with line_to(valkey_url, office, median_s=60) as line:
        line.ledger.enrol([identity(n, first_issue=True, due_ms=line.ledger.time()[0]) for n in range(4, CROWD)])
        line.claims = replace(line.claims, lot_cards=500)
        while not line.work().startswith("no lot"):
            pass
        assert line.counts() == {SENT: CROWD}
        assert line.ledger.expired_lots([CENTRE], since_ms=-NEVER_MS) == []
        now_ms, _ = line.ledger.time()
        line.ledger.set_clock(virtual_ms=now_ms + DAY_MS, speed=1, ends_ms=now_ms + 10**11)

        reads = 0
        tracemalloc.start()
        try:
            while line.counts() != {READY: CROWD}:
                line.hear()
                reads += 1
            _, most_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert reads <= CROWD / 1_000 + 1
        assert most_bytes < 20_000_000  # the centre, which this process plays too, is in it


@pytest.mark.parametrize("fault", ["cut", "stalled", "reset in mid-request"])
def test_a_line_that_fails_is_a_refusal(
    valkey_url: str, office: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known of the centre then: the cards wait again, untried, and are asked once more when it is back."""
    with line_to(valkey_url, office) as line:
        patience = line.client.http.timeout
        monkeypatch.setattr(line.client.http, "timeout", 1.0)
        if fault == "cut":
            line.relay.cut()
        elif fault == "stalled":
            line.relay.stall()
        else:
            line.relay.budget = 40

        assert line.work() == f"the centre failed 2 cards: {Trouble.REFUSED}"
        assert line.counts() == {Status.BIO_CAPTURED: 4}
        returned = queries.read_card(line.ledger, card_id(1)).history[-1]
        assert (returned.what, returned.why) == (Status.BIO_CAPTURED, Trouble.REFUSED)
        assert returned.at_ms <= line.ledger.time()[0]  # at this moment, and not at the planned end of an answer
        line.relay.heal()
        monkeypatch.setattr(line.client.http, "timeout", patience)
        assert line.work() == "2 cards asked"


def test_a_slow_line_is_no_fault(valkey_url: str, office: str) -> None:
    """Answers that are late on the way are heard."""
    with line_to(valkey_url, office) as line:
        line.relay.delay_s = 0.5

        assert [line.work(), line.work()] == ["2 cards asked", "2 cards asked"]
        line.hear_until({READY: 4})


def test_the_centre_may_ask_for_a_pause(valkey_url: str, office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals open the circuit, for as long as the centre's Retry-After asks."""
    monkeypatch.setattr("workers.devices.centre_service.PAUSE_S", 300)
    with line_to(valkey_url, office, CentreTrial(fate=Mishap.REFUSE, odds=1)) as line:
        for _ in range(5):
            assert line.work() == f"the centre failed 2 cards: {Trouble.REFUSED}"

        circuit = read_circuit(line.ledger)
        assert circuit.state is CircuitState.OPEN
        assert circuit.until_ms - circuit.since_ms == 300_000


@pytest.mark.parametrize(
    ("code", "trouble"),
    [(429, Trouble.REFUSED), (503, Trouble.REFUSED), (401, Trouble.REFUSED), (400, Trouble.GARBAGE)],
)
@pytest.mark.parametrize(
    ("speed", "given", "pause_ms"), [(1, "7", 7_000), (60, "7", 420_000), (1, "soon", 0), (1, "", 0)]
)
def test_an_answer_that_is_none_may_name_a_pause(
    valkey_url: str, office: str, code: int, trouble: Trouble, speed: float, given: str, pause_ms: int
) -> None:
    """The pause counts in the office's time. A request that the centre cannot read may be the cards' fault."""
    with connect(valkey_url) as connection:
        ledger = opened(Ledger(connection, office=office), started=False)
        ledger.set_clock(virtual_ms=1_000, speed=speed, ends_ms=10**12)
        answer = httpx2.MockTransport(lambda _: httpx2.Response(code, headers={"Retry-After": given}))
        http = httpx2.Client(transport=answer, base_url="http://centre.example")
        with http, pytest.raises(CentreFailedError) as failed:
            HttpCentre(ledger, http, office).read("")

    assert failed.value.trouble is trouble
    assert failed.value.pause_ms == (pause_ms if trouble is Trouble.REFUSED else 0)


def test_a_pause_may_be_a_date(valkey_url: str, office: str) -> None:
    """RFC 9110 allows both forms."""
    with connect(valkey_url) as connection, httpx2.Client() as http:
        ledger = opened(Ledger(connection, office=office), started=False)
        ledger.set_clock(virtual_ms=1_000, speed=1, ends_ms=10**12)
        centre = HttpCentre(ledger, http, office)

        assert 3_000_000 < centre._pause_ms(formatdate(time.time() + 3_600, usegmt=True)) <= 3_600_000
        assert centre._pause_ms(formatdate(time.time() - 3_600, usegmt=True)) == 0


@pytest.mark.parametrize(
    ("asked_ms", "speed", "pause_s"), [(0, 1, 2.0), (30_000, 1, 30.0), (600_000, 60, 10.0), (10**12, 1, 3_600.0)]
)
def test_the_reader_pauses_as_long_as_the_centre_asks(asked_ms: int, speed: float, pause_s: float) -> None:
    """In real time, and an hour at most: a wrong date must not stop it for years."""
    failed = CentreFailedError(Trouble.REFUSED, pause_ms=asked_ms)

    assert hearing._pause_s(failed, speed=speed) == pause_s


def test_a_card_that_the_centre_refuses_holds_no_other_back(
    valkey_url: str, office: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The other card of its lot is asked; this one waits to be asked anew, and the worker's log has the reason."""
    whole = PlayedCentre.ask

    def refuse_first(centre: PlayedCentre, cards: Sequence[Any]) -> dict[str, Any]:
        answer = whole(centre, cards[1:]) or {}
        return {**answer, "accepted": 1, "refused": [{"card": cards[0].card, "why": "no such record"}]}

    monkeypatch.setattr(PlayedCentre, "ask", refuse_first)
    with line_to(valkey_url, office, median_s=60) as line:
        assert line.work() == "2 cards asked"

        assert line.counts() == {Status.BIO_CAPTURED: 3, SENT: 1}
        assert line.ledger.attempts([card_id(1), card_id(2)]) == {card_id(1): 2, card_id(2): 1}
        assert read_circuit(line.ledger).state is CircuitState.CLOSED
    assert "the centre refused card 00000001: no such record" in caplog.messages


def test_garbage_is_garbage_over_http_too(valkey_url: str, office: str) -> None:
    """An unknown verdict is not believed, and the card's next attempt is a new one."""
    with line_to(valkey_url, office, CentreTrial(fate=Mishap.GARBAGE, odds=1)) as line:
        line.work()
        line.hear_until({Status.BIO_CAPTURED: 3, READY: 1})

        assert sorted(line.ledger.attempts([card_id(n) for n in range(1, 5)]).values()) == [1, 1, 1, 2]


def test_tls_trusts_the_offices_own_authority_only(valkey_url: str, office: str, tmp_path: Path) -> None:
    """With the authority's file and the token the centre answers; without either it does not."""
    certificate, key = make_certificate(tmp_path)
    pair = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    (tmp_path / "token").write_text(TOKEN)
    with connect(valkey_url) as connection:
        ledger = opened(Ledger(connection, office=office))
        with serving(played(ledger, office), TOKEN, **pair) as port:
            for token, authority in ((True, True), (False, True), (True, False)):
                settings = Settings(
                    centre_token_file=tmp_path / "token" if token else None,
                    centre_ca_file=certificate if authority else None,
                )
                client = HttpCentre(ledger, connect_centre(f"https://127.0.0.1:{port}", settings), office)
                if token and authority:
                    assert client.read("")[1]
                else:
                    reason = "this machine does not trust its certificate" if token else "is answered with 401"
                    with pytest.raises(CentreFailedError, match=reason):
                        client.read("")
                client.http.close()


def test_the_service_is_as_described(valkey_url: str, office: str) -> None:
    """Requests that nobody would write get the answers that docs/centre-api.yaml names."""
    with connect(valkey_url) as connection:
        ledger = opened(Ledger(connection, office=office))
        with serving(played(ledger, office), TOKEN) as port:
            schema = schemathesis.openapi.from_path("docs/centre-api.yaml")

            for result in schema.get_all_operations():
                operation = result.ok()  # type: ignore[union-attr]

                @hypothesis_settings(max_examples=25, deadline=None, database=None, derandomize=True)
                @given(operation.as_strategy())
                def check(case: schemathesis.Case[Any]) -> None:
                    case.call_and_validate(f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"})

                check()
