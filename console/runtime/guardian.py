"""Ends the children of a process that died, also after SIGKILL.

It reads from its standard input which process groups began and ended: `+PID` for a group, `!PID` for a group that ends
last because the others need it, `-PID` for one that is over. The input ends when the parent dies. Then this program
ends every group that is left.
"""

from __future__ import annotations

import os
import signal
import sys
import time

GRACE_S = 4.0
"""Seconds from the request to end until SIGKILL. Twice this is less than the ten seconds that a stop may take."""


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
    """Ask the groups to end, and kill them after the grace."""
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
