-- Put in front of offer and claim: which cards a station would start next, when, or why none.

-- Cards whose time has come join the queue in its own order: class, then due. Who failed at the centre is the last, and sent
-- alone: what the centre cannot bear holds nobody up, and takes nobody with it.
local TRIED = 1e14
local function promote(station, upto)
  local soon = K.scheduled .. station
  local cards = read('ZRANGEBYSCORE', soon, '-inf', upto)
  if not cards[1] then return end
  local records, ready, match = read_all(K.cards, cards), {}, string.match
  local tried = station == CENTRE and read('EXISTS', K.tries) == 1 and read_all(K.tries, cards) or nil
  for i = 1, #cards do
    local class, due = match(records[i], '^(%d+)|(%-?%d+)')
    local order = class * 1e13 + due
    ready[2 * i - 1], ready[2 * i] = tried and (tried[i] or 0) * TRIED + order or order, cards[i]
  end
  call_in_parts('ZADD', K.ready .. station, ready)
  call('ZREMRANGEBYSCORE', soon, '-inf', upto)
end

-- Promised deliveries whose time has come are on the shelf: how many cards blanks and ribbon suffice for, and which is short.
local function receive_promised(station, upto)
  local promised, stock = K.promised .. station, K.stock .. station
  for _, delivery in ipairs(read('ZRANGEBYSCORE', promised, '-inf', upto)) do
    local d = cjson.decode(delivery)
    count_seat_time(station)
    shelve(station, d.at, d.blank, d.ribbon)
    raise(stock, 'received', d.blank)
    count_hourly('received', station, hour(d.at), d.blank)
    call('ZREM', promised, delivery)
  end
  local s = fields_of(stock)
  local blank, ribbon = tonumber(s.blank or 0), tonumber(s.ribbon or 0)
  return math.min(blank, ribbon), blank < 1 and 'NO_BLANKS' or 'NO_RIBBON', tonumber(s.since or 0)
end

local function refuse(station, why, at)
  if at and not has_end_by(station, at) then set_timer(station, at) end
  return { refused = why }
end

-- Why nothing may start at t yet: a card in a printer may be spoiled and come first, or one may still be sent here.
local function why_unsure(station, t)
  if not EXACT then return size(K.in_flight .. station) >= open_seats(station, NOW) and 'NO_SEAT' or nil end
  if station ~= CENTRE and has_end_by(station, t) then return 'NO_SEAT' end
  return t >= arrivals_sure_until(station) and 'BEHIND' or nil
end

-- {refused} or {position, start, until, cards}: at most `most` cards, and no more than there are blanks and ribbon.
local function next_lot(station, most)
  if LIMIT < 0 and not STANDS then return refuse(station, 'EMPTY') end -- the clock was not set yet
  local line = fields_of(K.station .. station)
  local counted, last = tonumber(line.counted or 0), tonumber(line.last or 0)
  local start, stretch = first_free(station, math.max(last, counted, EXACT and 0 or NOW))
  -- Nobody joins the queue before it is sure when it starts: a seat may yet be free earlier than some are ready.
  if size(K.ready .. station) == 0 then
    local ready = first_score(K.scheduled .. station)
    if not ready then return refuse(station, 'EMPTY') end
    if ready > LIMIT then return refuse(station, 'EMPTY', ready) end
    if ready > start then start, stretch = first_free(station, ready) end
  end
  local why, of = why_unsure(station, start), start
  if station == CENTRE then
    local from, lines = centre_limits()
    if start < from then start, stretch = first_free(station, from) end
    if from > math.max(0, LIMIT) or lines < NEVER and size(K.in_flight .. station) >= lines then
      return refuse(station, 'OUTAGE', start)
    end
  else
    -- While somebody may yet start before, what is delivered in between stays promised, but to an empty shelf.
    local enough, short, since = receive_promised(station, why and -1 or math.min(start, LIMIT))
    while enough < 1 do
      local delivery = first_score(K.promised .. station)
      if not delivery or delivery > LIMIT then return refuse(station, short, delivery) end
      enough, short, since = receive_promised(station, delivery)
    end
    if start < since then start, stretch = first_free(station, since) end
    most = math.min(most, enough)
  end
  if start > LIMIT then
    return refuse(station, open_seats(station, math.min(NOW, ENDS)) == 0 and 'CLOSED' or 'NO_SEAT', start)
  end
  if start > of then why = why_unsure(station, start) end
  if why == 'BEHIND' then call('SADD', K.blocked, station) end
  if why then return refuse(station, why) end
  if start > counted then count_seat_time(station) end
  promote(station, start)
  -- Queued cards lose their own ready time, so no later start may come before this one.
  if start > last then set(K.station .. station, 'last', text(start)) end
  local cards = read('ZRANGEBYSCORE', K.ready .. station, '-inf', '(' .. TRIED, 'LIMIT', 0, most)
  if not cards[1] then cards = read('ZRANGE', K.ready .. station, 0, 0) end
  return { position = tonumber(line.position or 0), start = start, ['until'] = stretch, cards = cards }
end

-- Cards leave the head of the queue, where one class comes after the other.
local function count_classes(station, cards)
  local function classes_of(asked)
    local found = read_all(K.ready .. station, asked, 'ZMSCORE')
    for i = 1, #asked do found[i] = math.floor(found[i] % TRIED / 1e13) end
    return found
  end
  local ends = classes_of({ cards[1], cards[#cards] })
  if ends[1] == ends[2] then return add(K.gauges, 'waiting|' .. station .. '|' .. ends[1], -#cards) end
  for _, class in ipairs(classes_of(cards)) do add(K.gauges, 'waiting|' .. station .. '|' .. class, -1) end
end

-- A seat that was woken has its lot, or a refusal: one wake-up fewer is under way.
local function end_wakeup(station)
  local line = K.station .. station
  for _, field in ipairs({ 'under_way', 'unheard' }) do set(line, field, math.max(0, (fields_of(line)[field] or 0) - 1)) end
  set(line, 'heard', REAL)
end

-- The next offer for the seat of a lot that ends, in place of one of the wake-ups of its station; nil when it asks for none, or
-- is not needed.
local function offer_next(station, wakes)
  if (A.next_most or 0) == 0 or not wakes[station] then return nil end
  wakes[station] = wakes[station] > 1 and wakes[station] - 1 or nil
  call_in_parts('HSET', K.cards, CHANGED)
  CHANGED = {}
  local offer = next_lot(station, A.next_most)
  if offer.refused then end_wakeup(station) end
  return offer
end
