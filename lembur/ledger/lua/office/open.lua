-- Open an office's ledger once: what is played, its stations, steps, stock and promised deliveries.
-- A: office (text), schema (of keys and scripts), starts (nothing starts before), stations [{code, printers, steps [[at, seats]], plan [[at, base, wanted]], blank, ribbon, promised [{at, blank, ribbon}]}].
-- Reply: {opened} - false when this office is open already, and nothing was changed.
if call('SETNX', K.office, A.office) == 0 then return cjson.encode({ opened = false }) end
call('HSET', K.clock, 'schema', A.schema)
for _, station in ipairs(A.stations) do write_station(station, A.starts) end
return write_reply({ opened = true })
