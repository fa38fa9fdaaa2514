"""The scenario's centre as an HTTP service, for trials: it answers by the clock of the run.

`lembur centre` starts it. It forgets everything when it ends, like a centre that lost its requests.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappop, heappush
from hmac import compare_digest
from secrets import token_hex
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Final

import uvicorn
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from lembur.domain.errors import LedgerError, SettingsError
from lembur.domain.scenario import Mishap
from lembur.domain.seats import CENTRE
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.types import Lot, Offer
from lembur.office import read_setup
from lembur.service import listen
from lembur.settings import read_settings
from workers.devices.centre import CentreReply
from workers.devices.centre_faults import deliver
from workers.devices.simulated import SimulatedCentre

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request
    from starlette.responses import Response

LONGEST_WAIT_S: Final = 30
LOOK_AGAIN_S: Final = 0.1
MOST: Final = 1_000
OTHER_OFFICE: Final = "this centre plays another office"
PAUSE_S: Final = 5
"""Pause that a refusal asks for in its Retry-After (assumed)."""


def _read_number(given: object) -> object:
    """Read 2.0 as 2, because JSON has one kind of number."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


class _Card(BaseModel):
    model_config = ConfigDict(extra="forbid")

    card: str = Field(pattern=r"^[0-9]{8}$")
    attempt: Annotated[int, Field(ge=1, le=1_000, strict=True), BeforeValidator(_read_number)] = 1


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    office: str = Field(pattern=r"^[0-9]{4}$")
    cards: list[_Card] = Field(min_length=1, max_length=MOST)


class _Query(BaseModel):
    office: str = Field(pattern=r"^[0-9]{4}$")
    after: str = Field("", max_length=40)
    wait: int = Field(0, ge=0, le=LONGEST_WAIT_S)
    most: int = Field(MOST, ge=1, le=MOST)


