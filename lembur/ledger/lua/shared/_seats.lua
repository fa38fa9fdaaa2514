-- Needed by the scripts that change the work of seats: they first count the time of the seats up to now.
-- A printer is at work (in a lot), else `closed` (no shift, no order), else `fault` (broken), else idle. An idle printer waits
-- for a card: `centre` while a record of the station is there, else `no_work`. With a card it waits for `blanks` or `ribbon`.

-- Planned seats: by the shifts alone, and with all orders. Without a plan both are the open seats.
local function planned_seats(station, t, open)
  local now = read('ZREVRANGEBYSCORE', K.planned_seats .. station, t, '-inf', 'LIMIT', 0, 1)
  local base, wanted = string.match(now[1] or '', '|(%d+)|(%d+)$')
  return tonumber(base or open), tonumber(wanted or open)
end

local function edges_of(key, from, upto, into)
  local raw = read('ZRANGEBYSCORE', key, '(' .. text(from), '(' .. text(upto), 'WITHSCORES')
  for i = 2, #raw, 2 do into[#into + 1] = tonumber(raw[i]) end
end

-- The moment up to which the past of a station's seats can no longer change, and the things that they waited for.
local function sure_past(station, from, last)
  local k = { waits = missing_stock(station) }
  k.ready, k.away = next_card(station)
  local stocked_at = k.waits[1] and k.waits[#k.waits][1] or 0
  local start = first_free(station, math.max(from, last, k.ready, stocked_at))
  local sure = math.min(arrivals_sure_until(station), first_score(K.in_flight .. station) or NEVER)
  -- At full speed a station may be ahead of the clock, which follows the work.
  local ahead = SPEED == 0 and start < sure and start <= LIMIT
  k.upto = ahead and start or math.min(start, sure, NOW)
  return k
end

local function idle_cause(k, t)
  if t < k.ready then return t < k.away and 'no_work' or 'centre' end
  for _, wait in ipairs(k.waits) do
    if t < wait[1] then return wait[2] end
  end
  return 'no_work'
end

-- The time of the printers since the last count: its end, and milliseconds by field of the counters. Lots are counted when they
-- end.
local function uncounted_time(station)
  local l = fields_of(K.station .. station)
  local printers, t, sums = tonumber(l.printers), tonumber(l.counted), {}
  local k = sure_past(station, t, tonumber(l.last))
  if k.upto <= t then return t, sums end
  local edges = { k.upto, k.ready, k.away }
  for _, wait in ipairs(k.waits) do edges[#edges + 1] = wait[1] end
  for _, key in ipairs({ K.open_seats, K.planned_seats, K.seats }) do edges_of(key .. station, t, k.upto, edges) end
  table.sort(edges)
  local function spend(what, ms)
    if ms > 0 then sums[what] = (sums[what] or 0) + ms end
  end
  for _, edge in ipairs(edges) do
    local ms = math.min(edge, k.upto) - t
    if ms > 0 then
      local open = open_seats(station, t)
      local base, wanted = planned_seats(station, t, open)
      spend('overtime|' .. station, (open - base) * ms)
      local busy = read('ZCOUNT', K.seats .. station, '(' .. text(t), '+inf')
      wanted, open = math.max(wanted, open, busy), math.max(open, busy)
      spend('lost|' .. station .. '|closed', (printers - wanted) * ms)
      spend('lost|' .. station .. '|fault', (wanted - open) * ms)
      spend('lost|' .. station .. '|' .. idle_cause(k, t), (open - busy) * ms)
      t = t + ms
    end
  end
  return k.upto, sums
end

-- Add the time of the seats since the last call. Call this before any change to the seats.
local function count_seat_time(station)
  if station == CENTRE then return 0 end
  local upto, sums = uncounted_time(station)
  for what, ms in pairs(sums) do add(K.counters, what, ms) end
  set(K.station .. station, 'counted', text(upto))
  return upto
end

-- Count it before cards join the queue. While a card waits already, those that join behind it change nothing in the past.
local function count_before_arrivals(station)
  local counted = tonumber(fields_of(K.station .. station).counted)
  if size(K.ready .. station) > 0 or (first_score(K.scheduled .. station) or NEVER) <= counted then return end
  count_seat_time(station)
end

-- Write the open and planned seats of a station anew from now on. The past stays, because reports ask for it later.
local function write_seats(station)
  set(K.station .. station.code, 'stretch', '')
  for stem, steps in pairs({ [K.open_seats] = station.steps, [K.planned_seats] = station.plan }) do
    local key, rows, present = stem .. station.code, {}, nil
    for _, step in ipairs(steps) do
      local row = { at = step[1], seats = table.concat(step, '|', 2) }
      if row.at <= NOW then present = row else rows[#rows + 1] = row end
    end
    call('ZREMRANGEBYSCORE', key, text(NOW), '+inf')
    local before = read('ZREVRANGEBYSCORE', key, text(NOW), '-inf', 'LIMIT', 0, 1)[1]
    if present and string.match(before or '', '|(.*)$') ~= present.seats then
      rows[#rows + 1] = { at = NOW, seats = present.seats }
    end
    for _, row in ipairs(rows) do call('ZADD', key, text(row.at), text(row.at) .. '|' .. row.seats) end
  end
end

-- Write the deliveries that a station expects from now on.
local function write_promised(station)
  local key = K.promised .. station.code
  call('ZREMRANGEBYSCORE', key, '(' .. text(NOW), '+inf')
  for n, delivery in ipairs(station.promised) do
    delivery.n = n -- two of the same size at the same time are two
    if delivery.at > NOW then call('ZADD', key, text(delivery.at), cjson.encode(delivery)) end
  end
end

-- Write a station as its office has it. A new one begins at `since` with its stock. An older one keeps its work and its stock.
local function write_station(station, since)
  local line, is_new = K.station .. station.code, not fields_of(K.station .. station.code).printers
  set(line, 'printers', station.printers)
  if is_new then
    for field, value in pairs({ position = 0, last = text(since), counted = text(since), under_way = 0, heard = REAL }) do
      set(line, field, value)
    end
  end
  write_seats(station)
  if station.code == CENTRE then return end
  if is_new then
    local stock = { blank = station.blank, received = station.blank, ribbon = station.ribbon }
    for _, field in ipairs({ 'reserved', 'used', 'spoiled', 'destroyed', 'moved', 'since' }) do stock[field] = 0 end
    for field, value in pairs(stock) do set(K.stock .. station.code, field, value) end
  end
  write_promised(station)
end
