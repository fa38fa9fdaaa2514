"""Settings come from the environment, are checked whole, and are read in one file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lembur.bus import make_app
from lembur.domain.errors import SettingsError
from lembur.settings import PREFIX, Settings, read_settings

PROJECT = Path(__file__).parents[2]
PACKAGES = ("lembur", "producers", "workers", "planner", "monitoring", "console", "web", "scenarios")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give an environment without a setting of ours."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("redis://redis:6379/0", "redis://:p%2Fw%40rd@redis:6379/0"),
        ("rediss://worker@redis:6379/0", "rediss://worker:p%2Fw%40rd@redis:6379/0?ssl_cert_reqs=required"),
        ("redis://:own@redis:6379/0", "redis://:own@redis:6379/0"),
    ],
)
@pytest.mark.parametrize("written", ["p/w@rd\n", "\ufeffp/w@rd\r\n"])
def test_the_password_may_lie_in_a_file(tmp_path: Path, given: str, found: str, written: str) -> None:
    """An address without a password gets the one from the file, whatever signs it has; any other stays.

    An editor of Windows puts a mark before the text.
    """
    file = tmp_path / "redis_password"
    file.write_text(written)

    settings = read_settings(redis_url=given, redis_password_file=file)

    assert settings.redis_url == found
    assert "p%2Fw" not in repr(settings)


def test_all_faults_are_reported_together(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    """Each wrong setting is named with its rule; a secret that was not mounted is one of them."""
    missing = tmp_path / "nowhere"
    for name, value in {
        "REDIS_URL": "redis://redis",
        "REDIS_PASSWORD_FILE": str(missing),
        "OFFICE": "Solo",
        "LEASE_S": "nan",
        "BUDGET": "-1",
    }.items():
        environment.setenv(PREFIX + name, value)

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert str(caught.value).split("; ") == [
        f"LEMBUR_REDIS_PASSWORD_FILE cannot be read: {missing} (No such file or directory)",
        "LEMBUR_OFFICE must be the four digits of province and city, not 'Solo'",
        "LEMBUR_LEASE_S must be a number of seconds above zero, not 'nan'",
        "LEMBUR_BUDGET must be a whole number of rupiah, 0 or more, not '-1'",
    ]


@pytest.mark.parametrize(
    "given", ["redis.example", "sentinel://:s3cret@h:26379/0", "redis://:s3cret@h/x", "://:s3cret@h"]
)
def test_a_wrong_address_of_the_bus_is_one_sentence(given: str, environment: pytest.MonkeyPatch) -> None:
    """It names what is wanted, and shows no part of the password."""
    environment.setenv("LEMBUR_BROKER_URL", given)

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("given", ["amqp://u:p@h/3372", "redis://:p@h:6379/1", "sentinel://:p@h:26379/0?master_name=m"])
def test_the_bus_may_have_an_address_of_its_own(given: str, environment: pytest.MonkeyPatch) -> None:
    """Any transport of Celery is accepted, and the bus uses it in place of the ledger's server."""
    environment.setenv("LEMBUR_BROKER_URL", given)

    settings = read_settings(redis_url="redis://ledger")
    assert make_app(settings).connection().info()["hostname"] == "h"
    assert ":p@" not in repr(settings)


def test_a_child_process_reads_the_same_settings(environment: pytest.MonkeyPatch) -> None:
    """What a process passes on is what its child finds; a value given wins over the environment."""
    environment.setenv("LEMBUR_OFFICE", "3273")
    settings = read_settings(redis_url="redis://:a/b#c?d@redis/2", stations=("jebres", "dinas"), office="3372")

    for name, value in settings.environment().items():
        environment.setenv(name, value)

    assert read_settings() == settings


def test_an_empty_variable_is_none(environment: pytest.MonkeyPatch) -> None:
    """Compose writes an empty string for a variable that is not set."""
    environment.setenv("LEMBUR_LEASE_S", "")
    environment.setenv("LEMBUR_DATA", "")

    assert "data" not in read_settings().model_fields_set
    assert read_settings().lease_s == 15.0


def test_the_environment_is_read_in_one_file() -> None:
    """No other file of the product reads settings; the fence is CUPS's own child, and its address is in there."""
    readers = [
        str(path.relative_to(PROJECT))
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*.py")
        if path.name != "fence.py" and re.search(r"\benviron\b|\bgetenv\b|\benvvar\b", path.read_text("utf-8"))
    ]

    assert readers == ["lembur/settings.py"]
