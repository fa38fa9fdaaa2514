-- The centre answered a lot: cards with PRINT_READY go to their print station, the others to the shelf of their verdict.
-- A: lot, verdicts (one a card), ends (one a card), edges (of the buckets of durations), from (status), ready (the status that prints).  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = ending_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local stations, seen, wakes = {}, {}, {}
for i, card in ipairs(lot.cards) do
  local at = A.ends[i]
  move(card, A.from, A.verdicts[i], at)
  tally('answered', A.verdicts[i], hour(at))
  add('totals', 'verdict|' .. A.verdicts[i], 1)
  measure('duration', CENTRE, at - (i == 1 and lot.start or A.ends[i - 1]), A.edges)
  local c = call('HMGET', P .. 'card:' .. card, 'q', 'c', 'e')
  local station = c[1]
  if not seen[station] then seen[station] = count_seats(station) end
  call('ZREM', P .. 'away:' .. station, card)
  if A.verdicts[i] == A.ready then
    join(station, station, card, c[2], c[3], at)
    tally('ready', station, hour(at))
    stations[station] = true
  end
  busy(CENTRE, i == 1 and lot.start or A.ends[i - 1], at)
end
note_lag(A.ends[#A.ends])
call('HDEL', P .. 'tries', unpack(lot.cards))
learn_answer(lot, A.ends[#A.ends])
end_lot(lot, A.ends[#A.ends])
for station in pairs(stations) do wake(station, wakes) end
wake_behind(wakes)
wake(CENTRE, wakes)
event('answered', { lot = lot.name, cards = lot.cards, verdicts = A.verdicts, start = lot.start, ends = A.ends })
return reply({ wakes = wakes })
