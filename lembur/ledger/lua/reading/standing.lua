-- Read the lots in hand and the stock, at one moment.  A: places (the centre and stations).
-- Reply: {now, fed, circuit: [state, until], rooms: {place: {cards: [[card, end, class, due, station]], busy (ends of seats), position, stock: [blank, ribbon], promised}}}.
local rooms = {}
for _, place in ipairs(A.places) do
  local cards = {}
  for _, name in ipairs(call('ZRANGE', P .. 'flight:' .. place, 0, -1)) do
    local l = call('HMGET', P .. 'lot:' .. name, 'cards', 'ends')
    local ends = cjson.decode(l[2] or '[]')
    for i, card in ipairs(cjson.decode(l[1] or '[]')) do
      local c = call('HMGET', P .. 'card:' .. card, 'c', 'd', 'q')
      cards[#cards + 1] = { card, ends[i], c[1], c[2], c[3] }
    end
  end
  local busy = {}
  local seats = call('ZRANGEBYSCORE', P .. 'seats:' .. place, '(' .. string.format('%.0f', NOW), '+inf', 'WITHSCORES')
  for i = 2, #seats, 2 do busy[#busy + 1] = tonumber(seats[i]) end
  rooms[place] = {
    cards = cards, busy = busy, position = tonumber(call('HGET', P .. 'line:' .. place, 'position') or 0),
    stock = call('HMGET', P .. 'stock:' .. place, 'blank', 'ribbon'), promised = call('ZRANGE', P .. 'promised:' .. place, 0, -1),
  }
end
local circuit = call('HMGET', P .. 'circuit', 'state', 'until')
return cjson.encode({ now = NOW, fed = tonumber(call('GET', P .. 'fed') or 0), circuit = circuit, rooms = rooms })
