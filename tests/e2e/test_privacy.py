"""Nothing of a person leaves the ledger, nobody from outside comes in, and no message runs anything."""

from __future__ import annotations

import base64
import json
import os
import pickle
import re
import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
import redis

from lembur.domain.card import Status, card_id
from lembur.domain.scenario import load
from producers.identities import identity
from support.runs import Lembur, lembur, small_scenario
from support.servers import redis_of
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.ledger import Ledger

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes and sockets in /proc"),
]

CARDS, SEED = 40, 7
REGION = load("solo-2016").region
NAME = "Siti Contohwati"
LOOPBACK = "0100007F"
PIDBOX = "bus:{3372}:/0.celery.pidbox"


@dataclass(slots=True)
class Overheard:
    """All that goes over the bus, written down as the server hears it."""

    address: str
    lines: list[str] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    def listen(self) -> None:
        """Write down until it is over."""
        with redis.Redis.from_url(self.address) as server, server.monitor() as monitor:
            while not self._over.is_set():
                command = str(monitor.next_command()["command"])
                if "bus:" in command:
                    self.lines.append(command)

    def end(self) -> str:
        """All that was said, messages' bodies laid open."""
        self._over.set()
        said = "\n".join(self.lines)
        bodies = [base64.b64decode(body).decode() for body in re.findall(r'"body": "([A-Za-z0-9+/=]+)"', said)]
        return "\n".join([said, *bodies])


@dataclass(frozen=True, slots=True)
class Office:
    """An office at work, and what was said on its bus from the first card on."""

    run: Lembur
    ledger: Ledger
    overheard: Overheard


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Let an office do all its cards while one listens; one more person comes by a file."""
    folder: Path = tmp_path_factory.mktemp("privacy")
    scenario = small_scenario(folder, cards=CARDS, status="BIO_CAPTURED")
    with Lembur(folder, ("up", scenario, "--speed", "900", "--data", folder / "data")) as run:
        overheard = Overheard(eventually((folder / "data" / "address").read_text))
        Thread(target=overheard.listen, daemon=True).start()
        ledger = run.ledger()
        file = folder / "intake.csv"
        person = identity(REGION, SEED, CARDS + 1).digits
        file.write_text(
            "nik,name,kelurahan_code,stream,recorded_at\n"
            f"{person},{NAME},33.72.03.1001,replacement,2016-08-25T07:30:00\n"
        )
        taken = lembur(folder, "intake", file, "--data", folder / "data")
        assert "1 enrolled" in taken.stdout, taken.stderr
        eventually(lambda: ledger.counts().get(Status.CARD_PRINTED, 0) > CARDS // 2)
        yield Office(run, ledger, overheard)


def personal() -> re.Pattern[str]:
    """What nobody may see: all numbers and masks of the people, their cards, a name."""
    people = [identity(REGION, SEED, number) for number in range(CARDS + 2)]
    words = [word for one in people for word in (one.digits, one.masked)]
    cards = [card_id(number) for number in range(1, CARDS + 2)]
    return re.compile("|".join(re.escape(word) for word in (*words, NAME)) + rf"|\b(?:{'|'.join(cards)})\b")


def test_what_is_looked_for_would_be_found() -> None:
    """In any text, so that a test that finds nothing says something."""
    for text in (
        f'["{identity(REGION, SEED, 3).digits}"]',
        identity(REGION, SEED, 3).masked,
        "card 00000012 done",
        NAME,
    ):
        assert personal().search(text), text


def test_no_message_says_of_whom_it_is(office: Office) -> None:
    """Every byte of the bus, from messages to what workers tell of themselves."""
    said = office.overheard.end()

    # Both kinds were overheard. A quick seat takes lot after lot by one message, so there are fewer than cards.
    assert said.count("print.next") > 1
    assert said.count("verify.next") > 1
    assert personal().findall(said) == []
    for key in redis_of(office.ledger.server).scan_iter("bus:*"):
        left = redis_of(office.ledger.server).execute_command("DUMP", key, NEVER_DECODE=True)
        # A message may be taken between the listing and the dump.
        assert left is None or not personal().search(left.decode(errors="replace")), key


def test_no_log_says_of_whom_it_is(office: Office) -> None:
    """Neither a worker's nor the server's nor what the office writes itself."""
    logs = [path.read_text(errors="replace") for path in (office.run.data / "logs").glob("*.log")]

    assert len(logs) >= 4
    assert sum(map(len, logs)) > 1_000
    for text in (*logs, office.run.said, office.run.complained):
        assert personal().findall(text) == []


def test_all_that_listens_listens_on_this_machine_only(office: Office) -> None:
    """Every socket of every process of the office; and the server lets nobody in without its password."""
    listening = [
        fields[1]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[9] in sockets(office.run)
    ]
    address = (office.run.data / "address").read_text()

    assert listening
    assert {one.partition(":")[0] for one in listening} == {LOOPBACK}
    with redis.Redis.from_url(re.sub("//:.*@", "//", address)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    for secret in ("address", "redis.password", "keys", "keys/nik.key"):
        assert (office.run.data / secret).stat().st_mode & 0o077 == 0, secret


def sockets(run: Lembur) -> set[str]:
    """The sockets that processes of an office have open, by their number."""
    found = set()
    for pid in run.alive():
        with suppress(OSError):  # the process ended meanwhile
            for file in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):  # closed meanwhile
                    found |= set(re.findall(r"socket:\[(\d+)\]", str(file.readlink())))
    return found


class Poison:
    """What would make a file when it is read as Python's own format."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        """Say what is done when it is read."""
        return os.mkdir, (str(self.path),)


def test_no_message_in_pythons_own_format_is_read(office: Office, tmp_path: Path) -> None:
    """Neither as a task nor as a command to the worker: it is refused unread, and the worker works on."""
    mark = tmp_path / "mark"
    assert pickle.loads(pickle.dumps(Poison(mark))) is None  # noqa: S301 - it would do harm where it is read
    mark.rmdir()
    for station in ("dinas", "jebres"):
        redis_of(office.ledger.server).lpush(f"bus:{{3372}}:print.{station}", message(Poison(mark)))
    redis_of(office.ledger.server).lpush("bus:{3372}:verify", message(Poison(mark)))
    redis_of(office.ledger.server).publish(PIDBOX, message(Poison(mark)))

    logs = office.run.data / "logs"
    for worker in ("centre", "dinas", "jebres"):
        eventually(lambda worker=worker: refused(logs / f"worker-{worker}.log") >= 2)  # type: ignore[misc]
    assert not mark.exists()
    eventually(lambda: not redis_of(office.ledger.server).llen("bus:{3372}:verify"))
    done = lembur(tmp_path, "reconcile", "--data", office.run.data)
    assert done.returncode == 0, done.stdout


def refused(log: Path) -> int:
    """How many messages a worker would not read."""
    return log.read_text().count("Refusing to deserialize")


def message(content: object) -> str:
    """A message as Celery sends it through Redis, but with its body pickled."""
    tag = str(uuid.uuid4())
    headers = {"lang": "py", "task": "print.next", "id": tag, "root_id": tag, "argsrepr": "()", "kwargsrepr": "{}"}
    return json.dumps(
        {
            "body": base64.b64encode(pickle.dumps(content)).decode(),
            "content-encoding": "binary",
            "content-type": "application/x-python-serialize",
            "headers": headers,
            "properties": {
                "correlation_id": tag,
                "delivery_mode": 2,
                "delivery_info": {"exchange": "", "routing_key": "verify"},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": tag,
            },
        }
    )
