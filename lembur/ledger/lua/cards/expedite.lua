-- A person lets a waiting card go before all others.
-- A: card, by, reason, allowed (statuses it may start from), fresh (status), class (of an expedited card).
-- Reply: {wakes} or {refused: the card's status, '' for an unknown card}.
local card = read_card()
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
count_seat_time(card.station)
local queue = queue_of(card, card.status)
add(K.gauges, 'waiting|' .. queue .. '|' .. card.class, -1)
add(K.gauges, 'waiting|' .. queue .. '|' .. A.class, 1)
change_record(A.card, string.gsub(RECORDS[A.card], '^%d+', A.class) .. entry(NOTE.expedited, NOW, reason_by()))
if read('ZSCORE', K.ready .. queue, A.card) then
  call('ZADD', K.ready .. queue, A.class * 1e13 + card.due, A.card)
end
return end_action('expedite', { card = A.card }, {})
