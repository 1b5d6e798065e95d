"""Papers: what they say is kept as a snapshot, the worker prints it, and a code tells whether it still holds."""
