-- Read all figures that operations watch, at one moment; the cost does not grow with the cards.
-- A: stations (print), ages_ms, orders (the number that is known already).
-- Reply: {now, changes (of the office), speed, stands, real, unconfirmed, asked (when the oldest unanswered card was asked), counts, counters, gauges, heartbeats, circuit, orders (from there on), forecast,
-- stations {open, base, wanted, busy, oldest, past, stock, counted (up to when the time of seats is counted), uncounted (ms besides the counters)}}.
local function figures(name, keys)
  local open = open_seats(name, NOW)
  local counted, uncounted_ms = 0, {}
  if name ~= CENTRE then counted, uncounted_ms = uncounted_time(name) end
  local base, wanted = planned_seats(name, NOW, open)
  local found = { counted = counted, uncounted = uncounted_ms, open = open, base = base, wanted = wanted, busy = size(K.in_flight .. name), oldest = NOW, past = {} }
  for _, key in ipairs(keys) do
    found.oldest = math.min(found.oldest, first_score(key) or NEVER)
    for i, age in ipairs(A.ages_ms) do
      found.past[i] = (found.past[i] or 0) + read('ZCOUNT', key, '-inf', string.format('(%.0f', NOW - age))
    end
  end
  found.stock = read('HGETALL', K.stock .. name)
  return found
end

local found, away = {}, {}
for i, station in ipairs(A.stations) do
  found[station] = figures(station, { K.waiting_since .. station })
  away[i] = K.at_centre .. station
end
found[CENTRE] = figures(CENTRE, away)
return cjson.encode({
  now = NOW, changes = tonumber(fields_of(K.clock).changes or 0), speed = SPEED, stands = STANDS, real = REAL, unconfirmed = read('ZCARD', K.unconfirmed), asked = first_score(K.asked) or NOW, stations = found,
  counts = read('HGETALL', K.counts), counters = read('HGETALL', K.counters), gauges = read('HGETALL', K.gauges),
  heartbeats = read('HGETALL', K.heartbeats), circuit = read('HGETALL', K.circuit), orders = read('LRANGE', K.orders, A.orders, -1),
  forecast = read('LINDEX', K.forecasts, -1) or '',
})
