"""Flower beside a real `lembur up`: what its buttons do, and what it can be seen to know."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import Status
from lembur.domain.seats import StationCode
from lembur.ledger import queries
from support.programs import LEMBUR, free_port
from support.runs import Lembur, lembur, open_day_and_night, small_scenario
from support.servers import redis_of
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger import Ledger

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

DINAS = StationCode("dinas")
NODE = "print@dinas"


@dataclass(frozen=True, slots=True)
class Office:
    """A `lembur up` with three printers and one open seat at the dinas under a long queue, and Flower beside it."""

    folder: Path
    run: Lembur
    ledger: Ledger
    flower: str
    environment: dict[str, str]

    def ask(self, path: str, *, method: str = "GET") -> tuple[int, str]:
        """Ask Flower over HTTP; the answer's code and text."""
        request = urllib.request.Request(f"{self.flower}{path}", method=method)  # noqa: S310 - on this machine
        login = f"lead:{(self.folder / 'data' / 'flower.password').read_text()}"
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def press(self, button: str, n: int) -> tuple[int, str]:
        """Press Flower's Grow or Shrink for the dinas."""
        return self.ask(f"/api/worker/pool/{button}/{NODE}?n={n}", method="POST")

    def flowers_seats(self) -> int:
        """Read what Flower tells of the dinas when it asks anew."""
        _, text = self.ask(f"/api/workers?refresh=1&workername={NODE}")
        return int(json.loads(text)[NODE]["stats"]["pool"]["max-concurrency"])

    def dinas(self) -> queries.StationView:
        """Read the station as the ledger has it."""
        found = queries.read_board(self.ledger, [DINAS])
        return found.stations[0]

    def orders(self) -> list[dict[str, Any]]:
        """List the orders as `lembur orders --json` tells them."""
        told: list[dict[str, Any]] = json.loads(lembur(self.folder, "orders", "--json", "--data", self.run.data).stdout)
        return told


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office at work, its one open seat busy, and a Flower that has seen its workers."""
    folder = tmp_path_factory.mktemp("flower")
    scenario = open_day_and_night(small_scenario(folder, cards=1_800, seats=1))
    with Lembur(folder, ("up", scenario, "--speed", "30", "--data", folder / "data")) as run:
        ledger = run.ledger()
        environment = {
            **os.environ,
            "LEMBUR_REDIS_URL": (folder / "data" / "address").read_text(),
            "LEMBUR_DATA": str(folder / "data"),
        }
        found = Office(folder, run, ledger, f"http://127.0.0.1:{free_port()}", environment)
        with flower_of(found):
            eventually(lambda: found.dinas().seats_busy == 1)
            yield found


@contextmanager
def flower_of(office: Office) -> Iterator[subprocess.Popen[bytes]]:
    """Run Flower by its command until the block ends, and wait until it has seen the dinas."""
    port = office.flower.rpartition(":")[2]
    words = (LEMBUR, "flower", "--port", port, "--data", office.folder / "data")
    with (office.folder / f"flower-{port}.log").open("a") as log:
        process = subprocess.Popen(words, cwd=office.folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        eventually(lambda: _sees(office))
        yield process
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def office(at_work: Office) -> Office:
    """Give the office with one open seat at the dinas, whatever the test before ordered."""
    while at_work.dinas().seats_open > 1:
        at_work.press("shrink", 1)
    eventually(lambda: at_work.dinas().seats_busy == 1)
    return at_work


def test_grow_and_shrink_change_the_open_seats_under_a_backlog(office: Office) -> None:
    """With every seat busy and cards waiting, Flower's buttons open and close seats at once, and it shows them."""
    assert office.dinas().waiting > 50
    known = len(office.orders())

    assert office.press("grow", 2)[0] == 200

    eventually(lambda: office.dinas().seats_open == 3)
    eventually(lambda: office.dinas().seats_busy == 3)
    eventually(lambda: office.flowers_seats() == 3)  # a busy worker may answer Flower too late

    assert office.press("shrink", 2)[0] == 200

    eventually(lambda: office.dinas().seats_open == 1)
    eventually(lambda: office.dinas().seats_busy == 1)  # cards in hand are finished
    eventually(lambda: office.flowers_seats() == 1)
    given = office.orders()[known:]
    assert [(one["station"], one["seats"], one["by"], one["reason"]) for one in given] == [
        ("dinas", 3, "lead", "Grow in Flower"),
        ("dinas", 1, "lead", "Shrink in Flower"),
    ]


def test_an_order_of_the_command_line_shows_in_flower(office: Office) -> None:
    """`lembur seats` and Flower's buttons are one and the same: each shows what the other has ordered."""
    done = lembur(office.folder, "seats", "dinas", "2", "--by", "Sri", "--reason", "queue", "--data", office.run.data)

    assert done.returncode == 0, done.stderr
    eventually(lambda: office.flowers_seats() == 2)


