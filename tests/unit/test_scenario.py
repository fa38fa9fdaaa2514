"""A scenario is checked whole, and everything that is wrong with it is told at once, in plain words."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.errors import ScenarioError
from lembur.domain.scenario import OvertimePay, Scenario, hours, load, model, pay, region, shipped_scenarios, tables
from lembur.domain.scenario import faults as faults_
from lembur.domain.scenario.fields import Part

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SOLO = (ROOT / "scenarios" / "solo-2016.toml").read_text(encoding="utf-8")


@pytest.fixture
def faults(tmp_path: Path) -> Callable[..., list[str]]:
    """Write solo-2016 with some of its text replaced, and tell what is wrong with it."""

    def told(*changes: tuple[str, str]) -> list[str]:
        text = SOLO
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        return refusal(tmp_path, text)

    return told


def refusal(folder: Path, text: str | bytes) -> list[str]:
    """Tell why a file is refused."""
    file = folder / "own.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ScenarioError) as caught:
        load(str(file))
    assert str(caught.value).startswith(str(file))
    return caught.value.faults


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_can_be_played(name: str) -> None:
    """What comes with the program is without a fault and bears its file's name."""
    scenario = load(name)

    assert scenario.name == name
    assert scenario.demonstration


def test_all_scenarios_worth_shipping_are_there() -> None:
    """The names are those of the domain's list."""
    assert shipped_scenarios() == [
        "centre-down",
        "centre-slow",
        "hot-printer",
        "jayapura-2016",
        "mass-day",
        "no-blanks",
        "rush",
        "solo-2016",
        "three-printers-broken",
    ]


def test_solo_is_the_case() -> None:
    """Twelve printers in six stations, three regular seats, 2,822 cards, two days of overtime."""
    solo = load("solo-2016")

    assert [station.printers for station in solo.stations] == [2, 2, 1, 2, 2, 3]
    assert sum(station.seats for station in solo.stations) == 3
    assert solo.backlog.cards == 2822
    assert [order.day.isoformat() for order in solo.overtime] == ["2016-08-25", "2016-08-26"]


@pytest.mark.parametrize("name", ["solo-2016", "no-blanks", "mass-day"])
def test_a_scenario_survives_being_written_as_json(name: str) -> None:
    """The ledger keeps the scenario as JSON, and workers elsewhere read the same from it."""
    scenario = load(name)

    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario


def test_a_path_is_read_like_a_shipped_name(tmp_path: Path) -> None:
    """A file of one's own, also with the mark that some editors put in front, is as good as a shipped one."""
    file = tmp_path / "mine.toml"
    file.write_text(SOLO, encoding="utf-8-sig")

    assert load(str(file)) == load("solo-2016")


def test_moments_without_a_zone_are_in_jakarta(tmp_path: Path) -> None:
    """People write the time on their own wall."""
    file = tmp_path / "mine.toml"
    file.write_text(SOLO.replace("2016-08-25T07:30:00+07:00", "2016-08-25T07:30:00"), encoding="utf-8")

    assert load(str(file)).starts == load("solo-2016").starts
    assert load(str(file)).starts.utcoffset() == timedelta(hours=7)


def test_dates_and_times_may_be_quoted(tmp_path: Path) -> None:
    """A time in quotes needs no seconds."""
    file = tmp_path / "mine.toml"
    file.write_text(SOLO.replace("opens = 07:30:00", 'opens = "07:30"'), encoding="utf-8")

    assert load(str(file)) == load("solo-2016")


