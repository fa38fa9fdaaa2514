"""Archive a small office, killed once at each line of the way: `python -m support.dying_archive URL FOLDER`.

Each trial is a process of its own, ended by SIGKILL at one line of the archive's code. Another process then looks
whether every card is there once, and archives to the end. The output names what was wrong, and counts the trials.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb  # noqa: F401 - loaded once, for all trials

from lembur.archive import Archive, archive_cards, files, moves
from lembur.domain.card import CardId, card_id
from lembur.domain.time import DAY_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from support.small_office import HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Callable

CARDS, DONE = 7, 6
NOW_MS = 150 * DAY_MS
BEFORE_MS = 60 * DAY_MS
CODE = {files.__file__, moves.__file__}
PURE = {"_row", "_quote", "<genexpr>", "<listcomp>", "<dictcomp>"}
"""Code that touches neither a disk nor a server: to die in it is to die at its caller's line."""
MOST_LINES = 1_000


def set_up(ledger: Ledger) -> None:
    """Open an office with six cards that ended in two months, and one that waits."""
    opened(ledger)
    ledger.set_clock(virtual_ms=0, speed=0, ends_ms=2 * NOW_MS)
    ledger.enrol([identity(number, ready_ms=number) for number in range(CARDS)])
    for _ in range(DONE):
        printed(ledger, claim(ledger, takes_ms=12 * DAY_MS))
    ledger.set_clock(virtual_ms=NOW_MS, speed=0, ends_ms=2 * NOW_MS)


def records_of(ledger: Ledger) -> dict[str, str]:
    """Read the records in the ledger."""
    return ledger.server.hgetall(ledger.key("cards"))


def run(ledger: Ledger, archive: Archive) -> None:
    """Archive what ended before a moment."""
    archive_cards(ledger, archive, before_ms=BEFORE_MS, zone=UTC)


def die_at(line: int, ledger: Ledger, archive: Archive) -> None:
    """Archive, and kill this process at one line that it comes to."""
    seen = 0

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal seen
        if frame.f_code.co_filename not in CODE or frame.f_code.co_name in PURE:
            return None
        if event == "line":
            seen += 1
            if seen == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    run(ledger, archive)
    sys.settrace(None)


def check(before: dict[str, str], ledger: Ledger, archive: Archive, when: str) -> None:
    """Look whether every card is there with its record, once."""
    here = records_of(ledger)
    missing = [card for card in map(card_id, range(1, CARDS + 1)) if card not in here]
    there = dict(archive.read(missing))
    found = here | {str(card): record for card, record in there.items()}
    count = int(ledger.server.get(ledger.key("archived")) or 0)
    wrong = [str(one) for one in reconcile(ledger, [HALL, WING], archive=archive)]
    if found != before or count != len(missing) or wrong:
        print(f"{when}: {json.dumps([sorted(found), count, len(missing), wrong])}")  # noqa: T201


def in_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own, and return its end: 0, or the number of its signal."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            sys.stdout.flush()
            os._exit(0)
        except BaseException as fault:  # noqa: BLE001 - a child shows its fault and ends
            print(f"fault: {fault!r}", flush=True)  # noqa: T201
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(url: str, folder: Path) -> None:
    """Die at the first line, the second, and so on, until archiving comes to its end."""
    vars(moves)["BATCH"] = 2
    for line in range(1, MOST_LINES):
        kept, archive = folder / f"{line}.json", Archive(folder / str(line))

        def office(line: int = line) -> Ledger:
            return Ledger(connect(url), office=str(1_000 + line))

        def first(line: int = line, kept: Path = kept, archive: Archive = archive) -> None:
            ledger = office()
            set_up(ledger)
            kept.write_text(json.dumps(records_of(ledger)))
            die_at(line, ledger, archive)

        def then(line: int = line, kept: Path = kept, archive: Archive = archive) -> None:
            ledger, before = office(), json.loads(kept.read_text())
            check(before, ledger, archive, f"killed at line {line}")
            run(ledger, archive)
            check(before, ledger, archive, f"archived after line {line}")
            left = sorted(records_of(ledger))
            if left != [CardId("00000007")] and len(left) != CARDS - 4:
                print(f"line {line}: {left} are left")  # noqa: T201

        ended = in_child(first)
        if in_child(then) != 0:
            print(f"line {line}: no check")  # noqa: T201
        if ended == 0:
            print(json.dumps({"trials": line}))  # noqa: T201
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
