-- The centre answered a lot: cards with PRINT_READY go to their print station, the others to the shelf of their verdict.
-- A: lot, verdicts (the letter of a status for each card), from (status), ready (the status that prints), next_most (cards of the
-- seat's next lot, 0: it asks for none).
-- Reply: {wakes, next (the reply of next_lot; absent: none)} or {fenced}.
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local ends, cards, records, given, printable, from = lot.ends, lot.cards, lot.records, A.verdicts, A.ready, lot.start
local groups, others, marks, times, wakes, woken, match, sub = {}, {}, {}, {}, {}, {}, string.match, string.sub

-- The cards of one station; those ready there, by class, and when they are.
local function group_of(station)
  count_before_arrivals(station)
  groups[station] = {
    cards = {}, classes = {}, ready = {}, scheduled = queue_at(K.scheduled .. station), waiting = queue_at(K.waiting_since .. station),
  }
  return groups[station]
end

for i = 1, #cards do
  local class, recorded, station = match(records[i], '^(%d+)|%-?%d+|(%-?%d+)|([^|]*)')
  local card, at, verdict, group = cards[i], ends[i] + 0, STATUS[sub(given, i, i)], groups[station] or group_of(station)
  group.cards[#group.cards + 1], marks[i], times[i], from = card, MARK[verdict], at - from, at
  if verdict == printable then
    local ready, n, classes, scheduled, waiting = group.ready, #group.ready + 1, group.classes, group.scheduled, group.waiting
    ready[n], classes[class] = at, (classes[class] or 0) + 1
    scheduled[2 * n - 1], scheduled[2 * n], waiting[2 * n - 1], waiting[2 * n] = ends[i], card, recorded, card
  else
    others[verdict] = others[verdict] or {}
    others[verdict][#others[verdict] + 1] = at
  end
end
end_cards(lot, marks, ends, {})

local function count_verdicts(verdict, hours)
  for at, n in pairs(hours) do
    count_hourly('answered', verdict, at, n)
    add(K.counts, verdict, n)
    add(K.counters, 'verdict|' .. verdict, n)
  end
end

for verdict, answered in pairs(others) do count_verdicts(verdict, by_hour(answered)) end
for station, group in pairs(groups) do
  local hours = by_hour(group.ready)
  call_in_parts('ZREM', K.at_centre .. station, group.cards)
  for class, n in pairs(group.classes) do add(K.gauges, 'waiting|' .. station .. '|' .. class, n) end
  for at, n in pairs(hours) do count_hourly('ready', station, at, n) end
  count_verdicts(printable, hours)
  if group.ready[1] then woken[station] = true end
end
fill_buckets('duration', CENTRE, times)
count_busy(CENTRE, lot.start, from)
note_lag(from)
if read('EXISTS', K.tries) == 1 then call_in_parts('HDEL', K.tries, cards) end
learn_answer(lot, from)
end_lot(lot, from)
wake_blocked(wakes, woken)
wake(CENTRE, wakes)
log_event('answered', { lot = lot.name, start = lot.start }, { cards = lot.card_list, ends = lot.end_list })
return keep_reply({ next = offer_next(CENTRE, wakes), wakes = wakes })
