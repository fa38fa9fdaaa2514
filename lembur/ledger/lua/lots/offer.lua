-- What would this station start next? Changes nothing but the order of ready cards.
-- A: station, most, woken (a message caused the question).  Reply: {refused} or {position, start, until, cards}.
if A.woken then heard(A.station) end
return told(next_lot(A.station, A.most))
