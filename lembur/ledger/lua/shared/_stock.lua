-- Needed by the scripts that move blanks and ribbon by minutes.
-- A: station, to (of a transfer), blank, ribbon (in cards), minutes (their number), reference (the same, to compare).

local function movement()
  return { station = A.station, to = A.to, blanks = A.blank, ribbon_cards = A.ribbon, minutes = A.minutes }
end

-- The reply when a station is unknown, or the minutes are booked already.
local function refuse_movement()
  for _, station in ipairs({ A.station, A.to }) do
    if call('EXISTS', K.stock .. station) == 0 then return cjson.encode({ unknown = station }) end
  end
  return refuse_reference()
end

-- The reply when less is on the shelf than is to leave it.
local function refuse_short()
  local has = call('HMGET', K.stock .. A.station, 'blank', 'ribbon')
  local blank, ribbon = tonumber(has[1]), tonumber(has[2])
  if blank >= A.blank and ribbon >= A.ribbon then return nil end
  return cjson.encode({ short = true, blank = blank, ribbon = ribbon })
end

-- Take blanks and ribbon off the shelf. Written `0 - n`: in Lua `-0` is a number of its own, which Redis (not Valkey)
-- refuses half-way through the script.
local function unshelve()
  call('HINCRBY', K.stock .. A.station, 'blank', 0 - A.blank)
  call('HINCRBY', K.stock .. A.station, 'ribbon', 0 - A.ribbon)
end
