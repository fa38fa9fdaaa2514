"""A Redis Cluster on this machine: three masters with a replica each, of Debian's redis-server, on free ports."""

from __future__ import annotations

import secrets
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import redis

from support.programs import free_port, program
from support.servers import Server
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

MASTERS = 3
SETTINGS = {
    "cluster-enabled": "yes",
    "cluster-require-full-coverage": "no",  # or the loss of one master would stop the offices of all others
    "cluster-replica-validity-factor": "0",  # or a replica that was deaf for a while would not become a master
}


class Cluster:
    """Six servers that form a cluster; each can be killed."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers

    @property
    def url(self) -> str:
        """The address of one node; a client asks it for the others."""
        return self.servers[0].url

    def form(self) -> None:
        """Make one cluster of the servers, and wait until every node knows it whole."""
        places = [f"127.0.0.1:{server.port}" for server in self.servers]
        command = [program("redis-cli"), "--no-auth-warning", "-a", self.servers[0].password]
        command += ["--cluster", "create", *places, "--cluster-replicas", "1", "--cluster-yes"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        eventually(self.is_whole)

    def is_whole(self) -> bool:
        """Return whether each node is up, knows every slot, and each master has its replica."""
        return all(map(_is_whole, self.servers))

    def master_of(self, key: str) -> Server:
        """Return the server that has a key now."""
        with redis.RedisCluster.from_url(next(server.url for server in self.servers if server.is_up)) as client:
            node: Any = client.get_node_from_key(key)
        return next(server for server in self.servers if server.port == node.port)

    @contextmanager
    def deaf_replica(self, master: Server) -> Iterator[None]:
        """Keep a master's replica from hearing its changes while inside."""
        found = (server for server in self.servers if _info(server, "replication").get("master_port") == master.port)
        with redis.Redis.from_url(next(found).url) as replica:
            replica.config_set("masterauth", "wrong")
            replica.client_kill_filter(_type="master")
            yield
            replica.config_set("masterauth", master.password)


@contextmanager
def running_cluster(folder: Path, *, silent_ms: int) -> Iterator[Cluster]:
    """Run a cluster while inside; a master that is silent for some time is held for dead."""
    password = secrets.token_urlsafe(16)
    with ExitStack() as stack:
        servers = []
        for number in range(2 * MASTERS):
            own = folder / str(number)
            own.mkdir()
            given = SETTINGS | {"cluster-node-timeout": str(silent_ms), "cluster-port": str(free_port())}
            server = Server(Path(program("redis-server")), own, password=password, **given)
            servers.append(stack.enter_context(server))
        cluster = Cluster(servers)
        cluster.form()
        yield cluster


def _info(server: Server, section: str) -> dict[str, Any]:
    with redis.Redis.from_url(server.url) as client:
        found: dict[str, Any] = client.info(section)
        return found


def _is_whole(server: Server) -> bool:
    with redis.Redis.from_url(server.url) as client:
        found: Any = client.execute_command("CLUSTER INFO")
    linked = _info(server, "replication")
    replicated = linked.get("master_link_status") == "up" or linked.get("connected_slaves", 0) == 1
    return bool(found["cluster_state"] == "ok" and found["cluster_slots_ok"] == "16384" and replicated)
