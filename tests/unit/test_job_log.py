"""The printer's own log: what came out, and what is called off stays off."""

from __future__ import annotations

import fcntl
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId
from lembur.domain.seats import StationCode
from lembur.ledger.types import Lot
from workers.devices import JobLog, Print, job_log, owner_of

if TYPE_CHECKING:
    from pathlib import Path

PRINTS = [Print(100, ""), Print(200, "damaged")]


def lot(folder: Path, name: str) -> Lot:
    """A lot of two cards claimed for the printers that log into this folder."""
    cards = (CardId("00000001"), CardId("00000002"))
    return Lot(owner_of(folder) + name, StationCode("hall"), 0, 0, cards, (100, 200))


def test_all_who_begin_at_once_have_one_name(tmp_path: Path) -> None:
    """Workers that start together on a new folder agree on whose printers they are, and none has an empty name."""
    for number in range(200):
        with ThreadPoolExecutor(4) as starting:
            names = set(starting.map(owner_of, [tmp_path / str(number)] * 4))

        assert len(names) == 1
        assert len(names.pop()) == 8
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["owner"]


def test_what_came_out_is_found_by_any_process(tmp_path: Path) -> None:
    """Each print with its end and its reason."""
    JobLog(tmp_path / "hall.jsonl").write(lot(tmp_path, "a"), PRINTS)

    assert JobLog(tmp_path / "hall.jsonl").call_off(lot(tmp_path, "a")) == PRINTS


def test_a_lot_that_was_called_off_is_never_printed(tmp_path: Path) -> None:
    """The seat that slept past its lease sends it after all; the printer refuses."""
    asleep, sweep = JobLog(tmp_path / "hall.jsonl"), JobLog(tmp_path / "hall.jsonl")
    assert asleep.write(lot(tmp_path, "a"), PRINTS)

    assert sweep.call_off(lot(tmp_path, "b")) == []
    assert not asleep.write(lot(tmp_path, "b"), PRINTS)
    assert sweep.call_off(lot(tmp_path, "b")) == []


def test_a_lot_whose_lease_is_over_is_not_printed(tmp_path: Path) -> None:
    """Nobody called it off here, but on another machine a person may have said that it was not printed."""
    log = JobLog(tmp_path / "hall.jsonl")

    assert not log.write(replace(lot(tmp_path, "a"), held_until_s=time.monotonic() - 0.001), PRINTS)
    assert log.write(replace(lot(tmp_path, "b"), held_until_s=time.monotonic() + 60), PRINTS)


def test_printers_of_another_machine_do_not_answer_for_it(tmp_path: Path) -> None:
    """They cannot know: a person must look."""
    stranger = lot(tmp_path / "there", "a")

    assert JobLog(tmp_path / "here" / "hall.jsonl").call_off(stranger) is None


def test_a_line_torn_by_a_power_cut_is_for_a_person_and_hurts_no_other(tmp_path: Path) -> None:
    """The next line begins anew."""
    log = JobLog(tmp_path / "hall.jsonl")
    log.write(lot(tmp_path, "a"), PRINTS)
    path = tmp_path / "hall.jsonl"
    path.write_bytes(path.read_bytes()[:-5])

    again = JobLog(path)

    assert again.call_off(lot(tmp_path, "a")) is None
    assert again.write(lot(tmp_path, "b"), PRINTS)
    assert again.call_off(lot(tmp_path, "b")) == PRINTS


def test_a_torn_line_stays_for_a_person_when_others_follow(tmp_path: Path) -> None:
    """The next line ends it, which does not make it whole."""
    path = tmp_path / "hall.jsonl"
    JobLog(path).write(lot(tmp_path, "a"), PRINTS)
    path.write_bytes(path.read_bytes()[:-5])
    JobLog(path).write(lot(tmp_path, "b"), PRINTS)

    assert JobLog(path).call_off(lot(tmp_path, "a")) is None


def test_a_job_that_the_printer_does_not_tell_is_for_a_person(tmp_path: Path) -> None:
    """After a jam: the log has the first card, whose blank is spoiled; the printer says nothing of any."""
    path = tmp_path / "hall.jsonl"

    assert JobLog(path).write(lot(tmp_path, "a"), [Print(100, "jam")], confirmed=False)
    assert JobLog(path).call_off(lot(tmp_path, "a")) is None
    assert json.loads(path.read_text())["cards"] == ["00000001"]


