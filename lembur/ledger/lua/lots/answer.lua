-- @include _lot
-- The centre answered a lot: cards with PRINT_READY go to their print station, the others to the shelf of their verdict.
-- A: lot, verdicts (one a card), ends (one a card), edges (of the buckets of durations), from (status), ready (the status that prints).  Reply: {wakes} or {fenced}.
local reply = stored_reply()
if reply then return reply end
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local answered, ready, times, wakes, from = {}, {}, {}, {}, lot.start
for i, card in ipairs(lot.cards) do
  local class, _, recorded, station = read_head(card)
  local at, verdict = A.ends[i], A.verdicts[i]
  if not answered[station] then
    count_seat_time(station)
    answered[station] = {}
  end
  table.insert(answered[station], card)
  move(card, A.from, verdict, at)
  count_hourly('answered', verdict, hour(at))
  add(K.counters, 'verdict|' .. verdict, 1)
  if verdict == A.ready then
    join_queue(station, station, card, class, recorded, at)
    count_hourly('ready', station, hour(at))
    ready[station] = true
  end
  times[i], from = at - from, at
end
for station, cards in pairs(answered) do call_in_parts('ZREM', K.at_centre .. station, cards) end
fill_buckets('duration', CENTRE, times, A.edges)
count_busy(CENTRE, lot.start, from)
note_lag(A.ends[#A.ends])
call_in_parts('HDEL', K.tries, lot.cards)
learn_answer(lot, A.ends[#A.ends])
end_lot(lot, A.ends[#A.ends])
for station in pairs(ready) do wake(station, wakes) end
wake_blocked(wakes)
wake(CENTRE, wakes)
log_event('answered', { lot = lot.name, cards = lot.cards, verdicts = A.verdicts, start = lot.start, ends = A.ends })
return keep_reply({ wakes = wakes })
