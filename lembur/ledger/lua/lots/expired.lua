-- Find lots in hand without a lease for at least since_ms.  A: stations, since_ms.  Reply: [{name, station, start, cards, ends}].
local found = {}
for _, station in ipairs(A.stations) do
  for _, name in ipairs(read('ZRANGEBYSCORE', K.lease .. station, '-inf', REAL - A.since_ms, 'LIMIT', 0, 100)) do
    local lot = held_lot(name)
    if lot then
      found[#found + 1] = { name = name, station = lot.station, start = lot.start, cards = lot.cards, ends = lot.ends }
    else
      call('ZREM', K.lease .. station, name)
    end
  end
end
return #found > 0 and cjson.encode(found) or '[]'
