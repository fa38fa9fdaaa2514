"""The image as its Dockerfile says, built without Docker: what is copied, run and set, stage by stage."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.containers import Container, Mount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.containers import Machine

PROJECT = Path(__file__).parents[2]
PATH = f"{sys.base_prefix}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Instruction = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Image:
    """What a container of it begins with."""

    environment: dict[str, str]
    user: str
    folder: str
    entrypoint: list[str]
    words: list[str]
    mounts: tuple[Mount, ...]


def stages(text: str) -> list[list[Instruction]]:
    """Read a Dockerfile: the instructions of each stage, its FROM first."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found: list[list[Instruction]] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest.strip()))
    return found


def copy_context(folder: Path) -> None:
    """Copy what .dockerignore lets through: it refuses everything but what it names."""
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    names = [line[1:] for line in lines if line.startswith("!")]
    for name in names:
        there = PROJECT / name
        if there.is_dir():
            shutil.copytree(there, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(there, folder / name)


def build(machine: Machine, folder: Path) -> Image:
    """Carry out the Dockerfile; what it puts into the last stage lies below `folder`."""
    first, last = stages((PROJECT / "Dockerfile").read_text())
    _carry_out(first, machine, folder)
    settings = dict(last)
    return Image(
        environment=_environment(last, {"PATH": PATH, "HOME": settings["WORKDIR"]}),
        user=settings["USER"],
        folder=settings["WORKDIR"],
        entrypoint=json.loads(settings["ENTRYPOINT"]),
        words=json.loads(settings["CMD"]),
        mounts=tuple(
            Mount("ro", str(folder / source.lstrip("/")), target)
            for name, rest in last
            if name == "COPY" and rest.startswith("--from=build ")
            for source, target in [rest.split()[1:]]
        ),
    )


def _carry_out(stage: Sequence[Instruction], machine: Machine, folder: Path) -> None:
    context, built = folder / "context", folder / "build"
    for place in (context, built, folder / "opt" / "lembur"):
        place.mkdir(parents=True)
    copy_context(context)
    given: dict[str, str] = {"PATH": f"/uv:{PATH}", "HOME": str(Path.home())}
    for name, rest in stage:
        if name == "ENV":
            given = _environment([(name, rest)], given)
        elif name == "COPY":
            _copy(rest.split(), context, built)
        elif name == "RUN" and not rest.startswith("pip install"):  # uv itself is the machine's
            done = machine.run(_builder(folder, given), shlex.split(rest))
            assert done.returncode == 0, done.stderr


def _builder(folder: Path, given: dict[str, str]) -> Container:
    cache = Path.home() / ".cache" / "uv"
    cache.mkdir(parents=True, exist_ok=True)
    uv = shutil.which("uv") or str(PROJECT / ".uv" / "bin" / "uv")
    mounts = (
        Mount("rw", str(folder / "build"), "/build"),
        Mount("rw", str(folder / "opt" / "lembur"), "/opt/lembur"),
        Mount("rw", str(cache), str(cache)),
        Mount("ro", uv, "/uv/uv"),
        Mount("tmp", "", "/tmp"),  # noqa: S108 - the container's own
    )
    return Container({**given, "UV_SYSTEM_CERTS": "true"}, mounts, folder="/build")


def _copy(words: list[str], context: Path, into: Path) -> None:
    *sources, _ = words
    for source in sources:
        there = context / source
        if there.is_dir():
            shutil.copytree(there, into / source, dirs_exist_ok=True)
        else:
            shutil.copy(there, into)


def _environment(stage: Sequence[Instruction], given: dict[str, str]) -> dict[str, str]:
    found = dict(given)
    for name, rest in stage:
        if name == "ENV":
            pairs = (pair.partition("=") for pair in shlex.split(rest))
            found |= {key: value.replace("$PATH", found["PATH"]) for key, _, value in pairs}
    return found
