-- The centre took the cards of a lot: its line is free, and the cards stay there until their verdicts are heard.
-- A: lot, from (status).
-- Reply: {wakes, early: [[card, attempt, verdict]], verdicts that were heard before this} or {fenced}.
local lot = held_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local wakes, early, at = {}, {}, leaving_time(lot.start)
for i, verdict in ipairs(read_all(K.early_verdicts, lot.cards)) do
  local attempt, what = string.match(verdict or '', '^(%d+)|(.*)$')
  if attempt then early[#early + 1] = { lot.cards[i], tonumber(attempt), what } end
end
for _, key in ipairs({ K.asked, K.ask_again }) do queue_all(key, at, lot.cards) end
call_in_parts('HDEL', K.early_verdicts, lot.cards)
count_busy(CENTRE, lot.start, at)
learn_answer(lot, at)
end_lot(lot, at)
add(K.gauges, 'in_hand|' .. CENTRE, #lot.cards)
wake_blocked(wakes)
wake(CENTRE, wakes)
log_event('asked', { lot = lot.name }, { cards = lot.card_list })
return keep_reply({ wakes = wakes, early = early })
