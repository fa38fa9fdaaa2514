-- Compare the ledger's parts: the totals, or the cards of a range, at one moment.
-- A: stations (print), first, last (card numbers; absent: totals), fresh, sent, ready, printing, unconfirmed, good (statuses), issued (one of them).
-- Reply: [[invariant, where]].
local wrong, in_hand, seat_of = {}, {}, {}
local function check(right, what, where)
  if not right then wrong[#wrong + 1] = { what, where } end
end
local good = {}
for _, status in ipairs(A.good) do good[status] = true end
local function queued(station) return size(K.ready .. station) + size(K.scheduled .. station) end

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
  local cards, status_of, own_queue, by_queue, serials, noted, waiting = {}, {}, {}, {}, {}, {}, {}
  for n = A.first, A.last do cards[#cards + 1] = string.format('%08d', n) end
  read_records(cards)
  for _, card in ipairs(cards) do
    local record = RECORDS[card]
    local status = record and STATUS[string.match(record, '^.*|(%l)')]
    if status then
      local queue = status == A.fresh and CENTRE or string.match(record, '^%d+|%-?%d+|%-?%d+|([^|]*)')
      status_of[card], own_queue[card], by_queue[queue] = status, queue, by_queue[queue] or {}
      table.insert(by_queue[queue], card)
      local serial = string.find(record, '|' .. NOTE.blank, 1, true) and blank_of(card)
      if serial then serials[#serials + 1], noted[#noted + 1] = serial, card end
    end
  end
  for queue, members in pairs(by_queue) do
    for _, key in ipairs({ K.ready, K.scheduled }) do
      for i, score in ipairs(read_all(key .. queue, members, 'ZMSCORE')) do
        if score then waiting[members[i]] = (waiting[members[i]] or 0) + 1 end
      end
    end
  end
  local asked, shelved = read_all(K.asked, cards, 'ZMSCORE'), read_all(K.unconfirmed, cards, 'ZMSCORE')
  local reprints, from = read_all(K.reprints, cards), math.floor(A.first / 8)
  local bits = call('GETRANGE', K.uncollected, from, math.floor(A.last / 8))
  for i, card in ipairs(cards) do
    local status, seat = status_of[card], seat_of[card]
    local times = (waiting[card] or 0) + (seat and 1 or 0) + (asked[i] and 1 or 0)
    check(times == (IN_HAND[status] and 1 or 0), 'a card to be printed is once in a queue, in a seat or at the centre', card)
    check(not seat or seat == own_queue[card], 'a card is in a seat of its own queue', card)
    check(not asked[i] or status == A.fresh and not seat and not waiting[card], 'a card that was asked is in no line', card)
    check((shelved[i] and true or false) == (status == A.unconfirmed), 'a card nobody can answer for waits for a person', card)
    local out, n = good[status] and status ~= A.issued and not reprints[i], A.first + i - 1
    local bit = math.floor((string.byte(bits, math.floor(n / 8) - from + 1) or 0) / 2 ^ (7 - n % 8)) % 2
    check(bit == (out and 1 or 0), 'a card that came out waits for its person', card)
  end
  for i, use in ipairs(read_all(K.blanks, serials)) do
    check(use == noted[i] .. '|used', 'a blank became one card', noted[i])
  end
else
  local counts, sum, waiting, printing, reserved, used = {}, 0, 0, 0, 0, 0
  local raw = call('HGETALL', K.counts)
  for i = 1, #raw, 2 do counts[raw[i]] = tonumber(raw[i + 1]) sum = sum + counts[raw[i]] end
  local serial = tonumber(call('GET', K.serial) or 0)
  for _, station in ipairs(A.stations) do
    waiting, printing = waiting + queued(station), printing + in_hand[station]
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
  check(call('HLEN', K.lots) == lots_in_hand, 'every lot is in a seat', 'all')
  check(printing == (counts[A.printing] or 0), 'cards in print are in a seat', 'all')
  for _, status in ipairs(A.good) do used = used - (counts[status] or 0) end
  check(used == 0, 'every good card took one blank', 'all')
  check(reserved == printing + (counts[A.unconfirmed] or 0), 'a blank is reserved for a card in print or unconfirmed', 'all')
end
return #wrong > 0 and cjson.encode(wrong) or '[]'
