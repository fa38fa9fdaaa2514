-- @include _lot
-- The centre failed a lot: its cards are sent again, or wait for a person when that was tried often enough.
-- A: lot, why, late (the moment of the failure is unknown: now), cards (they may be the cause), anew (asked again it is another attempt), centre (it is the cause), tries (of a card),
-- in_a_row, pause_ms, longest_ms (of the circuit), from, to, shelf (statuses).  Reply: {wakes} or {fenced}.
local reply = stored_reply()
if reply then return reply end
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local at, wakes = lot.ends[#lot.ends], {}
if at >= NEVER then at = leaving_time(lot.start) elseif A.late then at = leaving_time(at) end
for _, card in ipairs(lot.cards) do
  local class, _, recorded, station = read_head(card)
  if A.anew then call('HINCRBY', K.attempts, card, 1) end
  if A.cards and call('HINCRBY', K.tries, card, 1) >= A.tries then
    call('HDEL', K.tries, card)
    move(card, A.from, A.shelf, at, A.why)
    add(K.counters, 'shelved|' .. CENTRE, 1)
    count_seat_time(station)
    call('ZREM', K.at_centre .. station, card)
  else
    move(card, A.from, A.to, at, A.why)
    join_queue(CENTRE, station, card, class, recorded, at)
  end
end
add(K.counters, 'retry|' .. CENTRE .. '|' .. A.why, #lot.cards)
end_lot(lot, at)
if A.centre then learn_failure(lot, at) end
wake_blocked(wakes)
wake(CENTRE, wakes)
log_event('failed', { lot = lot.name, cards = lot.cards, why = A.why })
return keep_reply({ wakes = wakes })