ONE_FAULT = [
    ("spoil_rate = 0.02", "spoil_rate = -0.02", "printing.spoil_rate: is -0.02, but must be at least 0"),
    ("median_s = 420", "median_s = -1", "centre.median_s: is -1, but must be at least 0.001"),
    ("median_s = 420", "median_s = nan", "centre.median_s: is nan, but must be a finite number"),
    ("requests_a_day = 80", "requests_a_day = -3", "arrivals.counter[1].requests_a_day: is -3, but must be at least 0"),
    (
        "requests_a_day = 80",
        "requests_a_day = 2e6",
        "arrivals.counter[1].requests_a_day: is 2000000.0, but must be at most 1,000,000",
    ),
    ("records_a_day = 35", "records_a_day = -1", "arrivals.visits[1].records_a_day: is -1, but must be at least 0"),
    ("printers = 1", "printers = 0", "stations.serengan.printers: is 0, but must be at least 1"),
    (
        "seats = 0\nblanks = 340",
        "seats = 2\nblanks = 340",
        "stations.serengan.seats: is 2, more than the 1 printers: a seat needs a printer",
    ),
    ('code = "jebres"', 'code = "dinas"', 'stations[5].code: is "dinas", as is stations[1]: rename one'),
    (
        'code = "jebres"',
        'code = "centre"',
        'stations.centre.code: is "centre", a word with a meaning of its own here: choose another',
    ),
    (
        'code = "jebres"',
        'code = "Jebres 1"',
        (
            'stations.Jebres 1.code: is "Jebres 1", but must be small letters, digits '
            "and hyphens, a letter first, at most 31"
        ),
    ),
    (
        "closes = 16:00:00                          # C",
        "closes = 07:00:00 # C",
        "hours.closes: is 07:00:00, not after opens = 07:30:00: make it later",
    ),
    (
        "break_until = 13:00:00",
        "break_until = 11:00:00",
        "hours.break_until: is 11:00:00, before break_from = 12:00:00: make it later, or the same for no break",
    ),
    (
        "friday_break_until = 13:00:00",
        "friday_break_until = 17:00:00",
        "hours.friday_break_from: 11:30:00 to 17:00:00 is not inside the shift from 07:30:00 to 16:00:00: move it",
    ),
    (
        'workdays = ["mon", "tue", "wed", "thu", "fri"]',
        "workdays = []",
        'hours.workdays: is empty, so the office never opens: name at least one day, such as ["mon"]',
    ),
    (
        'workdays = ["mon"',
        'workdays = ["monday"',
        "hours.workdays[1]: is \"monday\", but must be one of 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'",
    ),
    (
        "opens = 07:30:00\ncloses = 16",
        "opens = 730\ncloses = 16",
        "hours.opens: is 730, but must be a time of day such as 07:30:00, without a zone",
    ),
    (
        "starts = 2016-08-25T07:30:00+07:00",
        "starts = 2016",
        "starts: is 2016, but must be a moment such as 2016-08-25T07:30:00+07:00",
    ),
    (
        "starts = 2016-08-25T07:30:00+07:00",
        "starts = 0216-08-25T07:30:00+07:00",
        "starts: is 0216-08-25 07:30:00+07:00, but must be a day of this century",
    ),
    (
        "ends = 2016-08-30T23:59:00+07:00",
        "ends = 2016-08-24T23:59:00+07:00",
        "ends: is 2016-08-24 23:59:00+07:00, not after starts = 2016-08-25 07:30:00+07:00: make it later",
    ),
    (
        "ends = 2016-08-30T23:59:00+07:00",
        "ends = 2036-08-30T23:59:00+07:00",
        "ends: is 2036-08-30 23:59:00+07:00, 7310 days after starts: at most 1830 can be played",
    ),
    (
        "until = 2016-08-27",
        "until = 2016-09-27",
        (
            "arrivals.until: is 2016-09-27 00:00:00+07:00, outside of the scenario "
            "from 2016-08-25 07:30:00+07:00 to 2016-08-30 23:59:00+07:00: move it"
        ),
    ),
    (
        '"33.72.01" = 0.953',
        '"33.72.01" = 0.9',
        (
            'stations.*.serves."33.72.01": the shares of all stations sum to 0.947, '
            "but must sum to 1, or remove every `serves`"
        ),
    ),
    (
        'region = "surakarta-2016"',
        'region = { name = "surakarta-2016", kelurahan = [{}] }',
        "region: is a table, but must be text: a file such as region.csv beside the scenario",
    ),
    (
        "PRINT_READY_RECORD = 0.9772",
        "PRINT_READY_RECORD = 0.5",
        "centre.verdicts: the shares sum to 0.5228, but must sum to 1",
    ),
    (
        "DUPLICATE_RECORD",
        "CARD_PRINTED",
        (
            "centre.verdicts.CARD_PRINTED: is no verdict of the centre: use "
            "ADJUDICATE_RECORD, DUPLICATE_RECORD, ENROLL_FAILURE_AT_CENTRAL, PRINT_READY_RECORD, "
            "SEARCH_FAILURE_AT_CENTRAL"
        ),
    ),
    (
        "failed_encode = 0.40",
        "failed_encode = 0.50",
        "printing.spoil_reasons: the shares sum to 1.1, but must sum to 1",
    ),
    (
        "p90_s = 180",
        "p90_s = 80",
        "printing.p90_s: is 80.0, below median_s = 90.0: nine in ten cannot be done before half are",
    ),
    (
        'station = "all"',
        'station = "solo"',
        (
            'overtime[1].station: is "solo", which is no station: use dinas, laweyan, '
            "serengan, pasar-kliwon, jebres, banjarsari, all"
        ),
    ),
    (
        'seats = "printers"',
        "seats = 3",
        (
            "overtime[1].seats: is 3, more than the printers of dinas, laweyan, serengan, "
            "pasar-kliwon, jebres: a seat needs a printer"
        ),
    ),
    (
        'seats = "printers"',
        "seats = -1",
        'overtime[1].seats: is -1, but must be a whole number from 0, or "printers" for all of them',
    ),
    (
        "closes = 21:30:00",
        "closes = 07:30:00",
        "overtime[1].closes: is 07:30:00, the same as opens: an order is shorter than a day",
    ),
    (
        "day = 2016-08-25",
        "day = 2016-08-24",
        "overtime[1].day: is 2016-08-24, outside of the scenario from 2016-08-25 to 2016-08-30: move it",
    ),
    ('by = "Kepala Dinas"', 'by = ""', "overtime[1].by: is empty: write something"),
    ("speed = 850", "speed = -1", "speed: is -1, but must be at least 0"),
    ("speed = 850", "sped = 850", "sped: is no field here: did you mean speed?"),
    ("speed = 850", "speed = 850\nlines = 8", "lines: is no field here: it belongs to [centre]"),
    ("lines = 8", "lines = 8\nseed = 8", "centre.seed: is no field here: it belongs above the first table of the file"),
    ("lines = 8", "lines = true", "centre.lines: is true, but must be a whole number"),
    ("lines = 8", 'lines = "8"', 'centre.lines: is "8", but must be a whole number'),
    ("cards = 2822", "cards = 2822.5", "backlog.cards: is 2822.5, but must be a whole number"),
    (
        'status = "PRINT_READY_RECORD"',
        'status = "CARD_PRINTED"',
        "backlog.status: is \"CARD_PRINTED\", but must be one of 'PRINT_READY_RECORD' or 'BIO_CAPTURED'",
    ),
    (
        "demonstration = true",
        "demonstration = false",
        (
            "demonstration: is false, but the backlog is invented people: "
            "set it to true, or remove it and take people in"
        ),
    ),
    (
        "by_hour = { 7 = 0.05",
        "by_hour = { 07 = 0.05",
        "arrivals.counter[1].by_hour.07: is no hour of the day: use 0 to 23, without leading zeros",
    ),
    (
        "by_hour = { 7 = 0.05",
        "by_hour = { 20 = 0.05",
        "arrivals.counter[1].by_hour.20: the office is closed then: it is open from 07:30:00 to 16:00:00",
    ),
    (
        "[[stations]]",
        '[[printing.script]]\nfate = "explode"\nodds = 0.1\n\n[[stations]]',
        (
            "printing.script[1].fate: is \"explode\", but must be one of 'ok', 'slow', 'jam', 'spoil', 'die before "
            "printing', 'die after printing', 'answer twice' or 'forget'"
        ),
    ),
    (
        "[[stations]]",
        '[[printing.script]]\nfate = "jam"\n\n[[stations]]',
        "printing.script[1].odds: is 0, and no prints are named: give one of them",
    ),
    (
        "[[stations]]",
        '[[printing.script]]\nfate = "jam"\nodds = 0.1\nstation = "solo"\n\n[[stations]]',
        (
            'printing.script[1].station: is "solo", which is no station: use dinas, laweyan, '
            "serengan, pasar-kliwon, jebres, banjarsari, all"
        ),
    ),
    (
        "[[stations]]",
        '[[printing.script]]\nfate = "jam"\nodds = 0.6\n' * 2 + "\n[[stations]]",
        "printing.script: the odds sum to 1.2, but to 1 at most",
    ),
    (
        "rest_every_cards = 50",
        "rest_every_cards = 0",
        "printing.rest_every_cards: is 0, so the rest of 300 s never comes: give the cards before it",
    ),
    (
        "repair_h = 1.5",
        "repair_h = 0",
        "printing.repair_h: is 0, so breakdowns cost nothing: give the hours of a repair",
    ),
    (
        "records_a_day = 35",
        "records_a_day = 35\nfirst_day = 2016-08-26\nlast_day = 2016-08-25",
        "arrivals.visits[1].last_day: is 2016-08-25, before first_day 2016-08-26: make it the same day or later",
    ),
    (
        "[backlog]",
        '[[deliveries]]\nat = 2016-08-26T09:00:00\nstation = "solo"\nblanks = 5\n[backlog]',
        (
            'deliveries[1].station: is "solo", which is no station: use dinas, laweyan, serengan, '
            "pasar-kliwon, jebres, banjarsari"
        ),
    ),
    (
        "[backlog]",
        '[[deliveries]]\nat = 2016-08-24T09:00:00\nstation = "dinas"\nblanks = 5\n[backlog]',
        (
            "deliveries[1].at: is 2016-08-24 09:00:00+07:00, outside of the scenario from 2016-08-25 07:30:00+07:00 to "
            "2016-08-30 23:59:00+07:00: move it"
        ),
    ),
    (
        "[backlog]",
        '[[deliveries]]\nat = 2016-08-26T09:00:00\nstation = "dinas"\n[backlog]',
        "deliveries[1].blanks: is 0, and so is ribbons: a delivery brings something",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), ONE_FAULT, ids=[told.split(":")[0] for _, _, told in ONE_FAULT])
