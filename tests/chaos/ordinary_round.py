"""A round of the ordinary pipeline under the same faults, judged by its printers' logs."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from chaos import host as hosts
from chaos import ordinary
from chaos.faults import ODDS, Faults
from chaos.machine import Machine
from chaos.round import TESTS, WRONG_CLOCKS, Round, harmed
from chaos.verdict import Judgement, prints
from console.runtime.supervisor import Processes

WORKERS, THREADS = 6, 8
BLANKS = 1_000_000
QUIET_S = 2 * ordinary.VISIBILITY_S
"""Nothing moves for so long: all is done, but for what was not acknowledged."""


def play(this: Round) -> Judgement:
    """Play the round's cards, one task each, with faults of its odds where the pipeline has such a thing."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        host = None if hosts.impossible() else stack.enter_context(hosts.Host())
        machine = Machine(folder / "machine", this.appendfsync, ("127.0.0.1", host.here) if host else ("127.0.0.1",))
        stack.callback(machine.stop)
        machine.start()
        for name in ("doom", "printers"):
            (folder / name).mkdir()
        os.environ |= {
            "ORDINARY_URL": machine.url,
            "ORDINARY_PRINTERS": str(folder / "printers"),
            "DOOM": str(folder / "doom"),
            "DOOM_STOP_S": str(1.5 * ordinary.VISIBILITY_S),
            "PYTHONPATH": str(TESTS),
        }
        server = Redis.from_url(machine.url, decode_responses=True)
        enrol(server, machine.url, this.cards)
        processes = Processes(folder / "logs")
        stack.callback(processes.stop)
        start(processes, machine, host)
        faults = Faults(
            processes=processes,
            machine=machine,
            server=server,
            queues=ordinary.QUEUES,
            doom=folder / "doom",
            stop_s=1.5 * ordinary.VISIBILITY_S,
            host=host,
        )
        began = time.monotonic()
        with harmed(this, faults, odds(), lambda: int(server.hget("blanks", "used") or 0)):
            watch(processes, server, until_s=began + this.limit_s)
        while redeliver(server) and time.monotonic() < began + this.limit_s:
            watch(processes, server, until_s=began + this.limit_s)
        found = judge(server, folder / "printers", this.cards)
        faults.tell(found)
        found.seconds = time.monotonic() - began
        return found


def odds() -> dict[str, float]:
    """The same odds, the named points being those that this pipeline has."""
    kept = {kind: odds for kind, odds in ODDS.items() if not kind.startswith(("kill ", "stop ", "printer"))}
    points = len(ordinary.POINTS)
    return kept | {
        f"{verb} {at}": share / points for verb, share in (("kill", 6), ("stop", 3)) for at in ordinary.POINTS
    }


def enrol(server: Redis, url: str, cards: int) -> None:
    """Every card is recorded, and a task is sent for each."""
    server.hset("blanks", mapping={"shelf": BLANKS, "used": 0, "spoiled": 0})
    ordinary.app.conf.broker_url = url
    with ordinary.app.producer_or_acquire() as producer:
        for number in range(cards):
            server.hset("status", f"{number:08d}", "recorded")
            ordinary.verify.apply_async((f"{number:08d}",), queue="verify", producer=producer)


def start(processes: Processes, machine: Machine, host: hosts.Host | None) -> None:
    """As many workers as the other pipeline has, one on the other host, two with a wrong clock."""
    for number in range(WORKERS):
        off_s = list(WRONG_CLOCKS.values())[number] if number < len(WRONG_CLOCKS) else None
        clock = () if off_s is None else ("chaos.wrong_clock", str(off_s))
        words = [sys.executable, "-m", *clock, "chaos.ordinary", f"worker{number}@here", str(THREADS)]
        environment = {}
        if number == WORKERS - 1 and host:
            words, environment = host.inside(*words), {"ORDINARY_URL": machine.url_at(host.here)}
        processes.start(f"worker-{number}", words, environment=environment)


def watch(processes: Processes, server: Redis, *, until_s: float) -> None:
    """Tend the workers until nothing has moved for a while after the first print, or the time is up."""
    before, moved_s, begun = None, time.monotonic(), False
    while time.monotonic() < (min(until_s, moved_s + QUIET_S) if begun else until_s):
        processes.tend()
        with suppress(RedisError):
            begun = begun or server.hget("blanks", "shelf") != str(BLANKS)  # a busy machine starts workers slowly
            now = (server.hgetall("blanks"), *(server.llen(queue) for queue in ordinary.QUEUES), server.hlen("unacked"))
            if now != before:
                before, moved_s = now, time.monotonic()
        time.sleep(0.2)


def redeliver(server: Redis) -> bool:
    """Deliver again what was not acknowledged, as kombu would in its own time: ten messages a hundred seconds.

    Some it would find only minutes later, for a worker whose clock is ahead dated them. False when there was nothing.
    """
    kept = server.hgetall("unacked")
    for tag, text in kept.items():
        message, _, queue = json.loads(text)
        server.lpush(queue, json.dumps(message))
        server.hdel("unacked", tag)
        server.zrem("unacked_index", tag)
    return bool(kept)


def judge(server: Redis, printers: Path, cards: int) -> Judgement:
    """Hold the counters against the printers' logs."""
    good, bad = prints((printers.parent,))
    status, blanks = server.hgetall("status"), {name: int(n) for name, n in server.hgetall("blanks").items()}
    shelved = sum(one == "shelved" for one in status.values())
    return Judgement(
        cards=cards,
        printed=len(good),
        shelved=shelved,
        lost=cards - len(good) - sum(one == "shelved" and card not in good for card, one in status.items()),
        doubled=sum(count > 1 for count in good.values()),
        blanks_unaccounted=abs(BLANKS - sum(blanks.values()))
        + abs(blanks["used"] - good.total())
        + abs(blanks["spoiled"] - bad.total()),
    )
