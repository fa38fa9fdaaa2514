"""The fields of a form that a person sent, read as numbers and as lines for the log."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from lembur.accounts import Role, User
from lembur.domain.errors import LemburError
from web.session import NotAllowedError, Posted, Visitor


def posted(**fields: str) -> Posted:
    """Give a form with these fields."""
    user = User("sri", "Sri Lestari", Role.HEAD, (), epoch=1, active=True)
    return Posted(Visitor(user, "token"), FormData(fields))


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), (" 7 ", 7), ("1000", 1000), ("1.000", 1000), ("1,000", 1000), ("123,456,789", 123_456_789)],
)
def test_a_number_may_have_separated_thousands(text: str, number: int) -> None:
    """Both languages' ways are read, whatever the language of the page."""
    assert posted(blanks=text).number("blanks") == number


@pytest.mark.parametrize(
    "text", ["1.5", "1,5", "10.00", "-1", "x", "1.0000", "1e3", "1234567890", "1.234.567.890", "५"]
)
def test_another_text_is_no_number(text: str) -> None:
    """A fraction of a blank is no blank, and is not taken for ten times as many. No right is missing."""
    with pytest.raises(LemburError, match="is no number: write digits only") as caught:
        posted(blanks=text).number("blanks")

    assert not isinstance(caught.value, NotAllowedError)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("  ", "Reason is empty: it is kept in the log"),
        ("a\nb", "Reason must be one line without control characters"),
        ("a" * 201, "Reason has 201 characters"),
    ],
)
def test_a_line_for_the_log_is_checked(text: str, fault: str) -> None:
    """The refusal has the name that the form gives the field."""
    assert posted(reason=" salah nama ").line("reason") == "salah nama"
    with pytest.raises(LemburError, match=fault):
        posted(reason=text).line("reason")
