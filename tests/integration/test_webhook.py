"""Events out: signed, in order, each at least once under one name, and without anything about a person."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from lembur.domain.card import Collector
from lembur.domain.errors import SettingsError
from lembur.ledger import Ledger, connect
from lembur.ledger.queries.live import LedgerEvent, last_event_id
from lembur.ledger.types import Finding, Lot
from support.programs import LEMBUR
from support.small_office import claim, identity, opened, printed
from support.waiting import PATIENCE_S, eventually
from workers import webhook as sending
from workers.webhook import Webhook, announcements, read_key, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = Path("docs/webhook.md")
SECRET = "whsec_" + b64encode(b"not a secret, a test key").decode()
KEY = read_key(SECRET)


@dataclass(slots=True)
class Receiver:
    """A program that takes events; `answers` are its status codes in turn, then always 204."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    held_back: Event = field(default_factory=Event)
    """Ends the holding back of answers; while `holds`, an event is taken and not answered."""
    holds: bool = False
    doubles: bool = False
    """It sends each answer twice."""

    def answer_again(self) -> None:
        """Answer at once from now on, what was held back too."""
        self.holds = False
        self.held_back.set()

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/cards"

    def has_taken(self, cards: int) -> bool:
        """Return whether it took events of this number of cards, each once or more."""
        return len(set(self.cards())) == cards

    def cards(self) -> list[tuple[str, str]]:
        """Return kind and card of what was taken."""
        return [(one["type"], one["data"]["card"]) for one in self.taken]


@pytest.fixture(scope="module")
def check_signature(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, dict[str, str], bytes], bool]:
    """Give the function of the page for receivers, as a stranger takes it from there."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    copied = tmp_path_factory.mktemp("receiver") / "receiver.py"
    copied.write_text(code)
    found: Callable[[str, dict[str, str], bytes], bool] = runpy.run_path(str(copied))["is_from_the_office"]
    return found


@pytest.fixture
def receiver(check_signature: Callable[[str, dict[str, str], bytes], bool]) -> Iterator[Receiver]:
    """Give a receiver that checks each signature as the page shows it."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            name, given = self.headers["webhook-id"], {key.lower(): value for key, value in self.headers.items()}
            code = found.answers.pop(0) if found.answers else 204
            if not check_signature(SECRET, given, body):
                code = 401
            if code == 204:
                found.taken.append(json.loads(body))
                found.names.append(name)
            else:
                found.refused.append(name)
            if found.holds:
                found.held_back.wait(PATIENCE_S)
            for _ in range(1 + found.doubles):
                with suppress(OSError):  # the sender may be gone
                    self.send_response(code)
                    self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give an office with four cards that wait for a printer."""
    with connect(valkey_url) as connection:
        found = opened(Ledger(connection, office=office))
        found.enrol([identity(n) for n in range(4)])
        yield found


@pytest.fixture
def environment(valkey_url: str, office: str, tmp_path: Path) -> dict[str, str]:
    """Give the environment of a sender's process, with the file of its secret and a data folder."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "data").mkdir()
    given = {
        "LEMBUR_REDIS_URL": valkey_url,
        "LEMBUR_OFFICE": office,
        "LEMBUR_DATA": str(tmp_path / "data"),
        "LEMBUR_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"),
    }
    return {**os.environ, **given}


@pytest.fixture
def webhook(ledger: Ledger, office: str, receiver: Receiver, tmp_path: Path) -> Iterator[Webhook]:
    """Give a sender that has begun."""
    with httpx2.Client(trust_env=False) as http:
        found = Webhook(ledger, office, http, receiver.address, KEY, tmp_path / "cursor", Event())
        found.send_news()
        yield found


def send_all(webhook: Webhook) -> None:
    """Send until nothing is left."""
    while webhook.cursor.read_text() != last_event_id(webhook.ledger):
        webhook.send_news()


def test_a_signature_is_that_of_the_standard() -> None:
    """Every library of Standard Webhooks computes this signature of the published example."""
    key = read_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    found = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "whsec_", "not a secret", "whsec_c2hvcnQ=", SECRET.removeprefix("whsec_")])
def test_a_weak_secret_is_one_sentence(secret: str) -> None:
    """A secret of another form or too short is refused before anything is sent."""
    with pytest.raises(SettingsError, match="whsec_ and 24 to 64 bytes"):
        read_key(secret)


