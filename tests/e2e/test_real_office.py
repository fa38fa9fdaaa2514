"""A real office: its clock is the time of day, and it prints what is ready without a feed."""

from __future__ import annotations

import re
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from console.runtime.embedded_server import valkey_binary
from lembur.accounts import Accounts, Scope
from lembur.domain.card import Status, card_id
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS
from lembur.ledger import queries
from lembur.office import order_seats
from support.runs import Lembur, lembur, real_scenario, reconciles
from support.servers import running
from support.small_office import identity
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger import Ledger

DINAS = StationCode("dinas")
NIGHT_MS = 12 * HOUR_MS
CLOSE_MS = 2_000


@pytest.fixture
def office_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that runs on while the office is stopped."""
    with running(valkey_binary(), tmp_path_factory.mktemp("server")) as url:
        yield url


def off_by_ms(ledger: Ledger) -> float:
    """Return the distance of the office's clock from the time of day, however long the question takes."""
    before_ms, now_ms, after_ms = time.time() * 1000, ledger.time()[0], time.time() * 1000
    return max(before_ms - now_ms, now_ms - after_ms, 0.0)


def record(ledger: Ledger, number: int) -> None:
    """Record somebody now whose card goes straight to print."""
    now_ms = ledger.time()[0]
    ledger.enrol([identity(number, station=DINAS, ready_ms=now_ms, due_ms=now_ms + NIGHT_MS)])


def test_a_real_office_has_the_time_of_day_after_a_night_and_prints_without_a_feed(
    office_url: str, tmp_path: Path
) -> None:
    """Stopped over night, it is not a night behind: a card recorded this minute is printed this minute."""
    words = ("up", real_scenario(tmp_path), "--redis", office_url, "--data", tmp_path / "data", "--quiet")

    with Lembur(tmp_path, words) as first:
        ledger = first.ledger()
        assert off_by_ms(ledger) < CLOSE_MS
        now_ms = ledger.time()[0]
        order_seats(ledger, SeatOrder(DINAS, 2, now_ms, now_ms + 2 * NIGHT_MS, "Bu Sri", "a test at any hour"))
        record(ledger, 1)
        eventually(lambda: ledger.counts().get(Status.CARD_PRINTED) == 1)
        assert first.stop(signal.SIGINT) == 0

    # Half a day passes; a clock that goes on from where it stood would be that far behind.
    for field in ("real", "virtual"):
        ledger.server.hincrby(ledger.prefix + "clock", field, -NIGHT_MS)
    ledger.server.hincrby(ledger.prefix + "clock", "virtual", -HOUR_MS)

    with Lembur(tmp_path, words) as second:
        second.ledger()
        assert off_by_ms(ledger) < CLOSE_MS
        record(ledger, 2)
        eventually(lambda: ledger.counts().get(Status.CARD_PRINTED) == 2)
        assert second.stop(signal.SIGINT) == 0


def test_a_person_whom_the_centre_verified_before_comes_by_rest_and_is_printed(office_url: str, tmp_path: Path) -> None:
    """No line of the centre is asked, the same request is known already, and all blanks add up."""
    data = tmp_path / "data"
    with Lembur(tmp_path, ("up", real_scenario(tmp_path), "--redis", office_url, "--data", data, "--quiet")) as run:
        ledger = run.ledger()
        now = datetime.now(UTC).replace(microsecond=0)
        orders = [
            SeatOrder(StationCode(code), seats, ledger.time()[0], ledger.time()[0] + NIGHT_MS, "Bu Sri", "any hour")
            for code, seats in (("dinas", 2), ("jebres", 1))
        ]
        order_seats(ledger, *orders)
        token = Accounts(data / "console").add_token("the city's register", {Scope.READ, Scope.CARDS})
        address = eventually(lambda: re.search(r"console +(http://[0-9.:]+)", run.said))
        assert address
        api = f"{address[1]}/api/v1"
        person = {
            "nik": "9799991505900001",  # no province has the number 97, so this is nobody's
            "kelurahan_code": "33.72.04.1001",
            "stream": "first_issue",
            "recorded_at": (now - timedelta(hours=20)).isoformat(),
            "verified_at": (now - timedelta(hours=2)).isoformat(),
        }

        def is_up() -> bool:
            with suppress(httpx2.ConnectError):
                return httpx2.get(f"{api}/openapi.json").status_code > 0
            return False

        def ask(path: str, body: dict[str, str]) -> dict[str, Any]:
            answer = httpx2.post(f"{api}/{path}", json=body, headers={"authorization": f"Bearer {token}"}, timeout=60)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        eventually(is_up, 120)
        assert ask("cards", person) == {"outcome": "ENROLLED", "reason": ""}
        assert ask("cards", person)["outcome"] == "KNOWN"
        eventually(lambda: ledger.counts().get(Status.CARD_PRINTED) == 1)
        card = queries.read_card(ledger, card_id(1))
        assert [one.what for one in card.history] == [
            Status.PRINT_READY_RECORD,
            Status.SENT_FOR_CARD_PRINTING,
            Status.CARD_PRINTED,
        ]
        assert card.history[0].at_ms == round((now - timedelta(hours=2)).timestamp() * 1000)
        assert reconciles(tmp_path, data)
        assert run.stop(signal.SIGINT) == 0


