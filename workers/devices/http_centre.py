"""A centre over HTTP (docs/centre-api.yaml): cards are asked by their number, and verdicts are read as one feed."""

from __future__ import annotations

import logging
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from lembur.domain.card import CardId, Status
from lembur.domain.circuit_breaker import Trouble
from lembur.domain.errors import SettingsError
from lembur.ledger.types import Verdict
from workers.devices.centre import CentreFailedError, ExpectedVerdict
from workers.http_fault import describe_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.ledger import Ledger
    from lembur.ledger.types import Offer
    from lembur.settings import Settings

CONNECT_S: Final = 5.0
ANSWER_S: Final = 10.0
"""Longest wait for an answer to a request; a feed may take `FEED_S` more (assumed)."""
FEED_S: Final = 2
"""Time for which the centre may hold a request until there is news. A worker that stops waits for it."""
MOST: Final = 1_000
REFUSED: Final = "REFUSED"
"""No verdict: the centre took the other cards and not this one. It is asked anew, and waits for a person in the end."""
WRONG: Final = frozenset({400, 422})
"""Codes of a centre that cannot read the request. After every other failure it has not seen the cards."""


log = logging.getLogger(__name__)


class _Verdict(BaseModel):
    card: str
    attempt: int
    verdict: str

    def verdict_of(self) -> Verdict:
        """Return the verdict as the ledger takes it."""
        return Verdict(CardId(self.card), self.attempt, self.verdict)


class _Refusal(BaseModel):
    card: str
    why: str = ""


class _Asked(BaseModel):
    known: tuple[_Verdict, ...] = ()
    refused: tuple[_Refusal, ...] = ()


class _News(BaseModel):
    verdicts: tuple[_Verdict, ...]
    cursor: str


Answer = TypeVar("Answer", _Asked, _News)


@dataclass(frozen=True, slots=True)
class HttpCentre:
    """Speaks the protocol. It keeps no state, because the ledger has every question and every verdict."""

    ledger: Ledger
    http: httpx2.Client
    office: str

    def plan(self, offer: Offer) -> list[ExpectedVerdict]:
        """Plan the longest time of one request for all cards. A line only asks, and the verdicts come at any time."""
        end_ms = offer.start_ms + round((CONNECT_S + ANSWER_S) * 1000 * (self.ledger.time()[1] or 1.0))
        return [ExpectedVerdict(end_ms, Status.PRINT_READY_RECORD)] * len(offer.cards)

    def request(self, attempts: Mapping[CardId, int]) -> list[Verdict]:
        """Ask for cards and return the verdicts that are known already."""
        cards = [{"card": card, "attempt": n} for card, n in attempts.items()]
        asked = self._call(_Asked, "POST", "/v1/verifications", json={"office": self.office, "cards": cards})
        for one in asked.refused:
            log.warning("the centre refused card %s: %s", one.card, one.why)
        refusals = [Verdict(CardId(one.card), attempts.get(CardId(one.card), 0), REFUSED) for one in asked.refused]
        return [*(one.verdict_of() for one in asked.known), *refusals]

    def read(self, after: str) -> tuple[list[Verdict], str]:
        """Return the verdicts behind a cursor and the next cursor; the centre may wait a moment for the first."""
        news = {"after": after, "wait": FEED_S, "most": MOST} if after else {}
        found = self._call(_News, "GET", "/v1/verdicts", params={"office": self.office, **news})
        return [one.verdict_of() for one in found.verdicts], found.cursor

    def _call(self, kind: type[Answer], method: str, path: str, **more: Any) -> Answer:
        try:
            answer = self.http.request(method, path, **more)
        except httpx2.HTTPError as fault:
            raise CentreFailedError(Trouble.REFUSED, reason=describe_fault(fault)) from fault
        if answer.is_error:
            trouble = Trouble.GARBAGE if answer.status_code in WRONG else Trouble.REFUSED
            pause_ms = 0 if trouble is Trouble.GARBAGE else self._pause_ms(answer.headers.get("Retry-After", ""))
            raise CentreFailedError(trouble, reason=f"{path} is answered with {answer.status_code}", pause_ms=pause_ms)
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError as fault:
            raise CentreFailedError(Trouble.GARBAGE, reason=f"the answer to {path} cannot be read") from fault

    def _pause_ms(self, given: str) -> int:
        """Return the pause that the centre asks for, in the office's time; 0 without one (RFC 9110, 10.2.3)."""
        try:
            pause_s = int(given) if given.isdecimal() else parsedate_to_datetime(given).timestamp() - time.time()
        except ValueError:
            return 0
        return max(0, round(pause_s * 1000 * (self.ledger.time()[1] or 1.0)))


def connect_centre(address: str, settings: Settings) -> httpx2.Client:
    """Return a client for the centre, with its token. It trusts the office's own authority where there is one."""
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
