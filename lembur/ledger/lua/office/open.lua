-- Open an office's ledger once: what is played, its stations, steps, stock and promised deliveries.
-- A: office (text), schema (of keys and scripts), starts (nothing starts before), stations [{code, printers, steps [[at, seats]], plan [[at, base, wanted]], blank, ribbon, promised [{at, blank, ribbon}]}].
-- Reply: {opened} - false when this office is open already, and nothing was changed.
if call('SETNX', K.office, A.office) == 0 then return cjson.encode({ opened = false }) end
call('HSET', K.clock, 'schema', A.schema)
for _, s in ipairs(A.stations) do
  call('HSET', K.station .. s.code, 'printers', s.printers, 'position', 0, 'last', text(A.starts),
    'counted', text(A.starts), 'under_way', 0, 'heard', REAL)
  write_seats(s)
  if s.code ~= CENTRE then
    call('HSET', K.stock .. s.code, 'blank', s.blank, 'received', s.blank, 'reserved', 0, 'used', 0, 'spoiled', 0,
      'destroyed', 0, 'moved', 0, 'ribbon', s.ribbon, 'since', 0)
    for n, delivery in ipairs(s.promised) do
      delivery.n = n -- two of the same size at the same time are two
      call('ZADD', K.promised .. s.code, text(delivery.at), cjson.encode(delivery))
    end
  end
end
return cjson.encode({ opened = true })
