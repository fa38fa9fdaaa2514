"""Commands on cards: their queue, their hand-over, their blanks and interim letters."""
