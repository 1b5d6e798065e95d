"""The appropriations acts: read as printed, added up, loaded whole, shown to everybody."""
