"""The encoding of IPP messages (RFC 8010): attributes in groups, then the document."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

VERSION: Final = (2, 0)
OUT_OF_BAND: Final = range(0x10, 0x20)
"""Value tags without a value, such as `no-value` (RFC 8010, 3.5.2)."""
BEGIN_COLLECTION: Final = 0x34
END_COLLECTION: Final = 0x37
OCTETS: Final = 0x30
"""The kind of `printer-input-tray`; it holds text (PWG 5100.13)."""


class IppError(Exception):
    """The bytes are no IPP message."""


class Tag(IntEnum):
    """Value tags that requests need (RFC 8010, 3.5.2)."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49


class Group(IntEnum):
    """Delimiters of groups (RFC 8010, 3.5.1)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04


NUMBERS: Final = frozenset({Tag.INTEGER, Tag.ENUM})
Value = int | bool | str


class Attribute(NamedTuple):
    """A named attribute of one value, as requests send them."""

    name: str
    tag: Tag
    value: Value


Attributes = dict[str, list[Value]]


@dataclass(slots=True)
class Message:
    """An answer: its status code and its groups, each with the attributes by name."""

    code: int
    request: int
    groups: list[tuple[int, Attributes]] = field(default_factory=list)

    def merge(self, group: Group) -> Attributes:
        """Return the attributes of all groups of a kind; a later group wins."""
        return {name: values for tag, found in self.groups if tag == group for name, values in found.items()}


def encode(operation: int, request: int, groups: list[tuple[Group, list[Attribute]]], document: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    parts = [struct.pack(">bbhi", *VERSION, operation, request)]
    for group, attributes in groups:
        parts.append(bytes([group]))
        parts += [_encode_attribute(one) for one in attributes]
    return b"".join([*parts, bytes([Group.END]), document])


def _encode_attribute(one: Attribute) -> bytes:
    if one.tag in NUMBERS:
        value = struct.pack(">i", one.value)
    elif one.tag is Tag.BOOLEAN:
        value = bytes([bool(one.value)])
    else:
        value = str(one.value).encode()
    name = one.name.encode()
    return struct.pack(">BH", one.tag, len(name)) + name + struct.pack(">H", len(value)) + value


def decode(data: bytes) -> Message:
    """Read an answer; raise IppError when it ends early or is no message.

    Collections and values of other kinds are left out, because the program asks for none.
    """
    try:
        _, _, code, request = struct.unpack_from(">bbHi", data)
        message = Message(code, request)
        _decode_groups(data, 8, message)
    except (struct.error, IndexError, UnicodeDecodeError) as fault:
        raise IppError(f"not an IPP message: {fault}") from fault
    return message


def _decode_groups(data: bytes, at: int, message: Message) -> None:
    name, depth = "", 0
    while (tag := data[at]) != Group.END:
        if tag < OUT_OF_BAND.start:  # a delimiter: the next group begins
            message.groups.append((tag, {}))
            name, at = "", at + 1
            continue
        key, at = _read(data, at + 1)
        value, at = _read(data, at)
        if not message.groups:
            raise IppError("not an IPP message: an attribute before the first group")
        if tag == END_COLLECTION:
            depth -= 1
        elif tag == BEGIN_COLLECTION:
            depth, name = depth + 1, name or key.decode()
        elif depth == 0:
            name = key.decode() or name
            values = message.groups[-1][1].setdefault(name, [])
            if (found := _decode_value(tag, value)) is not None:
                values.append(found)


def _read(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    if end > len(data):
        raise IppError("not an IPP message: it ends within a value")
    return data[at + 2 : end], end


def _decode_value(tag: int, value: bytes) -> Value | None:
    if tag in NUMBERS:
        return int(struct.unpack(">i", value)[0])
    if tag == Tag.BOOLEAN:
        return value != b"\0"
    if tag in OUT_OF_BAND or (tag < Tag.NAME - 1 and tag != OCTETS):
        return None
    return value.decode(errors="replace")
