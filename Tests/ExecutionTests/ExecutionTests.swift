// Execution tests
