"""The rule, compiled: the prints of a station in thousands of worlds, with every limit on its seats.

Print n starts at the first t >= max(ready[n], start[n-1], blank[n]) at which fewer than c(t) cards are in service. The
array `w` holds the largest completion times in ascending order, and infinity behind them. The c-th largest is `w[C -
c]`: at that moment a seat becomes free. So a change of capacity only moves an index. While c stays the same, those c
values stand in one vector register, and a completion is inserted without a branch.

Nothing here takes memory or raises, so the code needs nothing of numba when it runs.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import cfunc, njit, types

from planner.simulation.kernel_arrays import LANES, ReplayArrays
from planner.simulation.lanes import first_lane, load_lanes, serve_card, store_lanes
from planner.simulation.views import view_floats, view_integers, view_shorts

NEVER: Final = np.int64(9_000_000_000_000_000)
"""`lembur.domain.time.NEVER_MS`, as the kernel's own integer."""
PLACE: Final = ReplayArrays._make(range(len(ReplayArrays._fields)))
"""The place of each array in the tables."""


@njit(_nrt=False)
def _end_of(start: int, work: int, rate_at: Any, rate_speed: Any, place: int) -> Any:
    """Return `Rate.end_ms`, step by step, from the stretch `place` that contains the start."""
    now, left = float(start), float(work)
    while place < len(rate_speed):
        speed = rate_speed[place]
        until = float(rate_at[place + 1]) if place + 1 < len(rate_at) else float(NEVER)
        if speed > 0.0 and left <= (until - now) * speed:
            return np.int64(np.rint(now + left / speed))
        left -= (until - now) * speed
        now = until
        place += 1
    return NEVER


@njit(_nrt=False, inline="always")
def _overrun(w: Any, base: int, begin: int, end: int) -> int:
    """Return the seat time in [begin, end) of cards that are finished beyond the open seats."""
    total = 0
    for j in range(base):
        total += max(0, min(w[j], end) - begin)
    return total


@njit(_nrt=False, inline="always")
def _keep(again: Any, head: int, tail: int, moment: int) -> int:
    """Insert the moment at which a spoiled card is ready again, in order of time. Most are the latest."""
    j = tail
    while j > head and again[j - 1] > moment:
        again[j] = again[j - 1]
        j -= 1
    again[j] = moment
    return tail + 1


@njit(_nrt=False)
def _begin(w: Any, in_hand: Any, seats: int) -> None:
    """Fill the completion times: free seats below, cards in hand in order, nothing above."""
    w[:] = NEVER
    w[:seats] = -1
    for i in range(len(in_hand)):
        j = seats - len(in_hand) + i
        while j > seats - len(in_hand) and w[j - 1] > in_hand[i]:
            w[j] = w[j - 1]
            j -= 1
        w[j] = in_hand[i]


@njit(_nrt=False)
def _combine(
    roster_at: Any, roster_seats: Any, fault_at: Any, fault_printer: Any, printers: int, at: Any, c: Any
) -> int:
    """Write the open seats over time, limited by the working printers, and return their maximum.

    A fault is printer p breaking (p) or being repaired (~p). Faults of printers from `printers` on are ignored.
    `at` begins with 0 and ends with NEVER.
    """
    step, fault, wanted, broken, count, most = 0, 0, 0, 0, 0, 0
    now = np.int64(0)
    while now < NEVER:
        while step < len(roster_at) and roster_at[step] <= now:
            wanted = roster_seats[step]
            step += 1
        while fault < len(fault_at) and fault_at[fault] <= now:
            which = fault_printer[fault]
            if max(which, ~which) < printers:
                broken += 1 if which >= 0 else -1
            fault += 1
        seats = max(0, min(wanted, printers - broken))
        if count == 0 or c[count - 1] != seats:
            at[count], c[count] = now, seats
            count += 1
        most = max(most, seats)
        now = roster_at[step] if step < len(roster_at) else NEVER
        if fault < len(fault_at):
            now = min(now, fault_at[fault])
    at[count] = NEVER
    return most