def test_one_fault_is_told_with_its_place_its_value_and_what_to_do(
    faults: Callable[..., list[str]], old: str, new: str, told: str
) -> None:
    """One thing wrong gives one sentence."""
    assert faults((old, new)) == [told]


def test_an_unknown_kecamatan_is_told(faults: Callable[..., list[str]]) -> None:
    """A wrong code is named, and so is the kecamatan that it leaves unserved."""
    told = faults(('"33.72.01" = 0.953', '"33.72.09" = 0.953'))

    assert told[0].startswith('stations.laweyan.serves."33.72.09": is no kecamatan of surakarta-2016')
    assert told[1].startswith('stations.*.serves."33.72.01"')


def test_all_faults_are_told_at_once(faults: Callable[..., list[str]]) -> None:
    """A value that cannot be read hides no other fault, wherever it is."""
    told = faults(
        ("seed = 2016", "seed = -1"),
        ("spoil_rate = 0.02", "spoil_rate = 2"),
        ("failed_encode = 0.40", "failed_encode = 0.50"),
        ("printers = 1", "printers = 0"),
        ("closes = 16:00:00                          # C", "closes = 07:00:00 # C"),
        ('code = "jebres"', 'code = "dinas"'),
        ('station = "all"', 'station = "solo"'),
        ("ends = 2016-08-30T23:59:00+07:00", "ends = 2016-08-24T23:59:00+07:00"),
        ('title = "', 'titel = "'),
    )

    assert sorted(re.split(": ", fault)[0] for fault in told) == [
        "ends",
        "hours.closes",
        "overtime[1].station",
        "printing.spoil_rate",
        "printing.spoil_reasons",
        "seed",
        "stations.serengan.printers",
        "stations[5].code",
        "titel",
        "title",
    ]


