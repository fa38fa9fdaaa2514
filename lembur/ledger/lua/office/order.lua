-- @include _wake, _seats, _person
-- Seat orders take effect together: they are kept for ever, and the steps of their stations become those they lead to.
-- A: orders (texts), known (orders the steps were made from), stations [{code, steps [[at, seats]], plan [[at, base,
-- wanted]]}], reference (of a plan; optional).
-- Reply: {wakes}, {stale} or {used: the earlier action}.
local reply = stored_reply()
if reply then return reply end
local refused, wakes = refuse_reference(), {}
if refused then return refused end
if call('LLEN', K.orders) ~= A.known then return cjson.encode({ stale = true }) end
for _, station in ipairs(A.stations) do count_seat_time(station.code) end
for _, text in ipairs(A.orders) do
  local order = cjson.decode(text)
  call('RPUSH', K.orders, text)
  A.by, A.reason = order.by, order.reason
  log_action(order.cancels and order.cancels > 0 and 'cancel' or 'order', {
    station = order.station, seats = order.seats, from = order.from_ms, ['until'] = order.until_ms, cancels = order.cancels,
  })
  add(K.counters, 'orders|' .. order.station, 1)
  log_event('ordered', { station = order.station })
end
for _, station in ipairs(A.stations) do
  local steps, plan = K.open_seats .. station.code, K.planned_seats .. station.code
  call('DEL', steps, plan)
  for _, step in ipairs(station.steps) do
    local at = string.format('%.0f', step[1])
    call('ZADD', steps, at, at .. '|' .. step[2])
  end
  for _, step in ipairs(station.plan) do
    local at = string.format('%.0f', step[1])
    call('ZADD', plan, at, at .. '|' .. step[2] .. '|' .. step[3])
  end
  wake(station.code, wakes)
end
return keep_reply({ wakes = wakes })
