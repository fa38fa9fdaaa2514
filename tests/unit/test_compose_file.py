"""docker-compose.yml, Dockerfile, .env.example and the secrets' examples agree, and are closed by default."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest
from ruamel.yaml import YAML

from lembur.domain.scenario import load
from support.compose import prepare_project, read, seconds, settings
from support.image import PROJECT, stages

EXAMPLE = settings((PROJECT / ".env.example").read_text())
COMPOSE = read(EXAMPLE)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PINS = {
    "redis": "redis:8.10.2-alpine",
    "prometheus": "prom/prometheus:v3.13.2",
    "alertmanager": "prom/alertmanager:v0.34.2",
    "grafana": "grafana/grafana:13.2.3",
}
EACH = pytest.mark.parametrize("name", SERVICES)


def test_the_file_is_what_compose_reads() -> None:
    """The published schema of compose files accepts it."""
    check = str(Path(sys.executable).with_name("check-jsonschema"))
    words = ["--builtin-schema", "vendor.compose-spec", str(PROJECT / "docker-compose.yml")]
    done = subprocess.run([check, *words], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@EACH
def test_a_service_has_no_right_it_does_not_need(name: str) -> None:
    """No root, no file system to write on, no capability, none to be had later."""
    service = SERVICES[name]

    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "devices"}


@EACH
def test_a_service_is_reached_from_this_machine_only(name: str) -> None:
    """Every port is published on 127.0.0.1, and the ledger's network has no way out."""
    for port in SERVICES[name].get("ports", ()):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)
    assert COMPOSE["networks"]["office"] == {"internal": True}
    assert "ports" not in SERVICES["redis"]
    assert SERVICES["redis"]["networks"] == ["office"]


@EACH
def test_a_service_stays_up_and_says_how_it_is(name: str) -> None:
    """What runs for long has a health check and is started again; what runs once is not."""
    once = name in {"open", "load"}

    assert ("healthcheck" in SERVICES[name]) is not once
    assert SERVICES[name]["restart"] == {"open": "on-failure", "load": "no"}.get(name, "unless-stopped")


@EACH
def test_a_service_waits_for_what_is_started_with_it(name: str) -> None:
    """What a service depends on is in its own profile or in the core, and says when it is ready."""
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        assert set(SERVICES[needed]["profiles"]) <= {"core", *SERVICES[name]["profiles"]}
        healthy = how["condition"] == "service_healthy"
        assert healthy is ("healthcheck" in SERVICES[needed])


@EACH
def test_what_a_service_mounts_is_there(name: str) -> None:
    """A path of the project exists and cannot be written to; a volume and a secret are declared."""
    for volume in SERVICES[name].get("volumes", ()):
        source, _, *how = volume.split(":")
        if source.startswith("."):
            assert (PROJECT / source).exists(), source
            assert how == ["ro"]
        else:
            assert source in COMPOSE["volumes"]
    for secret in SERVICES[name].get("secrets", ()):
        assert (secret if isinstance(secret, str) else secret["source"]) in COMPOSE["secrets"]


@EACH
def test_no_secret_is_in_the_environment(name: str) -> None:
    """Passwords come from files: what is in the environment or on a command line, others may see."""
    for key, value in SERVICES[name].get("environment", {}).items():
        if "PASSWORD" in key:
            assert str(value).startswith("/run/secrets/"), key


