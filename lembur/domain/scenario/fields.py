"""The kinds of fields in a scenario's tables, and a base class whose tables check themselves."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[str, str]
"""A place in a table, and the fault there with its remedy; shown as `place: fault`."""

YEARS: Final = range(2000, 2101)
"""A date outside these two is a typing error."""


def _unreadable(must: str) -> PydanticCustomError:
    return PydanticCustomError("plain", "{must}", {"must": must})


def _parse(kind: type[date | time], example: str) -> BeforeValidator:
    """Read a TOML date or time, or the same in quotes. A number is a typing error, not seconds since 1970."""

    def read(value: object) -> object:
        found = value
        if isinstance(value, str):
            with suppress(ValueError):
                found = kind.fromisoformat(value)
        if type(found) is not kind or (isinstance(found, time) and found.tzinfo):
            raise _unreadable(f"must be {example}")
        if isinstance(found, date) and found.year not in YEARS:
            raise _unreadable("must be a day of this century")
        return found

    return BeforeValidator(read)


ZoneName = Literal["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"]
"""Indonesia's zones. None of them has summer time, so a day is always 24 hours long."""
USUAL_ZONE: Final[ZoneName] = "Asia/Jakarta"
_ZONE: ContextVar[str] = ContextVar("zone", default=USUAL_ZONE)


@contextmanager
def moments_in(zone: object) -> Iterator[None]:
    """Read moments in a zone. An unknown zone is a fault of its own field."""
    token = _ZONE.set(zone if isinstance(zone, str) and zone in get_args(ZoneName) else USUAL_ZONE)
    try:
        yield
    finally:
        _ZONE.reset(token)


def _add_zone(moment: datetime) -> datetime:
    zone = ZoneInfo(_ZONE.get())
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _read_seats(value: object) -> object:
    if value == "printers" or (type(value) is int and value >= 0):
        return value
    raise _unreadable('must be a whole number from 0, or "printers" for all of them')


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]
CentreAddress = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+$")]
"""The centre's address, without a path, a user or a password."""
QueueAddress = Annotated[str, Field(pattern=r"^ipps?://[A-Za-z0-9.:\[\]-]+/printers/[A-Za-z0-9._-]+$")]
"""A queue of a print server, without a user or a password, because both would be shown in logs."""
Share = Annotated[float, Strict(), Field(ge=0.0, le=1.0)]
Count = Annotated[int, Strict(), Field(ge=0, le=1_000_000_000)]
AtLeastOne = Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)]
Positive = Annotated[float, Strict(), Field(gt=0.0, le=1e9)]
NotNegative = Annotated[float, Strict(), Field(ge=0.0, le=1e9)]
Cards = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
"""Largest number of waiting cards: more than the people of a large city."""
Machines = Annotated[int, Strict(), Field(ge=1, le=1_000)]
"""Largest number of printers of a station, or of lines to the centre; more are a typing error."""
Seconds = Annotated[float, Strict(), Field(ge=0.001, le=31_536_000)]
"""A time of at least a millisecond, the unit of the program, and at most a year."""
Pause = Annotated[int, Strict(), Field(ge=0, le=86_400)]
"""A number of whole seconds, at most a day."""
Speed = Annotated[float, Strict(), Field(ge=0.0, le=100_000)]
ADay = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
"""Largest number of records a day: twice the people of a city."""
Flag = Annotated[bool, Strict()]
Day = Annotated[date, _parse(date, "a day such as 2016-08-25")]
TimeOfDay = Annotated[time, _parse(time, "a time of day such as 07:30:00, without a zone")]
Moment = Annotated[datetime, _parse(datetime, "a moment such as 2016-08-25T07:30:00+07:00"), AfterValidator(_add_zone)]
Seats = Annotated[int | Literal["printers"], BeforeValidator(_read_seats)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Part(BaseModel):
    """A table of the file. It is frozen, and an unknown field is a fault, because it is a typing error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def faults(self) -> Iterator[Fault]:
        """Yield the faults between the fields of this table."""
        yield from ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if found := list(self.faults()):
            text = "; ".join(f"{where}: {what}" for where, what in found)
            raise PydanticCustomError("faults", "{text}", {"text": text})
        return self
