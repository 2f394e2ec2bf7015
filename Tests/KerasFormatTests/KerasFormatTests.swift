// KerasFormat tests
