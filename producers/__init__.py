"""Bring cards in: files of recorded identities, and the feed that plays a scenario."""

from producers.enrolling import RecordedPerson, door, enrol_people, take_file
from producers.feed import Feed
from producers.intake import Intake, IntakeReport

__all__ = ["Feed", "Intake", "IntakeReport", "RecordedPerson", "door", "enrol_people", "take_file"]
