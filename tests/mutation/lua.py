"""Changes the Lua scripts one place at a time and lists the changes that no contract test notices.

For developers, by hand and bounded in time: `.venv/bin/python tests/mutation/lua.py --minutes 20 --only claim,commit`.
Each change is made in memory, in a forked process that runs the tests of the script's folder on a server of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from lembur.ledger import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS: Final = Path(__file__).parents[1]
LUA: Final = Path(scripts.__file__).parent / "lua"
LONGEST_S: Final = 240
"""Longest run of the tests for one change; a script that never ends counts as noticed."""

QUICK: Final = ("protections", "people", "moments", "verbs", "wakeups", "circuit")
SUITES: Final = {
    "lots": (*QUICK, "seat_time", "conservation", "log_audit", "exporter"),
    "cards": ("people", "verbs", "settle", "wakeups", "tables", "seat_time", "exporter", "conservation"),
    "stock": ("people", "verbs", "moments", "wakeups", "seat_time", "conservation"),
    "office": ("verbs", "wakeups", "people", "moments", "by_hand", "clock", "concurrency"),
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
STATEMENT: Final = re.compile(r"^\s*(?:[a-z_]+\(.*\)|if .* end|local said.*|if said.*)$")
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
        place = f"{self.path.relative_to(LUA)}:{self.line + 1}"
        return f"{place}: {self.before.strip()}  =>  {self.after.strip() or '(dropped)'}"


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
    child = os.fork()
    if not child:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os._exit(_run_tests(mutant))
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _has_failed(os.waitstatus_to_exitcode(status))
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _has_failed(exit_code: int) -> bool:
    if exit_code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        sys.exit(f"the tests did not run (exit code {exit_code})")
    return exit_code == pytest.ExitCode.TESTS_FAILED


def _run_tests(mutant: Mutant) -> int:
    texts = dict(scripts._texts())
    lines = mutant.path.read_text().splitlines()
    lines[mutant.line] = mutant.after
    texts[mutant.path.stem] = "\n".join(lines)
    scripts._texts = lambda: texts  # type: ignore[assignment]
    scripts.source.cache_clear()
    suite = [TESTS / "contract" / f"test_{name}.py" for name in SUITES[mutant.path.parent.name]]
    files = [str(file) for file in suite if file.exists()]
    return int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-n0", "--timeout=30", "-k", "not redis", *files]))


def main() -> None:
    """Try as many changes as the time allows, in an order by chance, and list those that survive."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=20.0)
    options.add_argument("--only", default="", help="names of scripts, with commas between")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    wanted = set(filter(None, given.only.split(",")))
    paths = sorted(path for path in LUA.rglob("*.lua") if not wanted or path.stem in wanted)
    mutants = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(given.seed).shuffle(mutants)  # noqa: S311 - an order, not a secret
    until, tried, survived = time.monotonic() + 60 * given.minutes, Counter[str](), Counter[str]()
    for mutant in mutants:
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
