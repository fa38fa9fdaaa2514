-- Enter prints that only a printer's log knows, of a card that waits for a person, as after an older ledger was restored.
-- A: card, from (its status), moves [[to, at, why]], prints [{at, reason, owner}], wait_edges (of buckets), printed, ready (statuses).
-- Reply: {wakes} or {refused: the card's status}.
local said = once()
if said then return said end
local key, wakes = P .. 'card:' .. A.card, {}
local c = call('HMGET', key, 's', 'q', 'd', 'c', 'e')
if c[1] ~= A.from then return cjson.encode({ refused = c[1] or '' }) end
local station, stock, status, good = c[2], P .. 'stock:' .. c[2], c[1], 0
count_seats(station)
for _, m in ipairs(A.moves) do
  move(A.card, status, m[1], m[2], m[3])
  status = m[1]
end
for _, print in ipairs(A.prints) do
  local kind = print.reason == '' and 'good' or 'spoiled'
  add('totals', 'logged_' .. kind .. '|' .. station .. '|' .. print.owner, 1)
  if kind == 'good' then
    good = 1
    tally('printed', station, hour(print.at))
    measure('wait', station, print.at - c[5], A.wait_edges)
    if tonumber(c[3]) < print.at then tally('late', station, hour(print.at)) end
  else
    tally('spoiled', station, hour(print.at))
    tally('reason', station, print.reason)
    add('totals', 'spoiled|' .. station .. '|' .. print.reason, 1)
    add('totals', 'retry|' .. station .. '|spoiled', 1)
  end
end
-- (0 - n, for -0 is no integer to Redis.) A blank that is not on the shelf came with a delivery that this ledger does not know.
local left = call('HMGET', stock, 'blank', 'ribbon')
local used = #A.prints
call('HINCRBY', stock, 'received', math.max(0, used - left[1]))
call('HINCRBY', stock, 'blank', 0 - math.min(used, left[1]))
call('HINCRBY', stock, 'ribbon', 0 - math.min(used, left[2]))
call('HINCRBY', stock, 'used', good)
call('HINCRBY', stock, 'spoiled', used - good)
if status == A.ready then
  join(station, station, A.card, c[4], c[5], NOW)
  wake(station, wakes)
end
event('entered', { card = A.card, good = good, spoiled = used - good })
return reply({ wakes = wakes })
