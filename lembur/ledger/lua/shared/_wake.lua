-- Shared by the scripts that let a station start cards: which stations get a wake-up now, and which wait for a timer.

-- The moment at which the next card of a station may start; NEVER without a card, a blank or an open seat.
local function next_start(station)
  local line = fields_of(K.station .. station)
  local t = math.max(tonumber(line.last or 0), tonumber(line.counted or 0), EXACT and 0 or NOW)
  if size(K.ready .. station) == 0 then t = math.max(t, first_score(K.scheduled .. station) or NEVER) end
  if station == CENTRE then
    t = math.max(t, (centre_limits()))
  else
    local waits = missing_stock(station)
    t = math.max(t, waits[1] and waits[#waits][1] or 0)
  end
  return t < NEVER and first_free(station, t) or NEVER
end

-- Seats of a station, or lines to the centre, that may work now.
local function usable_seats(station)
  -- At full speed the stations are at different times, and each may be open at its own.
  local seats = SPEED == 0 and tonumber(fields_of(K.station .. station).printers) or open_seats(station, math.min(NOW, ENDS))
  if station == CENTRE then
    local c = fields_of(K.circuit)
    if c.state and c.state ~= 'closed' then return math.min(seats, tonumber(c.lines)) end
  end
  return seats
end

-- Seats that cannot start a card now. In exact time these are also the idle ones that were free at the first end in flight or
-- later: a card that it spoils comes before theirs. That end will wake them.
local function busy_seats(station)
  local ends = first_score(K.in_flight .. station)
  if not EXACT or station == CENTRE or not ends then return size(K.in_flight .. station) end
  return read('ZCOUNT', K.seats .. station, ends, '+inf')
end

-- True if the end of a lot in flight will wake this station anyway: its seat, or its spoiled card, comes first.
local function woken_by_an_end(station, start, seats, busy)
  if EXACT and station ~= CENTRE then return has_end_by(station, start) end
  return busy >= seats
end

-- Send a station as many wake-ups as it has seats that can start a card now, and ready cards. They are under way until a seat
-- claims a lot or is refused one.
-- A station that can start nothing gets none: a timer, the end of a lot or what comes before it will wake it.
local function wake(station, into)
  write_queues()
  set_timer(station, tonumber(read('ZRANGEBYSCORE', K.scheduled .. station, '(' .. text(LIMIT), '+inf',
    'WITHSCORES', 'LIMIT', 0, 1)[2] or NEVER))
  local start = next_start(station)
  if start > LIMIT then
    -- A lot that ends before wakes the station anyway, and a timer at the same moment would send a second wake-up.
    if not has_end_by(station, start) then set_timer(station, start) end
    return
  end
  local seats, busy, line = usable_seats(station), busy_seats(station), K.station .. station
  if woken_by_an_end(station, start, seats, busy) then return end
  if EXACT and start >= arrivals_sure_until(station) then return call('SADD', K.blocked, station) end
  -- In exact time a card may start at a moment that is over, at which more seats were open than now.
  local idle = math.max(1, seats - busy)
  local ready = size(K.ready .. station) + read('ZCOUNT', K.scheduled .. station, '-inf', LIMIT)
  local most = tonumber(fields_of(line).most or 1)
  -- At full speed a seat takes all cards that its lot can hold, and goes on by itself; a second one may work meanwhile.
  if SPEED == 0 and most > 1 then ready = math.min(2, math.ceil(ready / most)) end
  local n = math.min(idle, ready) - tonumber(fields_of(line).under_way or 0)
  if n > 0 then
    raise(line, 'under_way', n)
    into[station] = (into[station] or 0) + n
  end
end

-- Stations that waited for what comes before them try again, and those in `too` (by name; optional) with them, each once.
local function wake_blocked(into, too)
  local found, stations = read('SMEMBERS', K.blocked), too or {}
  if found[1] then call('DEL', K.blocked) end
  for _, station in ipairs(found) do stations[station] = true end
  for station in pairs(stations) do wake(station, into) end
end

-- Wake the stations whose timer is due. With `most` the others keep theirs when that many wake-ups go out.
local function fire_timers(into, most)
  local sent = 0
  for _, station in ipairs(read('ZRANGEBYSCORE', K.wake_timers, '-inf', LIMIT)) do
    if sent >= (most or NEVER) then return end
    call('ZREM', K.wake_timers, station)
    wake(station, into)
    sent = sent + (into[station] or 0)
  end
end
