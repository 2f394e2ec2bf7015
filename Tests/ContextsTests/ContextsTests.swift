// Contexts tests