def test_a_log_that_cannot_be_read_is_for_a_person(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the reason, the sweep lives on, and the log names it."""
    log = JobLog(tmp_path / "hall.jsonl")
    log.write(lot(tmp_path, "a"), PRINTS)
    (tmp_path / "hall.jsonl").unlink()
    (tmp_path / "hall.jsonl").mkdir()

    assert log.call_off(lot(tmp_path, "a")) is None
    assert [record.getMessage() for record in caplog.records] == [
        f"the print log {tmp_path / 'hall.jsonl'} cannot be used: Is a directory"
    ]


@pytest.mark.parametrize(
    "row", [b'{"lot":"x","called_off":tr', b'["called_off"]', b'"called_off"', b'{"called_off":true}']
)
def test_a_row_that_cannot_be_read_stops_no_seat(tmp_path: Path, caplog: pytest.LogCaptureFixture, row: bytes) -> None:
    """Jobs before and after it are printed and found; it is logged once."""
    path = tmp_path / "hall.jsonl"
    path.write_bytes(row + b"\n")
    log = JobLog(path)

    assert log.write(lot(tmp_path, "a"), PRINTS)
    assert log.write(lot(tmp_path, "b"), PRINTS)
    assert log.call_off(lot(tmp_path, "c")) == []
    assert not log.write(lot(tmp_path, "c"), PRINTS)
    assert log.call_off(lot(tmp_path, "b")) == PRINTS
    assert [record.message for record in caplog.records] == [
        f"the print log {path} has a row at byte 0 that cannot be read"
    ]


@pytest.mark.parametrize("size", [1, 9, 12, 20])
def test_a_row_torn_inside_its_lots_name_is_for_a_person(tmp_path: Path, size: int) -> None:
    """It may be the row of this lot, which came out: it must not be printed again. A disk may end it with zeros."""
    path = tmp_path / "hall.jsonl"
    JobLog(path).write(lot(tmp_path, "a" * 32), PRINTS)
    path.write_bytes(path.read_bytes()[:size] + b"\0\0\0")

    assert JobLog(path).write(lot(tmp_path, "b" * 32), PRINTS)
    assert JobLog(path).call_off(lot(tmp_path, "a" * 32)) is None


def test_a_log_that_cannot_be_written_is_known_before_a_job_begins(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason is logged when it comes and when it is gone, not each time."""
    path = tmp_path / "hall.jsonl"
    log = JobLog(path)
    path.mkdir()

    reasons = {log.find_fault() for _ in range(3)}

    assert reasons == {f"the print log {path} cannot be written: Is a directory"}
    path.rmdir()
    assert (log.find_fault(), log.find_fault()) == ("", "")
    assert [record.getMessage() for record in caplog.records] == [
        f"the print log {path} cannot be written: Is a directory",
        f"the print log {path} can be written again",
    ]


def test_a_log_is_locked_while_a_row_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seats of a machine are processes of their own: a row of one may not fall into a row of another."""
    path = tmp_path / "hall.jsonl"
    log, is_locked, fsync = JobLog(path), [], os.fsync

    def try_to_lock(file: int) -> None:
        with path.open("ab") as other:
            try:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                is_locked.append(True)
        fsync(file)

    monkeypatch.setattr(os, "fsync", try_to_lock)
    assert log.write(lot(tmp_path, "a"), PRINTS)

    assert is_locked == [True]


def test_a_result_that_comes_late_is_written_once(tmp_path: Path) -> None:
    """A real printer knows what came out, whoever asks first: a second row would count the blanks twice."""
    path = tmp_path / "hall.jsonl"
    log = JobLog(path)
    log.write(lot(tmp_path, "a"), PRINTS)

    for _ in range(2):
        log.write_once(lot(tmp_path, "a"), PRINTS)
        log.write_once(lot(tmp_path, "b"), PRINTS)

    assert [json.loads(row)["lot"][8:] for row in path.read_text().splitlines()] == ["a", "b"]
    assert log.call_off(lot(tmp_path, "b")) == PRINTS


def test_a_disk_with_just_the_space_of_a_row_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the bound a job may begin; one byte less is a full disk."""
    log, disk = JobLog(tmp_path / "hall.jsonl"), os.statvfs(tmp_path)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    monkeypatch.setattr(job_log, "ROOM_BYTES", disk.f_bavail * disk.f_frsize)
    assert log.find_fault() == ""

    monkeypatch.setattr(job_log, "ROOM_BYTES", disk.f_bavail * disk.f_frsize + 1)
    assert log.find_fault()


def test_a_full_disk_is_known_before_a_job_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file can be opened, but nothing can be added to it."""
    monkeypatch.setattr(job_log, "ROOM_BYTES", 2**63)

    assert JobLog(tmp_path / "hall.jsonl").find_fault().endswith("cannot be written: No space left on device")


def test_a_job_is_on_the_disk_before_anyone_knows_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When `write` or `call_off` returns, the whole row was synced: a power cut cannot take what was reported."""
    synced: list[int] = []
    path = tmp_path / "hall.jsonl"
    log = JobLog(path)
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))

    log.write(lot(tmp_path, "a"), PRINTS)
    assert synced == [path.stat().st_size]
    log.call_off(lot(tmp_path, "b"))
    assert synced[1:] == [path.stat().st_size]