def test_an_empty_file_names_what_is_missing(tmp_path: Path) -> None:
    """Nothing at all is a list of what to write."""
    assert refusal(tmp_path, "") == [
        f"{name}: is missing: add it" for name, field in Scenario.model_fields.items() if field.is_required()
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "name = Kupang",
            (
                "line 1, column 8: Invalid value, in `name = Kupang`: write text in straight quotes, numbers in "
                "digits, and true or false without quotes"
            ),
        ),
        (
            "starts = 2026-11-31\n",
            "line 1, column 10: Invalid date or datetime, in `starts = 2026-11-31`: there is no such day or time",
        ),
        ("\n[hours\n", "line 2, column 7: Expected ']' at the end of a table declaration, in `[hours`"),
        (
            'name = "x"\nname = "y"\n',
            'line 2, column 11: Cannot overwrite a value, in `name = "y"`: this field is there twice: keep one',
        ),
        (
            "spoil_rate = 0,02\n",
            (
                "line 1, column 15: Expected newline or end of document after a statement, in `spoil_rate = 0,02`: "
                "write decimals with a point (0.02), dates that exist (2016-08-25), times in two digits up to 23:59 "
                "(08:00:00), text in quotes"
            ),
        ),
        (b"name = '\xff'\n", "line 1 is not UTF-8: save the file as UTF-8"),
        ("a = " + "[" * 100_000, "the tables are nested too deeply"),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_line_and_column(tmp_path: Path, text: str | bytes, told: str) -> None:
    """The place of a typing error, and the line itself."""
    assert refusal(tmp_path, text) == [told]


