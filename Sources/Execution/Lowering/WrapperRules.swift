import ModelGraph

enum WrapperRules {
    static var all: [LoweringRule] {
        [LoweringRule(several: TimeDistributed.self, timeDistributed)]
    }

    /// The steps of all samples go through the layer as one larger batch.
    private static func timeDistributed(
        _ definition: TimeDistributed, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> [Value] {
        let input = try site.input()
        let shape = builder.shape(input)
        guard shape.count >= 3 else { throw ExecutionError(.shape, "takes sequences") }
        var inner = site
        inner.inputs = [try builder.reshape(input, [shape[0] * shape[1]] + shape[2...])]
        var outputs: [Value] = []
        for output in try LoweringRegistry.lower(definition.inner, inner, &builder) {
            outputs.append(
                try builder.reshape(
                    output, [shape[0], shape[1]] + builder.shape(output).dropFirst()))
        }
        return outputs
    }
}
