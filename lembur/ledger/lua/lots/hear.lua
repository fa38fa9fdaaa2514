-- Verdicts of the centre on any cards, in any order: each moves its card, and the cursor behind them moves with them.
-- A: rows ([[card, attempt, verdict]]), after and cursor (of the feed that they are from; absent: the reply to an asking),
-- verdicts (all that there are), from, ready (statuses), why, and what send_again needs.
-- Reply: {wakes, cursor, strays (rows that changed nothing)}.
if A.cursor then
  local cursor = read('GET', K.centre_cursor) or ''
  -- Another reader was quicker. What it heard stands already.
  if cursor ~= A.after then return keep_reply({ wakes = {}, cursor = cursor, strays = 0 }) end
  call('SET', K.centre_cursor, A.cursor)
end
local known, cards = {}, {}
for _, verdict in ipairs(A.verdicts) do known[verdict] = true end
for i, row in ipairs(A.rows) do cards[i] = row[1] end
read_records(cards)
local asked, attempts = read_all(K.asked, cards, 'ZMSCORE'), read_all(K.attempts, cards)
local heard, is_heard, leaving, answered, printable, times, woken, wakes, failed = {}, {}, {}, {}, {}, {}, {}, {}, 0

-- A verdict that nobody knows is a failure of the centre, as an answer that cannot be read is.
local function take_unknown(card, at)
  failed = failed + 1
  move(card, A.from, send_again(card, RECORDS[card], at), at, A.why)
end

local function take_known(card, station, verdict, at)
  move(card, A.from, verdict, at)
  count_hourly('answered', verdict, hour(at))
  add(K.counters, 'verdict|' .. verdict, 1)
  leaving[station][#leaving[station] + 1], answered[#answered + 1] = card, card
  -- Asked anew after a person has looked, it is another attempt.
  if verdict ~= A.ready then return add(K.attempts, card, 1) end
  local class, _, recorded = read_head(RECORDS[card])
  join_queue(station, station, card, class, recorded, at)
  count_hourly('ready', station, hour(at))
  printable[#printable + 1], woken[station] = card, true
end

for i, row in ipairs(A.rows) do
  local card, attempt, verdict = row[1], row[2], row[3]
  local is_now = RECORDS[card] and not is_heard[card] and attempt == 1 + (attempts[i] or 0)
  local station = is_now and select(4, read_head(RECORDS[card]))
  if is_now and asked[i] then
    if not leaving[station] then leaving[station] = {} count_seat_time(station) end
    local since = tonumber(asked[i])
    local at = leaving_time(since)
    RECORDS[card] = RECORDS[card] .. entry(CODE[A.from], asked[i])
    heard[#heard + 1], is_heard[card], times[#times + 1] = card, true, at - since
    if known[verdict] then take_known(card, station, verdict, at) else take_unknown(card, at) end
  elseif is_now and string.match(RECORDS[card], '.*|(%l)') == CODE[A.to] and not is_queued(card, station) then
    -- Its line has asked, and not yet noted it.
    call('HSET', K.early_verdicts, card, attempt .. '|' .. verdict)
  end
end
local strays = #A.rows - #heard
if heard[1] then
  for _, key in ipairs({ K.asked, K.ask_again }) do call_in_parts('ZREM', key, heard) end
  for station, gone in pairs(leaving) do call_in_parts('ZREM', K.at_centre .. station, gone) end
  call_in_parts('HDEL', K.tries, answered)
  call_in_parts('HDEL', K.attempts, printable)
  add(K.gauges, 'in_hand|' .. CENTRE, -#heard)
  fill_buckets('duration', CENTRE, times)
  if failed > 0 then add(K.counters, 'retry|' .. CENTRE .. '|' .. A.why, failed) end
  wake_blocked(wakes, woken)
  wake(CENTRE, wakes)
  log_event('heard', { cards = heard })
end
return keep_reply({ wakes = wakes, cursor = A.cursor or '', strays = strays })
