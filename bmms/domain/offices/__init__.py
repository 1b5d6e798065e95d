"""Central offices: MFBM, BPDA, and the desks of MPW, MENRE, BICTO and BWC."""
