-- Needed by the scripts that look at the seats of a station: the things they wait for, and when these are sure.

-- True if a lot of this station ends at t or before.
local function has_end_by(station, t) return (first_score(K.in_flight .. station) or math.huge) <= t end

-- The time from which cards may still come to this station; all earlier ones are there.
-- By the wall clock, cards come when they come.
local function arrivals_sure_until(station)
  local t = EXACT and tonumber(ask_once(K.arrivals_watermark, 'value', 'GET') or -1) + 1 or NEVER
  if station == CENTRE then return t end
  t = math.min(t, first_score(K.in_flight .. CENTRE) or NEVER)
  local ready = size(K.ready .. CENTRE) > 0 and 0 or first_score(K.scheduled .. CENTRE)
  if ready then
    local last = tonumber(fields_of(K.station .. CENTRE).last or 0)
    t = math.min(t, first_free(CENTRE, math.max(ready, last, (centre_limits()))) + 1)
  end
  return t
end

-- The moment before which nothing can start at a station, and before which the time of its seats is counted: a card that was
-- ready then is not one of those still to come.
local function settled_time(station)
  local l = fields_of(K.station .. station)
  return math.min(tonumber(l.last or 0), station == CENTRE and NEVER or tonumber(l.counted or 0))
end

-- The missing stock: [[until, cause]], rising. A promised delivery counts for an empty shelf.
local function missing_stock(station)
  local s, found = fields_of(K.stock .. station), {}
  local blank, ribbon, since = tonumber(s.blank or 0), tonumber(s.ribbon or 0), tonumber(s.since or 0)
  if since > 0 then found[1] = { since, s.short or 'blanks' } end
  if blank > 0 and ribbon > 0 then return found end
  for _, delivery in ipairs(read('ZRANGE', K.promised .. station, 0, -1)) do
    local d = cjson.decode(delivery)
    found[#found + 1] = { d.at, blank < 1 and 'blanks' or 'ribbon' }
    blank, ribbon = blank + d.blank, ribbon + d.ribbon
    if blank > 0 and ribbon > 0 then return found end
  end
  found[#found + 1] = { NEVER, blank < 1 and 'blanks' or 'ribbon' }
  return found
end

-- True if a card waits in the queue of the centre or of its station. A card that could start and is in none is in a lot.
local function is_queued(card, station)
  for _, queue in ipairs({ CENTRE, station }) do
    if read('ZSCORE', K.ready .. queue, card) or read('ZSCORE', K.scheduled .. queue, card) then return true end
  end
  return false
end

-- The moment the next card is ready (NEVER: none is known), and the moment the first of the station's cards went to the centre.
local function next_card(station)
  local away = first_score(K.at_centre .. station) or NEVER
  if size(K.ready .. station) > 0 then return 0, away end
  local card, ready = first_of(K.scheduled .. station)
  if not card then return NEVER, away end
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
  local s = fields_of(stock)
  local short = blank > 0 and tonumber(s.blank) == 0 and 'blanks' or ribbon > 0 and tonumber(s.ribbon) == 0 and 'ribbon'
  if short then
    set(stock, 'since', text(at))
    set(stock, 'short', short)
  end
  raise(stock, 'blank', blank)
  raise(stock, 'ribbon', ribbon)
end
