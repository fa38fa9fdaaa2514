"""Changes Python modules one place at a time and lists the changes that no test of a list notices.

For developers, by hand:
`PYTHONPATH=tests .venv/bin/python -m mutation.python monitoring/samples.py --tests tests/unit/test_samples.py`.
Changes are written to a copy of the tree, so that processes which a test starts have them too. `--sample 50 --seed 1`
tries 50 changes chosen by chance, the same ones each time. No change is begun after `--minutes`.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mutation.child import run_in_child

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
COMPARISONS: Final = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SIGNS: Final = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
PLAIN_TESTS: Final = (ast.Name, ast.Attribute, ast.Call, ast.NamedExpr, ast.Subscript)
DROPPED: Final = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break)
OTHERS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a module: the text of an expression or statement, and its other text."""

    path: str
    node: ast.expr | ast.stmt
    after: str

    def text(self, source: str) -> str:
        """Return the module with the change."""
        first, last = self._offsets(source)
        return source[:first] + self.after + source[last:]

    def _offsets(self, source: str) -> tuple[int, int]:
        lines = source.splitlines(keepends=True)
        starts = [sum(map(len, lines[:number])) for number in (self.node.lineno - 1, self.node.end_lineno or 0)]
        last = sum(map(len, lines[: (self.node.end_lineno or 1) - 1])) + (self.node.end_col_offset or 0)
        return starts[0] + self.node.col_offset, last

    def __str__(self) -> str:
        return f"{self.path}:{self.node.lineno}: {ast.unparse(self.node)}  =>  {self.after}"


def mutants_of(path: str) -> Iterator[Mutant]:
    """List the changes of a module: comparisons, signs, numbers, conditions, and dropped calls."""
    tree = ast.parse((ROOT / path).read_text())
    for node in _live_nodes(tree):
        if isinstance(node, ast.expr):
            yield from (Mutant(path, node, f"({text})") for text in _other_expressions(node))
        elif isinstance(node, DROPPED) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
            yield Mutant(path, node, "pass")
        elif isinstance(node, ast.If | ast.While) and isinstance(node.test, PLAIN_TESTS):
            yield Mutant(path, node.test, f"(not ({ast.unparse(node.test)}))")


def _live_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """List what runs: no annotations, no decorators, and nothing for type checkers alone."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            if isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr):
                yield node
                yield from _live_nodes(node)


def _other_expressions(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for place, op in enumerate(ops):
                changed = [*ops[:place], COMPARISONS[type(op)](), *ops[place + 1 :]]
                yield ast.unparse(ast.Compare(left, changed, comparators))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
            yield ast.unparse(ast.BinOp(left, SIGNS[type(op)](), right))
        case ast.BoolOp(op=op, values=values):
            yield ast.unparse(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values))
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield ast.unparse(operand)
        case ast.Constant(value=bool() | int() | float() as value):
            yield str(not value if isinstance(value, bool) else value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in OTHERS:
            yield ast.unparse(node).replace(name, OTHERS[name], 1)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.unparse(ast.IfExp(test, orelse, body))


def copy_tree() -> Path:
    """Copy the tree without what was built."""
    copy = Path(tempfile.mkdtemp(prefix="lembur-mutation-")) / "lembur"
    ignored = shutil.ignore_patterns(".git", ".venv", ".uv", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignored)
    return copy


def main() -> None:
    """Try the changes, or a sample of them, and list those that survive."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("modules", nargs="+")
    options.add_argument("--tests", nargs="+", required=True, help="files of tests, the quickest first")
    options.add_argument("--select", default="", help="an expression for pytest's -k")
    options.add_argument("--sample", type=int, default=0, help="number of changes to try; all without it")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=60.0, help="no change is begun after these minutes")
    given = options.parse_args()
    mutants = [mutant for module in given.modules for mutant in mutants_of(module)]
    chosen = mutants
    if given.sample:
        chosen = random.Random(given.seed).sample(mutants, min(given.sample, len(mutants)))  # noqa: S311 - no secret
    copy = copy_tree()
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    arguments = [*given.tests, *(["-k", given.select] if given.select else [])]
    if run_in_child(arguments):
        sys.exit("the tests fail without a change")
    tried, survived, began = 0, 0, time.monotonic()
    for mutant in chosen:
        if time.monotonic() > began + 60 * given.minutes:
            break
        tried += 1
        file = copy / mutant.path
        source = file.read_text()
        file.write_text(mutant.text(source))
        if not run_in_child(arguments):
            survived += 1
            sys.stdout.write(f"survived  {mutant}\n")
            sys.stdout.flush()
        file.write_text(source)
    shutil.rmtree(copy.parent)
    minutes = (time.monotonic() - began) / 60
    sys.stdout.write(f"{tried} of {len(mutants)} changes tried in {minutes:.0f} min, {survived} survived\n")


if __name__ == "__main__":
    main()