@dataclass(slots=True)
class PlayedCentre:
    """Cards that were asked, their verdicts as they come, and the feed of the verdicts."""

    find_centre: Callable[[], SimulatedCentre]
    """Returns the centre of the present office."""
    office: str
    now_ms: Callable[[], int]
    _asked: dict[tuple[str, int], dict[str, Any] | None] = field(default_factory=dict)
    _coming: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    _feed: list[dict[str, Any]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _life: str = field(default_factory=lambda: token_hex(4))
    """Name of this start of the service. A cursor from an earlier start leads to the start of the feed."""

    def ask(self, cards: Sequence[_Card]) -> dict[str, Any] | None:
        """Take new cards and return the known verdicts of the others; None when the centre refuses."""
        with self._lock:
            now_ms = self._publish()
            known = [found for one in cards if (found := self._asked.get((one.card, one.attempt)))]
            fresh = [one for one in cards if (one.card, one.attempt) not in self._asked]
            if fresh and not self._take(fresh, now_ms):
                return None
            return {"accepted": len(cards), "known": known, "refused": []}

    def read(self, after: str, most: int) -> dict[str, Any]:
        """Return the verdicts behind a cursor. Without a cursor return only the end of the feed."""
        with self._lock:
            self._publish()
            life, _, place = after.partition("-")
            start = len(self._feed) if not after else int(place) if life == self._life and place.isdecimal() else 0
            found = self._feed[start : start + most]
            return {"verdicts": found, "cursor": f"{self._life}-{start + len(found)}"}

    def find(self, card: str) -> dict[str, Any] | None:
        """Return the newest attempt of a card, and its verdict if there is one."""
        with self._lock:
            self._publish()
            attempts = [n for one, n in self._asked if one == card]
            if not attempts:
                return None
            found = self._asked[card, max(attempts)]
            return found or {"card": card, "attempt": max(attempts), "verdict": None, "at": None}

    def pending(self) -> int:
        """Count the cards without a verdict."""
        with self._lock:
            self._publish()
            return sum(found is None for found in self._asked.values())

    def _take(self, cards: Sequence[_Card], now_ms: int) -> bool:
        centre = self.find_centre()
        first, numbers = len(self._asked), tuple(one.card for one in cards)
        offer = Offer(CENTRE, first, now_ms, NEVER_MS, numbers, len(numbers))  # type: ignore[arg-type]
        mishap = centre.find_mishap(first, now_ms, len(cards))
        if mishap is Mishap.REFUSE:
            return False
        self._asked.update({(one.card, one.attempt): None for one in cards})
        if mishap is Mishap.HANG:
            return True
        planned = centre.plan(offer)
        replies = [CentreReply(one.card, step.verdict) for one, step in zip(cards, planned, strict=True)]
        ends = {one.card: step.end_ms for one, step in zip(cards, planned, strict=True)}
        attempts = {one.card: one.attempt for one in cards}
        if mishap:
            lot = Lot("", CENTRE, first, now_ms, numbers, tuple(ends.values()))  # type: ignore[arg-type]
            replies = deliver(mishap, lot, replies)
        last_ms = max(ends.values())
        for place, reply in enumerate(replies):
            end_ms = last_ms if mishap else ends[reply.card]
            row = {"card": reply.card, "attempt": attempts.get(reply.card, 1), "verdict": reply.verdict, "at": end_ms}
            heappush(self._coming, (end_ms, first * MOST + place, row))
        return True

    def _publish(self) -> int:
        now_ms = self.now_ms()
        while self._coming and self._coming[0][0] <= now_ms:
            _, _, row = heappop(self._coming)
            self._feed.append(row)
            if (key := (row["card"], row["attempt"])) in self._asked:
                self._asked[key] = row
        return now_ms


@dataclass(frozen=True, slots=True)
class CentreApi:
    """The four paths of docs/centre-api.yaml."""

    centre: PlayedCentre

    async def ask(self, request: Request) -> JSONResponse:
        """Take cards."""
        try:
            given = _Request.model_validate_json(await request.body())
        except ValidationError as fault:
            return _problem(400, fault.errors()[0]["msg"])
        if given.office != self.centre.office:
            return _problem(404, OTHER_OFFICE)
        answer = self.centre.ask(given.cards)
        return _problem(503, "the centre refuses", PAUSE_S) if answer is None else JSONResponse(answer, 202)

    def read(self, request: Request) -> JSONResponse:
        """Return the feed behind a cursor; wait for news when the request asks for it."""
        try:
            given = _Query.model_validate(dict(request.query_params))
        except ValidationError as fault:
            return _problem(400, fault.errors()[0]["msg"])
        if given.office != self.centre.office:
            return _problem(404, OTHER_OFFICE)
        until_s = time.monotonic() + given.wait
        news = self.centre.read(given.after, given.most)
        while given.after and not news["verdicts"] and time.monotonic() < until_s:
            time.sleep(LOOK_AGAIN_S)
            news = self.centre.read(given.after, given.most)
        return JSONResponse(news)

    def find(self, request: Request) -> JSONResponse:
        """Look up one card."""
        is_ours = request.path_params["office"] == self.centre.office
        known = self.centre.find(request.path_params["card"]) if is_ours else None
        return JSONResponse(known) if known else _problem(404, "this card was not asked")

    def check_health(self, request: Request) -> JSONResponse:
        """Count the cards without a verdict."""
        del request
        return JSONResponse({"pending": self.centre.pending()})


def make_app(centre: PlayedCentre, token: str = "") -> Starlette:
    """Return the application. With a token it refuses requests without it."""
    api = CentreApi(centre)

    async def guard(request: Request, follow: RequestResponseEndpoint) -> Response:
        given = request.headers.get("Authorization", "")
        if token and not compare_digest(given.encode(), f"Bearer {token}".encode()):
            return _problem(401, "the token is missing or wrong")
        return await follow(request)

    return Starlette(
        routes=[
            Route("/v1/verifications", api.ask, methods=["POST"]),
            Route("/v1/verdicts", api.read),
            Route("/v1/verifications/{office}/{card}", api.find),
            Route("/v1/health", api.check_health),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard)],
        exception_handlers={LedgerError: _refuse_without_ledger},
    )


def _refuse_without_ledger(request: Request, fault: Exception) -> JSONResponse:
    del request
    return _problem(503, str(fault), PAUSE_S)


def follow_office(ledger: Ledger) -> Callable[[], SimulatedCentre]:
    """Return a function that returns the centre of the present office. It is built again after each change."""
    build = lru_cache(maxsize=1)(lambda _changes: SimulatedCentre(ledger, read_setup(ledger)))
    return lambda: build(ledger.changes())


def _problem(code: int, sentence: str, pause_s: int = 0) -> JSONResponse:
    headers = {"Retry-After": str(pause_s)} if pause_s else {}
    return JSONResponse({"title": sentence, "status": code}, code, headers, media_type="application/problem+json")


def main() -> None:
    """Serve the centre of the office in the ledger, on a given address and port, until a signal."""
    settings = read_settings()
    ledger = Ledger(connect(settings.redis_url), office=settings.office)
    centre = PlayedCentre(follow_office(ledger), settings.office, lambda: ledger.time()[0])
    host, port, *tls = sys.argv[1:]
    certificate, key = tls or (None, None)
    app = make_app(centre, settings.read_centre_token())
    config = uvicorn.Config(app, log_level="warning", ssl_certfile=certificate, ssl_keyfile=key)
    try:
        config.load()
    except OSError as fault:  # a fault of TLS is one too
        sys.exit(
            f"lembur: {certificate} and {key} cannot be used for TLS ({fault}): give a certificate and its own key"
        )
    try:
        listening = listen(host, int(port))
    except SettingsError as fault:
        sys.exit(f"lembur: {fault}")
    sys.stdout.write(f"centre   {'https' if tls else 'http'}://{host}:{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
