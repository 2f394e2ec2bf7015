import ModelGraph

enum DenseRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(Dense.self) { dense, site, builder throws(ExecutionError) in
                let product = try builder.product(
                    try site.input(), kernel: try site.weight("kernel"),
                    bias: dense.usesBias ? try site.weight("bias", shape: [dense.units]) : nil)
                return try builder.activation(dense.activation, product)
            }
        ]
    }
}
