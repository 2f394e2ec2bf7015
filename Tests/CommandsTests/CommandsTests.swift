// Commands tests
