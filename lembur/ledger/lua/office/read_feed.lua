-- One process reads the feed of the centre: the one that holds this lease.  A: node, lease_ms.  Reply: {reads}.
local holder = read('GET', K.feed_reader)
if holder and holder ~= A.node then return cjson.encode({ reads = false }) end
call('SET', K.feed_reader, A.node, 'PX', A.lease_ms)
return cjson.encode({ reads = true })
