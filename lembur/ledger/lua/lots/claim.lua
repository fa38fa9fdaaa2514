-- Take the offered lot: its cards leave the queue, its seat is busy until the last end, its blanks are reserved.
-- A: station, most (of the offer), lot, position, start, until, count (of cards), first and finish (their first and last end), ends
-- (one a card, as text, in JSON; 9e15 = not known before), from, to (statuses), lease_ms.
-- Reply: {lot, lease_ms (real, with the time the lot takes), wakes, cards} or, when the offer no longer holds, the reply of next_lot.
local station, count, finish = A.station, A.count, A.finish
local offer = next_lot(station, A.most)
if offer.refused or offer.position ~= A.position or EXACT and offer.start ~= A.start or offer['until'] ~= A['until'] or #offer.cards < count then
  if offer.refused then end_wakeup(station) end
  return write_reply(offer)
end
end_wakeup(station)
local cards, line = offer.cards, K.station .. station
for i = #cards, count + 1, -1 do cards[i] = nil end
count_classes(station, cards)
-- No record is touched: a card that could start and is in no queue is in a lot, and its status follows from the queue it was in.
add(K.counts, A.from, -count)
add(K.counts, A.to, count)
call('ZREMRANGEBYRANK', K.ready .. station, 0, count - 1)
if station ~= CENTRE then call_in_parts('ZREM', K.waiting_since .. station, cards) end
add(K.gauges, 'in_hand|' .. station, count)
set(line, 'position', A.position + count)
set(line, 'last', text(A.start))
set(line, 'most', A.most)
local list = '["' .. table.concat(cards, '","') .. '"]'
call('HSET', K.lots, A.lot, table.concat({ station, text(A.start), list, A.ends }, '|'))
call('ZADD', K.seats .. station, finish, A.lot)
call('ZREMRANGEBYRANK', K.seats .. station, 0, -1 - fields_of(line).printers)
-- The centre's first answer may reach a printer before the lot is over. A spoiled card waits for the end of its lot.
call('ZADD', K.in_flight .. station, station == CENTRE and A.first or finish, A.lot)
local lasts = SPEED > 0 and finish < NEVER and math.max(0, finish - NOW) / SPEED or 0
local lease_ms = math.ceil(lasts) + A.lease_ms
call('ZADD', K.lease .. station, REAL + lease_ms, A.lot)
local wakes = {}
-- Seats that open while all others are busy are woken at that moment.
if offer['until'] < finish then set_timer(station, offer['until']) end
if station == CENTRE then
  begin_probe(offer.start)
  wake_blocked(wakes)
else
  reserve(station, count)
end
return keep_reply({ lot = A.lot, lease_ms = lease_ms, wakes = wakes }, { cards = list })
