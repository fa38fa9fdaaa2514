"""The command line as people use it: a mistake gets one clear sentence, and every listing answers in JSON too."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.scenario import load
from lembur.domain.seats import StationCode
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect, load_nik_key, queries
from lembur.ledger.types import Lot
from lembur.office import OfficeSetup, open_office
from producers.enrolling import enrolment
from producers.identities import identity
from support.programs import LEMBUR, program
from support.servers import redis_of
from support.small_office import claim

if TYPE_CHECKING:
    from collections.abc import Callable

from lembur.domain.calendar import Calendar
from lembur.domain.card import CardId, Priority, Status, Stream

NOBODY = 65_534
"""The account without rights of its own."""
REGION = load("solo-2016").region


@pytest.fixture
def run(tmp_path: Path, valkey_url: str, office: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in an empty folder against the test's own server and office."""

    def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {**os.environ, "LEMBUR_REDIS_URL": valkey_url, "LEMBUR_OFFICE": office, "COLUMNS": "200", **environment}
        given = {name: value for name, value in given.items() if value}
        return subprocess.run([LEMBUR, *words], cwd=tmp_path, env=given, capture_output=True, text=True, check=False)

    return command


@pytest.fixture
def ledger(valkey_url: str, office: str, tmp_path: Path) -> Ledger:
    """An open office at Thursday 08:00 with three cards, whose data folder is the test's own."""
    found = Ledger(connect(valkey_url), office=office)
    setup = OfficeSetup(load("solo-2016"), 1, 1)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + 1_800_000, speed=1e-6, ends_ms=setup.ends_ms)
    signed_in = f"{found.real_ms() + 600_000}|{','.join(setup.all_stations)}"  # for as long as the commands take
    found.server.hset(found.key("heartbeats"), "all", signed_in)
    (tmp_path / "data").mkdir()
    key, calendar = load_nik_key(found, tmp_path / "data" / "keys"), Calendar.of(setup.scenario)
    found.enrol(
        [
            enrolment(
                identity(REGION, 1, number),
                number=number,
                key=key,
                kelurahan_code="33.72.03.1001",
                stream=Stream.REPLACEMENT,
                priority=Priority.REPLACEMENT,
                recorded_ms=setup.starts_ms,
                setup=setup,
                calendar=calendar,
            )
            for number in range(3)
        ]
    )
    return found


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """A mistake ends in one told fault and never in a traceback."""
    assert done.returncode not in {0, -2}
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.startswith(("lembur: ", "Usage: ")), done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def changed(tmp_path: Path, old: str, new: str) -> str:
    """Write solo-2016 with one thing changed."""
    text = (Path(__file__).parents[2] / "scenarios" / "solo-2016.toml").read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1))
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("median_s = 90", "median_s = -90", ("printing.median_s", "-90")),
        ("printers = 2", "printers = 0", ("printers",)),
        ("closes = 16:00:00", "closes = 07:00:00", ("hours.closes", "opens")),
        ('"33.72.03" = 1.0', '"33.72.93" = 1.0', ("33.72.93", "is no kecamatan")),
        ("[hours]", "[hours", ("line",)),
        ("seats = 1", "seats = 9", ("seats", "printers")),
    ],
)
def test_a_scenario_that_cannot_be_played_says_where_and_why(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    """Before anything is started."""
    refused(run("run", changed(tmp_path, old, new)), "cannot be played", *words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "solo-2061"), ("solo-2061", "solo-2016")),
        (("run", "--speed", "fast"), ("--speed", "'fast'")),
        (("run", "--speed", "-1"), ("--speed",)),
        (("run", "--seats", "jebres"), ("--seats", "dinas=2")),
        (("run", "--seats", "jebres=\u00b2"), ("--seats", "dinas=2")),
        (("run", "--seats", "jebres=9"), ("jebres", "2 printers")),
        (("run", "--seats", "solo=1"), ("solo", "no such station")),
        (("run", "--seed", "-3"), ("--seed",)),
        (("run", "--report", "/dev/null/report"), ("--report /dev/null/report", "give another folder")),
        (("board",), ("nothing is open",)),
        (("worker",), ("nothing is open",)),
        (("intake", "missing.csv"), ("nothing is open",)),
        (("plan", "solo-2016", "--by", "someday"), ("--by", "Friday 21:00")),
        (("plan",), ("--by",)),
        (("plan", "--by", "Friday 21:00"), ("give --live for the open office", "solo-2016")),
        (("visits",), ("give --live for the open office", "solo-2016")),
        (("open",), ("name a scenario", "solo-2016")),
        (("plan", "apply"), ("--by",)),
        (("plan", "apply", "--by", "x"), ("nothing is open",)),
        (("plan", "solo-2016", "--by", "2016-08-24T09:00"), ("deadline has passed",)),
        (("plan", "solo-2016", "--by", "Friday 21:00", "--confidence", "1.5"), ("confidence",)),
        (("plan", "solo-2016", "--by", "Friday 21:00", "--confidence", "nan"), ("confidence is nan",)),
        (("plan", "solo-2016", "--by", "Friday 21:00", "--max-hours", "nan"), ("nan hours",)),
        (("plan", "solo-2016", "--by", "Friday 21:00", "--what-if", "blanks nan"), ("blanks nan",)),
        (("run", "--speed", "nan"), ("--speed", "'nan'")),
        (("plan", "solo-2016", "--by", "Friday 21:00", "--policy", "generous"), ("generous", "civil-ii")),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Callable[..., subprocess.CompletedProcess[str]], words: tuple[str, ...], told: tuple[str, ...]
) -> None:
    """With the word that is wrong and how to mend it."""
    refused(run(*words), *told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("card", "77"), ("no card 00000077",)),
        (("card", "Siti"), ("number", "NIK")),
        (("card", "3372041705900001"), ("nobody with this NIK",)),
        (("card", "33720417059000011"), ("16 digits, this one has 17",)),
        (("release", "1", "--by", "Bu Sri", "--reason", "x"), ("PRINT_READY_RECORD", "cannot be released")),
        (("confirm", "1", "--by", "x", "--printed"), ("nothing to confirm",)),
        (("confirm", "1", "--by", "x"), ("--printed", "--not-printed")),
        (("confirm", "1", "--by", "x", "--printed", "--spoiled"), ("--printed", "--not-printed")),
        (("confirm", "1", "--by", "x", "--printed", "--not-printed"), ("--printed", "--not-printed")),
        (("confirm", "1", "--by", " ", "--printed"), ("--by is empty",)),
        (("seats", "jebres", "-1", "--by", "x", "--reason", "x"), ("No such option: -1",)),
        (("seats", "jebres", "3", "--by", "x", "--reason", "x"), ("jebres has 2 printers",)),
        (("seats", "solo", "1", "--by", "x", "--reason", "x"), ("no station 'solo'",)),
        (("seats", "jebres", "1", "--by", "x", "--reason", "x", "--until", "07:45"), ("is past", "08:00")),
        (("seats", "jebres", "1", "--by", "x", "--reason", "x", "--until", "soon"), ("--until", "21:00")),
        (
            ("stock", "destroy", "jebres", "--blanks", "100000", "--minutes", "1", "--by", "Bu Sri"),
            ("only 680 blanks",),
        ),
        (("stock", "receive", "jebres", "--minutes", "1", "--by", "Bu Sri"), ("above zero",)),
        (("stock", "receive", "solo", "--blanks", "1", "--minutes", "1", "--by", "Bu Sri"), ("no station 'solo'",)),
        (("worker", "--stations", "solo"), ("no station 'solo'",)),
        (("worker",), ("--lines", "--stations")),
        (("run",), ("already holds 'solo-2016'",)),
    ],
)
def test_a_mistake_in_an_open_office_is_told_and_changes_nothing(
    run: Callable[..., subprocess.CompletedProcess[str]],
    ledger: Ledger,
    words: tuple[str, ...],
    told: tuple[str, ...],
) -> None:
    """The ledger is as before."""
    before = (ledger.counts(), ledger.orders())

    refused(run(*words, LEMBUR_DATA="data"), *told)

    assert (ledger.counts(), ledger.orders()) == before


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://127.0.0.1:1/0", "cannot be reached"),
        ("http://127.0.0.1/", "redis://:PASSWORD@"),
        ("redis://:p/w@127.0.0.1:1/0", "redis at 127.0.0.1:1/0 cannot be reached"),
        ("redis://:s3cret@127.0.0.1:1/0?db=3", "redis://:PASSWORD@"),
    ],
)
def test_a_server_out_of_reach_is_told(
    run: Callable[..., subprocess.CompletedProcess[str]], url: str, told: str
) -> None:
    """With the address as it was given."""
    refused(run("doctor", LEMBUR_REDIS_URL=url), told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize("words", [("--help",), ("check", "solo-2016"), ("check", "solo-2016", "--json")])
def test_output_that_cannot_be_written_is_a_sentence(words: tuple[str, ...]) -> None:
    """On a full disk, also for the lines that are written last."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [LEMBUR, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )

    assert (done.returncode, done.stderr) == (
        1,
        "lembur: a file or the output cannot be used: its disk is full; make room, and repeat the command\n",
    )


@pytest.mark.parametrize("words", [("--help",), ("check", "solo-2016"), ("check", "solo-2016", "--json")])
def test_a_reader_that_has_enough_is_no_fault(words: tuple[str, ...]) -> None:
    """`lembur ... | head -1` ends without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [LEMBUR, *words], stdout=closed, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )

    assert done.stderr == ""


