"""What `make run` and the tests share: network namespaces, QEMU's command line, the appliance."""
