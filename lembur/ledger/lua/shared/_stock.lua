-- Needed by the scripts that move blanks and ribbon by minutes.
-- A: station, to (of a transfer), blank, ribbon (in cards), minutes (their number), reference (the same, to compare).

local function movement()
  return { station = A.station, to = A.to, blanks = A.blank, ribbon_cards = A.ribbon, minutes = A.minutes }
end

-- The reply when a station is unknown, or the minutes are booked already.
local function refuse_movement()
  for _, station in ipairs({ A.station, A.to }) do
    if not fields_of(K.stock .. station).blank then return cjson.encode({ unknown = station }) end
  end
  return refuse_reference()
end

-- The reply when less is on the shelf than is to leave it.
local function refuse_short()
  local has = fields_of(K.stock .. A.station)
  local blank, ribbon = tonumber(has.blank), tonumber(has.ribbon)
  if blank >= A.blank and ribbon >= A.ribbon then return nil end
  return cjson.encode({ short = true, blank = blank, ribbon = ribbon })
end

-- Take blanks and ribbon off the shelf.
local function unshelve()
  raise(K.stock .. A.station, 'blank', -A.blank)
  raise(K.stock .. A.station, 'ribbon', -A.ribbon)
end
