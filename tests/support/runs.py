"""Real runs for tests: a small scenario as a file, `lembur` as a process, and whatever of it is still alive."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lembur.domain.errors import LedgerError
from lembur.ledger import Ledger, connect
from lembur.office import read_setup
from support.programs import LEMBUR
from support.waiting import eventually
from support.zones import JAKARTA

if TYPE_CHECKING:
    from types import TracebackType

    from lembur.office import OfficeSetup


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


def open_day_and_night(path: Path) -> Path:
    """Let an office work around the clock: however slow the machine, no test finds its seats closed."""
    hours = {"opens": "00:00:00", "closes": "23:59:59", "break_from": "12:00:00", "break_until": "12:00:00"}
    text = path.read_text()
    for name, moment in hours.items():
        text = re.sub(rf"^((?:friday_)?{name}) = .*$", rf"\1 = {moment}", text, flags=re.MULTILINE)
    path.write_text(text)
    return path


def real_scenario(folder: Path) -> Path:
    """Write an office that is no demonstration, opened yesterday, with quick printers so that a test need not wait."""
    path = small_scenario(folder, cards=0)
    midnight = datetime.now(JAKARTA).replace(hour=0, minute=0, second=0, microsecond=0)
    changes = {
        "demonstration = true": "demonstration = false",
        "starts = 2016-08-25T07:30:00+07:00": f"starts = {(midnight - timedelta(days=1)).isoformat()}",
        "ends = 2016-08-27T12:00:00+07:00": f"ends = {(midnight + timedelta(days=365)).isoformat()}",
        "speed = 60\n": "",
        "median_s = 90\np90_s = 120": "median_s = 0.2\np90_s = 0.3",
        "spoil_rate = 0.1": "spoil_rate = 0.0",
    }
    text = path.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)
    return open_day_and_night(path)


def printed_by(scenario: Path, queue: str) -> Path:
    """Give a small scenario one station with one seat, whose printer is this queue of a print server."""
    text, _, station = (
        scenario.read_text().replace("[printing]\n", '[printing]\ndevice = "ipp"\n').partition("[[stations]]\n")
    )
    station = station.partition("[[stations]]")[0]
    station = re.sub(r"printers = \d+\nseats = \d+", f'printers = 1\nseats = 1\nqueues = ["{queue}"]', station)
    scenario.write_text(f"{text}[[stations]]\n{station}")
    return scenario


def lembur(folder: Path, *arguments: str | Path, office: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of `lembur` to its end in a folder of its own, for an office by its code where one is given."""
    return subprocess.run(
        [LEMBUR, *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **({"LEMBUR_OFFICE": office} if office else {})},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(slots=True)
class Lembur:
    """A `lembur run` or `lembur up` under way; killed with all its children at the end of the block, if still there."""

    folder: Path
    arguments: tuple[str | Path, ...]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    process: subprocess.Popen[str] = field(init=False)
    began_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def __enter__(self) -> Self:
        """Start it; the mark in its environment is inherited by everything it starts."""
        environment = {**os.environ, "COLUMNS": "200", "LEMBUR_TEST_MARK": self.mark}
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
            with suppress(ProcessLookupError):
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
        (found,) = eventually(lambda: self._pids_of(pattern))
        return found

    def ledger(self) -> Ledger:
        """Wait until the run is at work, and open its ledger."""
        eventually(self._at_work)
        return self.opened()

    def setup(self) -> OfficeSetup:
        """Tell what is being played."""
        return read_setup(self.opened())

    def stop(self, number: int) -> int:
        """Send a signal and wait until nothing is left; its exit code."""
        self.process.send_signal(number)
        eventually(lambda: not self.alive())
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


def whole_lines(path: Path) -> list[str]:
    """Read the lines of a file to which somebody writes: the last one may not be whole yet."""
    return path.read_text().split("\n")[:-1]


def reconciles(folder: Path, data: Path) -> bool:
    """Ask `lembur reconcile`: does everything add up."""
    return bool(json.loads(lembur(folder, "reconcile", "--json", "--data", data).stdout) == [])
