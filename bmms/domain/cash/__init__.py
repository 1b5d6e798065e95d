"""Cash authorities, and whether payments keep within them (BAA No. 84 Sec. 40; E-10)."""
