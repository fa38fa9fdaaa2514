-- Take cards that the centre was asked about long ago, so that they are asked again now.
-- A: before (virtual ms), most.  Reply: [[card, attempt]].
local cards, found = read('ZRANGEBYSCORE', K.ask_again, '-inf', A.before, 'LIMIT', 0, A.most), {}
queue_all(K.ask_again, NOW, cards)
for i, over in ipairs(read_all(K.attempts, cards)) do found[i] = { cards[i], 1 + (over or 0) } end
return #found > 0 and keep_reply(found) or '[]'
