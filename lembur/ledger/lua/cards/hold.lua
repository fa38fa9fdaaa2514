-- A person holds a waiting card: it leaves its queue, and keeps the time at which it becomes ready.
-- A: card, by, reason, allowed (statuses it may start from), held, fresh (statuses).
-- Reply: {wakes} or {refused: the card's status, '' for an unknown card}.
local card, wakes = read_card(), {}
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
count_seat_time(card.station)
local queue = queue_of(card, card.status)
local ready = leave_queue(card, queue)
call('HSET', K.held, A.card, card.status .. '|' .. (ready or 0))
move(A.card, card.status, A.held, NOW, reason_by())
if queue == CENTRE then wake_blocked(wakes) end
return end_action('hold', { card = A.card }, wakes)
