-- Compare the ledger's parts: the totals, or the cards of a range, at one moment.
-- A: stations (print), first, last (card numbers; absent: totals), fresh, sent, ready, printing, unconfirmed, good (statuses), issued (one of them).
-- Reply: wrong ([[invariant, where]]); of a range also texts (one record a card, false where there is none) and claimed (cards in a
-- seat or at the centre).
local wrong, in_hand, seat_of = {}, {}, {}
local function check(right, what, where)
  if not right then wrong[#wrong + 1] = { what, where } end
end
local good = {}
for _, status in ipairs(A.good) do good[status] = true end
local function queued(station) return size(K.ready .. station) + size(K.scheduled .. station) end

-- Mostly the last entry is a status without a reason, so its end is looked at first.
local function last_status(record) return string.match(record, '|(%l)[^|]*$', -15) or string.match(record, '^.*|(%l)') end

-- An empty queue is not asked about each card.
local function scores_of(queue, cards) return size(queue) > 0 and read_all(queue, cards, 'ZMSCORE') or {} end

-- The numbers of the cards whose bit is set, in a range and in the bytes at its edges.
local function bits_between(first, last)
  local found, from = {}, math.floor(first / 8)
  local bytes = call('GETRANGE', K.uncollected, from, math.floor(last / 8))
  for at = 1, #bytes do
    local byte, n = string.byte(bytes, at), 8 * (from + at) - 1
    while byte > 0 do
      if byte % 2 == 1 then found[n] = true end
      byte, n = math.floor(byte / 2), n - 1
    end
  end
  return found
end

local lots_in_hand = 0
for _, station in ipairs({ CENTRE, unpack(A.stations) }) do
  in_hand[station] = 0
  for _, name in ipairs(call('ZRANGE', K.in_flight .. station, 0, -1)) do
    local lot = held_lot(name)
    lots_in_hand = lots_in_hand + (lot and 1 or 0)
    check(lot and call('ZSCORE', K.lease .. station, name), 'a seat at work has its lot and its lease', station .. ' ' .. name)
    for _, card in ipairs(lot and lot.cards or {}) do
      check(not seat_of[card], 'a card is in one seat only', card)
      seat_of[card] = station
      in_hand[station] = in_hand[station] + 1
    end
  end
end

if A.first then
  local cards, statuses, own_queue, by_queue, waiting, out, serials, noted = {}, {}, {}, {}, {}, {}, {}, {}
  for n = A.first, A.last do cards[#cards + 1] = string.format('%08d', n) end
  local texts = read_all(K.cards, cards)
  for i, card in ipairs(cards) do
    local record = texts[i]
    local status = record and STATUS[last_status(record)]
    statuses[i] = status
    if status then
      local queue = status == A.fresh and CENTRE or string.match(record, '^%d+|%-?%d+|%-?%d+|([^|]*)')
      by_queue[queue] = by_queue[queue] or {}
      own_queue[i], by_queue[queue][#by_queue[queue] + 1] = queue, card
      if good[status] and status ~= A.issued then out[#out + 1] = card end
      if string.find(record, '|' .. NOTE.blank, 1, true) then
        RECORDS[card] = record
        local serial = blank_of(card)
        if serial then serials[#serials + 1], noted[#noted + 1] = serial, card end
      end
    end
  end
  for queue, members in pairs(by_queue) do
    for _, key in ipairs({ K.ready, K.scheduled }) do
      for i, score in ipairs(scores_of(key .. queue, members)) do
        if score then waiting[members[i]] = (waiting[members[i]] or 0) + 1 end
      end
    end
  end
  local expected = {}
  for i, reprint in ipairs(read_all(K.reprints, out)) do expected[out[i]] = not reprint end
  local asked, shelved, claimed = scores_of(K.asked, cards), scores_of(K.unconfirmed, cards), {}
  local uncollected = bits_between(A.first, A.last)
  for i, card in ipairs(cards) do
    local status, seat = statuses[i], seat_of[card]
    local times = (waiting[card] or 0) + (seat and 1 or 0) + (asked[i] and 1 or 0)
    check(times == (IN_HAND[status] and 1 or 0), 'a card to be printed is once in a queue, in a seat or at the centre', card)
    if seat or asked[i] then
      claimed[#claimed + 1] = card
      check(not seat or seat == own_queue[i], 'a card is in a seat of its own queue', card)
      check(not asked[i] or status == A.fresh and not seat and not waiting[card], 'a card that was asked is in no line', card)
    end
    check((shelved[i] and true or false) == (status == A.unconfirmed), 'a card nobody can answer for waits for a person', card)
    check((uncollected[A.first + i - 1] or false) == (expected[card] or false), 'a card that came out waits for its person', card)
  end
  for i, use in ipairs(read_all(K.blanks, serials)) do
    check(use == noted[i] .. '|used', 'a blank became one card', noted[i])
  end
  return encode({ wrong = wrong, texts = texts, claimed = claimed })
end

-- The numbers of a hash. The classes of a queue are added up.
local function sums_of(key)
  local found, raw = {}, call('HGETALL', key)
  for i = 1, #raw, 2 do
    local what = string.match(raw[i], '^waiting|[^|]*') or raw[i]
    found[what] = (found[what] or 0) + raw[i + 1]
  end
  return found
end

local counts, gauges, sum, waiting, away, printing, reserved, used = sums_of(K.counts), sums_of(K.gauges), 0, 0, 0, 0, 0, 0
for _, n in pairs(counts) do sum = sum + n end
local serial = tonumber(call('GET', K.serial) or 0)
for station, seated in pairs(in_hand) do
  local held = seated + (station == CENTRE and size(K.asked) or 0)
  check((gauges['waiting|' .. station] or 0) == queued(station), 'cards that wait are counted by class', station)
  check((gauges['in_hand|' .. station] or 0) == held, 'cards in hand are counted', station)
end
for _, station in ipairs(A.stations) do
  waiting, printing, away = waiting + queued(station), printing + in_hand[station], away + size(K.at_centre .. station)
  check(size(K.waiting_since .. station) == queued(station), 'a card that waits has its age', station)
  local s = fields_of(K.stock .. station)
  check(tonumber(s.blank or -1) >= 0 and tonumber(s.ribbon or -1) >= 0, 'no stock is below zero', station)
  check(tonumber(s.reserved or -1) >= in_hand[station], 'a card in a printer has its blank reserved', station)
  reserved, used = reserved + (s.reserved or -1), used + (s.used or -1)
end
check(sum == serial and call('HLEN', K.nik) + call('HLEN', K.reprints) == serial, 'every card enrolled is counted once', tostring(serial))
local archived = tonumber(call('GET', K.archived) or 0)
check(call('HLEN', K.cards) + archived == serial, 'a card is in the ledger or in the archive', tostring(serial))
check(queued(CENTRE) == (counts[A.fresh] or 0), 'cards that wait for the centre are in its queue', CENTRE)
check(waiting == (counts[A.ready] or 0), 'cards that wait for a printer are in a queue', 'all')
check(in_hand[CENTRE] + size(K.asked) == (counts[A.sent] or 0), 'cards at the centre are in a line or were asked', CENTRE)
check(size(K.asked) == size(K.ask_again), 'a card that was asked is asked again in its turn', CENTRE)
check(away == (counts[A.fresh] or 0) + (counts[A.sent] or 0), 'a card at the centre is away from its station', CENTRE)
check(call('HLEN', K.lots) == lots_in_hand, 'every lot is in a seat', 'all')
check(printing == (counts[A.printing] or 0), 'cards in print are in a seat', 'all')
for _, status in ipairs(A.good) do used = used - (counts[status] or 0) end
check(used == 0, 'every good card took one blank', 'all')
check(reserved == printing + (counts[A.unconfirmed] or 0), 'a blank is reserved for a card in print or unconfirmed', 'all')
return encode({ wrong = wrong })
