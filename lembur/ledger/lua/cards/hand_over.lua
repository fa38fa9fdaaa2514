-- A printed card moves on towards its person: it is carried to another counter, or handed over.
-- A: card, what (ship | issue), by, reason, allowed (statuses it may start from), to (status), issued (status), blank (the serial on it; optional).
-- Reply: {wakes}, {refused: the card's status, '' for an unknown card}, {reprinted: the card that it was reprinted as},
-- {noted: the card's own blank} or {taken: the other card of this blank}.
local card = read_card()
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
local reprint = read('HGET', K.reprints, A.card)
if reprint then return cjson.encode({ reprinted = reprint }) end
if A.blank then
  local own = blank_of(A.card)
  if own and own ~= A.blank then return cjson.encode({ noted = own }) end
  local taken = not own and note_blank(A.card, A.blank, 'used', NOW)
  if taken then return cjson.encode({ taken = taken }) end
end
move(A.card, card.status, A.to, NOW, reason_by())
if A.to == A.issued then mark_uncollected({ A.card }, 0) end
return end_action(A.what, { card = A.card }, {})
