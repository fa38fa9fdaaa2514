-- Needed by the scripts that look at the seats of a station: the things they wait for, and when these are sure.

-- The time from which cards may still come to this station; all earlier ones are there.
-- By the wall clock, cards come when they come.
local function arrivals_sure_until(station)
  local t = EXACT and tonumber(call('GET', K.arrivals_watermark) or -1) + 1 or NEVER
  if station == CENTRE then return t end
  t = math.min(t, score_at(K.in_flight .. CENTRE, 0, 0) or NEVER)
  local ready = call('ZCARD', K.ready .. CENTRE) > 0 and 0 or score_at(K.scheduled .. CENTRE, 0, 0)
  if ready then
    local last = tonumber(call('HGET', K.station .. CENTRE, 'last') or 0)
    t = math.min(t, first_free(CENTRE, math.max(ready, last, (centre_limits()))) + 1)
  end
  return t
end

-- The moment before which nothing can start at a place, and before which the time of its seats is counted: a card that was ready
-- then needs no place among those still to come.
local function settled_time(place)
  local l = call('HMGET', K.station .. place, 'last', 'counted')
  return math.min(tonumber(l[1] or 0), place == CENTRE and NEVER or tonumber(l[2] or 0))
end

-- The missing stock: [[until, cause]], rising. A promised delivery counts for an empty shelf.
local function missing_stock(station)
  local s, found = call('HMGET', K.stock .. station, 'blank', 'ribbon', 'since', 'short'), {}
  local blank, ribbon, since = tonumber(s[1] or 0), tonumber(s[2] or 0), tonumber(s[3] or 0)
  if since > 0 then found[1] = { since, s[4] or 'blanks' } end
  if blank > 0 and ribbon > 0 then return found end
  for _, delivery in ipairs(call('ZRANGE', K.promised .. station, 0, -1)) do
    local d = cjson.decode(delivery)
    found[#found + 1] = { d.at, blank < 1 and 'blanks' or 'ribbon' }
    blank, ribbon = blank + d.blank, ribbon + d.ribbon
    if blank > 0 and ribbon > 0 then return found end
  end
  found[#found + 1] = { NEVER, blank < 1 and 'blanks' or 'ribbon' }
  return found
end

-- The moment the next card is ready (NEVER: none is known), and the moment the first of the station's cards went to the centre.
local function next_card(station)
  local away = score_at(K.at_centre .. station, 0, 0) or NEVER
  if call('ZCARD', K.ready .. station) > 0 then return 0, away end
  local first = call('ZRANGE', K.scheduled .. station, 0, 0, 'WITHSCORES')
  if not first[1] then return NEVER, away end
  local card, ready = first[1], tonumber(first[2])
  -- An answer of the centre is the one move that makes a card ready without a reason.
  read_records({ card })
  if string.match(RECORDS[card] or '', '|%a(%d+)$') == text(ready) then
    local _, _, recorded = read_head(RECORDS[card])
    away = math.min(away, tonumber(recorded))
  end
  return ready, away
end

-- Put blanks and ribbon on a shelf. A shelf that was empty remembers what was missing, and when it came.
local function shelve(station, at, blank, ribbon)
  local stock = K.stock .. station
  local s = call('HMGET', stock, 'blank', 'ribbon')
  local short = blank > 0 and tonumber(s[1]) == 0 and 'blanks' or ribbon > 0 and tonumber(s[2]) == 0 and 'ribbon'
  if short then call('HSET', stock, 'since', text(at), 'short', short) end
  call('HINCRBY', stock, 'blank', blank)
  call('HINCRBY', stock, 'ribbon', ribbon)
end
