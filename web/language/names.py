"""The names of what the code writes as constants, in the words of an office: states, findings, collectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lembur.domain.card import Collector, Status
from lembur.domain.errors import Sentence
from lembur.ledger.types import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Final[Mapping[str, Sentence]] = {
    Status.BIO_CAPTURED: Sentence("recorded"),
    Status.SENT_FOR_ENROLLMENT: Sentence("at the centre"),
    Status.DUPLICATE_RECORD: Sentence("shelf: recorded twice"),
    Status.ADJUDICATE_RECORD: Sentence("shelf: an expert decides"),
    Status.ENROLL_FAILURE_AT_CENTRAL: Sentence("shelf: record again"),
    Status.SEARCH_FAILURE_AT_CENTRAL: Sentence("shelf: send again"),
    Status.PRINT_READY_RECORD: Sentence("ready to print"),
    Status.SENT_FOR_CARD_PRINTING: Sentence("in a printer"),
    Status.PRINT_UNCONFIRMED: Sentence("print result unknown"),
    Status.CARD_PRINTED: Sentence("printed"),
    Status.CARD_SHIPPED: Sentence("shipped"),
    Status.CARD_ISSUED: Sentence("issued"),
    Status.HELD: Sentence("held"),
    Finding.PRINTED: Sentence("the good card was there"),
    Finding.SPOILED: Sentence("the blank is spoiled"),
    Finding.UNTOUCHED: Sentence("the blank is untouched"),
    Collector.HOLDER: Sentence("the holder"),
    Collector.FAMILY: Sentence("the family"),
    Collector.PROXY: Sentence("a proxy"),
}
"""The keys are equal to their texts, so that a text of the ledger finds its name too."""
