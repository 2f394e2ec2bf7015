import ModelGraph

enum NormalizationRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(BatchNormalization.self, batchNormalization),
            LoweringRule(LayerNormalization.self, layerNormalization),
            LoweringRule(GroupNormalization.self, groupNormalization),
            LoweringRule(Normalization.self, normalization),
            LoweringRule(Rescaling.self, rescaling),
            LoweringRule(ChannelScale.self) { _, site, builder throws(ExecutionError) in
                try builder.binary(
                    .multiply, try site.input(), builder.constant(try site.weight("gamma")))
            },
        ]
    }

    private static func batchNormalization(
        _ definition: BatchNormalization, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let axis = try builder.axis(definition.axis, of: input)
        let count = builder.shape(input)[axis]
        let mean = try site.weight("moving_mean", shape: [count]).floats()
        let variance = try site.weight("moving_variance", shape: [count]).floats()
        let gamma =
            definition.scales ? try site.weight("gamma", shape: [count]).floats() : nil
        let beta = definition.centers ? try site.weight("beta", shape: [count]).floats() : nil
        var scale: [Float] = []
        var shift: [Float] = []
        for channel in 0..<count {
            let factor =
                Double(gamma?[channel] ?? 1)
                / (Double(variance[channel]) + definition.epsilon).squareRoot()
            scale.append(Float(factor))
            shift.append(Float(Double(beta?[channel] ?? 0) - Double(mean[channel]) * factor))
        }
        return try builder.scaleAndShift(input, scale: scale, shift: shift, axis: axis)
    }

    private static func layerNormalization(
        _ definition: LayerNormalization, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let shape = builder.shape(input)
        var axes: [Int] = []
        for number in definition.axes { axes.append(try builder.axis(number, of: input)) }
        axes = Set(axes).sorted()
        // The normed axes are brought to the end and seen as one.
        let order = shape.indices.filter { !axes.contains($0) } + axes
        let moved = order.map { shape[$0] }
        let count = axes.reduce(1) { $0 * shape[$1] }
        guard count > 0 else { throw ExecutionError(.shape, "norms nothing of \(shape)") }
        var value = try builder.reshape(
            try builder.transpose(input, order), [shape.reduce(1, *) / count, count])
        value = try normed(value, definition, &builder)
        let role = definition.norm == .rootMeanSquare ? "scale" : "gamma"
        if definition.scales {
            value = try builder.binary(
                .multiply, value, builder.constant(try site.weight(role).reshaped([count])))
        }
        if definition.centers {
            value = try builder.binary(
                .add, value, builder.constant(try site.weight("beta").reshaped([count])))
        }
        return try builder.transpose(
            try builder.reshape(value, moved),
            shape.indices.map { axis in order.firstIndex(of: axis) ?? axis })
    }

    /// Rows of a matrix, divided by their norm.
    private static func normed(
        _ rows: Value, _ definition: LayerNormalization, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let epsilon = Float(definition.epsilon)
        let shape = builder.shape(rows)
        if definition.norm == .deviation {
            return try builder.append(NormalizationOperation(epsilon: epsilon), [rows], shape)
        }
        var squares = try builder.function(.square, rows)
        squares = try builder.reduce(
            squares, definition.norm == .euclidean ? .sum : .mean, axes: [1])
        if definition.norm == .rootVariance {
            let mean = try builder.reduce(rows, .mean, axes: [1])
            squares = try builder.binary(
                .subtract, squares, try builder.function(.square, mean))
        }
        let shifted =
            definition.norm == .euclidean
            ? try builder.function(.clip(from: epsilon, to: .greatestFiniteMagnitude), squares)
            : try builder.function(.linear(scale: 1, shift: epsilon), squares)
        return try builder.binary(
            .multiply, rows, try builder.function(.power(-0.5), shifted))
    }

    private static func groupNormalization(
        _ definition: GroupNormalization, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let shape = builder.shape(input)
        let axis = try builder.axis(definition.axis, of: input)
        let channels = shape[axis]
        let groups = definition.groups == -1 ? channels : definition.groups
        guard axis > 0, channels.isMultiple(of: groups) else {
            throw ExecutionError(.shape, "\(channels) channels do not divide into \(groups) groups")
        }
        // batch × groups × (channels of a group × all other axes)
        let others = shape.indices.filter { $0 != 0 && $0 != axis }
        let order = [0, axis] + others
        let width = channels / groups * others.reduce(1) { $0 * shape[$1] }
        var value = try builder.reshape(
            try builder.transpose(input, order), [shape[0] * groups, width])
        value = try builder.append(
            NormalizationOperation(epsilon: Float(definition.epsilon)), [value],
            [shape[0] * groups, width])
        value = try builder.transpose(
            try builder.reshape(value, order.map { shape[$0] }),
            shape.indices.map { axis in order.firstIndex(of: axis) ?? axis })
        return try builder.scaleAndShift(
            value,
            scale: definition.scales ? try site.weight("gamma", shape: [channels]).floats() : nil,
            shift: definition.centers ? try site.weight("beta", shape: [channels]).floats() : nil,
            axis: axis)
    }

    private static func normalization(
        _ definition: Normalization, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let shape = builder.shape(input)
        var sizes = Array(repeating: 1, count: shape.count)
        for number in definition.axes {
            let axis = try builder.axis(number, of: input)
            sizes[axis] = shape[axis]
        }
        var mean = definition.stored?.mean ?? []
        var variance = definition.stored?.variance ?? []
        if definition.stored == nil {
            mean = try site.weight("mean").floats().map(Double.init)
            variance = try site.weight("variance").floats().map(Double.init)
        }
        let count = sizes.reduce(1, *)
        func spread(_ numbers: [Double]) throws(ExecutionError) -> [Double] {
            guard numbers.count == count || numbers.count == 1 else {
                throw ExecutionError(
                    .weight, "has \(numbers.count) means for \(count) features")
            }
            return numbers.count == count ? numbers : Array(repeating: numbers[0], count: count)
        }
        mean = try spread(mean)
        let deviation = try spread(variance).map { max($0.squareRoot(), 1e-7) }
        let scale = deviation.map { definition.isInverse ? $0 : 1 / $0 }
        let shift = zip(mean, deviation).map { definition.isInverse ? $0 : -$0 / $1 }
        let scaled = try builder.binary(
            .multiply, input, builder.constant(scale.map(Float.init), shape: sizes))
        return try builder.binary(
            .add, scaled, builder.constant(shift.map(Float.init), shape: sizes))
    }

    private static func rescaling(
        _ definition: Rescaling, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        if definition.scale.count == 1, definition.offset.count == 1 {
            return try builder.function(
                .linear(scale: Float(definition.scale[0]), shift: Float(definition.offset[0])),
                input)
        }
        let scaled = try builder.binary(
            .multiply, input, builder.constant(definition.scale.map(Float.init)))
        return try builder.binary(
            .add, scaled, builder.constant(definition.offset.map(Float.init)))
    }
}
