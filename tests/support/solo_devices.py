"""Solo with devices of its own: a queue of a private print server for each station, and `lembur centre` over HTTP."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from console.runtime.embedded_server import valkey_binary
from lembur.domain.scenario import load
from support.cups import PrintServer
from support.programs import free_port
from support.runs import Lembur, lembur
from support.servers import running as serving
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SOLO = "solo-2016"
PRINT_S = 0.5
"""Time of a card in its printer."""
RIBBON_CARDS = 500


@dataclass(frozen=True, slots=True)
class Played:
    """The end of a run: its report, two commands after it, and the printers' own records."""

    report: dict[str, Any]
    reconcile: str
    printers: list[str]
    """The lines of `lembur printers`."""
    records: dict[str, list[str]]
    """Each printer's own record by station: a line for each begin, failure and card that came out."""

    def count(self, station: str, what: str) -> int:
        """Count the entries of a kind in a printer's own record."""
        return sum(line.endswith(f" {what}") for line in self.records[station])

    def cards_out(self) -> list[str]:
        """Return the card of each good print, by the printers' own records."""
        return [
            line.split()[0].rpartition("/")[2]
            for record in self.records.values()
            for line in record
            if line.endswith(" out")
        ]


def write_scenario(folder: Path, queues: Mapping[str, str], centre: str, *, cards: int) -> Path:
    """Write Solo with one real printer a station. If `cards` is given, only these wait, all for the centre."""
    text = (files("scenarios") / f"{SOLO}.toml").read_text("utf-8")
    text = text.replace("[centre]\n", f'[centre]\ndevice = "http"\naddress = "{centre}"\n')
    text = text.replace("[printing]\n", '[printing]\ndevice = "ipp"\n')
    text = re.sub(r"(?m)^breakdown_every_h = .*$", "breakdown_every_h = 0.0", text)
    for code, queue in queues.items():
        one = rf'(code = "{code}"\nname = .*\n)printers = \d+\nseats = \d+'
        text = re.sub(one, rf'\1printers = 1\nseats = 1\nqueues = ["{queue}"]', text)
    if cards:
        text = text.partition("[[overtime]]")[0]
        text += f'[backlog]\ncards = {cards}\nstatus = "BIO_CAPTURED"\nrecorded_over_days = 1\n'
    path = folder / "solo.toml"
    path.write_text(text, "utf-8")
    return path


def play(folder: Path, *, speed: float, deadline_s: float, cards: int = 0, jam_each: int = 0) -> Played:
    """Play Solo to its end with `lembur run` and `lembur centre`; each so many-th blank of a printer is spoiled."""
    data, port = folder / "data", free_port()
    (data / "printers").mkdir(parents=True)
    (folder / "server").mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(PrintServer(folder / "cups"))
        url = stack.enter_context(serving(valkey_binary(), folder / "server"))
        stations = [station.code for station in load(SOLO).stations]
        queues = {code: server.add_queue(code, journal=data / "printers" / f"{code}.fence") for code in stations}
        for code in stations:
            server.play(code, s=PRINT_S, jam_each=jam_each, ribbon_cards=RIBBON_CARDS)
        scenario = write_scenario(folder, queues, f"http://127.0.0.1:{port}", cards=cards)
        office = ("--data", data, "--redis", url)
        words = ("run", scenario, *office, "--unsafe", "--quiet", "--speed", str(speed), "--report", folder / "report")
        run = stack.enter_context(Lembur(folder, words))
        run.ledger()
        stack.enter_context(Lembur(folder, ("centre", *office, "--port", str(port))))
        eventually(lambda: run.process.poll() is not None, deadline_s)
        assert run.process.returncode == 0, run.complained
        return Played(
            json.loads((folder / "report" / "report.json").read_text()),
            lembur(folder, "reconcile", *office).stdout,
            lembur(folder, "printers", *office).stdout.splitlines(),
            {code: server.record(code) for code in stations},
        )
