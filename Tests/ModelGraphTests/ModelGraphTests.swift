// ModelGraph tests
