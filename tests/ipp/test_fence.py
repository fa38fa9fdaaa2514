"""A real print server behind the fence: each job begins once, and the journal knows what came out."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from support.cups import PrintServer
from support.waiting import eventually
from workers.devices.ipp.journal import FenceJournal
from workers.devices.ipp.queue import JobState, PrintQueue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENT = b"a card"
RAW = "application/octet-stream"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrintServer]:
    """Give a print server with one queue."""
    with PrintServer(tmp_path / "cups") as found:
        found.add_queue("card1")
        yield found


@pytest.fixture
def queue(server: PrintServer) -> Iterator[PrintQueue]:
    """Give its queue."""
    found = PrintQueue(f"ipp://127.0.0.1:{server.port}/printers/card1")
    yield found
    found.close()


@pytest.fixture
def journal(server: PrintServer) -> FenceJournal:
    """Give the journal that the queue's fence writes."""
    return FenceJournal(server.journal)


def submit(queue: PrintQueue, name: str) -> int:
    """Send a card and leave it held."""
    job = queue.create_held(name)
    queue.send(job, DOCUMENT, RAW)
    assert queue.is_ready(job)
    return job


def allow(journal: FenceJournal, name: str, seconds: float = 30.0) -> None:
    """Allow a job for as long as a lease runs."""
    assert journal.allow(name, until_s=time.monotonic() + seconds)


def has_end(journal: FenceJournal, name: str) -> bool:
    """Return True if a job has an end."""
    return bool(journal.read(name).end)


def ended_well(journal: FenceJournal, name: str) -> bool:
    """Wait for the end of a job; return whether its backend reported one page and no fault."""
    eventually(lambda: journal.read(name).end)
    end = journal.read(name).end or {}
    return (end["code"], end["pages"]) == (0, 1)


def test_a_card_comes_out_once_it_is_allowed_and_released(
    server: PrintServer, queue: PrintQueue, journal: FenceJournal
) -> None:
    """Held, nothing is printed; released, one card comes out, and the journal has its end."""
    job = submit(queue, "lot/1")
    assert server.record("card1") == []

    allow(journal, "lot/1")
    queue.release(job)

    assert ended_well(journal, "lot/1")
    assert server.cards_out("card1") == ["lot/1"]
    assert eventually(lambda: queue.job_state(job) == JobState.COMPLETED)


@pytest.mark.parametrize("why", ["not allowed", "lease over", "called off"])
def test_a_job_that_no_worker_stands_for_is_refused(
    server: PrintServer, queue: PrintQueue, journal: FenceJournal, why: str
) -> None:
    """A released job without permission, past its lease or called off costs no blank."""
    job = submit(queue, "lot/1")
    if why == "lease over":
        allow(journal, "lot/1", seconds=-1)
    if why == "called off":
        allow(journal, "lot/1")
        journal.call_off("lot/1")
        assert not journal.allow("lot/1", until_s=time.monotonic() + 30)

    queue.release(job)

    assert eventually(lambda: journal.read("lot/1").is_refused)
    assert eventually(lambda: queue.job_state(job) >= JobState.CANCELED)
    assert server.record("card1") == []


def test_another_job_of_the_same_card_is_refused(server: PrintServer, queue: PrintQueue, journal: FenceJournal) -> None:
    """A repeated request makes a second job; the card still comes out once."""
    first, second = submit(queue, "lot/1"), submit(queue, "lot/1")
    allow(journal, "lot/1")

    queue.release(first)
    queue.release(second)

    assert eventually(lambda: queue.job_state(second) >= JobState.CANCELED)
    assert eventually(lambda: journal.read("lot/1").end)
    assert server.cards_out("card1") == ["lot/1"]


@pytest.mark.parametrize("into_the_print_s", [0.0, 0.3, 0.6])
def test_a_print_server_that_is_killed_prints_no_second_card(
    server: PrintServer, queue: PrintQueue, journal: FenceJournal, into_the_print_s: float
) -> None:
    """CUPS begins the job again after its restart; the fence refuses it, and the first print is the only one."""
    server.play("card1", s=0.9)
    job = submit(queue, "lot/1")
    allow(journal, "lot/1")
    queue.release(job)
    eventually(lambda: server.record("card1"))
    wait_s = time.monotonic() + into_the_print_s
    eventually(lambda: time.monotonic() > wait_s)

    server.kill()
    server.start()

    assert ended_well(journal, "lot/1")
    assert eventually(lambda: queue.job_state(job) >= JobState.CANCELED)
    assert server.record("card1") == ["lot/1 begin", "lot/1 out"]


def test_without_the_fence_a_print_server_that_is_killed_prints_two_cards(server: PrintServer) -> None:
    """The ordinary way: the job begins again by itself, and the server reports one completed job."""
    queue = PrintQueue(server.add_queue("plain", fenced=False))
    server.play("plain", waits="cover-open")
    job = queue.create_held("lot/1")
    queue.send(job, DOCUMENT, RAW)
    queue.release(job)
    eventually(lambda: server.record("plain"))

    server.kill()
    server.start()
    eventually(lambda: server.record("plain").count("lot/1 begin") == 2)
    server.play("plain")

    assert eventually(lambda: len(server.cards_out("plain")) == 2)
    assert eventually(lambda: queue.job_state(job) == JobState.COMPLETED)
    queue.close()


def test_a_printer_that_spoils_each_blank_is_stopped(
    server: PrintServer, queue: PrintQueue, journal: FenceJournal
) -> None:
    """After three blanks in a row its queue stops; enabled by a person it goes on, and no card is printed twice."""
    server.play("card1", code=1)
    jobs = []
    for number in range(3):
        eventually(lambda: queue.status().idle)
        allow(journal, f"lot/{number}")
        jobs.append(submit(queue, f"lot/{number}"))
        queue.release(jobs[-1])
        eventually(partial(has_end, journal, f"lot/{number}"))
    eventually(lambda: "paused" in queue.status().reasons)
    assert not queue.status().idle

    server.play("card1")
    server.enable("card1")

    eventually(lambda: queue.job_state(jobs[-1]) == JobState.CANCELED)
    assert journal.read("lot/2").rows[-1]["what"] == "refused"
    job = submit(queue, "lot/3")
    allow(journal, "lot/3")
    queue.release(job)
    assert ended_well(journal, "lot/3")
    assert server.record("card1").count("lot/2 begin") == 1


def test_after_a_power_cut_the_outcome_is_for_a_person(
    server: PrintServer, queue: PrintQueue, journal: FenceJournal
) -> None:
    """The printer, the fence and the server end at once: the job never begins again, and has no end."""
    server.play("card1", s=30)
    job = submit(queue, "lot/1")
    allow(journal, "lot/1")
    queue.release(job)
    eventually(lambda: server.record("card1"))
    assert journal.is_at_work("card1")

    server.cut_power()
    server.start()

    assert eventually(lambda: queue.job_state(job) >= JobState.CANCELED)
    record = journal.read("lot/1")
    assert record.has_begun
    assert record.end is None
    assert not journal.is_at_work("card1")
    assert server.record("card1") == ["lot/1 begin"]


def test_a_torn_row_hides_no_other(server: PrintServer, queue: PrintQueue, journal: FenceJournal) -> None:
    """A row that a power cut tore is left out, and rows after it stand on lines of their own."""
    with server.journal.open("ab") as file:
        file.write(b'{"job": "lot/1", "what": "beg')
    job = submit(queue, "lot/1")
    allow(journal, "lot/1")

    queue.release(job)

    assert eventually(lambda: journal.read("lot/1").end)
    assert server.cards_out("card1") == ["lot/1"]
