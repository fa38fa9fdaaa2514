-- Record identities, once each.  A: cards [{nik, mask, stream, class, due, ready, station, kelurahan, first}], fresh (status of a
-- first issue), ready (status of a card that needs no centre), settled (virtual time all arrivals up to which are now in, optional).
-- Reply: {cards: [number, or '' when known], wakes}.
local said = once()
if said then return said end
local given, stations, counted, wakes = {}, {}, {}, {}
for i, a in ipairs(A.cards) do
  local known = call('HGET', P .. 'nik', a.nik)
  given[i] = known and '' or string.format('%08d', call('INCR', P .. 'serial'))
  if not known then
    if not counted[a.station] then counted[a.station] = count_seats(a.station) end
    local card, status = given[i], a.first and A.fresh or A.ready
    local station = a.first and CENTRE or a.station
    call('HSET', P .. 'nik', a.nik, card)
    call('HSET', P .. 'card:' .. card, 'q', a.station, 'c', a.class, 'd', string.format('%.0f', a.due),
      'e', string.format('%.0f', a.ready), 'k', a.kelurahan, 't', a.stream, 'm', a.mask)
    move(card, nil, status, a.ready)
    join(station, a.station, card, a.class, a.ready, a.ready)
    add('totals', 'arrivals|' .. station .. '|' .. a.class, 1)
    tally('enrolled', station, hour(a.ready))
    if not a.first then tally('ready', station, hour(a.ready)) end
    stations[station] = math.min(a.ready, stations[station] or NEVER)
  end
end
for station, ready in pairs(stations) do
  if ready <= LIMIT then wake(station, wakes) else bell(station, ready) end
end
event('enrolled', { cards = given })
return reply({ cards = given, wakes = wakes })
