-- Put in front of the scripts that change what seats may do: first is counted what they did so far, and why they stood still.
-- Of every printer at every moment: at work (in a lot), else `closed` (no shift, no order), else `fault` (broken), else idle.
-- Idle until a card is ready: `centre` while a record of the station is there, else `no_work`; then `blanks` or `ribbon`.

-- What comes before may still send cards to this station from this time on; all earlier ones are there.
local function settled(station)
  local t = tonumber(call('GET', P .. 'fed') or -1) + 1
  if station == CENTRE then return t end
  t = math.min(t, scored(P .. 'flight:' .. CENTRE, 0, 0) or NEVER)
  local ready = call('ZCARD', P .. 'wait:' .. CENTRE) > 0 and 0 or scored(P .. 'soon:' .. CENTRE, 0, 0)
  if ready then
    local last = tonumber(call('HGET', P .. 'line:' .. CENTRE, 'last') or 0)
    t = math.min(t, first_free(CENTRE, math.max(ready, last, (allowed()))) + 1)
  end
  return t
end

-- Seats by the shifts alone and with all orders, printers broken or not; a place without a plan has what is open.
local function planned_seats(station, t, open)
  local now = call('ZREVRANGEBYSCORE', P .. 'plan:' .. station, t, '-inf', 'LIMIT', 0, 1)
  local base, wanted = string.match(now[1] or '', '|(%d+)|(%d+)$')
  return tonumber(base or open), tonumber(wanted or open)
end

-- What is missing on the shelf, until when: [[until, cause]], rising; promised deliveries count, to an empty shelf.
local function missing(station)
  local s, found = call('HMGET', P .. 'stock:' .. station, 'blank', 'ribbon', 'since', 'short'), {}
  local blank, ribbon, since = tonumber(s[1] or 0), tonumber(s[2] or 0), tonumber(s[3] or 0)
  if since > 0 then found[1] = { since, s[4] or 'blanks' } end
  if blank > 0 and ribbon > 0 then return found end
  for _, delivery in ipairs(call('ZRANGE', P .. 'promised:' .. station, 0, -1)) do
    local d = cjson.decode(delivery)
    found[#found + 1] = { d.at, blank < 1 and 'blanks' or 'ribbon' }
    blank, ribbon = blank + d.blank, ribbon + d.ribbon
    if blank > 0 and ribbon > 0 then return found end
  end
  found[#found + 1] = { NEVER, blank < 1 and 'blanks' or 'ribbon' }
  return found
end

-- When the next card is or was ready (NEVER: none is known), and from when on one of the station's was at the centre.
local function awaited(station)
  local away = scored(P .. 'away:' .. station, 0, 0) or NEVER
  if call('ZCARD', P .. 'wait:' .. station) > 0 then return 0, away end
  local first = call('ZRANGE', P .. 'soon:' .. station, 0, 0, 'WITHSCORES')
  if not first[1] then return NEVER, away end
  local key, ready = P .. 'card:' .. first[1], tonumber(first[2])
  -- An answer of the centre is the one move that makes a card ready without a reason.
  local latest = call('HGET', key, 'h' .. call('HLEN', key) - 1)
  if latest and string.match(latest, '@(%d+)$') == string.format('%.0f', ready) then
    away = math.min(away, tonumber(call('HGET', key, 'e')))
  end
  return ready, away
end

-- Blanks and ribbon come to a shelf; one that lacked them remembers which, and since when it does not.
local function shelve(station, at, blank, ribbon)
  local stock = P .. 'stock:' .. station
  local s = call('HMGET', stock, 'blank', 'ribbon')
  local short = blank > 0 and tonumber(s[1]) == 0 and 'blanks' or ribbon > 0 and tonumber(s[2]) == 0 and 'ribbon'
  if short then call('HSET', stock, 'since', string.format('%.0f', at), 'short', short) end
  call('HINCRBY', stock, 'blank', blank)
  call('HINCRBY', stock, 'ribbon', ribbon)
end

local function edges_of(key, from, upto, into)
  local raw = call('ZRANGEBYSCORE', key, '(' .. string.format('%.0f', from), '(' .. string.format('%.0f', upto), 'WITHSCORES')
  for i = 2, #raw, 2 do into[#into + 1] = tonumber(raw[i]) end
end

-- What the printers did since it was last counted, up to a moment before which nothing can change any more: that moment, and
-- milliseconds by field of the totals. Lots are counted when they end.
local function stood(station)
  local l = call('HMGET', P .. 'line:' .. station, 'printers', 'counted', 'last')
  local printers, from, sums = tonumber(l[1]), tonumber(l[2]), {}
  local ready, away = awaited(station)
  local waits = missing(station)
  local start = first_free(station, math.max(from, tonumber(l[3]), ready, waits[1] and waits[#waits][1] or 0))
  local sure = math.min(settled(station), scored(P .. 'flight:' .. station, 0, 0) or NEVER)
  -- At full speed a station may be ahead of the clock, which follows the work.
  local ahead = SPEED == 0 and start < sure and start <= LIMIT
  local upto = ahead and start or math.min(start, sure, NOW)
  if upto <= from then return from, sums end
  local edges = { upto, ready, away }
  for _, wait in ipairs(waits) do edges[#edges + 1] = wait[1] end
  for _, kind in ipairs({ 'steps:', 'plan:', 'seats:' }) do edges_of(P .. kind .. station, from, upto, edges) end
  table.sort(edges)
  local function idle(t)
    if t < ready then return t < away and 'no_work' or 'centre' end
    for _, wait in ipairs(waits) do
      if t < wait[1] then return wait[2] end
    end
    return 'no_work'
  end
  local function spend(what, ms)
    if ms > 0 then sums[what] = (sums[what] or 0) + ms end
  end
  local t = from
  for _, edge in ipairs(edges) do
    local till = math.min(edge, upto)
    if till > t then
      local open = open_seats(station, t)
      local base, wanted = planned_seats(station, t, open)
      spend('overtime|' .. station, (open - base) * (till - t))
      local busy = call('ZCOUNT', P .. 'seats:' .. station, '(' .. string.format('%.0f', t), '+inf')
      wanted, open = math.max(wanted, open, busy), math.max(open, busy)
      spend('lost|' .. station .. '|closed', (printers - wanted) * (till - t))
      spend('lost|' .. station .. '|fault', (wanted - open) * (till - t))
      spend('lost|' .. station .. '|' .. idle(t), (open - busy) * (till - t))
      t = till
    end
  end
  return upto, sums
end

-- Count it; before anything changes that would have let the seats do something else.
local function count_seats(station)
  if station == CENTRE then return 0 end
  local upto, sums = stood(station)
  for what, ms in pairs(sums) do add('totals', what, ms) end
  call('HSET', P .. 'line:' .. station, 'counted', string.format('%.0f', upto))
  return upto
end
