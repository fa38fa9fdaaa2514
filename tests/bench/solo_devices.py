"""Solo whole, on six queues of a private print server and with `lembur centre` over HTTP: run by `make bench-devices`.

All processes are real: `lembur run` with its workers, `lembur centre`, cupsd, and a fence with a scripted printer for
each card. Each fiftieth blank of a printer jams. The table shows each printer's own record beside the ledger's counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.solo_devices import Played, play

LONGEST_S = 3 * 3_600.0
JAM_EACH = 50
SCREEN = Console(width=120)


def table(played: Played) -> Table:
    """Show the blanks of each printer by its own record, and the ledger's counts of its station."""
    shown = Table("station", "blanks taken", "cards out", "spoiled", "ledger: used", "ledger: spoiled", box=None)
    for row in played.report["stations"]:
        counts = (played.count(row["code"], what) for what in ("begin", "out", "failed"))
        shown.add_row(row["code"], *(f"{count:,}" for count in (*counts, row["printed"], row["spoiled"])))
    return shown


def main() -> int:
    """Play, show the figures, and exit 1 when something does not add up."""
    options = argparse.ArgumentParser(prog="make bench-devices", description=__doc__)
    options.add_argument("--speed", type=float, default=60)
    options.add_argument("--cards", type=int, default=0, help="only this number, all of them for the centre first")
    given = options.parse_args()
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        played = play(Path(folder), speed=given.speed, deadline_s=LONGEST_S, cards=given.cards, jam_each=JAM_EACH)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    SCREEN.print(table(played))
    SCREEN.print("\n".join(played.printers))
    SCREEN.print(played.reconcile)
    report, out = played.report, played.cards_out()
    SCREEN.print(f"cards {report['cards']}, printed {report['printed']:,}, blanks {report['blanks']}")
    SCREEN.print(f"cleared at {report['cleared_at']}, lag in ms {report['lag_ms']}")
    took_s, used_s = time.monotonic() - began, used.ru_utime + used.ru_stime
    SCREEN.print(f"{took_s:,.0f} s, {used_s:,.0f} s of processor, load {os.getloadavg()}")
    is_whole = len(out) == len(set(out)) == report["printed"]
    return 0 if is_whole and report["invariants"]["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