def test_a_killed_worker_comes_back_with_the_seats_ordered(office: Office) -> None:
    """After kill -9 the worker is restarted and works with the seats that were ordered, not those of its start."""
    assert office.press("grow", 1)[0] == 200
    killed = office.run.pid_of(NODE)

    os.kill(killed, signal.SIGKILL)

    last = office.ledger.last_seen()[NODE]
    eventually(lambda: office.ledger.last_seen()[NODE] > last)
    assert office.run.pid_of(NODE) != killed
    assert office.dinas().seats_open == 2
    eventually(lambda: office.dinas().seats_busy == 2)
    eventually(lambda: office.flowers_seats() == 2)


def test_what_cannot_be_ordered_is_answered_in_a_sentence(office: Office) -> None:
    """More seats than printers or fewer than none are refused with the reason, and the worker works on."""
    code, told = office.press("grow", 9)
    assert (code, "dinas has 3 printers: seats must be 0 to 3, not 10" in told) == (403, True), told
    code, told = office.press("shrink", 2)
    assert (code, "seats must be 0 to 3, not -1" in told) == (403, True), told

    done = _control(office, "pool_shrink", "5")
    assert "dinas has 3 printers: seats must be 0 to 3, not -4" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert office.dinas().seats_open == 1
    printed = office.ledger.counts().get(Status.CARD_PRINTED, 0)
    eventually(lambda: office.ledger.counts().get(Status.CARD_PRINTED, 0) > printed)


REFUSED = (
    "worker/shutdown/print@dinas",
    "worker/pool/restart/print@dinas",
    "worker/pool/autoscale/print@dinas?min=1&max=9",
    "worker/queue/add-consumer/print@dinas?queue=print.jebres",
    "worker/queue/cancel-consumer/print@dinas?queue=print.dinas",
    "task/rate-limit/print.next?workername=print@dinas&ratelimit=1/h",
    "task/timeout/print.next?workername=print@dinas&hard=1&soft=1",
    "task/revoke/0123?terminate=true",
    "task/abort/0123",
    "task/apply/print.next",
    "task/async-apply/print.next",
    "task/send-task/print.next",
)
"""Every lever of Flower's pages and API that is no seat order."""
CONTROLS = (
    ("cancel_consumer", "print.dinas"),
    ("add_consumer", "print.jebres"),
    ("rate_limit", "print.next", "1/h"),
    ("time_limit", "print.next", "1", "1"),
    ("autoscale", "9", "1"),
    ("pool_restart",),
    ("revoke", "0123"),
    ("terminate", "KILL", "0123"),
    ("shutdown",),
)
"""The same levers by Celery's own command, which any other Flower would use too."""


def test_every_other_lever_of_flower_leaves_the_office_as_it_was(office: Office) -> None:
    """Each is refused with a sentence; the worker is the same, hears its queue, and prints on."""
    worker, known = office.run.pid_of(NODE), len(office.orders())

    for lever in REFUSED:
        code, text = office.ask(f"/api/{lever}", method="POST")
        assert (code, "Grow and Shrink" in text) == (403, True), (lever, code, text)

    assert office.run.pid_of(NODE) == worker
    assert len(office.orders()) == known
    assert _prints_on(office)


@pytest.mark.parametrize("words", CONTROLS, ids=lambda words: words[0])
def test_the_workers_refuse_the_same_levers(office: Office, words: tuple[str, ...]) -> None:
    """Whoever sends them: Celery's own command, or a Flower that was not started by Lembur."""
    worker = office.run.pid_of(NODE)

    done = _control(office, *words)

    assert "refused: seats are opened" in done.stdout + done.stderr, (done.stdout, done.stderr)
    assert office.run.pid_of(NODE) == worker


def test_only_a_login_may_order(office: Office) -> None:
    """Without one, or with a wrong one, nothing is ordered."""
    for header in ("", "Basic bGVhZDp3cm9uZw=="):
        request = urllib.request.Request(  # noqa: S310 - on this machine
            f"{office.flower}/api/worker/pool/grow/{NODE}", method="POST", headers={"Authorization": header}
        )
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request, timeout=60)  # noqa: S310 - the same

    assert office.dinas().seats_open == 1


MALFORMED = (
    b"",
    b"no json",
    b"\xff\xfe",
    b"[]",
    b"5",
    b"null",
    b"{}",
    b'{"body": "e30="}',
    b'{"properties": {}}',
    b'{"properties": null, "body": "e30="}',
    b'{"properties": {"delivery_tag": "a"}, "body": 5}',
    b'{"properties": {"delivery_tag": "b", "body_encoding": "base64"}, "body": "%%%"}',
    b'{"properties": {"delivery_tag": "c", "delivery_info": {}}, "headers": {"task": "print.next"}, "body": "[]"}',
    b'{"properties": {"delivery_tag": "d", "delivery_info": {}}, "headers": [], "body": "[]", "content-type": "x/y"}',
)
"""Messages that are none: no JSON, no object, without the parts that each message has, or with wrong ones."""


