"""Changes the Lua scripts one place at a time and lists the changes that no contract test notices.

For developers, by hand: `PYTHONPATH=tests .venv/bin/python -m mutation.lua --sample 60 --seed 1 --minutes 15`.
`--only claim,commit` changes these scripts alone.
Each change is made in memory, in a forked process that runs the tests of the script's folder on a server of its own.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lembur.ledger import scripts
from mutation.child import run_in_child

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS: Final = Path(__file__).parents[1]
LUA: Final = Path(scripts.__file__).parent / "lua"

QUICK: Final = ("protections", "people", "moments", "verbs", "wakeups", "circuit")
SUITES: Final = {
    "lots": (*QUICK, "seat_time", "conservation", "log_audit", "exporter", "renew"),
    "cards": ("people", "verbs", "settle", "wakeups", "tables", "seat_time", "exporter", "conservation"),
    "stock": ("people", "verbs", "moments", "wakeups", "seat_time", "conservation", "repeats"),
    "office": (
        "verbs",
        "wakeups",
        "people",
        "moments",
        "by_hand",
        "clock",
        "concurrency",
        "growth",
        "seat_time",
        "repeats",
    ),
    "reading": ("tables", "standing", "exporter", "seat_time"),
    "shared": (*QUICK, "tables", "seat_time", "exporter", "standing", "conservation", "log_audit"),
}
"""Contract tests that may notice a change in a folder of scripts, the quickest first."""

SWAPS: Final = (
    (r"<=", "<"),
    (r"(?<![<=~>])<(?!=)", "<="),
    (r">=", ">"),
    (r"(?<![-<=~>])>(?!=)", ">="),
    (r"==", "~="),
    (r"~=", "=="),
    (r"(?<=\w) - (?=\w)", " + "),
    (r"(?<=\w) \+ (?=\w)", " - "),
    (r"(?<=[ (,])-(?=[\w#])", ""),
    (r"\bmath\.max\b", "math.min"),
    (r"\bmath\.min\b", "math.max"),
    (r"\band\b", "or"),
    (r"\bor\b", "and"),
)
STATEMENT: Final = re.compile(r"^\s*(?:[a-z_]+\(.*\)|if .* end|local reply.*|if reply.*)$")
"""A line that is a statement of its own, and can be dropped."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one line of a script."""

    path: Path
    line: int
    kind: str
    before: str
    after: str

    def __str__(self) -> str:
        script = f"{self.path.relative_to(LUA)}:{self.line + 1}"
        return f"{script}: {self.before.strip()}  =>  {self.after.strip() or '(dropped)'}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """List the changes of a script: comparisons, signs, and dropped lines."""
    for number, line in enumerate(path.read_text().splitlines()):
        code = line.split("--", 1)[0].rstrip()
        if not code.strip():
            continue
        for pattern, swapped in SWAPS:
            for match in re.finditer(pattern, code):
                if code[: match.start()].count("'") % 2 == 0:  # not inside a text
                    yield Mutant(path, number, pattern, line, code[: match.start()] + swapped + code[match.end() :])
        if STATEMENT.match(code):
            yield Mutant(path, number, "dropped", line, "")


def is_noticed(mutant: Mutant) -> bool:
    """Run the tests with this change in a process of its own; True when one fails."""
    suite = [TESTS / "contract" / f"test_{name}.py" for name in SUITES[mutant.path.parent.name]]
    files = [str(file) for file in suite if file.exists()]
    return run_in_child(["-k", "not redis", *files], partial(_change, mutant))


def _change(mutant: Mutant) -> None:
    texts = dict(scripts._texts())
    lines = mutant.path.read_text().splitlines()
    lines[mutant.line] = mutant.after
    texts[mutant.path.stem] = "\n".join(lines)
    scripts._texts = lambda: texts  # type: ignore[assignment]
    scripts.source.cache_clear()
    scripts.version.cache_clear()


def main() -> None:
    """Try a sample, or as many changes as the time allows, in an order by chance, and list those that survive."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=20.0, help="no change is begun after these minutes")
    options.add_argument("--only", default="", help="names of scripts, with commas between")
    options.add_argument("--sample", type=int, default=0, help="number of changes to try; as many as fit without it")
    options.add_argument("--seed", type=int, default=1, help="the same seed tries the same changes in the same order")
    given = options.parse_args()
    wanted = set(filter(None, given.only.split(",")))
    paths = sorted(path for path in LUA.rglob("*.lua") if not wanted or path.stem in wanted)
    mutants = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(given.seed).shuffle(mutants)  # noqa: S311 - an order, not a secret
    chosen = mutants[: given.sample or len(mutants)]
    until, tried, survived = time.monotonic() + 60 * given.minutes, Counter[str](), Counter[str]()
    for mutant in chosen:
        if time.monotonic() > until:
            break
        tried[mutant.path.stem] += 1
        if not is_noticed(mutant):
            survived[mutant.path.stem] += 1
            sys.stdout.write(f"survived  {mutant}\n")
            sys.stdout.flush()
    for name in sorted(tried):
        sys.stdout.write(f"{name:16} {tried[name]:4} tried, {survived[name]:3} survived\n")
    sys.stdout.write(f"{tried.total()} of {len(mutants)} changes tried, {survived.total()} survived\n")


if __name__ == "__main__":
    main()
