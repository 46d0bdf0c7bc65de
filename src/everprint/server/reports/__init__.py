"""Reports: how much was printed, by whom, where and on whose account, read from the job log and the ledger."""
