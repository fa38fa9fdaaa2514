"""Prometheus and Alertmanager for tests: Debian's programs, on free ports of this machine, with their own folders."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from support.programs import free_port, program
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

MONITORING = Path(__file__).parents[2] / "monitoring"
RULES = sorted((MONITORING / "prometheus" / "rules").glob("*.yml"))
STOP_S = 10.0


def run_program(name: str, *arguments: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of Prometheus to its end."""
    return subprocess.run([program(name), *arguments], input=given, capture_output=True, text=True, check=False)


def read(path: Path) -> Any:
    """Read a YAML file."""
    return YAML(typ="safe").load(path)


@contextmanager
def prometheus(folder: Path, targets: dict[str, str], *, every: str) -> Iterator[str]:
    """Run Prometheus by the office's own file while inside, and give its address.

    `targets` says where the file's targets are here; what it does every 15 s is done `every` so often instead.
    """
    port = free_port()
    config = (MONITORING / "prometheus" / "prometheus.yml").read_text()
    for target, here in ({"localhost:9090": f"127.0.0.1:{port}"} | targets).items():
        assert target in config, f"{target} is no target"
        config = config.replace(target, here)
    (folder / "prometheus.yml").write_text(config.replace("15s", every))
    (folder / "rules").symlink_to(MONITORING / "prometheus" / "rules")
    places = (f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data")
    with _serving("prometheus", folder, port, "/-/ready", *places) as url:
        yield url


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    """Run Alertmanager by the office's own file while inside, and give its address."""
    config = f"--config.file={MONITORING}/alertmanager/alertmanager.yml"
    alone = ("--cluster.listen-address=", f"--storage.path={folder}/data")
    with _serving("prometheus-alertmanager", folder, free_port(), "/-/ready", config, *alone) as url:
        yield url


@contextmanager
def _serving(name: str, folder: Path, port: int, ready: str, *arguments: str) -> Iterator[str]:
    url, log = f"http://127.0.0.1:{port}", folder / f"{name}.log"
    command = [program(name), f"--web.listen-address=127.0.0.1:{port}", *arguments]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            eventually(lambda: process.poll() is not None or _answers(url + ready))
            assert process.poll() is None, f"{name} ended: {log.read_text()}"
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - on this machine
            return bool(answer.status == 200)
    except OSError:
        return False


def get(url: str, path: str, **asked: str | float) -> Any:
    """Ask an HTTP API of theirs; a refusal is said as it was given."""
    query = urllib.parse.urlencode(asked)
    try:
        with urllib.request.urlopen(f"{url}{path}?{query}", timeout=60) as answer:  # noqa: S310 - the same
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        pytest.fail(f"{asked}: {refused.read().decode()}")


def post(url: str, path: str, body: Any) -> None:
    """Tell an HTTP API of theirs something."""
    kind = {"Content-Type": "application/json"}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), kind)  # noqa: S310 - the same
    with urllib.request.urlopen(request, timeout=60):  # noqa: S310 - the same
        pass
