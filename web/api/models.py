"""The bodies of the REST interface: requests are checked whole, answers are named for OpenAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo

from lembur.domain.card import Outcome, Status, Stream
from lembur.domain.errors import LemburError, SettingsError
from lembur.ledger.types import Finding
from lembur.typed_text import read_line
from web.api.forms import KELURAHAN, LINE, NIK


def _check_line(text: str, info: ValidationInfo) -> str:
    try:
        return read_line(text, option=str(info.field_name))
    except SettingsError as fault:
        # No ValueError, which would be a breach of the document: no pattern can list every invisible character.
        raise LemburError.of(fault.sentence) from None


Line = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE), AfterValidator(_check_line)]
"""A line that is kept in the log or on paper; a form of a page is read by the same rule."""
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Body(BaseModel):
    """A request: a field that nobody knows is a fault."""

    model_config = ConfigDict(extra="forbid")


class ProblemDetails(BaseModel):
    """Problem details by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


PROBLEM: Final[dict[str, Any]] = {"model": ProblemDetails, "content": {"application/problem+json": {}}}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    202: {**PROBLEM, "description": "The answer is still being computed: send the same request again."},
    401: {**PROBLEM, "description": "No valid token."},
    403: {**PROBLEM, "description": "The token has not the scope or station."},
    404: {**PROBLEM, "description": "There is no such thing."},
    409: {**PROBLEM, "description": "The office as it stands does not allow it; `detail` gives the reason."},
    422: {**PROBLEM, "description": "The request has a wrong form."},
    503: {**PROBLEM, "description": "The ledger does not answer."},
}


class Done(BaseModel):
    """The answer to an act."""

    done: Literal[True] = True


class StationOut(BaseModel):
    """A print station now."""

    code: str
    name: str
    printers: int
    seats_open: int
    seats_busy: int
    waiting: int
    late: int
    soon_late: int
    printed_today: int
    blanks: int
    ribbon_cards: int


class BoardOut(BaseModel):
    """The office at one moment."""

    as_of: datetime
    counts: dict[Status, int]
    unconfirmed: int
    centre_waiting: int
    centre_asked: datetime | None = Field(description="When the oldest unanswered card was sent to a centre outside.")
    stations: list[StationOut]


class CardOut(BaseModel):
    """A card of a list; nothing of it is personal but the mask of its NIK."""

    card: str
    status: Status
    station: str
    priority: int
    due: datetime
    nik_mask: str


class EventOut(BaseModel):
    """One entry of a card's history."""

    at: datetime
    what: str
    why: str


class CardHistoryOut(CardOut):
    """A card with its history, its blank, and the other card of a reprint; '' where there is none."""

    kelurahan: str
    stream: str
    blank: str
    reprint_of: str
    reprinted_as: str
    history: list[EventOut]


class CardPage(BaseModel):
    """A page of cards; `next` is the cursor of the next page, none at the end."""

    cards: list[CardOut]
    next: str | None


class NewCard(Body):
    """A recorded person."""

    nik: Annotated[str, Field(min_length=16, max_length=16, pattern=NIK)]
    kelurahan_code: Annotated[str, Field(pattern=KELURAHAN)]
    stream: Stream
    recorded_at: AwareDatetime
    verified_at: AwareDatetime | None = None


class NewCards(Body):
    """A batch of recorded people."""

    cards: Annotated[list[NewCard], Field(min_length=1, max_length=500)]


class Enrolled(BaseModel):
    """The result of one person of a batch, in its order: the outcome, or the reason of a refusal."""

    outcome: Outcome | Literal["REFUSED"]
    reason: str = ""


class EnrolledBatch(BaseModel):
    """The results of a batch."""

    results: list[Enrolled]


class Lookup(Body):
    """The NIK of a card to look up; it is in the body, so that no log or address holds it."""

    nik: Annotated[str, Field(min_length=16, max_length=16, pattern=NIK)]


class Because(Body):
    """The reason of an act, kept in the log."""

    reason: Line


class Settle(Body):
    """A person's finding at the printer."""

    finding: Finding


class NewOrder(Body):
    """A seat order: at a station, or at `all`; from now until the evening, if not given."""

    station: Line
    seats: Annotated[int, Field(ge=0, le=1000)]
    reason: Line
    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    seen: Annotated[int, Field(ge=0)] | None = Field(None, description="Number of orders known; later ones conflict.")


class OrderOut(BaseModel):
    """A seat order."""

    number: int
    station: str
    seats: int
    begins: datetime
    ends: datetime
    by: str
    reason: str
    active: bool


class StockOut(BaseModel):
    """The blanks and ribbon of a station."""

    station: str
    blank: int
    reserved: int
    received: int
    moved: int
    used: int
    spoiled: int
    destroyed: int
    ribbon_cards: int
    difference: int


class NewMove(Body):
    """A movement of stock by minutes."""

    verb: Literal["receive", "transfer", "destroy"]
    station: Line
    to: Line | None = None
    blanks: Count = 0
    ribbons: Count = 0
    minutes: Line


class ActOut(BaseModel):
    """One act of a person or program."""

    number: int
    at: datetime
    by: str
    what: str
    reason: str
    details: dict[str, str | int]


class ActPage(BaseModel):
    """A page of the log, newest first."""

    acts: list[ActOut]
    next: str | None


class ForecastOut(BaseModel):
    """A forecast of the office: quantiles are P10, P50 and P90.

    `note` is a sentence where seats were ordered later, so that the queue that came may differ from the forecast.
    """

    made: datetime
    clear: tuple[datetime | None, datetime | None, datetime | None]
    late: tuple[float, float, float]
    late_now: int
    blanks_last_s: tuple[float, float, float]
    coverage: float | None
    note: str | None


class NewQuestion(Body):
    """A question to the planner: on every working day `seats` in the whole office, until `hours` after closing."""

    deadline: AwareDatetime
    seats: Annotated[int, Field(ge=0, le=1000)] | None = None
    hours: Annotated[float, Field(ge=0, le=12)] = 0.0
    centre_speed: Annotated[float, Field(ge=0.01, le=10)] = 1.0
    more_blanks: Count = 0


class OutcomeOut(BaseModel):
    """The outcome of a question; `chance` is that of being clear by the deadline.

    `reasons` has a sentence for each reason why cards are never printed, such as no seat after the last order.
    """

    clear_p50: datetime | None
    clear_p90: datetime | None
    chance: float
    late: int
    rupiah: int
    seat_hours: float
    reasons: list[str]


class QuestionOut(BaseModel):
    """The outcome of a question beside the one by the orders given already; `caution` names a doubt about both."""

    as_of: datetime
    caution: str | None
    as_ordered: OutcomeOut
    changed: OutcomeOut


class NewSearch(Body):
    """The terms of a plan."""

    deadline: AwareDatetime
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    max_hours: Annotated[float, Field(ge=0, le=12)] = 4.0
    max_seats: Annotated[int, Field(ge=1, le=1000)]


class PlanOrderOut(BaseModel):
    """An order that a plan would give, and its price."""

    station: str
    seats: int
    begins: datetime
    ends: datetime
    rupiah: int


class PlanOut(BaseModel):
    """The cheapest plan that was found; without orders where nothing has to be ordered or nothing suffices.

    The office is that of `as_of`, and `caution` names a doubt about its pace.
    """

    name: str
    as_of: datetime
    caution: str | None
    headline: str
    chance: float
    rupiah: int
    seat_hours: float
    orders: list[PlanOrderOut]


class PlanApplication(Body):
    """The name of the plan to order."""

    name: Line
