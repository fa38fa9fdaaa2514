"""The parts of a system that is spread over hosts: each says in a sentence what it did, or why it cannot."""

from __future__ import annotations

import os
import subprocess
from signal import SIGINT
from ssl import create_default_context
from threading import Event, Thread
from typing import TYPE_CHECKING

import httpx2
import pytest

from lembur.domain.scenario import load
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office, read_setup
from producers import Feed
from support.certificates import make_certificate
from support.programs import LEMBUR, free_port
from support.runs import small_scenario
from support.servers import redis_of
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path, valkey_url: str, office: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in an empty folder, with the password of the server in a file."""
    password, _, server = valkey_url.removeprefix("redis://:").partition("@")
    (tmp_path / "password").write_text(password + "\n")
    environment = {
        **os.environ,
        "LEMBUR_REDIS_URL": f"redis://{server}",
        "LEMBUR_REDIS_PASSWORD_FILE": str(tmp_path / "password"),
        "LEMBUR_OFFICE": office,
        "LEMBUR_DATA": str(tmp_path / "data"),
        "COLUMNS": "200",
    }

    def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LEMBUR, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return command


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """Give the ledger that the commands speak to."""
    return Ledger(connect(valkey_url), office=office)


def test_an_office_is_opened_once(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger, tmp_path: Path
) -> None:
    """`lembur open` opens what is not open yet; started again, with the same words or with none, it changes nothing."""
    small = small_scenario(tmp_path, cards=10)
    first, same, none = run("open", small), run("open", small), run("open")

    assert (first.returncode, first.stdout) == (0, "small is open: 2 stations\n")
    assert (same.returncode, same.stdout) == (0, "small was open already and stays as it is\n")
    assert (none.returncode, none.stdout) == (0, "small was open already and stays as it is\n")
    assert read_setup(ledger).scenario.name == "small"


@pytest.mark.parametrize(
    ("words", "other"),
    [
        (("solo-2016",), "another scenario"),
        (("--speed", "600"), "another speed"),
        (("--seed", "8"), "another seed"),
        (("--seats", "dinas=1"), "another scenario"),
        (("solo-2016", "--speed", "600"), "another scenario and another speed"),
    ],
)
def test_another_office_is_refused_in_a_ledger_that_holds_one(
    run: Callable[..., subprocess.CompletedProcess[str]],
    ledger: Ledger,
    tmp_path: Path,
    words: tuple[str, ...],
    other: str,
) -> None:
    """Another scenario, speed or seed would change what is under way: one sentence, and nothing is changed."""
    open_office(ledger, OfficeSetup(load(str(small_scenario(tmp_path, cards=10))), seed=7, lot_cards=1))

    done = run("open", *words)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"lembur: this ledger holds small with seed 7 at 1 times real time, which is {other}: leave that out"
    )
    assert done.stderr.count("\n") == 1
    assert read_setup(ledger).speed == 1


@pytest.mark.parametrize("table", ["centre", "printing"])
def test_real_devices_take_their_own_time(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, table: str
) -> None:
    """A printer or a centre outside cannot be played as fast as possible: one sentence names the table and a speed."""
    file = small_scenario(tmp_path, cards=10)
    text = file.read_text()
    if table == "centre":
        text = text.replace("[centre]", '[centre]\ndevice = "http"\naddress = "https://centre.example"')
    else:
        queues = {count: ["ipp://127.0.0.1/printers/card"] * count for count in (1, 3)}
        for count, addresses in queues.items():
            text = text.replace(f"printers = {count}", f"printers = {count}\nqueues = {addresses}")
        text = text.replace("[printing]", '[printing]\ndevice = "ipp"')
    file.write_text(text)

    done = run("open", file, "--speed", "max")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"[{table}] device" in done.stderr
    assert "give a number as --speed" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_played_centre_answers_over_tls_with_its_token(
    run: Callable[..., subprocess.CompletedProcess[str]], valkey_url: str, office: str, tmp_path: Path
) -> None:
    """`lembur centre --certificate` prints its address once it listens, and ends in order when it is asked to.

    Every command that serves a page refuses a port that is taken, in one sentence.
    """
    run("open", small_scenario(tmp_path, cards=10))
    (tmp_path / "token").write_text("not a secret, a test")
    given = {"LEMBUR_REDIS_URL": valkey_url, "LEMBUR_OFFICE": office, "LEMBUR_DATA": str(tmp_path / "data")}
    given["LEMBUR_CENTRE_TOKEN_FILE"] = str(tmp_path / "token")
    port, (certificate, key) = free_port(), make_certificate(tmp_path)
    words = [LEMBUR, "centre", f"--port={port}", f"--certificate={certificate}", f"--key={key}"]
    trust = create_default_context(cafile=str(certificate))
    with subprocess.Popen(words, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True) as centre:
        try:
            assert centre.stdout
            assert centre.stdout.readline() == f"centre   https://127.0.0.1:{port}\n"
            with httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trust) as caller:
                refused = caller.get("/v1/health")
                answered = caller.get("/v1/health", headers={"Authorization": "Bearer not a secret, a test"})
            taken = [run(name, f"--port={port}") for name in ("centre", "console", "flower", "exporter")]
        finally:
            centre.send_signal(SIGINT)
        assert centre.wait() == 0

    assert (refused.status_code, answered.status_code) == (401, 200)
    assert answered.json() == {"pending": 0}
    refusal = f"127.0.0.1:{port} cannot be listened on (Address already in use): give another --port or --host"
    for other in taken:
        assert (other.returncode, other.stdout, other.stderr) == (1, "", f"lembur: {refusal}\n")


def test_the_played_centre_needs_a_certificate_and_its_own_key(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """One without the other, one for the other, and a file that is not there are one sentence each."""
    run("open", small_scenario(tmp_path, cards=10))
    cert, key = make_certificate(tmp_path)

    alone = run("centre", "--certificate", cert)
    pairs = [run("centre", "--certificate", one, "--key", other) for one, other in ((key, cert), (cert, cert.parent))]

    assert (alone.returncode, alone.stderr) == (
        1,
        "lembur: --certificate and --key belong together: give both, or none\n",
    )
    for done in pairs:
        assert (done.returncode, done.stdout) == (1, "")
        assert "cannot be used for TLS" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_second_feed_is_refused(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger, tmp_path: Path
) -> None:
    """One feed keeps the clock; the second waits a moment, in case the first was killed, and says who is there."""
    run("open", small_scenario(tmp_path, cards=10))
    stopping = Event()
    feed = Feed(ledger, read_setup(ledger), b"k" * 32, lambda _: None, keeper="the-first-feed")
    feed.begin()
    thread = Thread(target=feed.play, args=(stopping,))
    thread.start()
    try:
        done = run("feed")
    finally:
        stopping.set()
        thread.join()

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "lembur: the feed the-first-feed keeps the time of this office: stop it before you start another\n"
    )


def test_nothing_works_in_an_office_that_is_not_open(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """The feed, a rush and a worker refuse an empty ledger in one sentence."""
    for words in (("feed",), ("load", "5"), ("worker", "--lines")):
        done = run(*words)

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("lembur: nothing is open in this ledger")
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("scenario", ["solo-2016", "jayapura-2016"])
def test_one_worker_serves_every_print_station_of_any_scenario(
    run: Callable[..., subprocess.CompletedProcess[str]],
    valkey_url: str,
    office: str,
    ledger: Ledger,
    tmp_path: Path,
    scenario: str,
) -> None:
    """`--stations all` reads the stations from the office, and `lembur seen print@all` finds the worker."""
    run("open", scenario)
    given = {"LEMBUR_REDIS_URL": valkey_url, "LEMBUR_OFFICE": office, "LEMBUR_DATA": str(tmp_path / "data")}
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen([LEMBUR, "worker", "--stations", "all"], env={**os.environ, **given}, stderr=log) as worker,
    ):
        try:
            eventually(lambda: "print@all" in ledger.last_seen())
            seen = run("seen", "print@all")
        finally:
            worker.terminate()
    crew = redis_of(ledger.server).hgetall(ledger.key("heartbeats"))

    assert seen.returncode == 0, seen.stderr
    assert crew["print@all"].partition("|")[2].split(",") == list(read_setup(ledger).stations)


def test_who_was_not_seen_is_told(run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger) -> None:
    """`lembur seen` exits 0 for who signed in a moment ago, and 1 for who never did or is silent."""
    for node, after_ms in (("print@dinas", 600_000), ("print@jebres", -60_000)):  # the command may take its time
        ledger.server.hset(ledger.key("heartbeats"), node, ledger.real_ms() + after_ms)

    assert run("seen", "print@dinas").returncode == 0
    for node in ("print@jebres", "feed"):
        silent = run("seen", node)
        assert (silent.returncode, silent.stderr) == (
            1,
            f"lembur: {node} has not signed in within the last 10 seconds\n",
        )


def test_invented_people_come_only_into_a_demonstration(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger, tmp_path: Path
) -> None:
    """`lembur load` enrols so many cards at once, each time other people."""
    run("open", small_scenario(tmp_path, cards=10))
    ledger.set_clock(virtual_ms=read_setup(ledger).starts_ms, speed=1, ends_ms=read_setup(ledger).ends_ms)

    assert run("load", "700").stdout == "700 people came at once\n"
    assert ledger.serial() == 700
    assert run("load", "5").returncode == 0
    assert ledger.serial() == 705


def test_invented_people_stay_out_of_a_real_office(
    run: Callable[..., subprocess.CompletedProcess[str]], office: str, tmp_path: Path
) -> None:
    """An office that works for real people refuses a rush of invented ones."""
    assert run("open", real_office(tmp_path, city=office)).returncode == 0

    done = run("load", "5")

    assert (done.returncode, done.stderr) == (
        1,
        "lembur: small is no demonstration: invented people have no place in it\n",
    )


def test_a_real_office_is_not_opened_under_the_code_of_another_city(
    run: Callable[..., subprocess.CompletedProcess[str]], office: str, ledger: Ledger, tmp_path: Path
) -> None:
    """Every event, metric and question to the centre carries the code."""
    done = run("open", real_office(tmp_path, city="5371"))

    assert (done.returncode, done.stderr) == (
        1,
        f"lembur: small is of the city 5371, but LEMBUR_OFFICE is {office}: set LEMBUR_OFFICE=5371\n",
    )
    assert not ledger.office()


def real_office(folder: Path, *, city: str) -> Path:
    """Write a real office in a city of one kelurahan."""
    real = small_scenario(folder, cards=0)
    text = real.read_text().replace("demonstration = true", "demonstration = false")
    real.write_text(text.replace('"surakarta-2016"', '"region.csv"'))
    rows = f"code,name,kecamatan,weight\n{city[:2]}.{city[2:]}.01.1001,Oeba,Kota Lama,1\n"
    (folder / "region.csv").write_text(rows)
    return real
