"""The servers of the suite keep cards as safe as those of a run."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from console.runtime.embedded_server import valkey_binary
from lembur.domain.errors import LedgerError
from lembur.domain.scenario import load
from lembur.ledger import Ledger, connect, scripts
from lembur.ledger.connection import Durability, health, prove_durability
from lembur.office import OfficeSetup, open_office
from support.certificates import make_certificate
from support.cli import Desk
from support.servers import redis_of, running
from support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path


def test_a_server_may_be_trusted_with_cards(server_url: str) -> None:
    """Every write goes to a file, and no key is thrown away."""
    with connect(server_url) as server:
        found = health(server, prefix="lembur:{9999}:")

    assert (found["append_only_file"], found["eviction"]) == ("yes", "noeviction")
    assert found["durability"] == Durability.ALWAYS


@pytest.mark.parametrize(
    ("appendfsync", "found"),
    [("everysec", Durability.TOO_SOON), ("no", Durability.WAITAOF)],
)
def test_a_server_that_confirms_before_its_disk_is_found_out(
    tmp_path: Path, appendfsync: str, found: Durability
) -> None:
    """Valkey 9.1 answers WAITAOF at once when it syncs every second; with `no` it really waits, here in vain."""
    with running(valkey_binary(), tmp_path, appendfsync=appendfsync) as url, connect(url) as server:
        assert prove_durability(server, prefix="lembur:{9999}:") == found


def test_functions_of_other_versions_are_deleted_when_nobody_can_need_them(tmp_path: Path) -> None:
    """Not while a process works, nor while another office is on the server. Functions of other programs stay.

    `lembur migrate` deletes them then, and `lembur doctor` never.
    """
    with running(valkey_binary(), tmp_path) as url, connect(url) as server:
        ledger, raw = Ledger(server, office="3372"), redis_of(server)
        open_office(ledger, OfficeSetup(load("solo-2016"), 1, 1))
        for name in ("lembur_0123456789ab", "another"):
            raw.function_load(f"#!lua name={name}\nredis.register_function('{name}', function() return 1 end)")

        assert ledger.other_versions() == 1
        raw.hset(ledger.key("heartbeats"), "print@hall", f"{ledger.real_ms()}|hall")
        assert ledger.delete_other_versions() == 0
        raw.delete(ledger.key("heartbeats"))
        Ledger(server, office="3371").open(office={}, stations=())
        assert ledger.delete_other_versions() == 0

        raw.delete("lembur:{3371}:clock")
        desk = Desk(url, "3372", tmp_path / "data")
        assert '"other_versions_functions": 1' in desk.ask("doctor", "--json").output
        assert ledger.other_versions() == 1
        assert "the functions of 1 other version were deleted" in desk.do("migrate")
        assert {str(row[1]) for row in raw.function_list()} == {"another", scripts.library_name()}
        assert ledger.delete_other_versions() == ledger.other_versions() == 0


def test_a_server_is_private(server_url: str) -> None:
    """Nobody comes in without the password."""
    place = server_url.rpartition("@")[2]

    with pytest.raises(LedgerError, match=r"refuses|cannot be reached"):
        connect(f"redis://{place}")


def test_a_user_without_a_right_is_named_as_the_cause(valkey_url: str, office: str) -> None:
    """The server did answer; what helps is another user, or another code of the office."""
    place = valkey_url.rpartition("@")[2]
    with connect(valkey_url) as server:
        redis_of(server).acl_setuser(office, enabled=True, passwords=["+x"], commands=["+@all"], keys=["none"])
        try:
            with connect(f"redis://{office}:x@{place}") as limited, pytest.raises(LedgerError) as caught:
                Ledger(limited, office=office).office()
        finally:
            redis_of(server).acl_deluser(office)

    assert str(caught.value).startswith("the server refuses this to the user of the address")
    assert "take the user for this command, and the code of its office as LEMBUR_OFFICE" in str(caught.value)


def test_certificates_that_do_not_fit_are_named(tmp_path: Path) -> None:
    """A file that is missing, and an authority that is unknown here: the server runs, and its address is right."""
    with pytest.raises(LedgerError, match="ssl_ca_certs in the address of the server names no file: there is no /none"):
        connect("rediss://:x@127.0.0.1:1/0?ssl_ca_certs=/none.pem")

    certificate, key = make_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=refuse_handshakes, args=(listening, tls), daemon=True).start()

        with pytest.raises(LedgerError, match="has a certificate of an authority that is unknown here"):
            connect(f"rediss://:x@127.0.0.1:{listening.getsockname()[1]}/0")


def refuse_handshakes(listening: socket.socket, tls: ssl.SSLContext) -> None:
    """Show the certificate to each caller until the listener is closed."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            tls.wrap_socket(connection, server_side=True).close()


def test_waiting_ends_with_what_was_seen_last() -> None:
    """A condition that never holds fails with its last word, not with a bare 'timeout'."""
    with pytest.raises(pytest.fail.Exception, match=r"still 0 after 0\.02 s"):
        eventually(lambda: 0, 0.02)
