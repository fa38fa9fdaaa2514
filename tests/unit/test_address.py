"""The address of the server: read alike by ledger and bus, and never shown with any part of its password."""

from __future__ import annotations

import base64
from ssl import CERT_REQUIRED
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from lembur.address import parse_address
from lembur.bus import make_app
from lembur.domain.errors import SettingsError
from lembur.settings import Settings

PASSWORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="@%"), min_size=1)


def parts_of_ledger(url: str) -> dict[str, Any]:
    """Read an address as the ledger does."""
    return dict(Redis.from_url(url).connection_pool.connection_kwargs)


def parts_of_bus(url: str) -> dict[str, Any]:
    """Read an address as the bus does."""
    return dict(make_app(Settings(redis_url=url)).connection().info())


@given(PASSWORDS, st.integers(0, 15))
def test_ledger_and_bus_read_one_address(password: str, database: int) -> None:
    """Whatever signs a password has, redis-py and kombu find the same server, database and password."""
    try:
        url = parse_address(f"redis://lembur:{password}@redis.example:6380/{database}").url
    except SettingsError:
        assert "?" in password  # it may be the rest of a host: it is refused, and never guessed
        return
    ledger, bus = parts_of_ledger(url), parts_of_bus(url)

    assert (ledger["host"], ledger["port"], ledger["db"]) == ("redis.example", 6380, database)
    assert (bus["hostname"], bus["port"], int(bus["virtual_host"])) == ("redis.example", 6380, database)
    assert ledger["password"] == bus["password"] == password
    assert parse_address(url).password == password


@given(st.binary(min_size=24, max_size=24))
def test_the_recommended_password_works_as_it_is(secret: bytes) -> None:
    """Every password of `openssl rand -base64 24`, which docs/redis-users.conf recommends, can be pasted."""
    password = base64.b64encode(secret).decode()

    assert parse_address(f"redis://:{password}@127.0.0.1:6379/0").password == password


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://:s3cret@redis/0",
        "redis://",
        "redis://:s3cret",
        "redis://:s3cret@",
        "redis://:s3cret@redis/abc",
        "redis://:s3cret@redis:99999/0",
        "redis://:s3cret@redis:port/0",
        "redis://:s3cret@redis/0?db=3",
        "redis://:s3cret@redis/0?foo=bar",
        "redis://:s3cret@redis/0?",
        "redis://:s3cret@redis/0#3",
        "redis://redis:6379/0?password=s3cret",
        "redis://redis:6379/0?password=s3@cret",
        "redis://redis?password=s3@cret",
        "redis://[::1]:6379/0?password=s3@cret",
        "redis://user:s3@redis/0?password=s3@cret",
        "rediss://:s3cret@redis/0?password=s3cret",
        "redis://:s3cret@redis/0?ssl_ca_certs=/ca.pem",
        "s3cret",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(text: str) -> None:
    """The sentence names the right form, and holds nothing of what was given."""
    with pytest.raises(SettingsError) as caught:
        parse_address(text)

    assert "redis://:PASSWORD@HOST:6379/0" in str(caught.value)
    assert "cret" not in str(caught.value) + repr(caught.value)


def test_people_see_no_password() -> None:
    """As text and in a traceback the address has none."""
    address = parse_address("redis://lembur:s3cret@redis.example/2")

    assert str(address) == "redis at redis.example:6379/2"
    assert "s3cret" not in repr(address)


def test_certificates_are_always_checked() -> None:
    """Kombu takes any certificate of a rediss:// server unless the address asks for the check."""
    url = parse_address("rediss://:s3cret@redis.example/0?ssl_ca_certs=/etc/ca.pem").url

    assert parts_of_ledger(url)["ssl_cert_reqs"] == "required"
    assert parts_of_bus(url)["ssl"] == {"ssl_cert_reqs": CERT_REQUIRED, "ssl_ca_certs": "/etc/ca.pem"}
    assert parts_of_ledger(url)["ssl_ca_certs"] == "/etc/ca.pem"