@pytest.mark.parametrize("words", [("board",), ("up",)])
def test_a_folder_of_another_account_is_a_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Whoever may not read it learns which folder it is, and sees no traceback."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    command = [LEMBUR, *words]
    if os.geteuid() == 0:  # root, without the right to open everything
        os.chown(closed, NOBODY, NOBODY)
        command = [program("setpriv"), "--bounding-set=-dac_override,-dac_read_search", *command]
    else:
        closed.chmod(0)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LEMBUR_DATA": "closed"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    refused(done, "closed", "cannot be used", "closed to this account")


def test_a_wrong_password_is_told_and_not_shown(
    run: Callable[..., subprocess.CompletedProcess[str]], valkey_url: str
) -> None:
    """Where to correct it."""
    done = run("doctor", LEMBUR_REDIS_URL=f"redis://:not-it@{valkey_url.rpartition('@')[2]}")

    refused(done, "refuses the password")
    assert "not-it" not in done.stderr


def test_a_server_that_evicts_is_refused(run: Callable[..., subprocess.CompletedProcess[str]], valkey_url: str) -> None:
    """Cards would vanish when memory is short."""
    server = connect(valkey_url)
    server.config_set("maxmemory-policy", "allkeys-lru")
    try:
        refused(run("doctor"), "allkeys-lru", "set noeviction")
    finally:
        server.config_set("maxmemory-policy", "noeviction")


