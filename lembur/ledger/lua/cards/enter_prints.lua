-- Enter prints that only a printer's log knows, of a card that waits for a person, as after an older ledger was restored.
-- A: card, from (its status), moves [[to, at, why]], prints [{at, reason, owner}], wait_edges (of buckets), printed, ready (statuses).
-- Reply: {wakes} or {refused: the card's status}.
local card, wakes = read_card(), {}
if card.status ~= A.from then return cjson.encode({ refused = card.status or '' }) end
local station, stock, status, good = card.station, K.stock .. card.station, card.status, 0
count_seat_time(station)
for _, m in ipairs(A.moves) do
  move(A.card, status, m[1], m[2], m[3])
  status = m[1]
end
for _, print in ipairs(A.prints) do
  local kind = print.reason == '' and 'good' or 'spoiled'
  add(K.counters, 'logged_' .. kind .. '|' .. station .. '|' .. print.owner, 1)
  if kind == 'good' then
    good = 1
    count_hourly('printed', station, hour(print.at))
    fill_buckets('wait', station, { print.at - card.recorded }, A.wait_edges)
    if card.due < print.at then count_hourly('late', station, hour(print.at)) end
  else
    count_hourly('spoiled', station, hour(print.at))
    count_hourly('reason', station, print.reason)
    add(K.counters, 'spoiled|' .. station .. '|' .. print.reason, 1)
    add(K.counters, 'retry|' .. station .. '|spoiled', 1)
  end
end
-- (0 - n, for -0 is no integer to Redis.) A blank that is not on the shelf came with a delivery that this ledger does not know.
local shelf = call('HMGET', stock, 'blank', 'ribbon')
local used = #A.prints
call('HINCRBY', stock, 'received', math.max(0, used - shelf[1]))
call('HINCRBY', stock, 'blank', 0 - math.min(used, shelf[1]))
call('HINCRBY', stock, 'ribbon', 0 - math.min(used, shelf[2]))
call('HINCRBY', stock, 'used', good)
call('HINCRBY', stock, 'spoiled', used - good)
if status == A.printed then mark_uncollected({ A.card }, 1) end
if status == A.ready then
  join_queue(station, station, A.card, card.class, card.recorded, NOW)
  wake(station, wakes)
end
log_event('entered', { card = A.card, good = good, spoiled = used - good })
return keep_reply({ wakes = wakes })
