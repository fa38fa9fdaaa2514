-- Compare the gauges and ages with the queues and seats.
-- A: stations (print), fresh, sent (statuses).  Reply: [[invariant, where]].
local wrong, away = {}, 0
local function check(right, what, where)
  if not right then wrong[#wrong + 1] = { what, where } end
end
local waiting, raw = {}, read('HGETALL', K.gauges)
for i = 1, #raw, 2 do
  local station = string.match(raw[i], '^waiting|(.-)|')
  if station then waiting[station] = (waiting[station] or 0) + tonumber(raw[i + 1]) end
end

for _, station in ipairs({ CENTRE, unpack(A.stations) }) do
  local queued = size(K.ready .. station) + size(K.scheduled .. station)
  local in_hand = station == CENTRE and size(K.asked) or 0
  for _, name in ipairs(read('ZRANGE', K.in_flight .. station, 0, -1)) do
    local lot = held_lot(name)
    in_hand = in_hand + (lot and #lot.cards or 0)
  end
  check((waiting[station] or 0) == queued, 'cards that wait are counted by class', station)
  check(tonumber(read('HGET', K.gauges, 'in_hand|' .. station) or 0) == in_hand, 'cards in hand are counted', station)
  if station ~= CENTRE then
    check(size(K.waiting_since .. station) == queued, 'a card that waits has its age', station)
    away = away + size(K.at_centre .. station)
  end
end
local counts = read('HMGET', K.counts, A.fresh, A.sent)
check(away == (counts[1] or 0) + (counts[2] or 0), 'a card at the centre is away from its station', CENTRE)
return #wrong > 0 and cjson.encode(wrong) or '[]'
