"""A private print server for tests: Debian's cupsd in its own folder, with scripted card printers behind the fence."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lembur.ledger.audit import OWNER
from support.programs import free_port, program, skip_outside_ci
from support.waiting import eventually
from workers.devices import JobLog
from workers.devices.ipp import fence

if TYPE_CHECKING:
    from types import TracebackType

OWNER_NAME = "deadbeef"
CUPSD = """
Listen 127.0.0.1:{port}
Listen {folder}/state/cups.sock
Browsing No
DefaultAuthType None
WebInterface No
LogLevel info
PreserveJobHistory 1d
PreserveJobFiles No
MaxJobs 0
DirtyCleanInterval 0
ErrorPolicy abort-job
JobRetryLimit 0
IdleExitTimeout 0
MultipleOperationTimeout 60
<Location />
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Location /admin>
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  SubscriptionPrivateAccess all
  SubscriptionPrivateValues none
  <Limit All>
    Order allow,deny
    Allow from 127.0.0.1
  </Limit>
</Policy>
"""
FILES = """
ServerRoot {folder}/etc
ServerBin {folder}/bin
DataDir /usr/share/cups
DocumentRoot /usr/share/cups/doc-root
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/spool/tmp
AccessLog {folder}/log/access_log
ErrorLog {folder}/log/error_log
PageLog {folder}/log/page_log
SystemGroup root lpadmin
FileDevice Yes
SyncOnClose Yes
CreateSelfSignedCerts no
"""
PRINTER = '''#!{python}
"""A card printer as a CUPS backend: it plays a script, and keeps a record of its own of each card that came out."""
import json, os, sys, time
if len(sys.argv) == 1:
    sys.exit(0)
folder, _, name = os.environ["DEVICE_URI"].removeprefix("card:").rpartition("/")
def note(what):
    with open(folder + "/" + name + ".record", "a") as file:
        file.write(sys.argv[3] + " " + what + "\\n"); file.flush(); os.fsync(file.fileno())
def report(text):
    try: os.write(2, text.encode() + b"\\n")
    except OSError: pass
def script():
    try: return json.load(open(folder + "/" + name + ".script"))
    except OSError: return {{}}
plan = script()
note("begin")
taken = open(folder + "/" + name + ".record").read().count(" begin\\n")
if plan.get("ribbon_cards"):  # the ribbon gets shorter with each blank, and a new one is put in after the last
    plan["ribbon"] = 100 - 100 * (taken % plan["ribbon_cards"]) // plan["ribbon_cards"]
if plan.get("jam_each") and taken % plan["jam_each"] == 0:
    plan.update(code=1, state="media-jam-error")
report("ATTR: marker-types=ribbon marker-names=YMCK marker-colors=none marker-levels=%d" % plan.get("ribbon", 80))
if plan.get("blank"):  # its # is the number of blanks that the printer has taken
    report("ATTR: blank-serial=" + plan["blank"].replace("#", str(taken)))
waits = plan.get("waits", "")
if waits:
    report("STATE: +" + waits)
    while script().get("waits"):
        time.sleep(0.02)
    report("STATE: -" + waits)
if plan.get("state"):
    report("STATE: +" + plan["state"])
time.sleep(plan.get("s", 0.2))
if plan.get("code"):
    note("failed")
    sys.exit(plan["code"])
note("out")
report("PAGE: 1 1")
'''


class PrintServer:
    """A cupsd that can be killed and started again, with queues whose printers play a script."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0:
            skip_outside_ci("a private print server needs root")
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.journal = folder / "log" / "fence.jsonl"
        for name in ("etc", "bin/backend", "bin/daemon", "spool/tmp", "cache", "state", "log"):
            (folder / name).mkdir(parents=True)
        for file in Path("/usr/lib/cups/daemon").iterdir() if program("cupsd") else ():
            (folder / "bin" / "daemon" / file.name).symlink_to(file)
        (folder / "etc" / "cupsd.conf").write_text(CUPSD.format(port=self.port, folder=folder))
        (folder / "etc" / "cups-files.conf").write_text(FILES.format(folder=folder))
        self._install("card", PRINTER.format(python=sys.executable))
        self._install("fence", Path(fence.__file__).read_text().replace("/usr/bin/python3", sys.executable, 1))

    def _install(self, name: str, text: str) -> None:
        path = self.folder / "bin" / "backend" / name
        path.write_text(text)
        path.chmod(0o700)  # CUPS runs a backend as root only if nobody else may execute it

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it and every backend."""
        self.cut_power()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        etc = self.folder / "etc"
        words = [program("cupsd"), "-f", "-c", str(etc / "cupsd.conf"), "-s", str(etc / "cups-files.conf")]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.2):
                return True
        except OSError:
            return False

    def kill(self) -> None:
        """Kill the server; its backends go on."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def backends(self) -> list[int]:
        """Return the process ids of fences and printers of this server."""
        mark = f"{self.folder}/".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    environment = (entry / "environ").read_bytes()
                except OSError:
                    continue
                if b"DEVICE_URI=" in environment and mark in environment:
                    found.append(int(entry.name))
        return found

    def kill_backends(self) -> None:
        """Kill fences and printers; the server goes on."""
        for process in self.backends():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def cut_power(self) -> None:
        """End the server and all backends at once."""
        self.kill()
        self.kill_backends()

    def add_queue(self, name: str, *, fenced: bool = True, journal: Path | None = None) -> str:
        """Add a queue with a scripted printer and return its address; it may have a journal of its own."""
        device = f"card:{self.folder}/log/{name}"
        device = f"fence:{journal or self.journal}?{device}" if fenced else device
        words = ["-p", name, "-E", "-v", device, "-m", "raw", "-o", "printer-error-policy=abort-job"]
        subprocess.run(
            [program("lpadmin"), "-h", f"127.0.0.1:{self.port}", *words],
            check=True,
            capture_output=True,
        )
        return f"ipp://127.0.0.1:{self.port}/printers/{name}"

    def enable(self, name: str) -> None:
        """Let a stopped queue go on, as a person does who looked at its printer."""
        words = [program("cupsenable"), "-h", f"127.0.0.1:{self.port}", name]
        subprocess.run(words, check=True, capture_output=True)

    def play(self, name: str, **script: object) -> None:
        """Set the script of a queue's printer for its next cards."""
        path = self.folder / "log" / f"{name}.script"
        draft = path.with_name(f"{path.name}.{threading.get_ident()}")  # two threads may set one script
        draft.write_text(json.dumps(script))
        draft.replace(path)

    def record(self, name: str) -> list[str]:
        """Return the printer's own record: a line for each begin, failure and card that came out."""
        path = self.folder / "log" / f"{name}.record"
        return path.read_text().splitlines() if path.exists() else []

    def cards_out(self, name: str) -> list[str]:
        """Return the jobs of which a card came out, one entry for each card."""
        return [line.split()[0] for line in self.record(name) if line.endswith(" out")]


def job_log(folder: Path) -> JobLog:
    """Return the print log of a machine named OWNER_NAME."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OWNER).write_text(OWNER_NAME)
    return JobLog(folder / "hall.jsonl")


def wall_ms() -> int:
    """Return the wall clock in milliseconds UTC."""
    return int(time.time() * 1000)
