"""Parts of tools/bench-linux: what runs natively on this host, side by side."""
