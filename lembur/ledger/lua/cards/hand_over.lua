-- @include _card
-- A printed card moves on towards its person: it is carried to another counter, or handed over.
-- A: card, what (ship | issue), by, reason, allowed (statuses it may start from), to (status).
-- Reply: {wakes} or {refused: the card's status, '' for an unknown card}.
local reply = stored_reply()
if reply then return reply end
local card = read_card()
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
move(A.card, card.status, A.to, NOW, reason_by())
log_action(A.what, { card = A.card })
log_event(A.what, { card = A.card })
return keep_reply({ wakes = {} })
