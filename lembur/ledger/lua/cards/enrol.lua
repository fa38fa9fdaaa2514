-- Record identities, once each. What is counted is counted by kind.
-- A, a row a card: niks, records (with their first entry), ready and orders (its score in a queue of ready cards), both as text,
-- kind_of (the number of its kind).
-- kinds [{status, class, station, queue (the centre, or the station), hour}].  Reply: {cards: [number, or '' when known], wakes}.
local given, fresh, is_new, index, soonest, wakes = {}, {}, {}, {}, {}, {}
for i, card in ipairs(read_all(K.nik, A.niks)) do
  local nik = A.niks[i]
  given[i] = ''
  if not card and not is_new[nik] then fresh[#fresh + 1], is_new[nik] = i, true end
end

local function begin_kind(kind)
  kind.cards, kind.soonest, kind.settled = 0, NEVER, settled_time(kind.queue)
  kind.ready, kind.scheduled = queue_at(K.ready .. kind.queue), queue_at(K.scheduled .. kind.queue)
  kind.waiting = queue_at((kind.queue == CENTRE and K.at_centre or K.waiting_since) .. kind.station)
end

local before = call('INCRBY', K.serial, #fresh) - #fresh
for n, i in ipairs(fresh) do
  local kind, card, ready = A.kinds[A.kind_of[i]], string.format('%08d', before + n), A.ready[i]
  given[i], index[2 * n - 1], index[2 * n] = card, A.niks[i], card
  change_record(card, A.records[i])
  if not kind.cards then begin_kind(kind) end
  local at = tonumber(ready)
  if at <= kind.settled then put(kind.ready, A.orders[i], card) else put(kind.scheduled, ready, card) end
  put(kind.waiting, ready, card)
  kind.cards = kind.cards + 1
  if at < kind.soonest then kind.soonest = at end
end
call_in_parts('HSET', K.nik, index)
for _, kind in ipairs(A.kinds) do
  local queue, station, n = kind.queue, kind.station, kind.cards
  if n then
    count_before_arrivals(station)
    add(K.counts, kind.status, n)
    add(K.gauges, 'waiting|' .. queue .. '|' .. kind.class, n)
    add(K.counters, 'arrivals|' .. queue .. '|' .. kind.class, n)
    count_hourly('enrolled', queue, kind.hour, n)
    if queue ~= CENTRE then count_hourly('ready', station, kind.hour, n) end
    soonest[queue] = math.min(soonest[queue] or NEVER, kind.soonest)
  end
end
for queue, ready in pairs(soonest) do
  if ready <= LIMIT then wake(queue, wakes) else set_timer(queue, ready) end
end
log_event('enrolled', { cards = given })
return keep_reply({ cards = given, wakes = wakes })