@pytest.mark.parametrize("tables", ["hours = 3", "stations = 3", "stations = [3]", "centre = []", "overtime = {}"])
def test_a_value_where_a_table_belongs_is_told(tmp_path: Path, tables: str) -> None:
    """The wrong kind of thing is a fault like any other."""
    name = tables.split(" ", maxsplit=1)[0]

    assert any(fault.startswith(name) and "must be a" in fault for fault in refusal(tmp_path, tables))


def test_an_unknown_name_lists_the_shipped_and_the_closest() -> None:
    """A typing error in the name is answered with what was probably meant."""
    with pytest.raises(
        ScenarioError, match=r"did you mean solo-2016\? the shipped scenarios are centre-down, .*mass-day"
    ):
        load("solo2016")


@pytest.mark.parametrize("name", ["/there/is/none.toml", "", "a\0b", "x" * 5000, "pyproject.toml/x"])
def test_a_file_that_is_not_there_is_told(name: str) -> None:
    """Whatever is typed gives a sentence, never a traceback."""
    with pytest.raises(ScenarioError):
        load(name)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    """The system's own words say why it cannot be read."""
    with pytest.raises(ScenarioError, match="cannot be read: Is a directory"):
        load(str(tmp_path))


def test_equal_scenarios_are_equal_keys() -> None:
    """Caches find a scenario again, and a changed copy is another one."""
    solo = load("solo-2016")
    copy = solo.model_copy(update={"speed": 1.0})

    assert hash(solo) == hash(load("solo-2016"))
    assert len({solo, load("solo-2016"), copy}) == 2


MODULES = (model, tables, hours, faults_, pay, region)
TABLES: dict[str, type[Part]] = {
    name: part
    for one in MODULES
    for name, part in vars(one).items()
    if isinstance(part, type) and issubclass(part, Part) and name not in {"Part", "Season"}
}


@pytest.mark.parametrize("part", TABLES.values(), ids=TABLES)
def test_the_documentation_lists_every_field_with_its_default(part: type[Part]) -> None:
    """docs/scenario.md has one row a field, in the order of the program, and tells the default that holds."""
    text = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {part.__name__}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in section.splitlines() if row.startswith("| `")]

    assert [row[0] for row in rows] == [f"`{name}`" for name in part.model_fields]
    assert [row[2] for row in rows] == [written(part, name) for name in part.model_fields]


