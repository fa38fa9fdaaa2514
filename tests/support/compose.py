"""The services of docker-compose.yml without Docker: each with its image, user, places, secrets and health."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from support.containers import Container, Mount
from support.image import PATH, PROJECT
from support.waiting import PATIENCE_S, eventually

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from support.containers import Machine
    from support.image import Image

PROGRAMS = {"redis": [], "prom/prometheus": ["prometheus"], "prom/alertmanager": ["prometheus-alertmanager"]}
"""What the images of others start, as Debian names it. Grafana is not in Debian."""


def settings(text: str) -> dict[str, str]:
    """Read a file like .env."""
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def read(chosen: dict[str, str]) -> dict[str, Any]:
    """Read docker-compose.yml with these settings filled in."""
    text = (PROJECT / "docker-compose.yml").read_text()
    text = re.sub(r"(?<!\$)\$\{(\w+)(?::-([^}]*))?\}", lambda found: chosen.get(found[1]) or found[2] or "", text)
    found: dict[str, Any] = YAML(typ="safe").load(text.replace("$$", "$"))
    return found


def seconds(duration: str) -> float:
    """Read a duration as compose writes it."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([smh])", duration))


def prepare_project(folder: Path) -> Path:
    """Make .env and the secrets as a user does, in a copy of the project's own files for it."""
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(PROJECT / "scripts" / "secrets", folder / "scripts")
    shutil.copy(PROJECT / ".env.example", folder)
    shutil.copytree(PROJECT / "secrets", folder / "secrets", ignore=lambda _, names: [n for n in names if "." not in n])
    subprocess.run(["/bin/sh", folder / "scripts" / "secrets"], check=True, stdout=subprocess.DEVNULL)
    return folder


@dataclass(slots=True)
class Composed:
    """The project, up on a machine: what `docker compose` would do with it."""

    machine: Machine
    image: Image
    folder: Path
    """Holds .env, the secrets and the volumes."""
    chosen: dict[str, str] = field(default_factory=dict)
    services: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.chosen = settings((self.folder / ".env").read_text()) | self.chosen
        self.services = read(self.chosen)["services"]
        (self.folder / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *self.services)))

    def up(self, names: Iterable[str]) -> None:
        """Start services side by side, each as soon as what it depends on is as it asks for."""
        waiting = list(names)
        while waiting:
            ready = [name for name in waiting if not set(self.services[name].get("depends_on", {})) & set(waiting)]
            for name in ready:
                self._await_needed(name)
                self.machine.start(name, self.container(name), self.words(name))
            waiting = [name for name in waiting if name not in ready]

    def _await_needed(self, name: str) -> None:
        for needed, how in self.services[name].get("depends_on", {}).items():
            if how["condition"] == "service_completed_successfully":
                assert self.machine.processes[needed].wait(PATIENCE_S) == 0, self.machine.log(needed).read_text()
            else:
                eventually(lambda needed=needed: self.healthy(needed))  # type: ignore[misc]

    def healthy(self, name: str) -> bool:
        """Ask a service's own health check."""
        ended = self.machine.processes[name].poll()
        assert ended is None, f"{name} ended with {ended}: {self.machine.log(name).read_text()}"
        how, *words = self.services[name]["healthcheck"]["test"]
        return self.run(name, ["sh", "-c", *words] if how == "CMD-SHELL" else words).returncode == 0

    def run(self, name: str, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run another command where a service runs."""
        return self.machine.run(self.container(name), words)

    def words(self, name: str) -> list[str]:
        """Say what a service starts."""
        return [*self._entrypoint(name), *map(str, self.services[name]["command"])]

    def _entrypoint(self, name: str) -> list[str]:
        image = self.services[name]["image"].partition(":")[0]
        return self.image.entrypoint if image == "lembur" else PROGRAMS[image]

    def container(self, name: str) -> Container:
        """Lay out what a service finds around it."""
        service = self.services[name]
        ours = service["image"].startswith("lembur:")
        environment = {**(self.image.environment if ours else {"PATH": PATH}), **service.get("environment", {})}
        mounts = [Mount("ro", str(self.folder / "hosts"), "/etc/hosts"), *(self.image.mounts if ours else ())]
        mounts += [self._volume(one, service["user"]) for one in service.get("volumes", ())]
        mounts += [Mount("tmp", options, place) for place, _, options in map(_parts, service.get("tmpfs", ()))]
        mounts += [self._secret(one) for one in service.get("secrets", ())]
        folder = self.image.folder if ours else "/"
        return Container(environment, mounts, service["user"], folder, self.machine.network)

    def _volume(self, text: str, user: str) -> Mount:
        source, target, *how = text.split(":")
        if source.startswith("."):
            return Mount("ro" if how == ["ro"] else "rw", str(PROJECT / source), target)
        place = self.folder / "volumes" / source
        if not place.exists():
            place.mkdir(parents=True, mode=0o700)
            os.chown(place, *map(int, user.split(":")))
        return Mount(how[0] if how else "rw", str(place), target)

    def _secret(self, given: str | dict[str, str]) -> Mount:
        name = given if isinstance(given, str) else given["source"]
        target = f"/run/secrets/{name}" if isinstance(given, str) else given["target"]
        return Mount("ro", str(self.folder / "secrets" / name), target)


def _parts(text: str) -> tuple[str, str, str]:
    return text.partition(":")