@njit(_nrt=False, inline="always")
def _run(
    lanes: Any, last: int, end: int, n: int, stop: int, i: int, ready: Any, work: Any, extra: Any,
    mask: Any, starts: Any, ends: Any,
) -> Any:  # fmt: skip
    """Make up to `stop - n` plain prints, of the cards from `i` on.

    A plain print is not spoiled and waits for no blank.
    """
    while n < stop:
        at = np.uint64(n)
        since = max(last, ready[np.uint64(i)])
        start = max(first_lane(lanes), since)
        if start >= end:
            break
        takes = work[at] + extra[at]
        starts[at & mask] = start
        ends[at & mask] = start + takes
        lanes = serve_card(lanes, NEVER, since, takes)
        n += 1
        i += 1
    return lanes, n


@njit(_nrt=False, inline="always")
def _burst(
    n: int, i: int, head: int, tail: int, last: int, end: int, enough: int, base: int, seats: int, w: Any,
    ready: Any, beyond: int, work: Any, extra: Any, spoils: Any, rate_at: Any, rate_speed: Any, again: Any,
    mask: Any, starts: Any, ends: Any,
) -> Any:  # fmt: skip
    """Make print after print while the open seats stay the same and cards and blanks last.

    The cards are those of `ready`, and one more that is ready at `beyond`.
    """
    place, cards = 0, len(ready)
    lanes, above = load_lanes(w, base), w[base + LANES]
    soonest = again[head] if head < tail else NEVER
    plain = len(rate_at) == 0 and base + LANES >= seats
    while n < enough and i <= cards:
        spoil = spoils[tail] if tail < len(spoils) else enough
        many = min(min(enough, spoil + 1) - n, cards - i) if plain else 0
        if many > 0 and ready[i + many - 1] <= soonest:
            lanes, done = _run(lanes, last, end, n, n + many, i, ready, work, extra, mask, starts, ends)
            i += done - n
            stopped = done < n + many
            n = done
        else:
            coming = ready[i] if i < cards else beyond
            start = max(first_lane(lanes), last, min(soonest, coming))
            stopped = start >= end
            if stopped:
                break
            while place + 1 < len(rate_at) and rate_at[place + 1] <= start:
                place += 1
            finish = _end_of(start, np.int64(work[n]), rate_at, rate_speed, place) if len(rate_at) else start + work[n]
            finish = min(NEVER, finish + extra[n])
            starts[np.uint64(n) & mask], ends[np.uint64(n) & mask] = start, finish
            lanes = serve_card(lanes, above, finish, 0)
            for j in range(base + LANES, seats):
                w[j] = max(w[j], min(w[j + 1], finish))
            above = w[base + LANES]
            if soonest < coming:
                head += 1
                soonest = again[head] if head < tail else NEVER
            else:
                i += 1
            n += 1
        if stopped:
            break
        if n == spoil + 1:
            tail = _keep(again, head, tail, ends[np.uint64(n - 1) & mask])
            soonest = again[head]
    store_lanes(w, base, lanes)
    return n, i, head, tail


@njit(_nrt=False, inline="always")
def _play(
    waiting: Any, came: Any, work: Any, extra: Any, spoils: Any, at: Any, c: Any, stock_at: Any, stock_cards: Any,
    rate_at: Any, rate_speed: Any, limit: int, seats: int, w: Any, again: Any,
    mask: Any, starts: Any, ends: Any,
) -> Any:  # fmt: skip
    """Play a station in one world until `limit`. Return the prints begun, the cards printed and the overrun."""
    n, i, head, tail, step, delivered, enough, overrun, gone = 0, 0, 0, 0, 0, 0, 0, 0, 0
    last, base, end = np.int64(0), seats - c[0], at[1]
    ready, beyond = waiting, came[0] if len(came) else NEVER
    while True:
        while n >= enough and delivered < len(stock_at):
            last = max(last, stock_at[delivered])
            enough = min(stock_cards[delivered], len(work))
            delivered += 1
        if gone == 0 and i >= len(waiting):
            ready, beyond, gone = came, NEVER, len(waiting)
        coming = ready[i - gone] if i - gone < len(ready) else NEVER
        ready_at = min(again[head] if head < tail else NEVER, coming)
        if n >= enough or ready_at >= NEVER:
            break
        start = max(last, ready_at, w[base])
        while start >= end and end < NEVER:
            step += 1
            last, base, end = max(last, at[step]), seats - c[step], at[step + 1]
            overrun += _overrun(w, base, at[step], end)
            start = max(last, ready_at, w[base])
        if start >= end or start >= limit:
            break
        n, i, head, tail = _burst(
            n, i - gone, head, tail, last, min(end, limit), enough, base, seats, w,
            ready, beyond, work, extra, spoils, rate_at, rate_speed, again, mask, starts, ends,
        )  # fmt: skip
        i += gone
        last = starts[np.uint64(n - 1) & mask]
    while end < min(limit, w[seats - 1]):
        step += 1
        end = at[step + 1]
        overrun += _overrun(w, seats - c[step], at[step], end)
    return n, n - tail, overrun


