"""docs/redis-users.conf on a real server: each part does its work as its own user, and is refused what is not its."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import redis
from redis.exceptions import NoPermissionError

from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import SHELVES, Status
from lembur.domain.errors import LedgerError
from lembur.domain.scenario import load
from lembur.ledger import Ledger, connect, scripts
from lembur.ledger import schema as keys
from lembur.office import OfficeSetup, open_office, read_setup
from lembur.office.setup import station_setups
from lembur.settings import read_settings
from monitoring.exporter import find_office
from support.programs import LEMBUR, free_port
from support.runs import lembur, small_scenario
from support.servers import Server
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as the other tests of whole offices"),
]

ACL = (Path(__file__).parents[2] / "docs" / "redis-users.conf").read_text()
CARDS = 30
PASSWORD = "of-the-one-who-may-do-everything"
OFFICE = "3372"
DONE_WITHOUT = "lembur-exporter: command config|get"
"""Who opens a ledger asks how it keeps what it is told; an exporter tells it nothing."""


class WithUsers(Server):
    """A server whose `default` is switched off, and whose master is `admin`."""

    @property
    def url(self) -> str:
        """The address of who may do everything."""
        return f"redis://admin:{self.password}@127.0.0.1:{self.port}/0"


@dataclass(frozen=True, slots=True)
class Shared:
    """A server with the users of the file, and a folder in which each part is started."""

    admin: str
    folder: Path

    def url(self, user: str) -> str:
        """The address for a user, with the password in the file."""
        (password,) = re.findall(rf"^user lembur-{user} on >(\S+)", ACL, re.MULTILINE)
        return f"redis://lembur-{user}:{password}@127.0.0.1:{urlsplit(self.admin).port}/0"

    def client(self, user: str) -> redis.Redis:
        """A connection of a user."""
        return redis.Redis.from_url(self.url(user), decode_responses=True)

    @contextmanager
    def part(self, user: str, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A part of the office, started by its own command with its own address."""
        given = {**os.environ, "LEMBUR_REDIS_URL": self.url(user), "LEMBUR_DATA": str(self.folder / "data")}
        with (
            (self.folder / f"{words[0]}-{words[-1]}.log").open("w") as log,
            subprocess.Popen(
                [LEMBUR, *words], cwd=self.folder, env=given, stdout=log, stderr=log, text=True
            ) as process,
        ):
            try:
                yield process
            finally:
                process.terminate()
                process.wait()

    def refusals(self) -> list[str]:
        """What the server refused so far, and to whom, but for what is tried and done without."""
        with redis.Redis.from_url(self.admin, decode_responses=True) as server:
            told = [f"{row['username']}: {row['reason']} {row['object']}" for row in server.acl_log()]
            return [one for one in told if not one.endswith("client|setinfo") and one != DONE_WITHOUT]


