"""The facts behind the report of a period, as they are read from a ledger and its data folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lembur.domain.seats import CENTRE, Window
from lembur.ledger import queries
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.history import read_card_records
from lembur.ledger.queries.metrics import seat_plans, seat_steps
from lembur.office import read_dated_scenarios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.plan import SavedPlan
    from lembur.archive import Archive
    from lembur.domain.observation import CardRecords, Forecast
    from lembur.domain.overtime import DatedScenario
    from lembur.domain.seats import SeatOrder, SeatPlan, StationCode, Step
    from lembur.ledger import Ledger
    from lembur.ledger.queries import Board, Tally
    from lembur.office import OfficeSetup


@dataclass(frozen=True, slots=True)
class Facts:
    """The parts of a report that come from the ledger. `ended_ms` is the moment up to which they are known.

    `dated` has the scenarios of the office by their times.
    """

    board: Board
    tally: Tally
    records: CardRecords
    orders: Sequence[SeatOrder]
    steps: Mapping[StationCode, Sequence[Step]]
    plans: Mapping[StationCode, Sequence[SeatPlan]]
    dated: Sequence[DatedScenario]
    last_print_ms: Mapping[StationCode, int]
    ended_ms: int
    lag_ms: Mapping[str, float]
    retries: Mapping[str, int] = field(default_factory=dict)
    applied: Sequence[SavedPlan] = ()
    forecasts: Sequence[Forecast] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The period of a report: `cards` for cards, `seats` for seat hours; `end_ms` is its end for people.

    `cards` has no end where the period goes on until now, because a lot in hand may end later.
    """

    cards: Window
    seats: Window
    end_ms: int


def read_facts(
    ledger: Ledger, setup: OfficeSetup, applied: Sequence[SavedPlan] = (), archive: Archive | None = None
) -> Facts:
    """Read the facts of a report, with the applied plans and the cards of the archive.

    Where nothing more can happen before the scenario's end, the run ends there, whatever the clock shows.
    """
    board = queries.read_board(ledger, setup.all_stations)
    orders = ledger.orders()
    resting = ledger.fed_ms() >= setup.ends_ms and not any(place.seats_busy for place in board.stations)
    return Facts(
        board=board,
        tally=queries.tally(ledger),
        records=read_card_records(ledger, setup.stations, archive),
        retries={name[2]: n for name, n in queries.counters(ledger).items() if name[:2] == ("retry", CENTRE)},
        orders=orders,
        steps=seat_steps(ledger, setup.stations),
        plans=seat_plans(ledger, setup.stations),
        dated=read_dated_scenarios(ledger, setup),
        last_print_ms=queries.last_print_ms(ledger, setup.stations),
        ended_ms=setup.ends_ms if resting else min(board.now_ms, setup.ends_ms),
        lag_ms=queries.lag_ms(ledger),
        applied=applied,
        forecasts=forecasts.read(ledger),
    )
