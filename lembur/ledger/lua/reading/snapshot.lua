-- Read the lots in hand and the stock, at one moment.  A: stations (the centre too).
-- Reply: {now, expects_since (the present arrivals), arrivals_watermark, circuit: [state, until], stations: {code: {cards: [[card, end, class, due, station]], busy (ends of seats), position, stock: [blank, ribbon], promised}}}.
local function add_rows(rows, cards, ends)
  read_records(cards)
  for i, card in ipairs(cards) do
    local class, due, _, station = read_head(RECORDS[card])
    rows[#rows + 1] = { card, ends[i] or NEVER, class, due, station }
  end
end

local stations = {}
for _, code in ipairs(A.stations) do
  local cards = {}
  for _, name in ipairs(read('ZRANGE', K.in_flight .. code, 0, -1)) do
    local lot = held_lot(name)
    add_rows(cards, lot.cards, lot.ends)
  end
  if code == CENTRE then add_rows(cards, read('ZRANGE', K.asked, 0, -1), {}) end
  local busy = {}
  local seats = read('ZRANGEBYSCORE', K.seats .. code, '(' .. text(NOW), '+inf', 'WITHSCORES')
  for i = 2, #seats, 2 do busy[#busy + 1] = tonumber(seats[i]) end
  stations[code] = {
    cards = cards, busy = busy, position = tonumber(read('HGET', K.station .. code, 'position') or 0),
    stock = read('HMGET', K.stock .. code, 'blank', 'ribbon'), promised = read('ZRANGE', K.promised .. code, 0, -1),
  }
end
local circuit = read('HMGET', K.circuit, 'state', 'until')
return cjson.encode({ now = NOW, expects_since = tonumber(fields_of(K.clock).expects_since or 0), arrivals_watermark = tonumber(read('GET', K.arrivals_watermark) or 0), circuit = circuit, stations = stations })
