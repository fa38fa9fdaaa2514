"""Real runs for tests: a small scenario as a file, `lembur` as a process, and whatever of it is still alive."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lembur.domain.errors import LedgerError
from lembur.ledger import Ledger, connect
from lembur.office import read_setup
from support.programs import LEMBUR
from support.waiting import eventually

if TYPE_CHECKING:
    from types import TracebackType

    from lembur.office import OfficeSetup

START_S = 180.0
"""Six processes that import Celery on two busy cores."""
LEASE_S = 2.0
"""What a killed worker held is given up soon."""
STOP_S = 10.0
"""The rule: ten seconds after it was asked to stop, nothing of a run is left."""

SMALL = """
name = "small"
title = "A small office"
source = "assumed: a load for tests"
demonstration = true
region = "surakarta-2016"
starts = 2016-08-25T07:30:00+07:00
ends = 2016-08-27T12:00:00+07:00
speed = 60
seed = 7

[hours]
opens = 07:30:00
closes = 16:00:00
break_from = 12:00:00
break_until = 13:00:00
friday_break_from = 11:30:00
friday_break_until = 13:00:00

[centre]
lines = 2
median_s = 60
p90_s = 90
verdicts = {{ PRINT_READY_RECORD = 0.9, DUPLICATE_RECORD = 0.1 }}

[printing]
median_s = 90
p90_s = 120
spoil_rate = 0.1
spoil_reasons = {{ failed_encode = 0.5, failed_print = 0.5 }}

[backlog]
cards = {cards}
status = "{status}"

[[stations]]
code = "dinas"
name = "Dinas"
printers = 3
seats = {seats}
blanks = 500
ribbons = 2

