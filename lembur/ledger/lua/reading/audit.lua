-- Compare the ledger's parts: the totals, or the cards of a range, at one moment.
-- A: stations (print), first, last (card numbers; absent: totals), fresh, sent, ready, printing, unconfirmed, good (statuses), issued (one of them).
-- Reply: [[invariant, where]].
local wrong, in_hand, cards_in_hand = {}, {}, {}
local function check(right, what, where)
  if not right then wrong[#wrong + 1] = { what, where } end
end
local good = {}
for _, status in ipairs(A.good) do good[status] = true end
local function queued(station) return call('ZCARD', K.ready .. station) + call('ZCARD', K.scheduled .. station) end

for _, place in ipairs({ CENTRE, unpack(A.stations) }) do
  in_hand[place] = 0
  for _, lot in ipairs(call('ZRANGE', K.in_flight .. place, 0, -1)) do
    local cards = call('HGET', K.lot .. lot, 'cards')
    check(cards and call('ZSCORE', K.lease .. place, lot), 'a seat at work has its lot and its lease', place .. ' ' .. lot)
    for _, card in ipairs(cjson.decode(cards or '[]')) do
      check(not cards_in_hand[card], 'a card is in one seat only', card)
      cards_in_hand[card] = true
      in_hand[place] = in_hand[place] + 1
    end
  end
end

if A.first then
  local cards = {}
  for n = A.first, A.last do cards[#cards + 1] = string.format('%08d', n) end
  read_records(cards)
  local claimed = read_all(K.claimed, cards)
  for i, card in ipairs(cards) do
    local status = STATUS[string.match(RECORDS[card] or '', '^.*|(%l)')]
    local station = status and select(4, read_head(RECORDS[card]))
    if claimed[i] then status = IN_HAND[status] end
    local place = status == A.fresh and CENTRE or station
    local waits = place and call('ZSCORE', K.ready .. place, card)
    local comes = place and call('ZSCORE', K.scheduled .. place, card)
    local places_in = (waits and 1 or 0) + (comes and 1 or 0)
    check(places_in == ((status == A.fresh or status == A.ready) and 1 or 0), 'a card waits in one queue, when it waits', card)
    local should = status == A.sent or status == A.printing
    local asked = call('ZSCORE', K.asked, card) and true or false
    check((cards_in_hand[card] or asked) == should, 'a card is in a seat or at the centre when its status says so', card)
    check(not asked or status == A.sent and not cards_in_hand[card], 'a card that was asked is in no line', card)
    local shelved = call('ZSCORE', K.unconfirmed, card) and true or false
    check(shelved == (status == A.unconfirmed), 'a card nobody can answer for waits for a person', card)
    local out = good[status] and status ~= A.issued and call('HEXISTS', K.reprints, card) == 0
    check(call('GETBIT', K.uncollected, tonumber(card)) == (out and 1 or 0), 'a card that came out waits for its person', card)
    local serial = RECORDS[card] and blank_of(card)
    check(not serial or call('HGET', K.blanks, serial) == card .. '|used', 'a blank became one card', card)
  end
else
  local counts, sum, waiting, printing, reserved, used = {}, 0, 0, 0, 0, 0
  local raw = call('HGETALL', K.counts)
  for i = 1, #raw, 2 do counts[raw[i]] = tonumber(raw[i + 1]) sum = sum + counts[raw[i]] end
  local serial = tonumber(call('GET', K.serial) or 0)
  for _, station in ipairs(A.stations) do
    waiting, printing = waiting + queued(station), printing + in_hand[station]
    local s = call('HMGET', K.stock .. station, 'reserved', 'blank', 'ribbon', 'used')
    for i = 1, 4 do s[i] = tonumber(s[i] or -1) end
    check(s[2] >= 0 and s[3] >= 0, 'no stock is below zero', station)
    check(s[1] >= in_hand[station], 'a card in a printer has its blank reserved', station)
    reserved, used = reserved + s[1], used + s[4]
  end
  check(sum == serial and call('HLEN', K.nik) + call('HLEN', K.reprints) == serial, 'every card enrolled is counted once', tostring(serial))
  local archived = tonumber(call('GET', K.archived) or 0)
  check(call('HLEN', K.cards) + archived == serial, 'a card is in the ledger or in the archive', tostring(serial))
  check(queued(CENTRE) == (counts[A.fresh] or 0), 'cards that wait for the centre are in its queue', CENTRE)
  check(waiting == (counts[A.ready] or 0), 'cards that wait for a printer are in a queue', 'all')
  check(in_hand[CENTRE] + call('ZCARD', K.asked) == (counts[A.sent] or 0), 'cards at the centre are in a line or were asked', CENTRE)
  check(call('ZCARD', K.asked) == call('ZCARD', K.ask_again), 'a card that was asked is asked again in its turn', CENTRE)
  check(printing == (counts[A.printing] or 0), 'cards in print are in a seat', 'all')
  for _, status in ipairs(A.good) do used = used - (counts[status] or 0) end
  check(used == 0, 'every good card took one blank', 'all')
  check(reserved == printing + (counts[A.unconfirmed] or 0), 'a blank is reserved for a card in print or unconfirmed', 'all')
end
return #wrong > 0 and cjson.encode(wrong) or '[]'
