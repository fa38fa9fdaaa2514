"""Sends events to another program over HTTP: a card is ready, or was handed over (docs/webhook.md).

`lembur webhook` starts it. The form is that of Standard Webhooks (standardwebhooks.com). A cursor in the data folder
stands behind the last event that the program took. So each event is sent at least once, and in order.
"""

from __future__ import annotations

import hmac
import json
import logging
import sys
import time
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Final

import httpx2

from lembur.domain.errors import SettingsError
from lembur.files import write_private
from lembur.ledger import Ledger, connect
from lembur.ledger.queries.live import await_events, is_kept, last_event_id
from lembur.ledger.types import Finding
from lembur.retry import Outage, repeat
from lembur.service import start_heartbeat
from lembur.settings import read_settings
from workers.http_fault import describe_fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger.queries.live import LedgerEvent

NODE: Final = "webhook"
READY: Final = "card.ready"
ISSUED: Final = "card.issued"
NOT_READY: Final = "card.not_ready"
"""A person found that a card did not come out; a card that was announced is not there."""
PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)
ANSWER_S: Final = 15.0
"""Longest wait for the receiver; the standard advises 15 to 30 seconds."""
WAIT_MS: Final = 2_000
START: Final = "0-0"
"""The cursor of a ledger without events."""
PAUSE_S: Final = 0.5
SHORTEST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event about one card. Its name is the same at each try, so the receiver can drop a repetition."""

    name: str
    kind: str
    card: str
    at_ms: int

    def body(self, office: str) -> bytes:
        """Return the text that is sent; nothing in it is about the person."""
        at = datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"type": self.kind, "timestamp": at, "data": {"office": office, "card": self.card}}).encode()


def announcements(event: LedgerEvent) -> Iterator[Announcement]:
    """Yield the events for the program that follow from an event of the ledger; most have none."""
    found = event.data
    if event.kind == "printed":
        reasons = found.get("reasons") or [""] * len(found["cards"])
        for place, (card, reason, end_ms) in enumerate(zip(found["cards"], reasons, found["ends"], strict=True)):
            if not reason:
                yield Announcement(f"{event.id}-{place}", READY, card, int(end_ms))
    elif event.kind == "confirmed":
        kind = READY if found["finding"] == Finding.PRINTED else NOT_READY
        yield Announcement(event.id, kind, found["card"], event.at_ms)
    elif event.kind == "issue":
        yield Announcement(event.id, ISSUED, found["card"], event.at_ms)
    elif event.kind == "entered" and found["good"]:
        yield Announcement(event.id, READY, found["card"], event.at_ms)


def sign(key: bytes, name: str, sent_s: int, body: bytes) -> str:
    """Sign a message as the standard asks."""
    signature = hmac.digest(key, f"{name}.{sent_s}.".encode() + body, "sha256")
    return f"v1,{b64encode(signature).decode()}"


def read_key(secret: str) -> bytes:
    """Return the key in a secret."""
    with suppress(ValueError):
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
        if secret.startswith(PREFIX) and len(key) in KEY_BYTES:
            return key
    raise SettingsError(
        "LEMBUR_WEBHOOK_SECRET_FILE holds no secret of the form whsec_ and 24 to 64 bytes in base64: "
        'write one with echo "whsec_$(openssl rand -base64 32)"'
    )


def _fault_of(answer: httpx2.Response) -> str:
    """Return the reason in an answer that takes no event."""
    if answer.has_redirect_location:
        return f"it moved to {answer.headers['location']}: start the webhook with that address"
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        return "it answers 401: both sides need the same secret, and clocks that agree"
    return f"it answers {answer.status_code} {answer.reason_phrase}".rstrip()


@dataclass(slots=True)
class Webhook:
    """Reads the events behind a cursor and sends them to one address."""

    ledger: Ledger
    office: str
    http: httpx2.Client
    address: str
    key: bytes
    cursor: Path
    stopping: Event
    _after: str = ""
    _fault: str = ""

    def send_news(self) -> None:
        """Send the events since the cursor; wait a moment for them. At the first start only new events are sent."""
        self._after = self._after or self._begin()
        for event in await_events(self.ledger, self._after, wait_ms=WAIT_MS):
            if not all(self._deliver(one) for one in announcements(event)):
                return
            self._after = event.id
            write_private(self.cursor, event.id)

    def _begin(self) -> str:
        if not self.cursor.exists():
            write_private(self.cursor, last_event_id(self.ledger))
        after = self.cursor.read_text("ascii")
        if after != START and not is_kept(self.ledger, after):
            log.warning("events after %s are dropped from the ledger already: some cards were not announced", after)
        return after

    def _deliver(self, one: Announcement) -> bool:
        """Send one announcement until the program takes it; False when stopped before."""
        pause_s = SHORTEST_PAUSE_S
        while fault := self._try(one):
            self._note(f"{self.address} does not take events: {fault}")
            if self.stopping.wait(pause_s):
                return False
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
        self._note("")
        return True

    def _try(self, one: Announcement) -> str:
        """Send an announcement; return the reason why the program did not take it, or ''."""
        name, body, sent_s = f"{self.office}-{one.name}", one.body(self.office), int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(sent_s),
            "webhook-signature": sign(self.key, name, sent_s, body),
        }
        try:
            answer = self.http.post(self.address, content=body, headers=headers)
        except httpx2.HTTPError as fault:
            return describe_fault(fault)
        return "" if answer.is_success else _fault_of(answer)

    def _note(self, fault: str) -> None:
        """Log a change once."""
        if fault != self._fault:
            self._fault = fault
            log.warning("%s", fault or f"{self.address} takes events again")


def main() -> None:
    """Send the events of the office in the ledger to the given address, until a signal."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    settings, stopping = read_settings(), Event()
    ledger = Ledger(connect(settings.redis_url), office=settings.office)
    try:
        key = read_key(settings.read_webhook_secret())
    except SettingsError as fault:
        sys.exit(f"lembur: {fault}")
    with httpx2.Client(timeout=ANSWER_S, trust_env=False) as http:
        webhook = Webhook(ledger, settings.office, http, sys.argv[1], key, settings.data / "webhook.cursor", stopping)
        start_heartbeat(settings, NODE)
        with suppress(KeyboardInterrupt):
            repeat(
                webhook.send_news, every_s=PAUSE_S, outage=Outage("the webhook waits", log.warning), stopping=stopping
            )


if __name__ == "__main__":
    main()
