"""`make bench-move`: what it costs those outside that a domain moves to another core."""