@pytest.fixture(scope="module", params=["valkey", "redis"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """Give each server in turn."""
    folder = tmp_path_factory.mktemp("shared")
    request.getfixturevalue(f"{request.param}_url")  # skips, or in CI fails, where there is no such server
    program = valkey_binary() if request.param == "valkey" else Path(str(shutil.which("redis-server")))
    # Debian's Redis is 7.0, for which the file says what to take out.
    users = ACL if request.param == "valkey" else ACL.replace(" +waitaof", "")
    (folder / "server").mkdir()
    (folder / "users.conf").write_text(f"{users}\nuser admin on >{PASSWORD} ~* &* +@all\n")
    with WithUsers(program, folder / "server", password=PASSWORD, include=str(folder / "users.conf")) as server:
        yield Shared(server.url, folder)


def test_an_office_works_with_the_commands_it_is_given(shared: Shared) -> None:
    """Opened, fed, verified, printed, exported and checked by three users; the server had nothing to refuse."""
    scenario = small_scenario(shared.folder, cards=CARDS, status="BIO_CAPTURED")
    given = ("--redis", shared.url("console"), "--data", str(shared.folder / "data"))
    opened = lembur(shared.folder, "open", scenario, "--speed", "900", *given)
    assert opened.returncode == 0, opened.stderr

    flower = free_port()
    with ExitStack() as parts:
        for user, *words in (
            ("worker", "worker", "--lines"),
            ("worker", "worker", "--stations", "dinas,jebres"),
            ("exporter", "exporter", "--port", "0"),
            ("console", "feed"),
            ("flower", "flower", "--port", str(flower)),
        ):
            parts.enter_context(shared.part(user, *words))
        ledger = Ledger(connect(shared.url("console")), office=OFFICE)
        eventually(lambda: shared.refusals() or settled(ledger) == CARDS)
        assert shared.refusals() == []
        success = f'lembur_exporter_scrape_success{{office="{OFFICE}"}} 1.0'
        eventually(lambda: shared.refusals() or success in scraped(shared))
        assert shared.refusals() == []
        eventually(lambda: "print@dinas+1" in workers_in_flower(shared, flower))
        for command in (("seats", "jebres", "1", "--by", "x", "--reason", "y"), ("reconcile",), ("doctor",)):
            done = lembur(shared.folder, *command, *given)
            assert done.returncode == 0, (command, done.stdout, done.stderr)

    assert shared.refusals() == []


def scraped(shared: Shared) -> str:
    """Read the page of the exporter, whose address stands in its log."""
    (address,) = re.findall(r"http://\S+/metrics", (shared.folder / "exporter-0.log").read_text())
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - on this machine
        return str(answer.read().decode())


def workers_in_flower(shared: Shared, port: int) -> str:
    """Ask Flower for its workers, which it asks in turn over the bus."""
    login = f"lead:{(shared.folder / 'data' / 'flower.password').read_text()}"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/workers?refresh=1")
    request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
        return str(answer.read().decode())


def settled(ledger: Ledger) -> int:
    """Cards that are printed, or on a shelf."""
    counts = ledger.counts()
    return sum(counts.get(status, 0) for status in (Status.CARD_PRINTED, *SHELVES))


NOBODY = (
    ("keys", "*"),
    ("flushall",),
    ("flushdb",),
    ("config", "set", "appendonly", "no"),
    ("shutdown",),
    ("acl", "list"),
    ("eval", "return 1", "0"),
    ("function", "flush"),
    ("script", "load", "return 1"),
    ("evalsha", "0" * 40, "0"),
    ("evalsha_ro", "0" * 40, "0"),
)
"""What no part of Lembur may do."""
LOAD = ("function", "load", "replace", "#!lua name=x\nredis.register_function('x', function() return 1 end)")
REFUSED = {
    "worker": (
        ("hgetall", "lembur:{3372}:nik"),
        ("hset", "lembur:{3372}:nik", "a", "b"),
        ("set", "lembur:{3372}:office", "x"),
        ("set", "lembur:{3372}:arrivals_watermark", "1"),
        ("get", "lembur:{3371}:office"),
        ("lrange", "bus:{3371}:verify", "0", "-1"),
        LOAD,
    ),
    "console": (
        ("get", "lembur:{3371}:office"),
        ("set", "another", "x"),
        ("brpop", "bus:{3372}:verify", "1"),
        ("subscribe", "bus:{3372}:/0.celery.pidbox"),
    ),
    "exporter": (
        ("set", "lembur:{3372}:clock", "x"),
        ("hset", "lembur:{3372}:counts", "CARD_PRINTED", "1"),
        ("hdel", "lembur:{3372}:cards", "00000001"),
        ("hgetall", "lembur:{3372}:nik"),
        ("get", "lembur:{3372}:nik_key"),
        ("lrange", "lembur:{3372}:actions", "0", "-1"),
        ("lrange", "bus:{3372}:verify", "0", "-1"),
        ("publish", "bus:{3372}:/0.celery.pidbox", "x"),
        ("config", "get", "dir"),
        ("fcall", "x", "0"),
        LOAD,
    ),
    "flower": (
        ("hget", "lembur:{3372}:cards", "00000001"),
        ("get", "lembur:{3372}:office"),
        ("hgetall", "lembur:{3372}:nik"),
        ("fcall_ro", "x", "0"),
        LOAD,
    ),
}
"""What each part may not do besides."""


@pytest.mark.parametrize("user", REFUSED)
def test_nobody_may_do_what_is_not_his_business(shared: Shared, user: str) -> None:
    """Each is refused by the server, not by our good manners; with a wrong password, or none, nobody gets in."""
    with shared.client(user) as client:
        for command in (*NOBODY, *REFUSED[user]):
            with pytest.raises(NoPermissionError):
                client.execute_command(*command)
    for url in (
        shared.url(user).replace("-password@", "-guess@"),
        f"redis://127.0.0.1:{urlsplit(shared.admin).port}/0",
    ):
        with redis.Redis.from_url(url) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_an_exporter_runs_only_scripts_that_read(shared: Shared) -> None:
    """A verb that writes is refused, under each of its names."""
    with connect(shared.url("console")) as server:
        scripts.load(server)
    name, given = scripts.function_name("open"), ("lembur:{3372}:clock", "lembur:{3372}:", "", '{"office": "x"}')
    with shared.client("exporter") as client:
        with pytest.raises(NoPermissionError):
            client.fcall(name, 1, *given)
        with pytest.raises(redis.ResponseError, match="Can not execute a script with write flag"):
            client.fcall_ro(name, 1, *given)
        with pytest.raises(
            redis.ResponseError,
            match=r"(?i)acl failure in script|can't run this command|Write commands are not allowed",
        ):
            client.fcall_ro(f"{name}_ro", 1, *given)


def test_a_command_of_a_newer_version_leaves_the_running_one_its_functions(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of another version, whose user may load nothing, works on beside `lembur doctor` and `open` of this one.

    When its functions are gone after all, the sentence names what helps.
    """
    scenario = small_scenario(shared.folder, cards=CARDS, status="BIO_CAPTURED")
    given = ("--redis", shared.url("console"), "--data", str(shared.folder / "data"))
    newer = scripts.library_name()
    monkeypatch.setattr(scripts, "version", lambda: "0123456789ab")
    with connect(shared.url("console")) as console, connect(shared.url("worker")) as limited:
        scripts.load(console)
        worker = Ledger(limited, office=OFFICE)
        assert lembur(shared.folder, "open", scenario, "--speed", "900", *given).returncode == 0
        doctor = lembur(shared.folder, "doctor", "--json", *given)

        assert json.loads(doctor.stdout)["other_versions_functions"] == 1
        worker.time()
        with redis.Redis.from_url(shared.admin) as admin:
            assert {newer, scripts.library_name()} <= {row[1].decode() for row in admin.function_list()}
            admin.function_delete(scripts.library_name())
        with pytest.raises(LedgerError, match="run 'lembur board' once as the user of the console"):
            worker.time()


def test_a_changed_office_is_exported(shared: Shared) -> None:
    """The console's user changes it, and the exporter's user reads the earlier office for the pay of the past."""
    ledger = Ledger(connect(shared.url("console")), office=OFFICE)
    open_office(ledger, OfficeSetup(load("solo-2016"), seed=1, lot_cards=1))
    setup = read_setup(ledger)

    wakes = ledger.change(
        office=ledger.office(),
        stations=station_setups(setup, ledger.orders()),
        ends_ms=setup.ends_ms,
        changes=setup.changes,
        orders=len(ledger.orders()),
        expects_others=True,
        changed="title: a -> b",
        by="Bu Sri",
        reason="a test",
    )

    assert wakes is not None
    reader = find_office(read_settings(redis_url=shared.url("exporter"), office=OFFICE), 0)
    assert len(reader.dated) == reader.read().snapshot.changes + 1 == setup.changes + 2


def rules(user: str) -> list[str]:
    """What the file says of a user, word by word."""
    (line,) = re.findall(rf"^user lembur-{user} (.*)$", ACL, re.MULTILINE)
    return str(line).split()


def test_the_console_may_run_every_script() -> None:
    """Each command of a script is among those of its user, so that a new one is not forgotten here."""
    scripts = "".join(path.read_text() for path in Path(keys.__file__).parents[1].rglob("*.lua"))
    used = {name.lower() for name in re.findall(r"(?:call|call_in_parts|read|ask_once)\(['\"]([A-Z]+)['\"]", scripts)}

    assert len(used) > 25
    assert used <= {rule[1:] for rule in rules("console") if rule.startswith("+")}


def test_a_worker_reaches_every_key_but_those_it_has_no_business_with() -> None:
    """Who is enrolled, and what is foreseen, is nothing to it; a new key is not forgotten here."""
    given = [rule.rpartition("lembur:{3372}:")[2].replace("*", "") for rule in rules("worker") if "lembur:" in rule]
    names = {key.name.partition("<")[0] for key in keys.KEYS}

    assert names - set(given) == {
        "archived",
        "earlier_offices",
        "nik",
        "nik_key",
        "held",
        "forecasts",
        "scores",
        "references",
        "reprints",
    }
    assert set(given) <= names
