-- Offer a station its next lot, or give the reason why there is none. Cards and deliveries whose time has come join the queue and the shelf.
-- A: station, most (cards), woken (a message caused the question).  Reply: {refused} or {position, start, until, cards}.
local offer = next_lot(A.station, A.most)
if A.woken and offer.refused then end_wakeup(A.station) end
return write_reply(offer)
