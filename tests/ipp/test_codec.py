"""IPP's encoding: what is sent can be read, and no bytes from a server do harm."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.devices.ipp.codec import Attribute, Group, IppError, Tag, decode, encode

TEXTS = st.text(max_size=40)
ATTRIBUTES = st.one_of(
    st.builds(Attribute, st.text(min_size=1, max_size=20), st.just(Tag.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Attribute, st.text(min_size=1, max_size=20), st.just(Tag.BOOLEAN), st.booleans()),
    st.builds(Attribute, st.text(min_size=1, max_size=20), st.sampled_from([Tag.NAME, Tag.URI, Tag.KEYWORD]), TEXTS),
)


@given(st.lists(ATTRIBUTES, unique_by=lambda one: one.name), st.integers(0, 2**15 - 1), st.binary(max_size=50))
def test_what_is_sent_can_be_read(attributes: list[Attribute], code: int, document: bytes) -> None:
    """Every attribute comes back by its name with its value; a document behind it is no part of it."""
    message = decode(encode(code, 7, [(Group.JOB, attributes)], document))

    assert (message.code, message.request) == (code, 7)
    assert message.merge(Group.JOB) == {one.name: [one.value] for one in attributes}


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(data: bytes) -> None:
    """Whatever a server answers is read or refused with one kind of fault."""
    with suppress(IppError):
        decode(data)


@given(st.lists(ATTRIBUTES, min_size=1, unique_by=lambda one: one.name), st.data())
def test_an_answer_that_is_cut_off_is_refused(attributes: list[Attribute], data: st.DataObject) -> None:
    """Half an answer is no answer."""
    whole = encode(0, 1, [(Group.PRINTER, attributes)])

    with pytest.raises(IppError):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_a_collection_is_left_out_whole() -> None:
    """Attributes behind a collection keep their own names (RFC 8010, 3.1.6)."""
    head = b"\x02\x00\x00\x00\x00\x00\x00\x01\x04"
    collection = (
        b"\x34\x00\x05media\x00\x00"
        b"\x4a\x00\x00\x00\x04size" + b"\x21\x00\x00\x00\x04\x00\x00\x00\x05" + b"\x37\x00\x00\x00\x00"
    )
    state = b"\x23\x00\x0dprinter-state\x00\x04\x00\x00\x00\x03"
    several = b"\x44\x00\x07reasons\x00\x01a\x44\x00\x00\x00\x01b"

    found = decode(head + collection + state + several + b"\x03").merge(Group.PRINTER)

    assert found == {"printer-state": [3], "reasons": ["a", "b"]}
