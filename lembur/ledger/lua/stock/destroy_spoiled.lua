-- A person destroys the spoiled blanks of a station by minutes: all that no earlier minutes have.
-- A: station, minutes, witness, by, reason, reference.
-- Reply: {blanks, serials (those that are known)}, {unknown: station}, {used: the earlier action} or {none: true}.
local refused = refuse_movement()
if refused then return refused end
local stock = fields_of(K.stock .. A.station)
local blanks = stock.spoiled - (stock.spoiled_destroyed or 0)
if blanks < 1 then return cjson.encode({ none = true }) end
local serials = read('SMEMBERS', K.spoiled_blanks .. A.station)
table.sort(serials)
for _, serial in ipairs(serials) do
  local card = string.match(read('HGET', K.blanks, serial), '^%d+')
  call('HSET', K.blanks, serial, card .. '|destroyed|' .. A.minutes)
end
call('DEL', K.spoiled_blanks .. A.station)
raise(K.stock .. A.station, 'spoiled_destroyed', blanks)
log_action('destroy spoiled', { station = A.station, blanks = blanks, serials = table.concat(serials, ' '), minutes = A.minutes, witness = A.witness })
log_event('destroy spoiled', { station = A.station, blanks = blanks })
return keep_reply({ blanks = blanks, serials = table.concat(serials, ' ') })