def test_a_real_office_has_no_speed_and_no_end_to_be_played_to(tmp_path: Path) -> None:
    """`--speed` and `run` are for demonstrations, and the sentence names what to do."""
    scenario = real_scenario(tmp_path)

    fast = lembur(tmp_path, "up", scenario, "--speed", "60", "--data", tmp_path / "data")
    played = lembur(tmp_path, "run", scenario, "--data", tmp_path / "data")

    assert fast.returncode == played.returncode == 1
    assert fast.stderr == "lembur: small is a real office, which has the time of day: leave --speed out\n"
    assert played.stderr == "lembur: small is a real office: open it with 'lembur up', which prints what comes\n"


def test_no_invented_office_is_opened_where_a_person_named_a_place(tmp_path: Path, office_url: str) -> None:
    """A disk that is not there, or a name with a typo: the office is not replaced by Solo with its invented people."""
    missing = lembur(tmp_path, "up", "--data", "missing")
    empty = lembur(tmp_path, "up", "--data", "missing", "--redis", office_url)

    for done, place in ((missing, "missing"), (empty, office_url.rpartition("@")[2])):
        assert done.returncode == 1
        assert done.stderr.startswith("lembur: there is no office in ")
        assert f"{place} yet: name its scenario, or give another --data or --redis\n" in done.stderr
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("killed", [False, True])
def test_a_new_office_has_the_code_of_its_city_and_its_folder_keeps_it(tmp_path: Path, *, killed: bool) -> None:
    """Nobody has to set LEMBUR_OFFICE in each terminal: without it the next `up` would open another office.

    A first start that was killed has left its server's folder only.
    """
    scenario, data = real_scenario(tmp_path), tmp_path / "data"
    if killed:
        (data / "redis").mkdir(parents=True)
    scenario.write_text(scenario.read_text().replace('"surakarta-2016"', '"region.csv"'))
    (tmp_path / "region.csv").write_text("code,name,kecamatan,weight\n53.71.01.1001,Oe'ba,Kota Lama,1\n")

    with Lembur(tmp_path, ("up", scenario, "--data", data, "--quiet")) as run:
        run.ledger()
        board = lembur(tmp_path, "board", "--data", data)
        other = lembur(tmp_path, "board", "--data", data, office="3372")
        assert run.stop(signal.SIGINT) == 0

    assert run.said.startswith("office   5371, A small office\n")
    assert board.returncode == 0, board.stderr
    assert other.stderr == (
        f"lembur: {data} is of office 5371, but LEMBUR_OFFICE is 3372: leave it out, or give another --data\n"
    )
    again = lembur(tmp_path, "up", scenario, "--data", data, office="3372")
    assert (again.returncode, again.stderr) == (1, other.stderr)
    new = lembur(tmp_path, "up", scenario, "--data", tmp_path / "new", office="3372")
    assert new.stderr == "lembur: small is of the city 5371, but LEMBUR_OFFICE is 3372: set LEMBUR_OFFICE=5371\n"
