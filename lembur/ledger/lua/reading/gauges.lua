-- Compare the gauges and ages with the queues and seats.
-- A: stations (print), fresh, sent (statuses).  Reply: [[invariant, where]].
local wrong, away = {}, 0
local function check(right, what, where)
  if not right then wrong[#wrong + 1] = { what, where } end
end
local waiting, raw = {}, call('HGETALL', K.gauges)
for i = 1, #raw, 2 do
  local place = string.match(raw[i], '^waiting|(.-)|')
  if place then waiting[place] = (waiting[place] or 0) + tonumber(raw[i + 1]) end
end

for _, place in ipairs({ CENTRE, unpack(A.stations) }) do
  local queued = call('ZCARD', K.ready .. place) + call('ZCARD', K.scheduled .. place)
  local in_hand = place == CENTRE and call('ZCARD', K.asked) or 0
  for _, lot in ipairs(call('ZRANGE', K.in_flight .. place, 0, -1)) do
    in_hand = in_hand + #cjson.decode(call('HGET', K.lot .. lot, 'cards') or '[]')
  end
  check((waiting[place] or 0) == queued, 'cards that wait are counted by class', place)
  check(tonumber(call('HGET', K.gauges, 'in_hand|' .. place) or 0) == in_hand, 'cards in hand are counted', place)
  if place ~= CENTRE then
    check(call('ZCARD', K.waiting_since .. place) == queued, 'a card that waits has its age', place)
    away = away + call('ZCARD', K.at_centre .. place)
  end
end
local counts = call('HMGET', K.counts, A.fresh, A.sent)
check(away == (counts[1] or 0) + (counts[2] or 0), 'a card at the centre is away from its station', CENTRE)
return #wrong > 0 and cjson.encode(wrong) or '[]'
