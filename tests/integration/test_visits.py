"""`lembur visits`: where people are recorded and when, until nobody is missing."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from console.cli import app
from lembur.domain import world
from lembur.domain.errors import SettingsError
from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import StationCode
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS, day_of, moment_ms
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from producers import invented_first_issues, plan_visits, suppose_visits, write_invitations
from support.cli import Desk
from support.small_office import identity

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def solo() -> Scenario:
    """Solo on 25 August 2016."""
    return load("solo-2016")


def ask(*words: str) -> dict[str, Any]:
    """Ask for the visits as JSON."""
    done = CliRunner().invoke(app, ["visits", *words, "--json"])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_solo_is_complete_in_october_as_the_source_has_it() -> None:
    """4,160 of 416,000 people are missing; two kelurahan a day from Monday to Wednesday, the mobile unit otherwise."""
    found = ask("solo-2016", "--what-if", "places 3", "--what-if", "teams 2")

    people = found["kelurahan"]
    assert len(people) == 51
    assert (sum(row["obliged"] for row in people), sum(row["missing"] for row in people)) == (416_000, 4_160)
    assert found["visited"] == "2016-10-26"
    assert all("2016-10" in found[name] for name in ("visited", "recorded_p50", "recorded_p90"))
    assert {row["name"] for visit in found["visits"] for row in visit["places"]} == {row["name"] for row in people}
    days = {(date.fromisoformat(visit["date"]).weekday(), len(visit["places"])) for visit in found["visits"]}
    assert days == {(0, 2), (1, 2), (2, 2), (3, 1), (6, 0)}
    assert "2016-09-12" not in {visit["date"] for visit in found["visits"]}  # Idul Adha
    three, teams = found["what_if"]
    assert three["visited"] < found["visited"]
    assert teams["visited"] < three["visited"]
    assert teams["recorded_p90"] < three["recorded_p90"] < found["recorded_p90"]


def test_the_schedule_is_the_one_that_the_feed_records(solo: Scenario) -> None:
    """Each visit brings its records into the queue, kelurahan by kelurahan, so the print plan knows them."""
    arrivals = solo.arrivals.model_copy(update={"until": None, "counter": ()})
    kelurahan = tuple(one for one in arrivals.visits if one.what == "kelurahan")
    longer = solo.model_copy(update={"arrivals": arrivals.model_copy(update={"visits": kelurahan})})

    came = Counter(
        (day_of(one.recorded_ms, solo.zone), one.kelurahan_code)
        for one in world.arrivals_between(longer, solo.seed, after_ms=0, before_ms=NEVER_MS)
    )
    plan = plan_visits(longer, moment_ms(solo.starts), {})
    shown = {(visit.day, place.code): records for visit in plan.visits for place, records in visit.places}

    assert came
    assert {key: shown[key] for key in came} == came


def test_people_recorded_meanwhile_are_no_longer_missing(solo: Scenario) -> None:
    """On Friday evening the first issues of two days count."""
    moments = [moment_ms(solo.starts) + hours * HOUR_MS for hours in (0, 36)]
    plans = [plan_visits(solo, at, invented_first_issues(solo, solo.seed, at)) for at in moments]
    came = world.arrivals_between(solo, solo.seed, after_ms=0, before_ms=moments[1])
    first = sum(one.stream == "first_issue" for one in came)

    before, after = (sum(one.recorded or 0 for one in plan.recordings) for plan in plans)

    assert after - before == first > 0


def test_a_real_office_expects_its_visits_and_counts_who_was_recorded(
    solo: Scenario, valkey_url: str, office: str, tmp_path: Path
) -> None:
    """No feed brings people there: a first issue counts when it was taken in, a replacement never does."""
    opens = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    tables = {**solo.model_dump(), "demonstration": False, "backlog": {"cards": 0}, "overtime": ()}
    tables |= {"speed": 1, "starts": opens, "ends": opens + timedelta(days=30)}
    tables["arrivals"]["until"] = None
    real = Scenario.model_validate(tables)
    ledger, setup = Ledger(connect(valkey_url), office=office), OfficeSetup(real, 1, 1)
    open_office(ledger, setup)
    pajang, other = (one.code for one in real.region.kelurahan[:2])
    at_ms, jebres = setup.starts_ms + 60_000, StationCode("jebres")
    person = identity(1, ready_ms=at_ms, first_issue=True, station=jebres)
    ledger.enrol(
        [
            person._replace(stream="first_issue", kelurahan=pajang),
            identity(2, ready_ms=at_ms, station=jebres)._replace(kelurahan=other),
            person._replace(nik="nik-3", stream="first_issue", kelurahan=other, ready_ms=setup.starts_ms - DAY_MS),
        ]
    )

    found = json.loads(Desk(valkey_url, office, tmp_path).do("visits", "--live", "--json"))

    recorded = {row["code"]: row["recorded"] for row in found["kelurahan"]}
    before = {one.code: one.recorded for one in real.region.kelurahan}
    assert (recorded[pajang], recorded[other]) == ((before[pajang] or 0) + 1, before[other])
    assert found["visits"][0]["date"] >= f"{day_of(setup.starts_ms, real.zone)}"
    assert found["recorded_p90"]


def test_nobody_missing_is_complete_today(solo: Scenario) -> None:
    """And without figures in the region file only the visits have an end."""
    region = solo.region

    def change(**fields: int | None) -> Scenario:
        rows = tuple(one.model_copy(update=fields) for one in region.kelurahan)
        return solo.model_copy(update={"region": region.model_copy(update={"kelurahan": rows})})

    now_ms = moment_ms(solo.starts)
    today = day_of(now_ms, solo.zone)
    assert plan_visits(change(obliged=5, recorded=5), now_ms, {}).complete == (today, today)
    assert plan_visits(change(obliged=None), now_ms, {}).complete == ()


def test_an_invitation_has_a_time_and_no_nik(tmp_path: Path) -> None:
    """A file for each kelurahan and date, a row for each record that the visit brings."""
    done = CliRunner().invoke(app, ["visits", "solo-2016", "--invitations", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "51 kelurahan visited by Wed 26 Oct 2016; 4,160 missing people recorded by" in done.output

    rows = list(csv.DictReader((tmp_path / "2016-08-29-33.72.01.1002.csv").read_text("utf-8-sig").splitlines()))

    assert list(rows[0]) == ["number", "date", "from", "kelurahan_code", "kelurahan", "kecamatan", "name"]
    assert len(rows) == 17
    assert {(row["date"], row["kelurahan"], row["name"]) for row in rows} == {("2016-08-29", "Laweyan", "")}
    assert (rows[0]["from"], max(row["from"] for row in rows) < "12:00") == ("08:00", True)
    assert not [path for path in tmp_path.iterdir() if re.search(r"\b\d{16}\b", path.read_text("utf-8-sig"))]


def test_a_kelurahan_whose_name_begins_like_a_formula_computes_nothing(solo: Scenario, tmp_path: Path) -> None:
    """A spreadsheet that opens the file shows the name as text."""
    rows = tuple(one.model_copy(update={"name": "=1+1"}) for one in solo.region.kelurahan)
    typed = solo.model_copy(update={"region": solo.region.model_copy(update={"kelurahan": rows})})

    (path, *_) = write_invitations(plan_visits(typed, moment_ms(solo.starts), {}), tmp_path, solo.zone)

    (row, *_) = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    assert row["kelurahan"] == "'=1+1"


@pytest.mark.parametrize("text", ["places", "places 0", "teams many", "more", "3 places 2 teams", "3", "places ²", ""])
def test_a_what_if_that_cannot_be_read_is_refused(solo: Scenario, text: str) -> None:
    """The sentence shows how to write one."""
    with pytest.raises(SettingsError, match="'places 3' or 'teams 2'"):
        suppose_visits(solo, text)


@pytest.mark.parametrize("text", ["3 places a day", "Places 3", "3 places"])
def test_the_words_of_a_what_if_stand_in_any_order(solo: Scenario, text: str) -> None:
    """A person writes it as it is spoken."""
    assert suppose_visits(solo, text) == suppose_visits(solo, "places 3")


def test_changes_of_the_visits_are_joined_by_commas(solo: Scenario) -> None:
    """Three places a day by two teams are six places a day."""
    assert suppose_visits(solo, "3 places, 2 teams") == suppose_visits(suppose_visits(solo, "places 3"), "teams 2")


def test_a_scenario_without_visits_is_refused(solo: Scenario) -> None:
    """The sentence names the table that is missing."""
    without = solo.model_copy(update={"arrivals": solo.arrivals.model_copy(update={"visits": ()})})

    with pytest.raises(SettingsError, match=re.escape("[[arrivals.visits]]")):
        plan_visits(without, moment_ms(solo.starts), {})


def test_kelurahan_without_both_figures_are_named(tmp_path: Path) -> None:
    """A column that is there and not filled everywhere is not reported as absent."""
    desk = CliRunner()
    desk.invoke(app, ["init", str(tmp_path / "kupang")])
    rows = "code,name,kecamatan,weight,obliged,recorded\n32.71.01.1001,Oe'ba,Alak,1,9000,8000\n"
    rows += "32.71.02.1001,Oebobo,Oebobo,1,,\n"
    (tmp_path / "kupang" / "region.csv").write_text(rows)

    shown = desk.invoke(app, ["visits", str(tmp_path / "kupang" / "scenario.toml")])

    assert "does not have both figures for 1 of 2 kelurahan (Oebobo): docs/visits.md" in shown.output
