-- Seat orders take effect together: they are kept for ever, and the steps of their stations become those they lead to.
-- A: orders (texts), known and changes (the orders and the office that the steps were made from), stations [{code, steps
-- [[at, seats]], plan [[at, base, wanted]]}], reference (of a plan; optional).
-- Reply: {wakes}, {stale} or {used: the earlier action}.
local refused, wakes = refuse_reference(), {}
if refused then return refused end
local changes = tonumber(fields_of(K.clock).changes or 0)
if read('LLEN', K.orders) ~= A.known or changes ~= A.changes then return cjson.encode({ stale = true }) end
for _, station in ipairs(A.stations) do count_seat_time(station.code) end
for _, given in ipairs(A.orders) do
  local order = cjson.decode(given)
  call('RPUSH', K.orders, given)
  A.by, A.reason = order.by, order.reason
  log_action(order.cancels and order.cancels > 0 and 'cancel' or 'order', {
    station = order.station, seats = order.seats, from = order.from_ms, ['until'] = order.until_ms, cancels = order.cancels,
  })
  add(K.counters, 'orders|' .. order.station, 1)
  log_event('ordered', { station = order.station })
end
for _, station in ipairs(A.stations) do
  write_seats(station)
  wake(station.code, wakes)
end
return keep_reply({ wakes = wakes })
