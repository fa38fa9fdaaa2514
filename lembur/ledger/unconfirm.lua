-- Nobody can say whether this lot was printed: its cards wait for a person, their blanks stay reserved.
-- A: lot, from, to (statuses).  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = held_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local wakes = {}
for _, card in ipairs(lot.cards) do
  move(card, A.from, A.to, NOW, 'no answer from the printer')
  call('ZADD', P .. 'shelf', NOW, card)
end
-- Its printer may have been at it: nobody else was in that seat then.
local finish = lot.ends[#lot.ends]
end_lot(lot, finish < NEVER and finish or NOW)
wake(lot.station, wakes)
event('unconfirmed', { lot = lot.name, station = lot.station, cards = lot.cards })
return reply({ wakes = wakes })
