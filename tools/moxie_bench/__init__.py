"""`make bench`: the appliance and a Debian Linux guest, measured side by side in the same QEMU."""
