-- @include _wake, _seats
-- Record identities, once each.  A: cards [{nik, class, due, ready, station, first, rest (of the record: |kelurahan|stream|mask)}], fresh (status of a
-- first issue), ready (status of a card that needs no centre).
-- Reply: {cards: [number, or '' when known], wakes}.
local reply = stored_reply()
if reply then return reply end
local given, stations, counted, wakes, niks, fresh = {}, {}, {}, {}, {}, {}
for i, a in ipairs(A.cards) do niks[i] = a.nik end
for i, card in ipairs(read_all(K.nik, niks)) do
  given[i] = ''
  if not card and not fresh[niks[i]] then
    fresh[#fresh + 1], fresh[niks[i]] = i, true
  end
end
local last, index = call('INCRBY', K.serial, #fresh), {}
for n, i in ipairs(fresh) do
  local a, card = A.cards[i], string.format('%08d', last - #fresh + n)
  if not counted[a.station] then counted[a.station] = count_seat_time(a.station) end
  local station = a.first and CENTRE or a.station
  given[i], index[2 * n - 1], index[2 * n] = card, a.nik, card
  RECORDS[card] = string.format('%d|%.0f|%.0f|', a.class, a.due, a.ready) .. a.station .. a.rest
  move(card, nil, a.first and A.fresh or A.ready, a.ready)
  join_queue(station, a.station, card, a.class, a.ready, a.ready)
  add(K.counters, 'arrivals|' .. station .. '|' .. a.class, 1)
  count_hourly('enrolled', station, hour(a.ready))
  if not a.first then count_hourly('ready', station, hour(a.ready)) end
  stations[station] = math.min(a.ready, stations[station] or NEVER)
end
call_in_parts('HSET', K.nik, index)
for station, ready in pairs(stations) do
  if ready <= LIMIT then wake(station, wakes) else set_timer(station, ready) end
end
log_event('enrolled', { cards = given })
return keep_reply({ cards = given, wakes = wakes })
