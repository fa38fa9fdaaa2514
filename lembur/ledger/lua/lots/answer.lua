-- @include _lot
-- The centre answered a lot: cards with PRINT_READY go to their print station, the others to the shelf of their verdict.
-- A: lot, verdicts (one a card), ends (one a card), edges (of the buckets of durations), from (status), ready (the status that prints).  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = ending_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local answered, ready, times, wakes, from = {}, {}, {}, {}, lot.start
for i, card in ipairs(lot.cards) do
  local class, _, recorded, station = head(card)
  local at, verdict = A.ends[i], A.verdicts[i]
  if not answered[station] then
    count_seats(station)
    answered[station] = {}
  end
  table.insert(answered[station], card)
  move(card, A.from, verdict, at)
  tally('answered', verdict, hour(at))
  add(K.counters, 'verdict|' .. verdict, 1)
  if verdict == A.ready then
    join(station, station, card, class, recorded, at)
    tally('ready', station, hour(at))
    ready[station] = true
  end
  times[i], from = at - from, at
end
for station, cards in pairs(answered) do spread('ZREM', K.at_centre .. station, cards) end
measure('duration', CENTRE, times, A.edges)
busy(CENTRE, lot.start, from)
note_lag(A.ends[#A.ends])
spread('HDEL', K.tries, lot.cards)
learn_answer(lot, A.ends[#A.ends])
end_lot(lot, A.ends[#A.ends])
for station in pairs(ready) do wake(station, wakes) end
wake_behind(wakes)
wake(CENTRE, wakes)
event('answered', { lot = lot.name, cards = lot.cards, verdicts = A.verdicts, start = lot.start, ends = A.ends })
return reply({ wakes = wakes })
