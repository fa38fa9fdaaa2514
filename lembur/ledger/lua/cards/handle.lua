-- A person handles one card: hold it, release it from hold or from a shelf, or let it go first. A card held before its
-- time comes back no earlier than it would have been ready.
-- A: card, verb, why, class (of an expedited card), held, fresh, ready (statuses), allowed (statuses the verb may start from).
-- Reply: {wakes, status} or {refused: the card's status, or '' when there is no such card}.
local said = once()
if said then return said end
local key, wakes = P .. 'card:' .. A.card, {}
local c = call('HMGET', key, 's', 'q', 'd', 'b', 'c', 'e', 'r')
local status = c[1]
local allowed = false
for _, one in ipairs(A.allowed) do allowed = allowed or one == status end
if not allowed then return cjson.encode({ refused = status or '' }) end
count_seats(c[2])
local function queue(of) return of == A.fresh and CENTRE or c[2] end
if A.verb == 'hold' then
  call('ZREM', P .. 'wait:' .. queue(status), A.card)
  local ready = call('ZSCORE', P .. 'soon:' .. queue(status), A.card)
  call('ZREM', P .. 'soon:' .. queue(status), A.card)
  call('ZREM', P .. (queue(status) == CENTRE and 'away:' or 'age:') .. c[2], A.card)
  add('levels', 'waiting|' .. queue(status) .. '|' .. c[5], -1)
  call('HSET', key, 'b', status, 'r', ready or 0)
  move(A.card, status, A.held, NOW, A.why)
  if queue(status) == CENTRE then wake_behind(wakes) end
elseif A.verb == 'release' then
  local held = status == A.held
  local to, ready = held and c[4] or A.fresh, math.max(NOW, held and tonumber(c[7]) or 0)
  join(queue(to), c[2], A.card, c[5], c[6], ready)
  move(A.card, status, to, ready, A.why)
  if ready <= LIMIT then wake(queue(to), wakes) else bell(queue(to), ready) end
else
  add('levels', 'waiting|' .. queue(status) .. '|' .. c[5], -1)
  add('levels', 'waiting|' .. queue(status) .. '|' .. A.class, 1)
  call('HSET', key, 'c', A.class, 'h' .. call('HLEN', key), 'expedited@' .. string.format('%.0f', NOW) .. '|' .. A.why)
  if call('ZSCORE', P .. 'wait:' .. queue(status), A.card) then
    call('ZADD', P .. 'wait:' .. queue(status), A.class * 1e13 + tonumber(c[3]), A.card)
  end
end
event(A.verb, { card = A.card })
return reply({ wakes = wakes, status = call('HGET', key, 's') })
