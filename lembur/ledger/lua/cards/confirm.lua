-- A person looked at the printer and settles an unconfirmed card: it came out, its blank is spoiled, or neither was touched.
-- A: card, verdict (printed | spoiled | untouched), by, wait_edges (of buckets), from (unconfirmed), printed, ready (statuses).
-- Reply: {wakes} or {refused: the card's status, or '' when there is no such card}.
local said = once()
if said then return said end
local c, wakes = call('HMGET', P .. 'card:' .. A.card, 's', 'q', 'd', 'c', 'e'), {}
if c[1] ~= A.from then return cjson.encode({ refused = c[1] or '' }) end
local station, stock = c[2], P .. 'stock:' .. c[2]
count_seats(station)
local why = A.verdict .. ' says ' .. A.by
call('ZREM', P .. 'shelf', A.card)
call('HINCRBY', stock, 'reserved', -1)
if A.verdict == 'printed' then
  move(A.card, A.from, A.printed, NOW, why)
  call('HINCRBY', stock, 'used', 1)
  tally('printed', station, hour(NOW))
  measure('wait', station, NOW - c[5], A.wait_edges)
  if tonumber(c[3]) < NOW then tally('late', station, hour(NOW)) end
else
  move(A.card, A.from, A.ready, NOW, why)
  join(station, station, A.card, c[4], c[5], NOW)
  add('totals', 'retry|' .. station .. '|unconfirmed', 1)
  if A.verdict == 'spoiled' then
    call('HINCRBY', stock, 'spoiled', 1)
    tally('spoiled', station, hour(NOW))
    tally('reason', station, 'unconfirmed')
    add('totals', 'spoiled|' .. station .. '|unconfirmed', 1)
  else
    shelve(station, NOW, 1, 1)
  end
  wake(station, wakes)
end
event('confirmed', { card = A.card, verdict = A.verdict })
return reply({ wakes = wakes })
