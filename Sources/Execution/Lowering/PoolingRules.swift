import ModelGraph

enum PoolingRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(Pooling.self, pooling), LoweringRule(GlobalPooling.self, globalPooling),
            LoweringRule(AdaptivePooling.self, adaptivePooling),
        ]
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
        if definition.reduction == .average, definition.format == .channelsLast,
            let mask = builder.masks[input], shape.count == 3
        {
            return try maskedMean(input, mask, keepsAxes: definition.keepsAxes, &builder)
        }
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

    /// Windows from `⌊i × length / size⌋` to `⌈(i + 1) × length / size⌉`, one axis after the other.
    private static func adaptivePooling(
        _ definition: AdaptivePooling, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        var value = try builder.channelsLast(try site.input(), definition.format)
        guard builder.shape(value).count == definition.size.count + 2 else {
            throw ExecutionError(.shape, "takes a tensor of rank \(definition.size.count + 2)")
        }
        for (index, size) in definition.size.enumerated() {
            let axis = index + 1
            let length = builder.shape(value)[axis]
            var parts: [Value] = []
            for position in 0..<size {
                let start = position * length / size
                let end = ((position + 1) * length + size - 1) / size
                parts.append(
                    try builder.reduce(
                        try builder.slice(value, axis: axis, start..<end),
                        definition.reduction == .maximum ? .maximum : .mean, axes: [axis]))
            }
            value = try builder.concatenate(parts, axis: axis)
        }
        return try builder.stored(value, definition.format)
    }

    /// The mean over the steps that count.
    private static func maskedMean(
        _ input: Value, _ mask: Value, keepsAxes: Bool, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let shape = builder.shape(input)
        let steps = try builder.reshape(mask, [shape[0], shape[1], 1])
        let sum = try builder.reduce(
            try builder.binary(.multiply, input, steps), .sum, axes: [1])
        let count = try builder.reduce(steps, .sum, axes: [1])
        let mean = try builder.binary(.divide, sum, count)
        return keepsAxes ? mean : try builder.reshape(mean, [shape[0], shape[2]])
    }
}
