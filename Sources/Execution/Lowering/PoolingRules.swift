import ModelGraph

enum PoolingRules {
    static var all: [LoweringRule] {
        [LoweringRule(Pooling.self, pooling), LoweringRule(GlobalPooling.self, globalPooling)]
    }

    private static func pooling(
        _ definition: Pooling, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.window.format)
        let output = try builder.pooling(
            input, definition.reduction == .maximum ? .maximum : .mean,
            try definition.window.sliding(over: builder.shape(input)))
        return try builder.stored(output, definition.window.format)
    }

    private static func globalPooling(
        _ definition: GlobalPooling, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.format)
        let shape = builder.shape(input)
        let lengths = Array(shape[1..<(shape.count - 1)])
        var window = SlidingWindow(pointwise: lengths.count)
        window.size = lengths
        let output = try builder.pooling(
            input, definition.reduction == .maximum ? .maximum : .mean, window)
        guard definition.keepsAxes else {
            return try builder.reshape(output, [shape[0], shape[shape.count - 1]])
        }
        return try builder.stored(output, definition.format)
    }
}
