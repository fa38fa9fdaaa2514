-- The centre answered a lot: cards with PRINT_READY go to their print station, the others to the shelf of their verdict.
-- A: lot, verdicts (one a card), ends (one a card, as text), edges (of the buckets of durations), from (status), ready (the status that prints).  Reply: {wakes} or {fenced}.
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local groups, verdicts, times, wakes, from = {}, {}, {}, {}, lot.start

-- The cards of one station, and how many are ready there, by class and hour.
local function group_of(station)
  count_seat_time(station)
  groups[station] = {
    cards = {}, classes = {}, hours = {}, scheduled = queue_at(K.scheduled .. station), waiting = queue_at(K.waiting_since .. station),
  }
  return groups[station]
end

for i, card in ipairs(lot.cards) do
  local class, _, recorded, station = read_head(lot.records[i])
  local ends, verdict = A.ends[i], A.verdicts[i]
  local at, group = tonumber(ends), groups[station] or group_of(station)
  group.cards[#group.cards + 1] = card
  end_card(lot, i, verdict, ends)
  if not verdicts[verdict] then verdicts[verdict] = {} end
  tally(verdicts[verdict], hour_of(at))
  if verdict == A.ready then
    put(group.scheduled, ends, card)
    put(group.waiting, recorded, card)
    tally(group.classes, class)
    tally(group.hours, hour_of(at))
  end
  times[i], from = at - from, at
end
for verdict, hours in pairs(verdicts) do
  local n = count_hours('answered', verdict, hours)
  add(K.counts, verdict, n)
  add(K.counters, 'verdict|' .. verdict, n)
end
for station, group in pairs(groups) do
  call_in_parts('ZREM', K.at_centre .. station, group.cards)
  for class, n in pairs(group.classes) do add(K.gauges, 'waiting|' .. station .. '|' .. class, n) end
  group.ready = count_hours('ready', station, group.hours)
end
fill_buckets('duration', CENTRE, times, A.edges)
count_busy(CENTRE, lot.start, from)
note_lag(from)
if call('EXISTS', K.tries) == 1 then call_in_parts('HDEL', K.tries, lot.cards) end
learn_answer(lot, from)
end_lot(lot, from)
for station, group in pairs(groups) do
  if group.ready > 0 then wake(station, wakes) end
end
wake_blocked(wakes)
wake(CENTRE, wakes)
log_event('answered', { lot = lot.name, cards = lot.cards, start = lot.start, ends = A.ends })
return keep_reply({ wakes = wakes })
