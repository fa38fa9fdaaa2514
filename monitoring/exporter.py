"""The exporter: every metric of the table from one reading of the ledger, and a page for health checks."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from importlib.metadata import version
from math import inf
from socketserver import ThreadingMixIn
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from lembur.domain import world
from lembur.domain.errors import LedgerError, LemburError
from lembur.domain.observation import Forecast
from lembur.domain.seats import orders_in_force
from lembur.ledger import Ledger, connect
from lembur.ledger.queries.metrics import read_metrics, seat_plans
from lembur.office import read_dated_scenarios, read_setup
from monitoring.metrics import AGES, METRICS, Kind, Metric
from monitoring.overtime import cost_until
from monitoring.samples import SAMPLES, Histogram, Sample, ScrapeData

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from prometheus_client.metrics_core import Metric as Family

    from lembur.domain.overtime import DatedScenario
    from lembur.domain.seats import SeatOrder, SeatPlan, StationCode
    from lembur.office import OfficeSetup
    from lembur.settings import Settings

LEDGER_TIMEOUT_S = 1.0
"""Time for one of the four tries to read the ledger."""
READING_TIMEOUT_S = 8.0
"""Longest wait of a scrape. Prometheus gives up after ten seconds, and would call the exporter down."""
VERSION = version("lembur")
FAMILIES: dict[Kind, Any] = {
    Kind.COUNTER: CounterMetricFamily,
    Kind.GAUGE: GaugeMetricFamily,
    Kind.HISTOGRAM: HistogramMetricFamily,
}


@dataclass(slots=True)
class OfficeReader:
    """Reads one office. Its scenario is read after each change of it; of the seat orders only new ones are read."""

    ledger: Ledger
    setup: OfficeSetup
    dated: Sequence[DatedScenario]
    budget_rupiah: int
    orders: list[SeatOrder] = field(default_factory=list)
    plans: dict[StationCode, list[SeatPlan]] = field(default_factory=dict)

    def read(self) -> ScrapeData:
        """Read the office."""
        stations, scenario = self.setup.stations, self.setup.scenario
        seen = read_metrics(self.ledger, stations, ages_s=tuple(AGES.values()), orders_from=len(self.orders))
        if seen.orders or not self.plans:
            self.plans = seat_plans(self.ledger, stations)
            self.orders += seen.orders
        forecast = Forecast.from_json(json.loads(seen.forecast)) if seen.forecast else None
        return ScrapeData(
            snapshot=seen,
            stations=stations,
            spoil_reasons=tuple(scenario.printing.spoil_reasons),
            orders=[*world.overtime_orders(scenario), *orders_in_force(self.orders)],
            overtime=cost_until(self.dated, self.plans, seen.now_ms, self.budget_rupiah),
            forecast=forecast,
            version=VERSION,
        )


def find_office(settings: Settings, budget_rupiah: int) -> OfficeReader:
    """Find the office that is open in the ledger. LedgerError: the ledger is out of reach or empty."""
    ledger = Ledger(connect(settings.redis_url, patience_s=LEDGER_TIMEOUT_S), office=settings.office)
    setup = read_setup(ledger)
    return OfficeReader(ledger, setup, read_dated_scenarios(ledger, setup), budget_rupiah)


class LedgerCollector(Collector):
    """Reads the ledger for each scrape. Without an answer it shows no value of the office, so no value is stale."""

    def __init__(self, settings: Settings, budget_rupiah: int) -> None:
        self._settings = settings
        self._budget_rupiah = budget_rupiah
        self._office: OfficeReader | None = None
        self._lock = Lock()
        self._reading: Future[ScrapeData] | None = None

    def describe(self) -> Iterable[Family]:
        """Return no names, or the registry would read the ledger when the exporter starts."""
        return []

    def collect(self) -> Iterator[Family]:
        """Yield every metric of the table."""
        began_s = time.perf_counter()
        try:
            shown = self.read()
        except LemburError:
            shown = None
        took_s = time.perf_counter() - began_s
        own = {"lembur_exporter_scrape_success": shown is not None, "lembur_exporter_scrape_duration_seconds": took_s}
        for row in METRICS:
            if row.name in own:
                yield self._family(row, [((), own[row.name])])
            elif shown and row.name in SAMPLES:
                yield self._family(row, SAMPLES[row.name](shown))

    def read(self) -> ScrapeData:
        """Read the office. All scrapes that wait share one reading, so a slow ledger is asked once."""
        with self._lock:
            if self._reading is None or self._reading.done():
                self._reading = Future()
                Thread(target=self._run, args=(self._reading,), name="reading", daemon=True).start()
            reading = self._reading
        try:
            return reading.result(READING_TIMEOUT_S)
        except TimeoutError as fault:
            raise LedgerError(f"the ledger did not answer within {READING_TIMEOUT_S:.0f} seconds") from fault

    def _family(self, row: Metric, samples: Iterable[Sample]) -> Family:
        family = FAMILIES[row.kind](row.name, row.meaning, labels=("office", *row.labels))
        for labels, value in samples:
            of_office = (self._settings.office, *labels)
            if isinstance(value, Histogram):
                buckets = [("+Inf" if edge == inf else str(edge), n) for edge, n in value.cumulative]
                family.add_metric(of_office, buckets, value.sum_s)
            else:
                family.add_metric(of_office, float(value))
        return cast("Family", family)

    def _run(self, reading: Future[ScrapeData]) -> None:
        try:
            self._office = self._office or find_office(self._settings, self._budget_rupiah)
            found = self._office.read()
            if found.snapshot.changes != self._office.setup.changes:
                self._office = find_office(self._settings, self._budget_rupiah)
                found = self._office.read()
            reading.set_result(found)
        except BaseException as fault:  # noqa: BLE001 - raised again in every scrape that waits
            reading.set_exception(fault)


class Exporter:
    """Two pages: /metrics for Prometheus, /healthz for health checks."""

    def __init__(self, settings: Settings, budget_rupiah: int) -> None:
        self._collector = LedgerCollector(settings, budget_rupiah)
        # A collector without names answers every `name[]` of a scrape.
        registry = CollectorRegistry(auto_describe=False, support_collectors_without_names=True)
        registry.register(self._collector)
        # On a machine's own network compressing a page takes longer than sending it.
        self._metrics: WSGIApplication = make_wsgi_app(registry, disable_compression=True)

    def __call__(self, environment: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        """Answer one request; HEAD has the status and headers of GET, and no body."""
        if environment["REQUEST_METHOD"] == "HEAD":
            return self._head({**environment, "REQUEST_METHOD": "GET"}, respond)
        path = environment["PATH_INFO"]
        if path == "/metrics":
            return self._metrics(environment, respond)
        if path == "/healthz":
            return self._health(respond)
        return _respond(respond, "404 Not Found", "here are /metrics and /healthz")

    def _head(self, environment: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        answers: list[tuple[str, list[tuple[str, str]]]] = []
        body = b"".join(self(environment, cast("StartResponse", lambda *answer: answers.append(answer))))
        [(status, headers)] = answers
        respond(status, [*headers, ("Content-Length", str(len(body)))])
        return []

    def _health(self, respond: StartResponse) -> Iterable[bytes]:
        try:
            self._collector.read()
        except LemburError as fault:
            return _respond(respond, "503 Service Unavailable", str(fault))
        return _respond(respond, "200 OK", "the ledger answers")


def _respond(respond: StartResponse, status: str, sentence: str) -> Iterable[bytes]:
    respond(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{sentence}\n".encode()]


class MetricsServer(ThreadingMixIn, WSGIServer):
    """Answers each request in a thread of its own: health during a scrape, several scrapes at once."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Logs no requests, because Prometheus sends one every few seconds."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Log nothing."""


def serve(settings: Settings, *, host: str, port: int, budget_rupiah: int = 0) -> MetricsServer:
    """Listen on an address; `serve_forever` of the server answers."""
    return make_server(host, port, Exporter(settings, budget_rupiah), MetricsServer, QuietHandler)
