"""Text that people type comes out of the ledger as it was typed: histories, events, the log, metrics, lists."""

from __future__ import annotations

import csv
import json
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from console.text import visible
from lembur.domain.card import card_id
from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.types import Lot
from lembur.office import OfficeSetup, open_office
from lembur.settings import Settings
from monitoring import serve
from producers.intake import Intake
from support.cli import Desk
from support.servers import redis_of
from support.small_office import HALL, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DINAS: Final = StationCode("dinas")
SPECIAL: Final = (
    "antrean [/]",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@x",
    'a"b\\c\\n{d="e"}',
    "a,b;c\td",
    "<b>&amp;</b>",
    "PRINTED@5 %s {0}",
    "Ny. Ʃarah 印刷 👍🏽",
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a cell that a spreadsheet takes for a formula."""
lines = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=60)
fixtures_stay = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def every_special(test: Callable[..., None]) -> Callable[..., None]:
    """Run a property on each special text as well."""
    for text in SPECIAL:
        test = example(text=text)(test)
    return test


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give the small office, with blanks for every example."""
    with connect(valkey_url) as server:
        yield opened(Ledger(server, office=office), blanks=10**6, ribbon=10**6)


@pytest.fixture
def solo(valkey_url: str, office: str) -> Ledger:
    """Give an open office of Solo without cards at Thursday 25 August 2016, 08:00."""
    found, setup = Ledger(connect(valkey_url), office=office), OfficeSetup(load("solo-2016"), 1, 1)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    return found


@pytest.fixture
def metrics(valkey_url: str, office: str, ledger: Ledger) -> Iterator[str]:
    """Serve the metrics of this office and give their address."""
    assert ledger.serial() == 0
    with serve(Settings(redis_url=valkey_url, office=office), host="127.0.0.1", port=0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/metrics"
        server.shutdown()


@fixtures_stay
@every_special
@given(text=st.text(min_size=1, max_size=60).filter(lambda text: "|" not in text))
def test_the_reason_of_a_spoiled_blank_is_shown_as_it_was_written(ledger: Ledger, metrics: str, text: str) -> None:
    """In the card's history, in the events, in the counts by hour, and as a label of Prometheus."""
    ledger.enrol([identity(ledger.serial())])
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    printed(ledger, lot, reason=text)
    [(_, event)] = redis_of(ledger.server).xrevrange(ledger.prefix + "events", count=1)
    printed(ledger, claim(ledger))

    with urlopen(metrics, timeout=30) as page:  # noqa: S310 - our own address
        found = text_string_to_metric_families(page.read().decode())
        spoiled = next(family for family in found if family.name == "lembur_spoiled_blanks")

    assert text in {entry.why for entry in queries.read_card(ledger, lot.cards[0]).history}
    assert json.loads(event["data"])["reasons"] == [text]
    assert queries.tally(ledger)["reason", HALL, text] >= 1
    assert {one.labels["reason"]: one.value for one in spoiled.samples if one.labels["station"] == HALL}[text] >= 1


@fixtures_stay
@every_special
@given(text=lines)
def test_names_reasons_and_minutes_are_logged_as_they_were_typed(
    solo: Ledger, valkey_url: str, office: str, tmp_path: Path, text: str
) -> None:
    """A hold and a delivery: in the log of people, as a table and in JSON, and in the history of the card."""
    desk, kept = Desk(valkey_url, office, tmp_path, columns=1000), text.replace("\t", " ").strip() or "x"
    redis_of(solo.server).delete(solo.prefix + "actions", solo.prefix + "references")
    solo.enrol([identity(solo.serial(), station=DINAS)])
    card = card_id(solo.serial())

    desk.do("hold", card, f"--by={kept}", f"--reason={kept}")
    desk.do("stock", "receive", DINAS, "--blanks=1", f"--minutes={kept}", f"--by={kept}")

    hold, receive = read_actions(solo)
    assert (hold.by, hold.reason, receive.by, receive.details["minutes"]) == (kept,) * 4
    assert desk.do("log").count(kept) >= 4
    assert [act["by"] for act in json.loads(desk.do("log", "--json"))] == [kept, kept]
    assert kept in desk.do("card", card)


@fixtures_stay
@every_special
@given(text=st.text(max_size=40))
def test_a_list_of_refused_rows_holds_no_formula(tmp_path: Path, text: str) -> None:
    """Whatever stands in the file: reasons are sentences of ours, and a NIK is masked, so no cell begins like one."""
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as opened_file:
        rows = csv.writer(opened_file)
        rows.writerow(("nik", "name", "kelurahan_code", "stream", "recorded_at"))
        rows.writerow((text, text, text, text, text))
        rows.writerow(("3372041705900001", text, text, text, text))

    report = Intake(None).take(file)

    with (tmp_path / "rows.csv.refused.csv").open(encoding="utf-8", newline="") as listed:
        cells = [cell for row in csv.reader(listed) for cell in row]
    assert report.refused > 0
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    assert len(text) < 4 or text.strip() in {"nik", "name", "row", "reason"} or text not in cells


@fixtures_stay
@every_special
@given(text=st.text(max_size=40))
def test_a_file_is_named_as_it_is_called(solo: Ledger, valkey_url: str, office: str, tmp_path: Path, text: str) -> None:
    """In the sentence that refuses it, and in the table of an intake."""
    name = "a" + text.replace("/", "_").replace("\0", "_") + ".csv"
    desk = Desk(valkey_url, office, tmp_path, columns=1000)
    assert solo.serial() == 0

    assert name in desk.be_refused("intake", "--", str(tmp_path / name))
    (tmp_path / name).write_text("nik,name,kelurahan_code,stream,recorded_at\n1,x,1,x,x\n")
    shown = desk.ask("intake", "--dry-run", "--", str(tmp_path / name)).output

    assert visible(name) in shown.replace("\n", "\\n")
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")