[[stations]]
code = "jebres"
name = "Jebres"
printers = 1
seats = 1
blanks = 500
ribbons = 2
"""


def small_scenario(folder: Path, *, cards: int, status: str = "PRINT_READY_RECORD", seats: int = 2) -> Path:
    """Write an office of two stations and four printers into a folder."""
    path = folder / "small.toml"
    path.write_text(SMALL.format(cards=cards, status=status, seats=seats))
    return path


def real_scenario(folder: Path) -> Path:
    """Write an office that is no demonstration, opened yesterday, with quick printers so that a test need not wait."""
    path = small_scenario(folder, cards=0)
    text = path.read_text().replace("demonstration = true", "demonstration = false")
    yesterday, next_year = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=365)
    lines = [
        f"starts = {yesterday:%Y-%m-%dT%H:%M:%S}+00:00" if line.startswith("starts =") else line
        for line in text.splitlines()
    ]
    lines = [
        f"ends = {next_year:%Y-%m-%dT%H:%M:%S}+00:00" if line.startswith("ends =") else line
        for line in lines
        if not line.startswith("speed =")
    ]
    quick = "\n".join(lines).replace("median_s = 90\np90_s = 120", "median_s = 0.2\np90_s = 0.3")
    # Without breaks: whoever runs this test at noon in Jakarta would find all seats closed.
    open_at_noon = re.sub(r"(break_until) = .*", lambda row: f"{row[1]} = 12:00:00", quick)
    open_at_noon = re.sub(r"(break_from) = .*", lambda row: f"{row[1]} = 12:00:00", open_at_noon)
    path.write_text(open_at_noon.replace("spoil_rate = 0.1", "spoil_rate = 0.0") + "\n")
    return path


def printed_by(scenario: Path, queue: str) -> Path:
    """Give a small scenario one station with one seat, whose printer is this queue of a print server."""
    text, _, station = (
        scenario.read_text().replace("[printing]\n", '[printing]\ndevice = "ipp"\n').partition("[[stations]]\n")
    )
    station = station.partition("[[stations]]")[0]
    station = re.sub(r"printers = \d+\nseats = \d+", f'printers = 1\nseats = 1\nqueues = ["{queue}"]', station)
    scenario.write_text(f"{text}[[stations]]\n{station}")
    return scenario


def lembur(
    folder: Path, *arguments: str | Path, timeout_s: float = 100, office: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command of `lembur` to its end in a folder of its own, for an office by its code where one is given."""
    return subprocess.run(
        [LEMBUR, *arguments],
        cwd=folder,
        env={**_environment(), **({"LEMBUR_OFFICE": office} if office else {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


@dataclass(slots=True)
class Lembur:
    """A `lembur run` or `lembur up` under way; killed with all its children at the end of the block, if still there."""

    folder: Path
    arguments: tuple[str | Path, ...]
    lease_s: float = LEASE_S
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    process: subprocess.Popen[str] = field(init=False)
    began_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def __enter__(self) -> Self:
        """Start it; the mark in its environment is inherited by everything it starts."""
        environment = {**_environment(self.lease_s), "LEMBUR_TEST_MARK": self.mark}
        with self._file("out").open("w") as out, self._file("err").open("w") as err:
            self.process = subprocess.Popen(
                [LEMBUR, *self.arguments], cwd=self.folder, env=environment, stdout=out, stderr=err, text=True
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind, whatever the test found."""
        for pid in self.alive():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    @property
    def data(self) -> Path:
        """The data folder given."""
        return Path(self.arguments[self.arguments.index("--data") + 1])

    @property
    def said(self) -> str:
        """What it wrote to the standard output so far."""
        return self._file("out").read_text()

    @property
    def complained(self) -> str:
        """What it wrote to the standard error so far."""
        return self._file("err").read_text()

    def alive(self) -> dict[int, str]:
        """Tell every process of this run by its command: it carries the mark, or has a file of the data folder open.

        The server shows no environment any more, since it writes its title over it.
        """
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (process / "environ").read_bytes() or self._opened_by(process):
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it ended meanwhile, or is another user's
        return found

    def pid_of(self, pattern: str) -> int:
        """Find the one process whose command matches; wait for it, because one that died is started again."""
        (found,) = eventually(lambda: self._pids_of(pattern), START_S)
        return found

    def ledger(self) -> Ledger:
        """Wait until the run is at work, and open its ledger."""
        eventually(self._at_work, START_S)
        return self.opened()

    def setup(self) -> OfficeSetup:
        """Tell what is being played."""
        return read_setup(self.opened())

    def stop(self, number: int) -> int:
        """Send a signal and wait until nothing is left; its exit code."""
        self.process.send_signal(number)
        eventually(lambda: not self.alive(), STOP_S)
        return self.process.wait()

    def _pids_of(self, pattern: str) -> list[int]:
        found = [pid for pid, command in self.alive().items() if re.search(pattern, command)]
        return found if len(found) == 1 else []

    def _at_work(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.said} {self.complained}"
        if not (self.data / "address").exists():
            return False
        try:
            ledger = self.opened()
            began = ledger.server.hget(ledger.prefix + "clock", "real")
        except LedgerError:
            return False  # the address may be that of the run before
        return began is not None and int(str(began)) >= self.began_ms

    def _opened_by(self, process: Path) -> bool:
        folder = str(self.data.resolve()) + os.sep
        return any(str(file.readlink()).startswith(folder) for file in (process / "fd").iterdir())

    def _file(self, kind: str) -> Path:
        return self.folder / f"{self.mark}.{kind}"

    def opened(self) -> Ledger:
        """Open the ledger, at work or not."""
        return Ledger(connect((self.data / "address").read_text()), office=(self.data / "office").read_text())


def reconciles(folder: Path, data: Path) -> bool:
    """Ask `lembur reconcile`: does everything add up."""
    return bool(json.loads(lembur(folder, "reconcile", "--json", "--data", data).stdout) == [])


def _environment(lease_s: float = LEASE_S) -> dict[str, str]:
    return {**os.environ, "LEMBUR_LEASE_S": str(lease_s), "COLUMNS": "200"}
