-- A person releases a card from hold, or from a shelf to the centre once more.
-- A held card comes back no earlier than it would have been ready.
-- A: card, by, reason, allowed (statuses it may start from), held, fresh (statuses).
-- Reply: {wakes} or {refused: the card's status, '' for an unknown card}.
local card, wakes = read_card(), {}
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
count_seat_time(card.station)
local to, ready = A.fresh, NOW
if card.status == A.held then
  local before, comes = string.match(read('HGET', K.held, A.card), '^(.*)|(.*)$')
  to, ready = before, math.max(NOW, tonumber(comes))
  call('HDEL', K.held, A.card)
end
local queue = queue_of(card, to)
join_queue(queue, card.station, A.card, card.class, card.recorded, ready)
move(A.card, card.status, to, ready, reason_by())
if ready <= LIMIT then wake(queue, wakes) else set_timer(queue, ready) end
return end_action('release', { card = A.card }, wakes)
