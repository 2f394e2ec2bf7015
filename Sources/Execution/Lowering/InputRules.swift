import ModelGraph

/// Input layers: that of a nested model passes on what it is given.
enum InputRules {
    static var all: [LoweringRule] {
        [LoweringRule(InputLayer.self) { _, site, _ throws(ExecutionError) in try site.input() }]
    }
}