def test_a_receiver_by_the_page_refuses_what_the_office_did_not_send(
    check_signature: Callable[[str, dict[str, str], bytes], bool],
) -> None:
    """Another body, name or secret, and an old request, are refused; the office's own is taken."""
    now_s, body = int(time.time()), b"{}"

    def check(key: bytes, name: str, sent_s: int, sent: bytes) -> bool:
        headers = {
            "webhook-id": "1",
            "webhook-timestamp": str(sent_s),
            "webhook-signature": sign(key, name, sent_s, sent),
        }
        return check_signature(SECRET, headers, body)

    assert check(KEY, "1", now_s, body)
    assert not check(KEY, "1", now_s, b"[]")
    assert not check(KEY, "2", now_s, body)
    assert not check(b"another secret, 24 bytes", "1", now_s, body)
    assert not check(KEY, "1", now_s - 3_600, body)


def test_a_printed_card_is_announced_and_a_spoiled_one_is_not(
    ledger: Ledger, office: str, webhook: Webhook, receiver: Receiver
) -> None:
    """The announcement names office and card, and nothing else: no NIK, no hash, no mask, no station."""
    lot = claim(ledger, most=2)
    assert isinstance(lot, Lot)
    ledger.commit(lot, reasons=["", "jam"], ends_ms=lot.ends_ms)
    send_all(webhook)

    assert receiver.cards() == [("card.ready", lot.cards[0])]
    assert receiver.taken[0]["data"] == {"office": office, "card": lot.cards[0]}
    assert receiver.taken[0].keys() == {"type", "timestamp", "data"}
    assert receiver.refused == []


def test_what_a_person_found_is_announced(ledger: Ledger, webhook: Webhook, receiver: Receiver) -> None:
    """A card without a print result is announced when a person found it, and taken back when another corrects it."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.unconfirm(lot)
    ledger.confirm(lot.cards[0], finding=Finding.PRINTED, by="Bu Sri")
    ledger.confirm(lot.cards[0], finding=Finding.SPOILED, by="Pak Budi")
    send_all(webhook)

    assert receiver.cards() == [("card.ready", lot.cards[0]), ("card.not_ready", lot.cards[0])]


def test_a_hand_over_is_announced(ledger: Ledger, webhook: Webhook, receiver: Receiver) -> None:
    """A card that its person has collected is issued."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    printed(ledger, lot)
    ledger.issue(lot.cards[0], to=Collector.HOLDER, by="Bu Sri")
    send_all(webhook)

    assert receiver.cards() == [("card.ready", lot.cards[0]), ("card.issued", lot.cards[0])]


