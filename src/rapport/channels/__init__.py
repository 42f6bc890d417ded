"""Networks: each channel translates and decides nothing."""
