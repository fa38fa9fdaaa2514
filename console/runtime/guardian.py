"""Outlives its parent by a moment to end what the parent started: also when the parent was killed without warning.

Reads from its standard input which process groups began and ended: `+PID`, `!PID` for one that ends last since the
others need it, `-PID`. At the end of it, which is the parent's death however it came, ends every group that is left.
"""

from __future__ import annotations

import os
import signal
import sys
import time

GRACE_S = 4.0
"""Twice this, for the last one is asked only when the others are gone, is less than the ten seconds a stop may take."""


def main() -> None:
    """Follow the parent, then end its children."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    groups: dict[int, str] = {}
    for line in sys.stdin:
        sign, group = line[0], int(line[1:])
        if sign == "-":
            groups.pop(group, None)
        else:
            groups[group] = sign
    for which in "+!":
        _end({group for group, sign in groups.items() if sign == which})


def _end(groups: set[int]) -> None:
    """Ask first, force after the grace."""
    groups = {group for group in groups if _signal(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE_S
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = {group for group in groups if _signal(group, 0)}
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
