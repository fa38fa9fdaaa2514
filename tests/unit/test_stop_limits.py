"""A stop is over within ten seconds, whatever the children do: its waits add up to no more."""

from __future__ import annotations

from console.runtime import guardian, office, supervisor

STOP_S = 10.0


def test_an_ordered_stop_waits_ten_seconds_at_most() -> None:
    """The feed first, then all children but the server, then the server: each is asked, and then killed."""
    assert office.FEED_STOP_S + 2 * (supervisor.STOP_S + supervisor.FORCE_S) <= STOP_S


def test_the_guardian_of_a_killed_run_waits_ten_seconds_at_most() -> None:
    """All children but the server, then the server."""
    assert 2 * guardian.GRACE_S < STOP_S
