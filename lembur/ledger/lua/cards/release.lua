-- A person releases a card from hold, or from a shelf to the centre once more.
-- A held card comes back no earlier than it would have been ready.
-- A: card, by, reason, allowed (statuses it may start from), held, fresh (statuses).
-- Reply: {wakes} or {refused: the card's status, '' for an unknown card}.
local said = once()
if said then return said end
local card, wakes = read_card(), {}
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
count_seats(card.station)
local held = card.status == A.held
local to, ready = held and card.held_from or A.fresh, held and math.max(NOW, card.ready) or NOW
local queue = queue_of(card, to)
join(queue, card.station, A.card, card.class, card.recorded, ready)
move(A.card, card.status, to, ready, reason_by())
if ready <= LIMIT then wake(queue, wakes) else bell(queue, ready) end
log_action('release', { card = A.card })
event('release', { card = A.card })
return reply({ wakes = wakes })