def test_every_secret_has_an_example_and_stays_out_of_git() -> None:
    """One example for each secret, and git ignores the real ones."""
    files = {secret["file"] for secret in COMPOSE["secrets"].values()}

    assert {f"{file}.example" for file in files} == {
        f"secrets/{p.name}" for p in (PROJECT / "secrets").glob("*.example")
    }
    ignored = subprocess.run(
        ["/usr/bin/git", "check-ignore", *files, ".env"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert set(ignored.stdout.split()) == {*files, ".env"}


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    """`make secrets` makes what is not there, each its own, in a folder closed to others, and keeps what is there."""
    folder = prepare_project(tmp_path / "project")
    made = {path.name: path.read_text() for path in (folder / "secrets").iterdir() if path.suffix != ".example"}

    assert made.keys() == COMPOSE["secrets"].keys()
    assert len(set(made.values())) == len(made)
    assert all(len(text.strip()) == 32 for text in made.values())
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
    (folder / ".env").write_text("LEMBUR_SPEED=2\n")
    again = subprocess.run(["/bin/sh", folder / "scripts" / "secrets"], capture_output=True, text=True, check=True)
    assert again.stdout == ""
    assert {path.name: path.read_text() for path in (folder / "secrets").iterdir() if path.name in made} == made
    assert (folder / ".env").read_text() == "LEMBUR_SPEED=2\n"


def test_the_profiles_are_three_and_two_of_them_are_started() -> None:
    """`docker compose up` brings the core and what shows it; a rush comes only when it is asked for."""
    assert {profile for service in SERVICES.values() for profile in service["profiles"]} == {
        "core",
        "monitoring",
        "load",
    }
    assert EXAMPLE["COMPOSE_PROFILES"] == "core,monitoring"
    assert [name for name, service in SERVICES.items() if service["profiles"] == ["load"]] == ["load"]


def test_every_setting_is_in_the_example_and_of_use() -> None:
    """.env.example holds what docker-compose.yml asks for, with the values it falls back on."""
    asked = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (PROJECT / "docker-compose.yml").read_text()))

    assert asked == {key: value for key, value in EXAMPLE.items() if key != "COMPOSE_PROFILES"}


@pytest.mark.parametrize("name", sorted(PINS.keys() & SERVICES.keys()))
def test_images_of_others_are_pinned(name: str) -> None:
    """Another version is a change of ours, never a surprise."""
    assert SERVICES[name]["image"] == PINS[name]


def test_our_image_is_pinned_too() -> None:
    """One image for all roles, from a Python with all three numbers, with the uv that laptops have."""
    first, last = stages((PROJECT / "Dockerfile").read_text())
    ours = {service["image"] for name, service in SERVICES.items() if name not in PINS}
    version = re.search(r"^version=(\S+)$", (PROJECT / "scripts" / "uv").read_text(), re.MULTILINE)

    assert len(ours) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", last[0][1])
    assert first[0][1] == f"{last[0][1]} AS build"
    assert version is not None
    assert ("RUN", f"pip install --no-cache-dir uv=={version[1]}") in first
    assert dict(last)["USER"] == "10001:10001" == SERVICES["feed"]["user"]


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_a_config_file_is_where_the_command_looks(name: str) -> None:
    """`--config.file` names a file of a mounted folder."""
    (path,) = (word.partition("=")[2] for word in SERVICES[name]["command"] if word.startswith("--config.file="))

    assert _mounted(name, path).is_file()


def test_what_prometheus_asks_is_there() -> None:
    """Each target is a service on Prometheus's network that listens on the port, and so is its Alertmanager."""
    config = YAML(typ="safe").load((PROJECT / "monitoring" / "prometheus" / "prometheus.yml").read_text())
    asked = [*config["scrape_configs"], *config["alerting"]["alertmanagers"]]
    targets = {target for one in asked for part in one["static_configs"] for target in part["targets"]}

    assert targets == {"exporter:9273", "alertmanager:9093", "localhost:9090"}
    for target in targets:
        host, _, port = target.replace("localhost", "prometheus").partition(":")
        assert SERVICES[host]["ports"] == [f"127.0.0.1:{port}:{port}"]
        assert "watch" in SERVICES[host]["networks"]
    assert all(_mounted("prometheus", f"/etc/prometheus/{rules}").parent.is_dir() for rules in config["rule_files"])


