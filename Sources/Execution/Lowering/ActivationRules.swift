import ModelGraph

enum ActivationRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(ActivationLayer.self, activation),
            LoweringRule(ParametricReLU.self, parametricReLU),
            LoweringRule(Identity.self) { _, site, _ throws(ExecutionError) in
                guard let input = site.inputs.first else {
                    throw ExecutionError(.shape, "takes one input, has none")
                }
                return input
            },
        ]
    }

    private static func activation(
        _ definition: ActivationLayer, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        guard let input = site.inputs.first else {
            throw ExecutionError(.shape, "takes one input, has none")
        }
        guard definition.axes.count > 1 else {
            return try builder.activation(definition.activation, input)
        }
        // Several axes are brought to the end and seen as one.
        let shape = builder.shape(input)
        var axes: [Int] = []
        for axis in definition.axes { axes.append(try builder.axis(axis, of: input)) }
        axes = Set(axes).sorted()
        let order = shape.indices.filter { !axes.contains($0) } + axes
        let moved = try builder.transpose(input, order)
        let count = axes.reduce(1) { $0 * shape[$1] }
        let rows = try builder.reshape(moved, [shape.reduce(1, *) / count, count])
        let result = try builder.reshape(
            try builder.softmax(rows, axis: 1), order.map { shape[$0] })
        return try builder.transpose(
            result, shape.indices.map { axis in order.firstIndex(of: axis) ?? axis })
    }

    /// A slope for each element: `max(x, 0) - slope × max(-x, 0)`.
    private static func parametricReLU(
        _ definition: ParametricReLU, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let slope = try site.weight("alpha")
        let negative = try builder.function(
            .relu, try builder.function(.linear(scale: -1), input))
        let bent = try builder.binary(
            .multiply, negative, builder.constant(slope.reshaped([1] + slope.shape)))
        return try builder.binary(.subtract, try builder.function(.relu, input), bent)
    }
}
