"""Alerts of execution, AL-1 to AL-9: what is found, who is told, what is done about it (modules 2.9)."""
