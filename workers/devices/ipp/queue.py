"""One queue of a print server: the few IPP operations that a card needs (RFC 8011)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING, Final

import httpx2

from workers.devices.ipp.codec import Attribute, Group, IppError, Message, Tag, decode, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.devices.ipp.codec import Attributes

ANSWER_S: Final = 10.0
"""A print server that takes longer is treated as one that does not answer (assumed)."""
IDLE: Final = 3
"""printer-state of a queue that can begin a job at once."""
FIRST_FAULT: Final = 0x0100
"""From here on a status code is no success (RFC 8011, 4.1.6)."""


class Operation(IntEnum):
    """Operations of IPP (RFC 8011, 5.4.15)."""

    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    RELEASE_JOB = 0x000D


class JobState(IntEnum):
    """States of a job (RFC 8011, 5.3.7)."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


class PrintServerError(Exception):
    """The print server did not answer as it should."""


class RefusedError(PrintServerError):
    """The print server answered, and refused."""


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The printer's own report: idle or not, its reasons, the ribbon left in percent, the blanks in it.

    Ribbon and blanks are None where they are unknown. CUPS passes on no blanks; a printer without CUPS may.
    """

    idle: bool
    reasons: tuple[str, ...]
    ribbon_percent: int | None
    blanks: int | None


class PrintQueue:
    """A queue by its address, ipp://host:port/printers/NAME; safe to use from several threads."""

    def __init__(self, url: str, *, user: str = "lembur") -> None:
        self.url = url
        self.name = url.rsplit("/", 1)[-1]
        self._user = user
        self._requests = count(1)
        headers = {"Content-Type": "application/ipp"}
        self._http = httpx2.Client(timeout=ANSWER_S, headers=headers, trust_env=False)
        self._address = url.replace("ipp://", "http://", 1).replace("ipps://", "https://", 1)

    def close(self) -> None:
        """End the connections to the print server."""
        self._http.close()

    def create_held(self, name: str) -> int:
        """Create a job that does not begin before it is released; return its number."""
        made = self._call(
            Operation.CREATE_JOB,
            [Attribute("job-name", Tag.NAME, name)],
            job=[Attribute("job-hold-until", Tag.KEYWORD, "indefinite")],
        )
        return _integer(made.merge(Group.JOB), "job-id")

    def send(self, job: int, document: bytes, kind: str) -> None:
        """Send the document of a job. An unanswered call is never repeated: a job with two documents prints both."""
        self._call(
            Operation.SEND_DOCUMENT,
            [
                Attribute("job-id", Tag.INTEGER, job),
                Attribute("document-format", Tag.MIME, kind),
                Attribute("last-document", Tag.BOOLEAN, value=True),
            ],
            document=document,
        )

    def is_ready(self, job: int) -> bool:
        """Return whether a job is held with exactly one document."""
        found = self._ask(job)
        return found.get("job-state") == [JobState.HELD] and found.get("number-of-documents") == [1]

    def job_state(self, job: int) -> JobState:
        """Return the state of a job. CANCELED and ABORTED do not prove that no card came out."""
        return JobState(_integer(self._ask(job), "job-state"))

    def release(self, job: int) -> None:
        """Let a held job begin; a job that is no longer held stays as it is."""
        with suppress(RefusedError):
            self._call(Operation.RELEASE_JOB, [Attribute("job-id", Tag.INTEGER, job)])

    def cancel(self, job: int) -> None:
        """Cancel a job; one that is over stays as it is."""
        with suppress(RefusedError):
            self._call(Operation.CANCEL_JOB, [Attribute("job-id", Tag.INTEGER, job)])

    def find_jobs(self, prefix: str) -> list[int]:
        """Return the numbers of the unfinished jobs with this beginning of their names."""
        wanted = [Attribute("requested-attributes", Tag.KEYWORD, "all")]
        found = self._call(Operation.GET_JOBS, [Attribute("which-jobs", Tag.KEYWORD, "not-completed"), *wanted])
        jobs = [attributes for group, attributes in found.groups if group == Group.JOB]
        return [_integer(one, "job-id") for one in jobs if str(one.get("job-name", [""])[0]).startswith(prefix)]

    def status(self) -> PrinterStatus:
        """Return the printer's own report."""
        found = self._call(Operation.GET_PRINTER_ATTRIBUTES, []).merge(Group.PRINTER)
        reasons = tuple(str(one) for one in found.get("printer-state-reasons", []) if one != "none")
        levels = [one for one in found.get("marker-levels", []) if isinstance(one, int) and one >= 0]
        trays = [sheets for one in found.get("printer-input-tray", []) if (sheets := _sheets_in(str(one))) is not None]
        idle = found.get("printer-state") == [IDLE]
        return PrinterStatus(idle, reasons, min(levels, default=None), sum(trays) if trays else None)

    def _ask(self, job: int) -> Attributes:
        return self._call(Operation.GET_JOB_ATTRIBUTES, [Attribute("job-id", Tag.INTEGER, job)]).merge(Group.JOB)

    def _call(
        self,
        operation: Operation,
        attributes: Sequence[Attribute],
        *,
        job: Sequence[Attribute] = (),
        document: bytes = b"",
    ) -> Message:
        head = [
            Attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            Attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
            Attribute("printer-uri", Tag.URI, self.url),
            Attribute("requesting-user-name", Tag.NAME, self._user),
        ]
        # RFC 8011 wants job-id right behind printer-uri.
        ids = [one for one in attributes if one.name == "job-id"]
        rest = [one for one in attributes if one.name != "job-id"]
        groups = [(Group.OPERATION, [*head[:3], *ids, *head[3:], *rest])]
        if job:
            groups.append((Group.JOB, list(job)))
        content = encode(operation, next(self._requests), groups, document)
        try:
            answer = self._http.post(self._address, content=content)
            answer.raise_for_status()
            message = decode(answer.content)
        except (httpx2.HTTPError, IppError) as fault:
            raise PrintServerError(f"{self.url} did not answer {operation.name}: {fault}") from fault
        if message.code >= FIRST_FAULT:
            reason = " ".join(str(one) for one in message.merge(Group.OPERATION).get("status-message", []))
            raise RefusedError(f"{self.url} refused {operation.name}: {message.code:#06x} {reason}")
        return message


def _integer(found: Attributes, name: str) -> int:
    for value in found.get(name, []):
        if isinstance(value, int):
            return value
    raise PrintServerError(f"the print server's answer has no {name}")


def _sheets_in(tray: str) -> int | None:
    """Return the blanks in a tray; None when it does not count them, or counts in another unit."""
    parts = dict(one.split("=", 1) for one in tray.split(";") if "=" in one)
    level = parts.get("level", "")
    return int(level) if level.isdecimal() and parts.get("unit", "sheets") in {"sheets", "items"} else None
