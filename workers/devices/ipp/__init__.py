"""Card printers behind a print server that speaks IPP, with a fence that lets each job begin once."""