def written(part: type[Part], name: str) -> str:
    """Write a default as the documentation does."""
    field = part.model_fields[name]
    if field.is_required():
        return "required"
    default: Any = field.get_default(call_default_factory=True)
    if isinstance(default, OvertimePay):
        return f'`"{default.name}"`'
    if isinstance(default, Part) or default is None or default in ((), {}):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in default) + "]`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def test_real_printers_have_a_queue_each(tmp_path: Path) -> None:
    """With `device = "ipp"` each printer has an address, without a password; simulated printers have none."""
    real = SOLO.replace("[printing]\n", '[printing]\ndevice = "ipp"\n')
    addressed = re.sub(
        r"^printers = (\d+)$",
        lambda row: f"{row[0]}\nqueues = {[f'ipp://127.0.0.1:631/printers/c{n}' for n in range(int(row[1]))]}",
        real,
        flags=re.MULTILINE,
    )

    def read(text: str) -> Scenario:
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        return load(str(tmp_path / "mine.toml"))

    assert [len(station.queues) for station in read(addressed).stations] == [2, 2, 1, 2, 2, 3]
    for text, fault in (
        (real, "has 0 of 2 addresses"),
        (addressed.replace('device = "ipp"\n', ""), 'printing.device is "simulated"'),
        (addressed.replace("ipp://127", "ipp://lead:secret@127"), "queues"),
    ):
        with pytest.raises(ScenarioError, match=fault):
            read(text)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("printers = 2", "printers = 1000000000", "stations.dinas.printers: is 1000000000, but must be at most 1,000"),
        ("lines = 8", "lines = 1000000", "centre.lines: is 1000000, but must be at most 1,000"),
        ("median_s = 90", "median_s = 1e-300", "printing.median_s: is 1e-300, but must be at least 0.001"),
        ("median_s = 90", f"median_s = {'9' * 5000}", "a number has too many digits"),
        ("seed = 2016", f"seed = {'9' * 400}", f"seed: is {'9' * 60}..., but must be at most 1,000,000,000"),
        ("cards = 2822", "cards = 1000000000", "backlog.cards: is 1000000000, but must be at most 1,000,000"),
        ("rest_s = 300", "rest_s = 100000000", "printing.rest_s: is 100000000, but must be at most 86,400"),
        ("speed = 850", "speed = 1e-300", "speed: is 1e-300: use 0 for as fast as possible, or at least 0.01"),
        ("speed = 850", "speed = 1e300", "speed: is 1e+300, but must be at most 100,000"),
        (
            "breakdown_every_h = 40.0",
            "breakdown_every_h = 1e-300",
            "printing.breakdown_every_h: is 1e-300: use 0 for none, or at least 0.01 hours",
        ),
        ("repair_h = 1.5", "repair_h = 1e-9", "printing.repair_h: is 1e-09: use 0 for none, or at least 0.01 hours"),
        ("failed_encode", '"a|b"', "printing.spoil_reasons: has 'a|b': a reason has 1 to 60 characters and no |"),
        ("failed_encode", '"a\\nb"', "printing.spoil_reasons: has 'a\\nb': a reason has 1 to 60 characters and no |"),
        ("failed_encode", '""', "printing.spoil_reasons: has '': a reason has 1 to 60 characters and no |"),
    ],
)
def test_a_figure_that_no_office_has_is_refused(
    faults: Callable[..., list[str]], old: str, new: str, fault: str
) -> None:
    """Nor one that a computer cannot play: bounds are far above any office."""
    assert faults((old, new)) == [fault]


def test_shifts_that_overlap_are_refused(faults: Callable[..., list[str]]) -> None:
    """Also over midnight, and from Sunday into Monday; shifts that follow each other are not."""
    day, night = "{ opens = 07:00:00, closes = 19:00:00 }", "{ opens = 19:00:00, closes = 07:00:00 }"
    longer = "{ opens = 19:00:00, closes = 07:30:00 }"
    sunday = '{ days = ["sun"], opens = 22:00:00, closes = 08:00:00 }'

    def told(*shifts: str) -> list[str]:
        return faults(
            ('code = "dinas"', f'code = "dinas"\nshifts = [{", ".join(shifts)}]'), ("speed = 850", "speed = -1")
        )[1:]

    assert told(day, night) == []
    assert told(day, longer) == ["stations.dinas.shifts: overlap: end one before the next begins"]
    assert told(day, sunday) == ["stations.dinas.shifts: overlap: end one before the next begins"]


def test_a_moment_without_a_zone_is_in_the_offices_own(tmp_path: Path) -> None:
    """And one with another zone is the same moment, on the office's own day."""
    file = tmp_path / "own.toml"
    text = (ROOT / "scenarios" / "jayapura-2016.toml").read_text("utf-8")
    file.write_text(text.replace("ends = 2016-11-14T23:59:00", "ends = 2016-11-14T23:59:00+07:00"))
    found = load(str(file))

    assert found.starts.isoformat() == "2016-11-07T07:00:00+09:00"
    assert found.ends.isoformat() == "2016-11-15T01:59:00+09:00"
    assert type(found).model_validate(found.model_dump(mode="json")) == found


def test_an_unknown_zone_is_refused_with_the_known_ones(faults: Callable[..., list[str]]) -> None:
    """Indonesia's only: none of them has summer time."""
    told = faults(("speed = 850", 'time_zone = "Europe/Berlin"'))

    assert told[0].startswith("time_zone: is \"Europe/Berlin\", but must be one of 'Asia/Jakarta'")
