// OrderedJSON tests
