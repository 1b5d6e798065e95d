"""Changes of the budget in the year: realignment, augmentation, transfer, supplement, reduction, reversion."""
