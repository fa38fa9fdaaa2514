-- The centre failed a lot: its cards are sent again, or wait for a person when that was tried often enough.
-- A: lot, why, late (the moment of the failure is unknown: now), outside (a centre outside fails at once, and not at the planned
-- end), centre (it is the cause), from (status), and what learn_failure and send_again need.  Reply: {wakes} or {fenced}.
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local at, wakes = planned_end(lot), {}
if at >= NEVER or A.outside then at = leaving_time(lot.start) elseif A.late then at = leaving_time(at) end
local marks = {}
for i, card in ipairs(lot.cards) do
  local to = send_again(card, lot.records[i], at)
  marks[i] = MARK[to]
  add(K.counts, to, 1)
end
end_cards(lot, marks, alike(text(at)), alike(A.why))
add(K.counters, 'retry|' .. CENTRE .. '|' .. A.why, #lot.cards)
end_lot(lot, at)
if A.centre then learn_failure(lot, at) end
wake_blocked(wakes)
wake(CENTRE, wakes)
log_event('failed', { lot = lot.name, why = A.why }, { cards = lot.card_list })
return keep_reply({ wakes = wakes })
