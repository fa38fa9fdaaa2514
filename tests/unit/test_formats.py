"""Dates and numbers are written in few places: for programs and messages, for the terminal, for paper, for the web."""

from __future__ import annotations

import ast
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from console.text import chance, risk
from console.ui import Language
from lembur.domain.time import moment_ms
from support.zones import JAKARTA
from web.language import Formats, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = ("lembur", "producers", "workers", "planner", "monitoring", "console", "web")
FORMS: Final = {"lembur/domain/time.py", "console/ui/times.py", "console/ui/language.py", "web/language/formats.py"}
"""The files that may write a date by a format of their own."""
NUMBERS: Final = {"lembur/domain/errors.py", "console/text.py", "console/ui/language.py", "web/language/formats.py"}
"""The files that may write a number with separated thousands."""
SEPARATED: Final = re.compile(r"\{[\w.]*:[^{}\s]*,[^{}\s]*\}")
"""A field of `str.format` with separated thousands."""
CODE: Final = re.compile(r"%-?[aAbBcdeHIjmMpSUwWxXyYZ]")
"""A code of strftime, such as %H."""
CALLS: Final = {"strftime", "strptime", "format_date", "format_datetime", "format_time"}


def format_specs(source: str) -> Iterator[tuple[int, str]]:
    """Yield each format of an f-string in a Python file, by line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            yield node.lineno, ast.unparse(node.format_spec)


def date_formats(source: str) -> Iterator[tuple[int, str]]:
    """Yield each format of a date in a Python file, by line: in an f-string, or in a call."""
    yield from ((line, spec) for line, spec in format_specs(source) if CODE.search(spec))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS:
                yield node.lineno, name


@pytest.mark.parametrize("package", PACKAGES)
def test_dates_are_written_in_one_place(package: str) -> None:
    """A page, a report and a command write the same moment alike, because no other file has a format of a date."""
    found = [
        f"{name}:{line}: {form}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if (name := path.relative_to(ROOT).as_posix()) not in FORMS
        for line, form in date_formats(path.read_text("utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize("source", ["f'{day:%a %-d %b}'", "day.strftime(form)", "format_date(day)", "f'{at:%H.%M}'"])
def test_the_search_finds_a_format(source: str) -> None:
    """A format of a date is found in an f-string and in a call."""
    assert list(date_formats(source))


@pytest.mark.parametrize(
    "source", ["f'{share:.0%}'", "f'{cards:,}'", "log.info('%d of %s', one, all)", "f'{at:{form}}'"]
)
def test_the_search_passes_over_numbers(source: str) -> None:
    """Numbers, log lines and a format by its name are no format of a date."""
    assert not list(date_formats(source))


def number_formats(source: str) -> Iterator[tuple[int, str]]:
    """Yield each number with separated thousands by line: in an f-string, in a template, or by Babel."""
    yield from ((line, spec) for line, spec in format_specs(source) if "," in spec)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SEPARATED.search(node.value):
            yield node.lineno, node.value
        if isinstance(node, ast.ImportFrom) and node.module == "babel.numbers":
            yield node.lineno, "babel.numbers"


@pytest.mark.parametrize("package", PACKAGES)
def test_numbers_are_written_in_one_place(package: str) -> None:
    """A message, a board, a report and a page write the same number alike: no other file separates thousands."""
    found = [
        f"{name}:{line}: {form}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if (name := path.relative_to(ROOT).as_posix()) not in NUMBERS
        for line, form in number_formats(path.read_text("utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "source",
    ["f'{cards:,}'", "f'{cards:>{width},}'", "'at most {le:,.10g}'", "from babel.numbers import format_decimal"],
)
def test_the_search_finds_a_number(source: str) -> None:
    """A number is found in an f-string, in a template, and where Babel writes it."""
    assert list(number_formats(source))


@pytest.mark.parametrize("source", ["f'{share:.0%}'", "'{a}, {b}'", "f'{a}, {b:{form}}'", '\'{"at": 1, "of": 2}\''])
def test_the_search_passes_over_lists(source: str) -> None:
    """Plain values between commas separate no thousands."""
    assert not list(number_formats(source))


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_page_and_its_papers_write_alike(language: str) -> None:
    """The tables of a report, made for papers too, have the numbers and the moments of the page around them."""
    paper, page = Language(language == "en"), Formats(language, words_of(language), JAKARTA)
    days = [datetime(2016, 1, 1, 16, 5, tzinfo=JAKARTA) + timedelta(days) for days in range(366)]

    assert [paper.moment(day) for day in days] == [page.moment(moment_ms(day)) for day in days]
    assert [paper.plain(number) for number in (0, 7, 1_856, 2_382_000, 1234.5)] == [
        page.number(number) for number in (0, 7, 1_856, 2_382_000, 1234.5)
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["1,856", "1,234.5", "96%", "Rp\u00a02,382,000", "Thu 25 Aug 18:40", "18:40:00 WIB"]),
        ("id", ["1.856", "1.234,5", "96%", "Rp\u00a02.382.000", "Kam 25 Agu 18.40", "18.40.00 WIB"]),
    ],
)
def test_each_language_has_its_own_numbers_and_clock(language: str, expected: list[str]) -> None:
    """English writes 1,856 and 18:40, as the commands do; Indonesian writes 1.856 and 18.40."""
    page = Formats(language, words_of(language), JAKARTA)
    at_ms = moment_ms(datetime(2016, 8, 25, 18, 40, tzinfo=JAKARTA))

    assert [
        *(page.number(1_856), page.number(1234.5), page.percent(0.96)),
        *(page.rupiah(2_382_000), page.moment(at_ms), page.clock(at_ms)),
    ] == expected


@pytest.mark.parametrize(
    ("share", "success", "failure"),
    [
        (0.9496, "94.9%", "95%"),
        (0.946, "94.6%", "95%"),
        (0.95, "95.0%", "95%"),
        (0.57, "57.0%", "57%"),
        (0.9999, "99.9%", "99%"),
        (1.0, "100.0%", "100%"),
        (0.001, "0.1%", "1%"),
        (0.0, "0.0%", "0%"),
    ],
)
def test_a_chance_is_rounded_to_the_careful_side(share: float, success: str, failure: str) -> None:
    """Success is never shown as likelier than it is, nor failure as less likely; command and page write the same."""
    english, indonesian = (Formats(language, words_of(language), JAKARTA) for language in ("en", "id"))

    assert (chance(share), risk(share)) == (success, failure)
    assert (english.chance(share), english.risk(share)) == (success, failure)
    assert indonesian.chance(share) == success.replace(".", ",")


def test_a_page_rounds_a_finish_up() -> None:
    """A queue that is clear at 20:00:01 is not clear by 20:00."""
    page, at_ms = Formats("en", words_of("en"), JAKARTA), moment_ms(datetime(2016, 8, 26, 20, tzinfo=JAKARTA))

    assert (page.done_by(at_ms), page.done_by(at_ms + 1_000)) == ("Fri 26 Aug 20:00", "Fri 26 Aug 20:01")


@pytest.mark.parametrize("room", ["console/plan", "console/forecast"])
def test_plans_and_forecasts_write_no_percent_of_their_own(room: str) -> None:
    """A chance is rounded in one place."""
    found = [
        f"{path.name}:{line}: {form}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, form in format_specs(path.read_text("utf-8"))
        if "%}" in form or form.rstrip("'\"").endswith("%")
    ]

    assert found == []
