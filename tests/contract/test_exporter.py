"""The exporter as Prometheus meets it: pages over HTTP, one reading a scrape, nothing stale."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import CardId, Priority, Status
from lembur.domain.seats import CENTRE, SeatOrder, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS, Finding, Lot, SeatTable
from lembur.settings import Settings
from monitoring.exporter import serve
from monitoring.metrics import METRICS
from support.servers import redis_of, running
from support.small_office import HALL, WING, answered, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger.connection import Server

Page = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@contextmanager
def exporting(url: str, office: str) -> Iterator[str]:
    """Serve the metrics of an office and give the exporter's address."""
    with serve(Settings(redis_url=url, office=office), host="127.0.0.1", port=0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def text_of(address: str) -> str:
    """Read the page that Prometheus reads."""
    with urlopen(f"{address}/metrics", timeout=30) as page:  # noqa: S310 - our own address
        return str(page.read().decode())


def scraped(address: str) -> Page:
    """Read all samples of a scrape by name and labels; the office is a label of each and left out."""
    families = text_string_to_metric_families(text_of(address))
    samples = [sample for family in families for sample in family.samples]
    assert len({sample.labels.pop("office") for sample in samples}) == 1
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def shown(page: Page, name: str, **labels: str) -> float:
    """One value of a scrape."""
    return page[f"lembur_{name}", tuple(sorted(labels.items()))]


def test_what_happens_to_cards_is_shown(server_url: str, office: str) -> None:
    """Queue by class, ages, outcomes, durations, waits, stock and shelves follow the verbs one by one."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office), steps=[Step(0, 2)], fed_ms=10**9)
        ledger.set_clock(virtual_ms=300_000_000, speed=0, ends_ms=10**9)
        ledger.enrol([identity(number, ready_ms=number * 1000) for number in range(4)])
        ledger.enrol([identity(9, ready_ms=0, first_issue=True, priority=Priority.FIRST_TIME, station=WING)])
        ledger.expedite(CardId("00000003"), by="Bu Sri", reason="a test")

        before = scraped(address)
        answered(ledger, claim(ledger, CENTRE, takes_ms=400_000), Status.DUPLICATE_RECORD)
        printed(ledger, claim(ledger, takes_ms=90_000), reason="damaged")
        lot = claim(ledger, takes_ms=260_000_000)
        between = scraped(address)
        printed(ledger, lot)
        after = scraped(address)

    assert shown(before, "queue_cards", station="hall", stage="printing", **{"class": "print_ready"}) == 3
    assert shown(before, "queue_cards", station="hall", stage="printing", **{"class": "expedited"}) == 1
    assert shown(before, "queue_cards", station="centre", stage="verification", **{"class": "first_time"}) == 1
    assert shown(before, "queue_oldest_card_age_seconds", station="hall", stage="printing") == 300_000
    assert shown(before, "queue_cards_past_age", station="hall", age="3d") == 4
    assert shown(before, "arrivals_total", station="centre", **{"class": "first_time"}) == 1
    assert shown(before, "spoiled_blanks_total", station="hall", reason="damaged") == 0
    assert shown(before, "retries_total", stage="printing", reason="spoiled") == 0
    assert shown(between, "in_flight_cards", station="hall", stage="printing") == 1
    assert shown(between, "seats_busy", station="hall") == 1
    assert shown(after, "in_flight_cards", station="hall", stage="printing") == 0
    assert shown(after, "centre_verdicts_total", verdict="DUPLICATE_RECORD") == 1
    assert shown(after, "shelved_cards", status="DUPLICATE_RECORD") == 1
    assert shown(after, "cards_total", station="hall", stage="printing", outcome="printed") == 1
    assert shown(after, "cards_total", station="hall", stage="printing", outcome="spoiled") == 1
    assert shown(after, "spoiled_blanks_total", station="hall", reason="damaged") == 1
    assert shown(after, "retries_total", stage="printing", reason="spoiled") == 1
    assert shown(after, "stage_duration_seconds_bucket", station="hall", stage="printing", le="60.0") == 0
    assert shown(after, "stage_duration_seconds_bucket", station="hall", stage="printing", le="90.0") == 1
    assert shown(after, "card_wait_seconds_bucket", station="hall", le="259200.0") == 0
    assert shown(after, "card_wait_seconds_bucket", station="hall", le="+Inf") == 1
    assert shown(after, "centre_response_seconds_sum") == 400
    assert shown(after, "stock_units", item="blank", station="hall") == 98


def test_a_card_that_kept_the_rule_to_the_millisecond_is_counted_as_such(server_url: str, office: str) -> None:
    """Three days are an edge: a card printed exactly then is inside, one a millisecond later is not."""
    three_days_ms = 259_200_000
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office), steps=[Step(0, 2)])
        ledger.enrol([identity(1), identity(2)])
        for takes_ms in (three_days_ms, three_days_ms + 1):
            printed(ledger, claim(ledger, takes_ms=takes_ms))
        page = scraped(address)

    assert shown(page, "card_wait_seconds_bucket", station="hall", le="259200.0") == 1
    assert shown(page, "card_wait_seconds_count", station="hall") == 2


def test_a_seat_order_shows_when_it_ends(server_url: str, office: str) -> None:
    """The order in force tells its end and counts; before any there is none."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office))
        before = scraped(address)
        order = SeatOrder(HALL, 3, 0, 10**6, "Bu Sri", "a test")
        ledger.order([order], known=0, seats={HALL: SeatTable([Step(0, 3)])})
        after = scraped(address)

    assert shown(before, "seat_order_expiry_timestamp_seconds", station="hall") == 0
    assert shown(after, "seat_order_expiry_timestamp_seconds", station="hall") == 1000
    assert shown(after, "seat_orders_total", station="hall") == 1
    assert shown(after, "seats_open", station="hall") == 3


def test_a_cancelled_order_shows_no_end(server_url: str, office: str) -> None:
    """Nor does its cancellation, which closes nothing by itself."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office))
        given = SeatOrder(HALL, 3, 0, 10**6, "Bu Sri", "a test")
        ledger.order([given], known=0, seats={HALL: SeatTable([Step(0, 3)])})
        cancel = SeatOrder(HALL, 0, 0, 10**6, "Bu Sri", "a mistake", cancels=1)
        ledger.order([cancel], known=1, seats={HALL: SeatTable([Step(0, 1)])})
        page = scraped(address)

    assert shown(page, "seat_order_expiry_timestamp_seconds", station="hall") == 0


def test_without_a_ledger_nothing_of_it_is_shown(tmp_path: Path, office: str) -> None:
    """A ledger away, before the first scrape or after one: 200, success 0, no value of the office; health says 503."""
    with running(valkey_binary(), tmp_path) as url, connect(url) as server, exporting(url, office) as address:
        assert shown(scraped(address), "exporter_scrape_success") == 0
        opened(Ledger(server, office=office))
        assert shown(scraped(address), "exporter_scrape_success") == 1
        redis_of(server).shutdown(nosave=True)

        page = scraped(address)
        with pytest.raises(HTTPError) as health:
            urlopen(f"{address}/healthz", timeout=30)  # noqa: S310 - our own address

    assert {name for name, _ in page} == {"lembur_exporter_scrape_success", "lembur_exporter_scrape_duration_seconds"}
    assert shown(page, "exporter_scrape_success") == 0
    assert health.value.code == 503
    assert b"ledger did not answer" in health.value.read()


def commands(server: Server) -> int:
    """Commands the server has carried out, those of scripts included."""
    return sum(row["calls"] for row in server.info("commandstats").values())


@pytest.mark.parametrize("cards", [10, 3000])
def test_the_work_of_a_scrape_does_not_grow_with_the_cards(server_url: str, office: str, cards: int) -> None:
    """One script, and as many commands inside it for three thousand waiting cards as for ten."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office))
        ledger.enrol([identity(number, first_issue=number % 2 == 0) for number in range(cards)])
        scraped(address)
        node = ledger.server  # in a cluster the office has a node of its own
        before, sent = commands(node), node.info("commandstats").get("cmdstat_fcall_ro", {"calls": 0})["calls"]
        scraped(address)
        done = commands(node) - before
        assert node.info("commandstats")["cmdstat_fcall_ro"]["calls"] - sent == 1

    assert done < 120


def test_no_label_names_a_card_or_a_person(server_url: str, office: str) -> None:
    """Neither a card's number nor a NIK, its hash or mask is on the page, whatever happened."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office))
        ledger.enrol([identity(number, first_issue=number < 3) for number in range(6)])
        answered(ledger, claim(ledger, CENTRE), Status.ADJUDICATE_RECORD)
        lot = claim(ledger)
        ledger.hold(CardId("00000005"), by="Bu Sri", reason="nik-4 is asked for")
        text = text_of(address)

    assert "nik-" not in text
    assert "mask" not in text
    assert "0000000" not in text
    assert getattr(lot, "name", "?") not in text


def test_every_metric_has_the_labels_of_the_table(server_url: str, office: str) -> None:
    """No label is on the page that the table does not name."""
    labels = {row.name: set(row.labels) for row in METRICS}
    with connect(server_url) as server, exporting(server_url, office) as address:
        opened(Ledger(server, office=office))
        families = list(text_string_to_metric_families(text_of(address)))

    for family in families:
        name = family.name + ("_total" if family.type == "counter" else "")
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == labels[name] | {"office"}, name


@pytest.mark.parametrize(("ago_ms", "alive"), [(HEARTBEAT_TIMEOUT_MS - 5_000, 1), (HEARTBEAT_TIMEOUT_MS + 1, 0)])
def test_a_worker_that_is_long_gone_is_not_seen(server_url: str, office: str, ago_ms: int, alive: int) -> None:
    """Its last heartbeat stays in the ledger; it counts only while it is young."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office))
        ledger.server.hset(ledger.prefix + "heartbeats", "print@hall", f"{ledger.real_ms() - ago_ms}|{HALL}")

        assert shown(scraped(address), "workers_seen", station=HALL) == alive


@pytest.mark.parametrize("path", ["metrics", "healthz", "nothing"])
def test_head_has_the_headers_of_get_and_no_body(server_url: str, office: str, path: str) -> None:
    """Programs that only look whether a page is there ask with HEAD."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        opened(Ledger(server, office=office))
        port = int(address.rpartition(":")[2])
        answers, body = {}, b""
        for method in ("GET", "HEAD"):
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(method, f"/{path}")
            answer = connection.getresponse()
            answers[method] = (answer.status, answer.getheader("Content-Type"), answer.getheader("Content-Length"))
            body = answer.read()
            connection.close()

    assert answers["GET"][:2] == answers["HEAD"][:2]
    assert int(answers["HEAD"][2] or 0) > 0
    assert body == b""


def test_a_scrape_may_ask_for_some_metrics_only(server_url: str, office: str) -> None:
    """`name[]` filters, as with any exporter; an unknown name gives an empty page."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        opened(Ledger(server, office=office))
        asked = "name[]=lembur_seats_open&name[]=lembur_cards_total"
        with urlopen(f"{address}/metrics?{asked}", timeout=30) as page:  # noqa: S310 - our own address
            families = list(text_string_to_metric_families(page.read().decode()))
        with urlopen(f"{address}/metrics?name[]=other", timeout=30) as page:  # noqa: S310 - our own address
            nothing = page.read()

    assert {family.name for family in families} == {"lembur_seats_open", "lembur_cards"}
    assert all(family.samples for family in families)
    assert nothing == b""


def test_scrapes_that_overlap_are_answered_before_prometheus_gives_up(tmp_path: Path, office: str) -> None:
    """A frozen server is asked once for all who wait: four scrapes end within the ten seconds Prometheus waits."""
    with running(valkey_binary(), tmp_path) as url, connect(url) as server, exporting(url, office) as address:
        opened(Ledger(server, office=office))
        scraped(address)
        process = server.info("server")["process_id"]

        def scrape(_: int) -> float:
            with urlopen(f"{address}/metrics", timeout=30) as page:  # noqa: S310 - our own address
                families = text_string_to_metric_families(page.read().decode())
                [success] = [f for f in families if f.name == "lembur_exporter_scrape_success"]
            return success.samples[0].value

        os.kill(process, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(4) as pool:
                results = list(pool.map(scrape, range(4)))
        finally:
            os.kill(process, signal.SIGCONT)
        after = scraped(address)

    assert results == [0, 0, 0, 0]
    assert shown(after, "exporter_scrape_success") == 1


def test_a_corrected_finding_lowers_no_counter(server_url: str, office: str) -> None:
    """A card found printed, then spoiled, then printed again: Prometheus would take a fall for a restart."""
    with connect(server_url) as server, exporting(server_url, office) as address:
        ledger = opened(Ledger(server, office=office))
        ledger.enrol([identity(1)])
        lot = claim(ledger)
        assert isinstance(lot, Lot)
        ledger.unconfirm(lot)
        counters: list[Page] = []
        for finding, by in ((Finding.PRINTED, "Bu Sri"), (Finding.SPOILED, "Pak Budi"), (Finding.PRINTED, "Bu Ani")):
            ledger.confirm(lot.cards[0], finding=finding, by=by)
            counters.append({name: n for name, n in scraped(address).items() if name[0].endswith("_total")})

    assert counters[0].keys() <= counters[1].keys() <= counters[2].keys()
    for before, after in pairwise(counters):
        assert not [name for name in before if after[name] < before[name]]
    outcomes = {"station": HALL, "stage": "printing"}
    assert shown(counters[2], "cards_total", outcome="printed", **outcomes) == 2
    assert shown(counters[2], "cards_total", outcome="spoiled", **outcomes) == 1