@cfunc(types.void(types.CPointer(types.voidptr), types.CPointer(types.int64)), forceinline=True)
def entry(addresses: Any, lengths: Any) -> None:
    """Replay the worlds of one station under one staffing, each until a print ends after its limit."""
    tables = (addresses, lengths)
    waiting = view_integers(tables, PLACE.waiting)
    came_from, came = view_integers(tables, PLACE.came_from), view_integers(tables, PLACE.came)
    prints_from = view_integers(tables, PLACE.prints_from)
    work, extra = view_shorts(tables, PLACE.work), view_integers(tables, PLACE.extra)
    spoils_from, spoils = view_integers(tables, PLACE.spoils_from), view_integers(tables, PLACE.spoils)
    faults_from, fault_at = view_integers(tables, PLACE.faults_from), view_integers(tables, PLACE.fault_at)
    fault_printer = view_integers(tables, PLACE.fault_printer)
    roster_at, roster_seats = view_integers(tables, PLACE.roster_at), view_integers(tables, PLACE.roster_seats)
    stock_at, stock_cards = view_integers(tables, PLACE.stock_at), view_integers(tables, PLACE.stock_cards)
    rate_at, rate_speed = view_integers(tables, PLACE.rate_at), view_floats(tables, PLACE.rate_speed)
    in_hand, given = view_integers(tables, PLACE.in_hand), view_integers(tables, PLACE.given)
    finish, begun = view_integers(tables, PLACE.finish), view_integers(tables, PLACE.begun)
    printed, overrun = view_integers(tables, PLACE.printed), view_integers(tables, PLACE.overrun)
    starts, ends = view_integers(tables, PLACE.starts), view_integers(tables, PLACE.ends)
    at, c = view_integers(tables, PLACE.open_from), view_integers(tables, PLACE.open_seats)
    again, w = view_integers(tables, PLACE.again), view_integers(tables, PLACE.completions)
    printers, limit = given[0], given[1]
    keep = len(starts) == len(work)
    mask = np.uint64((1 << 62) - 1 if keep else len(starts) - 1)
    for world in range(len(finish)):
        f0, f1 = faults_from[world], faults_from[world + 1]
        p0, p1 = prints_from[world], prints_from[world + 1]
        own_starts = starts[p0:p1] if keep else starts
        own_ends = ends[p0:p1] if keep else ends
        cards = came[came_from[world] : came_from[world + 1]]
        most = _combine(roster_at, roster_seats, fault_at[f0:f1], fault_printer[f0:f1], printers, at, c)
        seats = max(len(in_hand), most)
        _begin(w, in_hand, seats)
        n, good, over = _play(
            waiting, cards, work[p0:p1], extra, spoils[spoils_from[world] : spoils_from[world + 1]], at, c,
            stock_at, stock_cards, rate_at, rate_speed, limit, seats, w, again, mask, own_starts, own_ends,
        )  # fmt: skip
        end = max(np.int64(0), w[seats - 1]) if seats > 0 else np.int64(0)
        finish[world] = end if good == len(waiting) + len(cards) and end <= limit else NEVER
        begun[world], printed[world], overrun[world] = n, good, over
