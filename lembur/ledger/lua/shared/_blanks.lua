-- Needed by the scripts that note which blank became which card. K.blanks has each serial once: card|used, card|spoiled, or
-- card|destroyed|number of the minutes.

-- The serial of the blank that became this card; nil when none is noted.
local function blank_of(card) return string.match(RECORDS[card], '^.*|' .. NOTE.blank .. '%-?%d+ ([^|]*)') end

-- Note the blank that became a card (used), or that it spoiled. Return the other card for a serial that has a use already.
local function note_blank(card, serial, use, at)
  local known = read('HGET', K.blanks, serial)
  if known == card .. '|' .. use then return nil end
  if known then return string.match(known, '^%d+') end
  call('HSET', K.blanks, serial, card .. '|' .. use)
  if use == 'spoiled' then call('SADD', K.spoiled_blanks .. select(4, read_head(RECORDS[card])), serial) end
  add_history(card, NOTE[use == 'used' and 'blank' or 'spoiled blank'], at, serial)
  return nil
end
