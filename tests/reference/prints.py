"""Every answer of the centre and every print of a run: by the ledger's events, by the rule, and as they were before.

`PYTHONPATH=.:tests python -m reference.prints` writes the recorded prints anew, by the rule. Do it only for a meant
change of draws or rule, and explain the change in the changelog: a seed then gives other prints than before.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import CENTRE
from lembur.office import OfficeSetup
from reference.twin import twin
from support.servers import redis_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import SeatOrder
    from lembur.ledger import Ledger

RECORDED = Path("tests/data/prints.json")
SOLO = "solo-2016"
SEEDS = (1, 2016)
Print = tuple[int, int, int, bool]
"""Card, start, end, spoiled."""
Prints = dict[str, list[Print]]
"""The prints of each station in order of their starts; those of the centre are its answers."""
Recorded = dict[str, dict[str, dict[str, str]] | str]


def prints_of_ledger(ledger: Ledger) -> Prints:
    """Return what the ledger's events show."""
    found = defaultdict(list)
    for _, event in redis_of(ledger.server).xrange(ledger.prefix + "events"):
        if event["kind"] in {"answered", "printed"}:
            data = json.loads(event["data"])
            (card,), (end,), (reason,) = data["cards"], data["ends"], data.get("reasons") or [""]
            found[data.get("station", CENTRE)].append((int(card), int(data["start"]), int(end), bool(reason)))
    return {station: sorted(prints, key=lambda one: one[1:]) for station, prints in found.items()}


def prints_by_rule(play: OfficeSetup, orders: Sequence[SeatOrder] = ()) -> Prints:
    """Return what the planner's rule makes of the same draws."""
    found = {
        station: list(
            zip(
                *(each.tolist() for each in (prints.number, prints.start_ms, prints.end_ms, prints.spoiled)),
                strict=True,
            )
        )
        for station, prints in twin(play.scenario, play.seed, orders).items()
    }
    return {station: sorted(prints, key=lambda one: one[1:]) for station, prints in found.items() if prints}


def fingerprint(scenario: Scenario, prints: Prints) -> Recorded:
    """Count good and spoiled prints by station and hour, for people; a digest holds card, start and end of each."""
    hours = {station: _by_hour(scenario, rows) for station, rows in sorted(prints.items())}
    whole = json.dumps(sorted(prints.items())).encode()
    return {"hours": hours, "digest": hashlib.sha256(whole).hexdigest()}


def _by_hour(scenario: Scenario, rows: list[Print]) -> dict[str, str]:
    ends = [(datetime.fromtimestamp(end_ms / 1000, scenario.zone), spoiled) for _, _, end_ms, spoiled in rows]
    counts = Counter((f"{end:%Y-%m-%d %H}", spoiled) for end, spoiled in ends)
    return {hour: f"{counts[hour, False]} good, {counts[hour, True]} spoiled" for hour, _ in sorted(counts)}


def read_recorded(seed: int) -> Recorded:
    """Return the recorded prints of a seed."""
    found: Recorded = json.loads(RECORDED.read_text())[str(seed)]
    return found


def main() -> None:
    """Write the recorded prints anew."""
    scenario = load(SOLO)
    found = {str(seed): fingerprint(scenario, prints_by_rule(OfficeSetup(scenario, seed, 1))) for seed in SEEDS}
    RECORDED.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
