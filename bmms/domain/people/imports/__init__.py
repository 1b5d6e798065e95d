"""Lists of people as files: read, checked, shown, run, and handed back with what is wrong (onboarding 4.3)."""