def test_a_server_that_forgets_is_refused(run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger) -> None:
    """Doctor says so and exits 1; with its append-only file it is content."""
    ledger.server.config_set("appendonly", "no")
    try:
        refused(run("doctor"), "forgets acknowledged changes in a power cut", "--unsafe")
    finally:
        ledger.server.config_set("appendonly", "yes")

    assert run("doctor").returncode == 0


@pytest.mark.parametrize(
    ("words", "told", "holds"),
    [
        (("board",), "ready to print", lambda found: sum(found["counts"].values()) == 3),
        (("card", "1"), "card      00000001", lambda found: found["card"] == "00000001"),
        (("stock",), "difference", lambda found: {row["difference"] for row in found.values()} == {0}),
        (("orders",), "pasar-kliwon", lambda found: {row["number"] for row in found} == {None}),
        (("log",), "when", lambda found: found == []),
        (("reconcile",), "3 cards, all blanks", lambda found: found == []),
        (("doctor",), "answers", lambda found: found["centre"] == "answers"),
        (("unconfirmed",), "no card is unconfirmed", lambda found: found == []),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_listing_answers_in_json_too(
    run: Callable[..., subprocess.CompletedProcess[str]],
    ledger: Ledger,
    words: tuple[str, ...],
    told: str,
    holds: Callable[[Any], bool],
) -> None:
    """The same in plain words without."""
    assert ledger.serial() == 3

    plain, listed = run(*words), run(*words, "--json")

    assert (plain.returncode, listed.returncode) == (0, 0), plain.stderr + listed.stderr
    assert told in plain.stdout
    assert holds(json.loads(listed.stdout))
    assert str(NEVER_MS) not in listed.stdout


def test_the_doctor_names_the_office_or_that_none_is_open(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger
) -> None:
    """A wrong number of the database, or of the office, is then seen: such a server is well, and empty."""
    assert ledger.serial() == 3

    here, elsewhere = run("doctor"), run("doctor", LEMBUR_OFFICE="9171")

    assert re.search(r"^office +solo-2016$", here.stdout, re.MULTILINE)
    assert re.search(r"^office +none is open here: 'lembur up' or", elsewhere.stdout, re.MULTILINE)
    assert "1970" not in elsewhere.stdout


def test_a_terminal_without_letters_of_its_own_shows_them_escaped(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger
) -> None:
    """What the terminal's alphabet lacks is written as an escape; no command ends in a traceback."""
    assert ledger.serial() == 3
    terminal = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "COLUMNS": "60"}

    ordered = run("seats", "jebres", "1", "--by", "Bu Čć", "--reason", "→ antre", **terminal)
    listed = [run(*words, **terminal) for words in (("orders",), ("log",), ("board",), ("stock",), ("card", "1"))]

    assert "Bu \\u010c\\u0107" in ordered.stdout
    assert [done.returncode for done in (ordered, *listed)] == [0] * 6, [done.stderr for done in listed]
    assert all(done.stdout.isascii() for done in listed)


def test_a_ledger_that_does_not_add_up_exits_one_with_the_place(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger
) -> None:
    """So that a script in the evening notices."""
    redis_of(ledger.server).hdel(ledger.prefix + "cards", "00000002")

    done = run("reconcile")

    assert done.returncode == 1
    assert "no card is lost: 00000002" in done.stdout


def test_a_day_at_the_desk(
    run: Callable[..., subprocess.CompletedProcess[str]], ledger: Ledger, tmp_path: Path
) -> None:
    """Hold, release, expedite, order seats, receive blanks, take a file in twice: each is done, and all adds up."""
    rows = ["nik,name,kelurahan_code,stream,recorded_at"]
    rows += [
        f"{identity(REGION, 1, number).digits},X,33.72.03.1001,replacement,2016-08-25T07:40:00"
        for number in range(2, 9)
    ]
    (tmp_path / "a.csv").write_text("\n".join([*rows, "1,X,33.72.03.1001,replacement,2016-08-25T07:40:00"]))

    for words in (
        ("hold", "1", "--by", "Bu Sri", "--reason", "a doubt"),
        ("release", "1", "--by", "Bu Sri", "--reason", "settled"),
        ("expedite", "2", "--by", "Bu Sri", "--reason", "a funeral"),
        ("seats", "pasar-kliwon", "1", "--by", "Bu Sri", "--reason", "a test"),
        ("stock", "receive", "dinas", "--blanks", "5", "--minutes", "BA 1", "--by", "Bu Sri"),
        ("stock", "transfer", "dinas", "jebres", "--blanks", "5", "--minutes", "BA 2", "--by", "Bu Sri"),
        ("stock", "destroy", "jebres", "--blanks", "1", "--minutes", "BA 3", "--by", "Bu Sri"),
        ("intake", "a.csv", "--dry-run"),
        ("intake", "a.csv"),
    ):
        done = run(*words, LEMBUR_DATA="data")
        assert done.returncode == 0, (words, done.stderr)
    again = run("intake", "a.csv", "--json", LEMBUR_DATA="data")
    by_nik = run("card", identity(REGION, 1, 5).digits, LEMBUR_DATA="data")

    assert json.loads(again.stdout) | {"refused_file": ""} == {
        "rows": 8,
        "enrolled": 0,
        "verified": 0,
        "known": 7,
        "refused": 1,
        "warned": 7,
        "dry_run": False,
        "refused_file": "",
    }
    assert "PRINT_READY_RECORD" in by_nik.stdout
    assert ledger.serial() == 9
    log = json.loads(run("log", "--json").stdout)
    assert [(act["what"], act["reason"]) for act in log[:2]] == [("hold", "a doubt"), ("release", "settled")]
    assert [act["details"]["minutes"] for act in log if "minutes" in act["details"]] == ["BA 1", "BA 2", "BA 3"]
    assert [order.by for order in ledger.orders()] == ["Bu Sri"]
    assert ledger.seats_at(StationCode("pasar-kliwon"), ledger.time()[0]) == 1
    assert run("reconcile").returncode == 0


@pytest.mark.parametrize(
    ("found", "told", "status", "blanks"),
    [
        (["--printed"], "printed, its blank is used", Status.CARD_PRINTED, (1, 1, 0)),
        (["--not-printed"], "its blank is back on the shelf", Status.PRINT_READY_RECORD, (0, 0, 0)),
        (["--not-printed", "--spoiled"], "its blank is spoiled", Status.PRINT_READY_RECORD, (1, 0, 1)),
        (["--spoiled"], "its blank is spoiled", Status.PRINT_READY_RECORD, (1, 0, 1)),
    ],
)
def test_a_card_in_doubt_is_listed_and_settled(
    run: Callable[..., subprocess.CompletedProcess[str]],
    ledger: Ledger,
    found: list[str],
    told: str,
    status: Status,
    blanks: tuple[int, int, int],
) -> None:
    """As it was found, with its blank and by whom; after that nothing is left to settle."""
    station = queries.read_card(ledger, CardId("00000001")).station
    before = queries.read_board(ledger, [station]).stations[0].stock.blank
    ledger.advance([station], fed_ms=NEVER_MS)
    lot = claim(ledger, station)
    assert isinstance(lot, Lot)
    card = lot.cards[0]
    ledger.unconfirm(lot)
    listed = run("unconfirmed").stdout.splitlines()
    assert listed[0].startswith(card)
    assert listed[1] == "1 card unconfirmed"

    done = run("confirm", card, *found, "--by", "Bu Sri")

    stock = queries.read_board(ledger, [station]).stations[0].stock
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
    assert queries.read_card(ledger, card).status == status
    assert "found by Bu Sri" in queries.read_card(ledger, card).history[-1].why
    assert (before - stock.blank, stock.used, stock.spoiled) == blanks
    assert run("unconfirmed").stdout == "no card is unconfirmed\n"
