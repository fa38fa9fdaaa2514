-- The centre failed a lot: its cards are sent again, or wait for a person when that was tried often enough.
-- A: lot, why, late (the moment of the failure is unknown: now), outside (a centre outside fails at once, and not at the planned
-- end), cards (they may be the cause), anew (asked again it is another attempt), centre (it is the cause), tries (of a card),
-- in_a_row, pause_ms, longest_ms (of the circuit), from, to, shelf (statuses).  Reply: {wakes} or {fenced}.
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local at, wakes = planned_end(lot), {}
if at >= NEVER or A.outside then at = leaving_time(lot.start) elseif A.late then at = leaving_time(at) end
local marks = {}
for i, card in ipairs(lot.cards) do
  local class, _, recorded, station = read_head(lot.records[i])
  local to = A.to
  if A.anew then call('HINCRBY', K.attempts, card, 1) end
  if A.cards and call('HINCRBY', K.tries, card, 1) >= A.tries then
    call('HDEL', K.tries, card)
    to = A.shelf
    add(K.counters, 'shelved|' .. CENTRE, 1)
    count_seat_time(station)
    call('ZREM', K.at_centre .. station, card)
  else
    join_queue(CENTRE, station, card, class, recorded, at)
  end
  marks[i] = MARK[to]
  add(K.counts, to, 1)
end
end_cards(lot, marks, alike(text(at)), alike(A.why))
add(K.counters, 'retry|' .. CENTRE .. '|' .. A.why, #lot.cards)
end_lot(lot, at)
if A.centre then learn_failure(lot, at) end
wake_blocked(wakes)
wake(CENTRE, wakes)
log_event('failed', { lot = lot.name, why = A.why }, { cards = lot.card_list })
return keep_reply({ wakes = wakes })
