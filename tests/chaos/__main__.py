"""Cards are printed while everything around them is killed, stopped, cut, dropped and doubled: one table at the end.

`PYTHONPATH=tests python -m chaos` plays the full run of `make chaos`; it exits 1 when anything is lost or doubled.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from chaos import host, machine, ordinary_round, print_seats, print_server
from chaos.round import Round, play
from chaos.verdict import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable


LEAST_FAULTS = 500
FULL = 100_000
LIMIT_S = 3_600.0


def rounds(cards: int, seed: int) -> tuple[Round, ...]:
    """One card in forty in lots of one, as at an office's own pace; the others in lots of 25."""
    single = Round(
        name="one card a lot",
        cards=cards // 40,
        seed=seed,
        faults=cards // 800,
        fates=cards // 10_000,
        limit_s=LIMIT_S,
    )
    lots = Round(
        name="25 cards a lot",
        cards=cards - single.cards,
        lot_cards=25,
        speed=1_500.0,
        seed=seed + 1,
        faults=cards // 250,
        fates=cards // 5_000,
        limit_s=LIMIT_S,
    )
    return single, lots


def table(title: str, found: dict[str, Judgement]) -> Table:
    """Show all rounds side by side."""
    shown = Table("", *found, title=title, box=None)
    for column in shown.columns[1:]:
        column.justify = "right"

    def row(name: str, *values: float) -> None:
        shown.add_row(name, *(f"{value:,.0f}" if value else "0" for value in values))

    for name in ("cards", "printed", "shelved", "lost", "doubled", "blanks_unaccounted", "violations", "unexplained"):
        row(name.replace("_", " "), *(getattr(one, name) for one in found.values()))
    for why in sorted({why for one in found.values() for why in one.unconfirmed if one.unconfirmed[why]}):
        row(f"unconfirmed: {why}", *(one.unconfirmed[why] for one in found.values()))
    for kind in sorted({kind for one in found.values() for kind in one.faults if one.faults[kind]}):
        row(f"fault: {kind}", *(one.faults[kind] for one in found.values()))
    row("faults", *(one.faults.total() for one in found.values()))
    row("bytes lost in power cuts", *(one.lost_bytes for one in found.values()))
    points = sum((one.points for one in found.values()), Counter())
    shown.caption = "killed or stopped at: " + ", ".join(f"{point} {count}" for point, count in sorted(points.items()))
    row("seconds", *(one.seconds for one in found.values()))
    return shown


def main() -> int:
    """Play all rounds, tell, and judge."""
    options = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    options.add_argument("--cards", type=int, default=FULL)
    options.add_argument("--seed", type=int, default=1, help="chooses the faults")
    given = options.parse_args()
    if machine.TRACER is None:
        sys.stderr.write("chaos: strace is not installed, and without it nobody knows which bytes were synced\n")
        return 2
    single, lots = rounds(given.cards, given.seed)
    found = {one.name: told(one, play) for one in (single, lots)}
    found["a print server"] = play_print_server(given.cards // 300, given.seed)
    ours = list(found.values())
    ordinary = replace(single, name="the ordinary way")
    found[ordinary.name] = told(ordinary, ordinary_round.play)
    if why := host.impossible():
        Console().print(f"no network was cut: {why}")
    Console(width=120).print(table(f"chaos, seed {given.seed}, {os.cpu_count()} cores", found))
    for one in (single, lots, ordinary):
        if is_void(one, found[one.name]):
            met = found[one.name].faults.total()
            sys.stderr.write(
                f"chaos: {one.name}: only {met} of {one.faults} faults happened: the column shows nothing\n"
            )
            return 1
    faults = sum(one.faults.total() for one in ours)
    if given.cards >= FULL and faults < LEAST_FAULTS:
        sys.stderr.write(f"chaos: only {faults} faults, {LEAST_FAULTS} are asked for\n")
        return 1
    return 0 if all(one.sound for one in ours) else 1


def play_print_server(faults: int, seed: int) -> Judgement:
    """Print on a private print server, each card with a fault of its own."""
    Console().print(f"a print server: {faults:,} cards, each with a fault")
    with TemporaryDirectory() as folder:
        found = print_seats.ours(Path(folder) / "ours", print_server.draw_faults(faults, seed))
    return Judgement(
        cards=found.cards,
        printed=found.printed,
        lost=found.lost,
        doubled=found.doubled,
        blanks_unaccounted=found.blanks_unaccounted,
        unconfirmed=Counter({"begun, and no end is known": found.for_a_person}),
        faults=Counter({f"print server: {name}": count for name, count in found.faults.items()}),
        seconds=found.seconds,
    )


def is_void(one: Round, found: Judgement) -> bool:
    """Return whether a round met less than half of its faults: then neither its harm nor its calm means anything."""
    return found.faults.total() < one.faults / 2


def told(one: Round, play_it: Callable[[Round], Judgement]) -> Judgement:
    """Say what is played, for it takes some minutes, and play it."""
    Console().print(f"{one.name}: {one.cards:,} cards, {one.faults:,} faults and the devices' own")
    return play_it(one)


if __name__ == "__main__":
    sys.exit(main())
