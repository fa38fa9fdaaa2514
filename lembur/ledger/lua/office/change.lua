-- A person changes the open office from now on: its text, stations, seats and expected deliveries. The earlier text is kept.
-- A: office (text), changes and orders (those that the stations were computed from), ends, stations (as in `open`; a new one may be
-- among them), expects_others (people: other hours or arrivals), changed (for the log), by, reason.
-- Reply: {wakes} or {stale}.
local changes, wakes = tonumber(fields_of(K.clock).changes or 0), {}
if changes ~= A.changes or read('LLEN', K.orders) ~= A.orders then return cjson.encode({ stale = true }) end
for _, station in ipairs(A.stations) do
  if fields_of(K.station .. station.code).printers then count_seat_time(station.code) end
end
call('RPUSH', K.earlier_offices, text(NOW) .. '|' .. read('GET', K.office))
call('SET', K.office, A.office)
set(K.clock, 'changes', changes + 1)
set(K.clock, 'ends', text(A.ends))
if A.expects_others then set(K.clock, 'expects_since', text(NOW)) end
ENDS = A.ends
LIMIT = math.min(NOW, ENDS)
for _, station in ipairs(A.stations) do
  local is_new = not fields_of(K.station .. station.code).printers
  write_station(station, NOW)
  if is_new then count_hourly('received', station.code, hour(NOW), station.blank) end
end
for _, station in ipairs(A.stations) do wake(station.code, wakes) end
return end_action('change', { changed = A.changed }, wakes)
