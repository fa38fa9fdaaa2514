"""A centre over HTTP (docs/centre-api.yaml): cards are asked by their number, and verdicts are read as one feed."""

from __future__ import annotations

import logging
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from lembur.domain.card import Status
from lembur.domain.circuit_breaker import BOUND_MS, Trouble
from lembur.domain.errors import LedgerError, SettingsError
from workers.devices.centre import CentreFailedError, CentreReply, ExpectedVerdict
from workers.devices.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from lembur.domain.card import CardId
    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot, Offer
    from lembur.settings import Settings

CONNECT_S: Final = 5.0
ANSWER_S: Final = 10.0
"""Longest wait for an answer to a request; a feed may take `FEED_S` more (assumed)."""
FEED_S: Final = 2
"""Time for which the centre may hold a request for news; a worker that stops waits for it."""
PAUSE_S: Final = 1.0
MOST: Final = 1_000
WRONG: Final = frozenset({400, 422})
"""Codes of a centre that cannot read the request. With every other failure it has not looked at the cards."""


log = logging.getLogger(__name__)


class _Verdict(BaseModel):
    card: str
    attempt: int
    verdict: str


class _Asked(BaseModel):
    known: tuple[_Verdict, ...] = ()
    refused: tuple[dict[str, str], ...] = ()


class _News(BaseModel):
    verdicts: tuple[_Verdict, ...]
    cursor: str


Answer = TypeVar("Answer", _Asked, _News)


@dataclass(slots=True)
class HttpCentre:
    """Lines of one process to the centre; whichever line waits reads the feed for all of them."""

    ledger: Ledger
    http: httpx2.Client
    office: str
    typical_ms: int
    lease_ms: int
    _awaited: dict[tuple[str, int], str] = field(default_factory=dict)
    """Card and attempt that a line waits for -> verdict, '' until it is there."""
    _cursor: str = ""
    _reads: int = 0
    _reading: Lock = field(default_factory=Lock)

    def plan(self, offer: Offer) -> list[ExpectedVerdict]:
        """Plan one card after the other, each with the scenario's typical time: the centre promises none."""
        starts = range(offer.start_ms, offer.until_ms, self.typical_ms)[: len(offer.cards)]
        return [ExpectedVerdict(start_ms + self.typical_ms, Status.PRINT_READY_RECORD) for start_ms in starts]

    def ask(self, lot: Lot, planned: Sequence[ExpectedVerdict], stopping: Event) -> Sequence[CentreReply] | None:
        """Ask for the lot and wait for its verdicts; None when stopped before."""
        del planned
        lease, attempts = Lease(self.ledger, lot, self.lease_ms), self._attempts(lot)
        due_ms = lot.ends_ms[-1] + BOUND_MS
        try:
            self._start(attempts)
            while not all(self._awaited[one] for one in attempts.items()):
                if stopping.is_set() or lease.is_over:
                    return None
                if self._now_ms(stopping) > due_ms:
                    raise CentreFailedError(Trouble.HANGING)
                lease.renew_when_due()
                self._read_feed()
            if not (end_ms := self._now_ms(stopping)):
                return None
            return [CentreReply(card, self._awaited[card, n], end_ms) for card, n in attempts.items()]
        finally:
            for one in attempts.items():
                self._awaited.pop(one, None)

    def _start(self, attempts: Mapping[CardId, int]) -> None:
        if not self._cursor:  # from here on: what the centre decided before is in its answer to the request
            self._cursor = self._call(_News, "GET", "/v1/verdicts", params={"office": self.office}).cursor
        self._awaited.update(dict.fromkeys(attempts.items(), ""))
        cards = [{"card": card, "attempt": n} for card, n in attempts.items()]
        asked = self._call(_Asked, "POST", "/v1/verifications", json={"office": self.office, "cards": cards})
        if asked.refused:
            raise CentreFailedError(Trouble.GARBAGE)
        self._keep(asked.known)

    def _read_feed(self) -> None:
        """Read news, unless another line does; then wait until it has."""
        seen = self._reads
        with self._reading:
            if self._reads != seen:
                return
            self._reads += 1
            params = {"office": self.office, "after": self._cursor, "wait": FEED_S, "most": MOST}
            try:
                news = self._call(_News, "GET", "/v1/verdicts", params=params)
            except CentreFailedError:  # the cards are asked already: their answers may still come
                time.sleep(FEED_S)
                return
            self._cursor = news.cursor
            self._keep(news.verdicts)

    def _keep(self, verdicts: Sequence[_Verdict]) -> None:
        for one in verdicts:
            if (one.card, one.attempt) in self._awaited:
                self._awaited[one.card, one.attempt] = one.verdict

    def _call(self, kind: type[Answer], method: str, path: str, **more: Any) -> Answer:
        try:
            answer = self.http.request(method, path, **more)
        except httpx2.HTTPError as fault:
            raise CentreFailedError(Trouble.REFUSED) from fault
        if answer.is_error and answer.status_code not in WRONG:
            log.warning("the centre answered %s with %d", path, answer.status_code)
            raise CentreFailedError(Trouble.REFUSED, pause_ms=self._pause_ms(answer.headers.get("Retry-After", "")))
        try:
            answer.raise_for_status()
            return kind.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValidationError) as fault:
            raise CentreFailedError(Trouble.GARBAGE) from fault

    def _pause_ms(self, given: str) -> int:
        """Return the pause that the centre asks for, in the office's time; 0 without one (RFC 9110, 10.2.3)."""
        try:
            pause_s = int(given) if given.isdecimal() else parsedate_to_datetime(given).timestamp() - time.time()
        except ValueError:
            return 0
        return max(0, round(pause_s * 1000 * (self.ledger.time()[1] or 1.0)))

    def _attempts(self, lot: Lot) -> dict[CardId, int]:
        """Return which attempt of each card this is: a card that the centre failed is asked anew."""
        failed = self.ledger.failures(lot.cards)
        return {card: 1 + n for card, n in zip(lot.cards, failed, strict=True)}

    def _now_ms(self, stopping: Event) -> int:
        """Return the office's time; wait for a ledger that is away. 0 when stopped before it answers."""
        while not stopping.is_set():
            with suppress(LedgerError):
                return self.ledger.time()[0]
            stopping.wait(PAUSE_S)
        return 0


def connect_centre(address: str, settings: Settings) -> httpx2.Client:
    """Return a client for the centre: with its token, and trusting the office's own authority where there is one."""
    authority, token = settings.centre_ca_file, settings.read_centre_token()
    try:
        trust = ssl.create_default_context(cafile=str(authority) if authority else None)
    except (OSError, ssl.SSLError) as fault:
        raise SettingsError(f"LEMBUR_CENTRE_CA_FILE cannot be read: {authority} ({fault})") from fault
    return httpx2.Client(
        base_url=address,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=httpx2.Timeout(CONNECT_S, read=ANSWER_S + FEED_S),
        verify=trust,
        trust_env=False,
    )
