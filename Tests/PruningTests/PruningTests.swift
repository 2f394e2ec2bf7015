// Pruning tests
