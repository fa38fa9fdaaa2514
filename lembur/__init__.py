"""The common part of Lembur: the rules of the office, its ledger, its settings and its bus."""