def test_a_receiver_that_fails_gets_each_event_in_order(
    ledger: Ledger, webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors, a redirect and a lost answer cost time; the same event is sent again under the same name."""
    monkeypatch.setattr(sending, "SHORTEST_PAUSE_S", 0.01)
    receiver.answers = [500, 302, 429]
    lots = [claim(ledger), claim(ledger)]
    for lot in lots:
        printed(ledger, lot)
    send_all(webhook)

    assert receiver.cards() == [("card.ready", lot.cards[0]) for lot in lots if isinstance(lot, Lot)]
    assert receiver.refused == [receiver.names[0]] * 3
    assert len(set(receiver.names)) == 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (httpx2.Response(500), "it answers 500 Internal Server Error"),
        (httpx2.Response(401), "it answers 401: both sides need the same secret, and clocks that agree"),
        (
            httpx2.Response(302, headers={"location": "https://new.example/cards"}),
            "it moved to https://new.example/cards: start the webhook with that address",
        ),
        (httpx2.ReadTimeout("timed out"), "no answer came in time"),
        (httpx2.ConnectError("Connection refused"), "Connection refused"),
        (
            httpx2.ConnectError("[SSL] certificate verify failed: self-signed certificate (_ssl.c:1006)"),
            "this machine does not trust its certificate (self-signed certificate)",
        ),
    ],
)
def test_a_receiver_that_does_not_take_events_is_one_sentence_in_the_log(
    ledger: Ledger,
    office: str,
    webhook: Webhook,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    answer: httpx2.Response | httpx2.HTTPError,
    sentence: str,
) -> None:
    """It names the receiver and the reason once, whatever the number of tries, and then the end of the trouble."""
    monkeypatch.setattr(sending, "SHORTEST_PAUSE_S", 0.01)
    tries: list[httpx2.Response | httpx2.HTTPError] = [answer, answer, httpx2.Response(200)]

    def reply(_: httpx2.Request) -> httpx2.Response:
        found = tries.pop(0)
        if isinstance(found, httpx2.HTTPError):
            raise found
        return found

    printed(ledger, claim(ledger))
    with httpx2.Client(transport=httpx2.MockTransport(reply)) as http:
        send_all(Webhook(ledger, office, http, "https://city.example/cards", KEY, webhook.cursor, Event()))

    assert caplog.messages == [
        f"https://city.example/cards does not take events: {sentence}",
        "https://city.example/cards takes events again",
    ]


def test_a_sender_that_dies_sends_again_and_leaves_nothing_out(
    ledger: Ledger, office: str, webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the receiver took an event and before its cursor moved: the next one sends it once more."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    lots = [claim(ledger), claim(ledger)]
    for lot in lots:
        printed(ledger, lot)
    monkeypatch.setattr(sending, "write_private", die)
    with pytest.raises(KeyboardInterrupt):
        send_all(webhook)
    monkeypatch.undo()
    again = Webhook(ledger, office, webhook.http, receiver.address, KEY, webhook.cursor, Event())
    send_all(again)

    first, second = (lot.cards[0] for lot in lots if isinstance(lot, Lot))
    assert [card for _, card in receiver.cards()] == [first, first, second]
    assert receiver.names[0] == receiver.names[1] != receiver.names[2]


def test_a_receiver_that_is_down_gets_the_event_when_it_is_back(
    ledger: Ledger, office: str, webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing answers at its address; the sender tries on, and logs that once. Then the same event is taken."""
    monkeypatch.setattr(sending, "SHORTEST_PAUSE_S", 0.01)
    tries = list[str]()

    def refuse(request: httpx2.Request) -> httpx2.Response:
        tries.append(request.headers["webhook-id"])
        if len(tries) < 4:
            raise httpx2.ConnectError("connection refused")
        return httpx2.post(receiver.address, content=request.content, headers=request.headers, trust_env=False)

    printed(ledger, claim(ledger))
    with httpx2.Client(transport=httpx2.MockTransport(refuse)) as http:
        send_all(Webhook(ledger, office, http, receiver.address, KEY, webhook.cursor, Event()))

    assert tries == receiver.names * 4
    assert len(receiver.taken) == 1


def test_a_receiver_that_is_too_slow_gets_the_event_again_under_one_name(
    ledger: Ledger, office: str, webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took the event, and its answer came too late: the repetition has the same name, so it can be dropped."""
    monkeypatch.setattr(sending, "SHORTEST_PAUSE_S", 0.01)
    receiver.holds = True
    printed(ledger, claim(ledger))
    with httpx2.Client(trust_env=False, timeout=0.3) as http:
        sender = Thread(
            target=send_all, args=(Webhook(ledger, office, http, receiver.address, KEY, webhook.cursor, Event()),)
        )
        sender.start()
        eventually(lambda: len(receiver.names) >= 2)
        receiver.answer_again()
        sender.join()

    assert len(set(receiver.names)) == 1
    assert len(set(receiver.cards())) == 1


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("entered", {"card": "00000001", "good": True}, ["card.ready"]),
        ("entered", {"card": "00000001", "good": False}, []),
        ("spoiled", {"card": "00000001"}, []),
    ],
)
def test_a_print_that_is_entered_later_is_announced_if_it_is_good(
    kind: str, data: dict[str, Any], expected: list[str]
) -> None:
    """After a restored backup the prints since are entered from the logs. Other events are for nobody outside."""
    found = list(announcements(LedgerEvent("5-0", kind, 1_472_083_200_123, data)))

    assert [one.kind for one in found] == expected
    assert [(one.name, one.card, json.loads(one.body("3372"))["timestamp"]) for one in found] == [
        ("5-0", "00000001", "2016-08-25T00:00:00.123+00:00") for _ in expected
    ]


class Pauses(Event):
    """A stop that comes after some pauses; it keeps their lengths and waits for none."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.lengths_s: list[float] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        """Note a pause; return whether it was the last."""
        self.lengths_s.append(timeout or 0.0)
        return len(self.lengths_s) == self._most


def test_a_receiver_that_stays_away_is_tried_less_and_less(
    ledger: Ledger, office: str, webhook: Webhook, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Pauses double up to a minute, and the fault is logged once. A stop in a pause leaves the event for later."""
    receiver.answers = [503] * 8
    stopping = Pauses(8)
    printed(ledger, claim(ledger))
    sender = Webhook(ledger, office, webhook.http, receiver.address, KEY, webhook.cursor, stopping)
    before = webhook.cursor.read_text()
    sender.send_news()

    assert stopping.lengths_s == [1, 2, 4, 8, 16, 32, 60, 60]
    assert caplog.messages == [f"{receiver.address} does not take events: it answers 503 Service Unavailable"]
    assert (webhook.cursor.read_text(), receiver.taken) == (before, [])
    sender.send_news()
    assert caplog.messages[1:] == [f"{receiver.address} takes events again"]
    assert len(receiver.taken) == 1


def test_a_receiver_that_answers_twice_gets_each_event_once(
    ledger: Ledger, webhook: Webhook, receiver: Receiver
) -> None:
    """The second answer on the line belongs to no event, and counts for none."""
    receiver.doubles = True
    lots = [claim(ledger), claim(ledger)]
    for lot in lots:
        printed(ledger, lot)
    send_all(webhook)

    assert [card for _, card in receiver.cards()] == [lot.cards[0] for lot in lots if isinstance(lot, Lot)]
    assert len(set(receiver.names)) == 2


def test_a_sender_that_is_killed_while_it_waits_for_the_answer_sends_again(
    ledger: Ledger, environment: dict[str, str], receiver: Receiver, tmp_path: Path
) -> None:
    """SIGKILL comes between the sending and the remembering: the next sender repeats it under the same name."""
    words = [sys.executable, "-m", "workers.webhook", receiver.address]
    receiver.holds = True
    with subprocess.Popen(words, env=environment) as sender:
        eventually((tmp_path / "data" / "webhook.cursor").exists)
        printed(ledger, claim(ledger))
        eventually(lambda: len(receiver.names) == 1)
        sender.kill()
    receiver.answer_again()
    with subprocess.Popen(words, env=environment) as sender:
        try:
            eventually(lambda: len(receiver.names) == 2)
        finally:
            sender.terminate()

    assert len(set(receiver.names)) == 1


def test_events_that_the_ledger_dropped_are_reported(
    ledger: Ledger, office: str, webhook: Webhook, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A sender that was away for too long warns that cards were not announced, and goes on."""
    send_all(webhook)
    printed(ledger, claim(ledger))
    ledger.server.xtrim(ledger.key("events"), maxlen=1, approximate=False)  # type: ignore[attr-defined]
    again = Webhook(ledger, office, webhook.http, receiver.address, KEY, webhook.cursor, Event())
    send_all(again)

    assert "some cards were not announced" in caplog.text
    assert len(receiver.cards()) == 1


def test_the_command_sends_and_goes_on_after_a_stop(
    ledger: Ledger, environment: dict[str, str], receiver: Receiver, tmp_path: Path
) -> None:
    """`lembur webhook` sends what is printed while it runs, and after its next start what was printed meanwhile."""
    for cards in (1, 3):
        with subprocess.Popen([LEMBUR, "webhook", receiver.address], env=environment) as sender:
            try:
                eventually((tmp_path / "data" / "webhook.cursor").exists)
                printed(ledger, claim(ledger))
                eventually(partial(receiver.has_taken, cards))
            finally:
                sender.terminate()
        printed(ledger, claim(ledger))

    assert len(set(receiver.cards())) == 3
    assert "webhook" in ledger.last_seen()


@pytest.mark.parametrize(
    ("address", "secret", "sentence"),
    [
        ("city.example", SECRET, "the address must be like https://city.example/cards"),
        ("https://city.example:99999/cards", SECRET, "the address must be like https://city.example/cards"),
        ("https://[city/cards", SECRET, "the address must be like https://city.example/cards"),
        ("https://lembur:secret@city.example/cards", SECRET, "the address must hold no name and no password"),
        ("https://city.example", "", "LEMBUR_WEBHOOK_SECRET_FILE is missing"),
        ("https://city.example", "weak", "24 to 64 bytes"),
    ],
)
def test_a_webhook_that_cannot_work_is_one_sentence(
    ledger: Ledger, environment: dict[str, str], tmp_path: Path, address: str, secret: str, sentence: str
) -> None:
    """A wrong address, a missing secret and a weak one end the command before anything is sent."""
    del ledger
    (tmp_path / "secret").write_text(secret)
    if not secret:
        del environment["LEMBUR_WEBHOOK_SECRET_FILE"]

    done = subprocess.run([LEMBUR, "webhook", address], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
