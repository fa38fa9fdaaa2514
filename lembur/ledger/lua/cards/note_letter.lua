-- A person gives an interim letter to the owner of a card that is not printed yet. The same letter may be written again.
-- A: card, number (of the letter), by, reason, reference, allowed (statuses).
-- Reply: {wakes}, {refused: status, '' for an unknown card} or {used: the earlier action with this number}.
local card, used = read_card(), refuse_reference()
if not may_start(card) then return cjson.encode({ refused = card.status or '' }) end
if used then return cjson.decode(used).used.card == A.card and cjson.encode({ wakes = {} }) or used end
add_history(A.card, NOTE['interim letter'], NOW, A.number .. ' (' .. A.by .. ')')
log_action('letter', { card = A.card, number = A.number })
log_event('letter', { card = A.card })
return keep_reply({ wakes = {} })
