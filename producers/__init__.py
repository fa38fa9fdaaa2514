"""Bring cards in: files of recorded identities, the feed that plays a scenario, and visits to record people."""

from producers.enrolling import RecordedPerson, door, enrol_people, take_file
from producers.feed import Feed
from producers.intake import Intake, IntakeReport
from producers.visits import (
    Recording,
    Visit,
    VisitPlan,
    count_first_issues,
    invented_first_issues,
    plan_visits,
    suppose_visits,
    write_invitations,
)

__all__ = [
    "Feed",
    "Intake",
    "IntakeReport",
    "RecordedPerson",
    "Recording",
    "Visit",
    "VisitPlan",
    "count_first_issues",
    "door",
    "enrol_people",
    "invented_first_issues",
    "plan_visits",
    "suppose_visits",
    "take_file",
    "write_invitations",
]
