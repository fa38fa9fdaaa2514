-- Read the lots in hand and the stock, at one moment.  A: stations (the centre too).
-- Reply: {now, arrivals_watermark, circuit: [state, until], stations: {code: {cards: [[card, end, class, due, station]], busy (ends of seats), position, stock: [blank, ribbon], promised}}}.
local stations = {}
for _, code in ipairs(A.stations) do
  local cards = {}
  for _, name in ipairs(call('ZRANGE', K.in_flight .. code, 0, -1)) do
    local lot = held_lot(name)
    read_records(lot.cards)
    for i, card in ipairs(lot.cards) do
      local class, due, _, station = read_head(RECORDS[card])
      cards[#cards + 1] = { card, lot.ends[i], class, due, station }
    end
  end
  if code == CENTRE then
    local asked = call('ZRANGE', K.asked, 0, -1)
    read_records(asked)
    for _, card in ipairs(asked) do
      local class, due, _, station = read_head(RECORDS[card])
      cards[#cards + 1] = { card, NEVER, class, due, station }
    end
  end
  local busy = {}
  local seats = call('ZRANGEBYSCORE', K.seats .. code, '(' .. text(NOW), '+inf', 'WITHSCORES')
  for i = 2, #seats, 2 do busy[#busy + 1] = tonumber(seats[i]) end
  stations[code] = {
    cards = cards, busy = busy, position = tonumber(call('HGET', K.station .. code, 'position') or 0),
    stock = call('HMGET', K.stock .. code, 'blank', 'ribbon'), promised = call('ZRANGE', K.promised .. code, 0, -1),
  }
end
local circuit = call('HMGET', K.circuit, 'state', 'until')
return cjson.encode({ now = NOW, arrivals_watermark = tonumber(call('GET', K.arrivals_watermark) or 0), circuit = circuit, stations = stations })