def test_a_malformed_message_is_refused_and_ends_no_worker(office: Office) -> None:
    """The worker drops it with a line in its log, and goes on with the next one."""
    worker, queue = office.run.pid_of(NODE), "bus:{3372}:print.dinas"

    for message in MALFORMED:
        redis_of(office.ledger.server).lpush(queue, message)
    for channel in redis_of(office.ledger.server).pubsub_channels("*pidbox*"):
        for message in MALFORMED[:8]:
            redis_of(office.ledger.server).publish(channel, message)

    eventually(lambda: redis_of(office.ledger.server).llen(queue) == 0)
    assert _prints_on(office)
    assert office.run.pid_of(NODE) == worker
    assert "a malformed message on the bus is dropped" in (office.run.data / "logs" / "worker-dinas.log").read_text()


def test_flower_ends_at_once_and_keeps_its_state(office: Office) -> None:
    """SIGTERM ends it also while the broker stands still; the tasks it had seen are there after the next start."""
    other = replace(office, flower=f"http://127.0.0.1:{free_port()}")
    server = office.run.pid_of("valkey-server")
    with flower_of(other) as flower:
        seen = eventually(lambda: _tasks(other))
        os.kill(server, signal.SIGSTOP)
        try:
            flower.terminate()
            eventually(lambda: flower.poll() is not None)
        finally:
            os.kill(server, signal.SIGCONT)

    with flower_of(other):
        assert seen.keys() <= _tasks(other).keys()


def test_flower_is_back_soon_after_the_broker_is(office: Office) -> None:
    """However long the broker was away: Flower tries again every few seconds."""
    up, log = office.run.process.pid, office.folder / f"flower-{office.flower.rpartition(':')[2]}.log"
    os.kill(up, signal.SIGSTOP)  # or it would start the server again at once
    try:
        os.kill(office.run.pid_of("valkey-server"), signal.SIGKILL)
        eventually(lambda: log.read_text().count("Flower waits for the broker") >= 4)
    finally:
        os.kill(up, signal.SIGCONT)

    eventually(lambda: _sees(office))
    newest = _last_received(office)
    eventually(lambda: _last_received(office) > newest)


def test_a_port_that_is_taken_is_one_sentence(office: Office) -> None:
    """The command ends with what is wrong, and no traceback."""
    port = office.flower.rpartition(":")[2]

    done = lembur(office.folder, "flower", "--port", port, "--data", office.run.data)

    assert done.returncode == 1
    assert f"lembur: 127.0.0.1:{port} cannot be listened on (Address already in use)" in done.stderr
    assert "Traceback" not in done.stderr


def _prints_on(office: Office) -> bool:
    printed = office.ledger.counts().get(Status.CARD_PRINTED, 0)
    eventually(lambda: office.ledger.counts().get(Status.CARD_PRINTED, 0) > printed)
    return True


def _last_received(office: Office) -> float:
    return max((task["received"] or 0.0 for task in _tasks(office).values()), default=0.0)


def _tasks(office: Office) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(office.ask("/api/tasks?limit=10000")[1])
    return found


def test_nothing_of_a_person_is_in_flower_or_on_the_bus(office: Office) -> None:
    """Neither Flower's answers nor what goes over the bus holds sixteen digits in a row, a hash, or the password."""
    paths = ("/api/workers?refresh=1", "/api/tasks?limit=1000", "/api/queues/length")
    told = [office.ask(path)[1] for path in paths]
    assert "print.next" in told[1]

    for text in (*told, *_bus(office.ledger)):
        # A moment with microseconds has seventeen characters, and a UUID never 32 in a row.
        assert not re.search(r"(?<![0-9a-f.])[0-9]{16}(?![0-9a-f])", text), text
        assert not re.search(r"[0-9a-f]{32}", text), text
        assert str(redis_of(office.ledger.server).connection_pool.connection_kwargs["password"]) not in text, text


def _bus(ledger: Ledger) -> Iterator[str]:
    """Everything that is sent over the bus until twenty wake-ups were seen, and what lies in it then."""
    wakes = 0
    with redis_of(ledger.server).monitor() as monitor:
        while wakes < 20:
            command = str(monitor.next_command()["command"])
            if "bus:" not in command:
                continue
            # A message's body is JSON in base64: what may not be in it would not show otherwise.
            bodies = [base64.b64decode(body).decode() for body in re.findall(r'"body": "([A-Za-z0-9+/=]+)"', command)]
            wakes += command.startswith("LPUSH") and "print." in command
            yield command + "".join(bodies)
    for key in redis_of(ledger.server).scan_iter("bus:*"):
        yield f"{key} {redis_of(ledger.server).execute_command('DUMP', key, NEVER_DECODE=True)!r}"


def _sees(office: Office) -> bool:
    code, text = office.ask("/api/workers?refresh=1")
    return code == 200 and NODE in json.loads(text)


def _control(office: Office, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "control", "-t", "120", "-d", NODE, *words]
    return subprocess.run(
        command, cwd=office.folder, env=office.environment, capture_output=True, text=True, check=False
    )
