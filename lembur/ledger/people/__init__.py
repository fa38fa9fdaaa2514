"""The verbs of people: they handle cards, move stock and order seats."""

from lembur.ledger.people.verbs import People

__all__ = ["People"]
