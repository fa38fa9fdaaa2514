-- The centre failed a lot: its cards are sent again, or wait for a person when that was tried often enough.
-- A: lot, why, late (the moment of the failure is unknown: now), cards (they may be the cause), centre (it is the cause), tries (of a card),
-- in_a_row, pause_ms, longest_ms (of the circuit), from, to, shelf (statuses).  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = ending_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local at, wakes = lot.ends[#lot.ends], {}
if at >= NEVER then at = left(lot.start) elseif A.late then at = left(at) end
for _, card in ipairs(lot.cards) do
  if A.cards and call('HINCRBY', P .. 'tries', card, 1) >= A.tries then
    call('HDEL', P .. 'tries', card)
    move(card, A.from, A.shelf, at, A.why)
    add('totals', 'shelved|' .. CENTRE, 1)
    local station = call('HGET', P .. 'card:' .. card, 'q')
    count_seats(station)
    call('ZREM', P .. 'away:' .. station, card)
  else
    move(card, A.from, A.to, at, A.why)
    local c = call('HMGET', P .. 'card:' .. card, 'q', 'c', 'e')
    join(CENTRE, c[1], card, c[2], c[3], at)
  end
end
add('totals', 'retry|' .. CENTRE .. '|' .. A.why, #lot.cards)
end_lot(lot, at)
if A.centre then learn_failure(lot, at) end
wake_behind(wakes)
wake(CENTRE, wakes)
event('failed', { lot = lot.name, cards = lot.cards, why = A.why })
return reply({ wakes = wakes })