def test_grafana_finds_its_data_and_its_home() -> None:
    """The provisioned data source is our Prometheus, the dashboards lie where it looks, and the Wall is home."""
    folder = "/etc/grafana/provisioning"
    (source,) = _yaml("grafana", f"{folder}/datasources/prometheus.yml")["datasources"]
    (provider,) = _yaml("grafana", f"{folder}/dashboards/lembur.yml")["providers"]
    home = _mounted("grafana", SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])

    assert source["url"] == "http://prometheus:9090"
    assert list(_mounted("grafana", provider["options"]["path"]).glob("*.json"))
    assert "Wall" in json.loads(home.read_text())["title"]


def _mounted(name: str, path: str) -> Path:
    """Find the file of the project that a service sees at a path."""
    for volume in SERVICES[name]["volumes"]:
        source, target, *_ = volume.split(":")
        if source.startswith(".") and (path + "/").startswith(target + "/"):
            return PROJECT / str(source) / path[len(target) :].lstrip("/")
    pytest.fail(f"{name} mounts nothing at {path}")


def _yaml(name: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(_mounted(name, path).read_text())
    return found


def test_our_user_may_write_to_its_volumes() -> None:
    """A new volume belongs to whom the image's folder at its place does: the Dockerfile makes each for our user."""
    _, last = stages((PROJECT / "Dockerfile").read_text())
    made = next(rest for name, rest in last if name == "RUN").partition("install --directory")[2].split()
    volumes = {v.split(":")[1] for s in SERVICES.values() if s["user"] == "10001:10001" for v in s.get("volumes", ())}

    assert volumes - {"/scenarios"} == {"/data", "/data/flower", "/data/keys", "/data/printers"} <= set(made)
    assert made[:4] == ["--owner", "lembur", "--group", "lembur"]


def test_the_print_service_serves_every_station_of_any_scenario() -> None:
    """No station's name is in the file; the printers' logs lie in a volume, and the feed waits for the service."""
    service = SERVICES["print"]

    assert service["command"] == ["worker", "--stations", "all"]
    assert service["volumes"] == ["printers:/data/printers"]
    assert service["healthcheck"]["test"] == ["CMD", "lembur", "seen", "print@all"]
    assert SERVICES["feed"]["depends_on"]["print"] == {"condition": "service_healthy"}


def test_scenarios_of_ones_own_are_where_commands_are_typed() -> None:
    """`open` reads the scenario, and people type `lembur check` and `lembur plan` beside the feed."""
    assert {name for name, one in SERVICES.items() if "./scenarios:/scenarios:ro" in one.get("volumes", ())} == {
        "open",
        "feed",
    }


def test_the_budget_reaches_the_exporter() -> None:
    """LemburOvertimeBudget fires only where the exporter knows the budget."""
    chosen = read(EXAMPLE | {"LEMBUR_BUDGET": "5000000"})

    assert chosen["services"]["exporter"]["command"][-2:] == ["--budget", "5000000"]


def test_a_printer_may_finish_its_lot_before_it_is_ended() -> None:
    """The grace is longer than 999 of 1,000 cards take at the desk's pace, with a rest and a ribbon change before."""
    printing = load(EXAMPLE["LEMBUR_SCENARIO"]).printing
    sigma = math.log(printing.p90_s / printing.median_s) / NormalDist().inv_cdf(0.9)
    card_s = (
        printing.median_s * math.exp(sigma * NormalDist().inv_cdf(0.999)) / min(part.speed for part in printing.pace)
    )
    lot_s = card_s + printing.rest_s + printing.ribbon_change_s

    assert seconds(SERVICES["print"]["stop_grace_period"]) > lot_s > 600


def test_every_role_is_a_command_of_lembur() -> None:
    """The first word of each of our services is known to the command line."""
    from console.cli import app

    commands = {command.name for command in app.registered_commands}
    for name, service in SERVICES.items():
        if name not in PINS:
            assert service["command"][0] in commands, name
