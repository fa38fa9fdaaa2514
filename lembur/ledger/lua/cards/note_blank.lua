-- A person notes the serial of the blank that became a card, or of one that it spoiled. Until a card is handed over, another
-- serial takes the place of a wrong one.
-- A: card, blank, use (used | spoiled), spoiled (how many blanks the card has spoiled), by, reason, allowed (statuses), final (status).
-- Reply: {wakes}, {refused: status, '' for an unknown card}, {taken: the other card}, {noted: the card's own blank} or {full: true}.
local card = read_card()
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
local own = A.use == 'used' and blank_of(A.card)
if own and own ~= A.blank and card.status == A.final then return cjson.encode({ noted = own }) end
if A.use == 'spoiled' and read('HGET', K.blanks, A.blank) ~= A.card .. '|spoiled' then
  local _, noted = string.gsub(RECORDS[A.card], '|' .. NOTE['spoiled blank'] .. '%-?%d', '')
  if noted >= A.spoiled then return cjson.encode({ full = true }) end
end
local taken = note_blank(A.card, A.blank, A.use, NOW)
if taken then return cjson.encode({ taken = taken }) end
if own and own ~= A.blank then call('HDEL', K.blanks, own) end
log_action('note blank', { card = A.card, blank = A.blank, use = A.use })
log_event('blank', { card = A.card })
return keep_reply({ wakes = {} })
