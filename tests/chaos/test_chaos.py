"""One good card per request, whatever fails; and a run that must find what each protection protects from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = """
import dataclasses, json, sys
sys.path.insert(0, {folder!r})
from chaos import play
found = play(**{given!r})
print(json.dumps({{**dataclasses.asdict(found), "sound": found.sound, "faults": found.faults.total()}}))
"""

ONLY_STOPS = (0, 1, 0, 0, 0)
ONLY_KILLS = (1, 0, 0, 0, 0)


def play(**given: object) -> dict[str, float]:
    """Play a chaos run in a process of its own: it changes how workers are started."""
    program = PLAY.format(folder=str(Path(__file__).parent), given=given)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(300)
def test_under_all_faults_every_card_is_printed_once() -> None:
    """Workers and the server are killed, workers stopped past their leases, messages dropped and doubled."""
    found = play(cards=900, every_s=0.3, doom=0.001, limit_s=200)

    assert found["faults"] >= 20
    assert (found["lost"], found["doubled"], found["blanks_unaccounted"], found["violations"]) == (0, 0, 0, 0)
    assert found["printed"] + found["shelved"] == found["cards"] == 900


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("mutation", "weights", "found_in"),
    [
        ("fencing", ONLY_STOPS, ("doubled", "blanks_unaccounted")),
        ("sweep", ONLY_KILLS, ("lost",)),
        ("conservation", ONLY_STOPS, ("violations", "blanks_unaccounted")),
    ],
)
def test_without_a_protection_the_run_finds_the_harm(
    mutation: str, weights: tuple[int, ...], found_in: tuple[str, ...]
) -> None:
    """Each protection taken away shows: a doubled card, a lost one, a blank nobody accounts for.

    Whether a fault meets a card in the wrong moment is chance: three runs with other seeds are given.
    """
    runs = (
        play(cards=600, seed=seed, every_s=0.3, doom=0.0, mutation=mutation, limit_s=60, weights=weights)
        for seed in (1, 2, 3)
    )

    assert any(not found["sound"] and any(found[name] for name in found_in) for found in runs)
