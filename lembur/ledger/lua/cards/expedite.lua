-- A person lets a waiting card go before all others.
-- A: card, by, reason, allowed (statuses it may start from), fresh (status), class (of an expedited card).
-- Reply: {wakes} or {refused: the card's status, '' for an unknown card}.
local said = once()
if said then return said end
local card = read_card()
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
count_seats(card.station)
local queue = queue_of(card, card.status)
add('levels', 'waiting|' .. queue .. '|' .. card.class, -1)
add('levels', 'waiting|' .. queue .. '|' .. A.class, 1)
call('HSET', KEY, 'c', A.class, 'h' .. call('HLEN', KEY), 'expedited@' .. string.format('%.0f', NOW) .. '|' .. reason_by())
if call('ZSCORE', P .. 'wait:' .. queue, A.card) then
  call('ZADD', P .. 'wait:' .. queue, A.class * 1e13 + card.due, A.card)
end
log_action('expedite', { card = A.card })
event('expedite', { card = A.card })
return reply({ wakes = {} })
