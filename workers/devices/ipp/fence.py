#!/usr/bin/python3
"""A CUPS backend that prints a card once. It stands before the printer's own backend and keeps a journal on the disk.

CUPS by itself begins a job again after it was killed, which costs a second card. The fence begins a job only once, and
only if a worker allowed it in the journal and that worker's lease still runs. The journal holds the result, not the
state of the job.

DEVICE_URI is fence:JOURNAL?NEXT. NEXT is the device-uri of the printer's own backend in the same folder. The file needs
only Python's standard library, so a print server without Lembur can run it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP = 4
"""CUPS_BACKEND_STOP: the queue stops until a person enables it. Its job is tried again then, and refused."""
CANCEL = 5
"""CUPS_BACKEND_CANCEL: the job is over, and CUPS does not try it again."""
IN_A_ROW = 3
"""Blanks in a row that a printer may spoil before its queue stops (assumed)."""
BLANK = b"ATTR: blank-serial="
"""The line by which a backend reports the serial of the blank that it took; most printers know none."""


def boot() -> str:
    """Return the name of this run of the machine: a lease counted before a restart means nothing after it."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


@contextlib.contextmanager
def lock(path: Path) -> Iterator[BinaryIO]:
    """Return the journal under its lock, which workers and fences share."""
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def rows_of(file: BinaryIO, name: str = "") -> list[dict[str, object]]:
    """Return the rows of one job, or of all; a row that a power cut tore is left out."""
    found = []
    for line in file:
        if name.encode() in line:
            with contextlib.suppress(ValueError):
                row = json.loads(line)
                if isinstance(row, dict) and (row.get("job") == name or not name) and "what" in row:
                    found.append(row)
    return found


def append(file: BinaryIO, name: str, what: str, **more: object) -> None:
    """Write a row and force it to the disk. A torn row before it stays on its own line."""
    file.seek(0, os.SEEK_END)
    if file.tell():
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
    row = {"job": name, "what": what, "at": round(time.time() * 1000), **more}
    file.write(json.dumps(row).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())


def refusal(rows: list[dict[str, object]], now_s: float, this_boot: str) -> str:
    """Return the reason why a job with these rows may not begin, or ''."""
    done = [row["what"] for row in rows]
    allowed = [row for row in rows if row["what"] == "allowed"]
    if "begun" in done:
        return "it began before"
    if "called off" in done:
        return "it was called off"
    if not allowed:
        return "no worker allowed it"
    if allowed[-1]["boot"] != this_boot or now_s > float(str(allowed[-1]["until_s"])):
        return "the worker's lease is over"
    return ""


def has_failed_in_a_row(rows: list[dict[str, object]], printer: str) -> bool:
    """Return True if the last jobs of a printer all failed: it would spoil every blank that is there."""
    own = {row["job"] for row in rows if row["what"] == "begun" and row.get("printer") == printer}
    codes = [row.get("code") for row in rows if row["what"] == "ended" and row["job"] in own]
    return len(codes) >= IN_A_ROW and all(codes[-IN_A_ROW:])


def run(following: str, arguments: list[str], busy: BinaryIO) -> dict[str, object]:
    """Run the printer's own backend, pass on what it reports, and return its code, pages, states and blank."""
    backend = Path(os.environ["CUPS_SERVERBIN"], "backend", following.split(":", maxsplit=1)[0])
    states: list[str] = []
    pages, blank = 0, ""
    environment = {**os.environ, "DEVICE_URI": following}
    # The backend holds the lock too: when only the fence is killed, the printer still counts as at work.
    with subprocess.Popen(  # noqa: S603 - the printer's own backend, as the queue's address names it
        [backend, *arguments], env=environment, stderr=subprocess.PIPE, pass_fds=[busy.fileno()]
    ) as child:
        for line in child.stderr or ():
            if line.startswith(b"STATE: +"):
                states += line[8:].decode(errors="replace").strip().split(",")
            if line.startswith(BLANK):
                blank = line[len(BLANK) :].decode(errors="replace").strip()
            pages += line.startswith(b"PAGE:")
            with contextlib.suppress(OSError):  # the spooler may be gone; the card in the printer is not
                os.write(2, line)
    found: dict[str, object] = {"code": child.returncode, "pages": pages, "states": states}
    return {**found, "blank": blank} if blank else found


def main() -> int:
    """Print the job of these arguments, if it may begin."""
    if len(sys.argv) == 1:  # CUPS asks every backend for the devices it finds: none
        return 0
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a cancelled card is ended by the printer's own backend
    path, following = os.environ["DEVICE_URI"].removeprefix("fence:").split("?", 1)
    journal, printer, name = Path(path), Path(os.environ.get("PRINTER", "printer")).name, sys.argv[3]
    with journal.with_name(f"{journal.name}.{printer}.busy").open("wb") as busy:
        with lock(journal) as file:
            reason = refusal(rows_of(file, name), time.monotonic(), boot())
            if reason:
                append(file, name, "refused", reason=reason)
                sys.stderr.write(f"ERROR: not printed: {reason}\n")
                return CANCEL
            fcntl.flock(busy, fcntl.LOCK_EX)  # held until this process ends, however it ends
            append(file, name, "begun", printer=printer)
        found = run(following, sys.argv[1:], busy)
        with lock(journal) as file:
            append(file, name, "ended", **found)
            file.seek(0)
            if found["code"] and has_failed_in_a_row(rows_of(file), printer):
                sys.stderr.write(
                    f"ERROR: {IN_A_ROW} blanks in a row were spoiled: look, then run cupsenable {printer}\n"
                )
                return STOP
    code = int(str(found["code"]))
    return code if code in {0, CANCEL} else 1


if __name__ == "__main__":
    os._exit(main())  # the pipe to a spooler that is gone must not change the code
