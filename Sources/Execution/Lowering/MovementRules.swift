import ModelGraph

/// Layers that move elements without changing them.
enum MovementRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(Flatten.self) { flatten, site, builder throws(ExecutionError) in
                let input = try builder.channelsLast(try site.input(), flatten.format)
                let shape = builder.shape(input)
                return try builder.reshape(input, [shape[0], shape.dropFirst().reduce(1, *)])
            },
            LoweringRule(Reshape.self) { reshape, site, builder throws(ExecutionError) in
                let input = try site.input()
                let shape = builder.shape(input)
                let count = shape.dropFirst().reduce(1, *)
                let known = reshape.target.filter { $0 != -1 }.saturatingProduct
                return try builder.reshape(
                    input, [shape[0]] + reshape.target.map { $0 == -1 ? count / max(known, 1) : $0 }
                )
            },
            LoweringRule(ZeroPadding.self) { padding, site, builder throws(ExecutionError) in
                let input = try site.input()
                let (before, after) = try padding.margins.all(rank: builder.shape(input).count)
                return try builder.pad(input, before: before, after: after)
            },
            LoweringRule(Cropping.self) { cropping, site, builder throws(ExecutionError) in
                let input = try site.input()
                let (before, after) = try cropping.margins.all(rank: builder.shape(input).count)
                return try builder.pad(
                    input, before: before.map { -$0 }, after: after.map { -$0 })
            },
            LoweringRule(Permute.self) { permute, site, builder throws(ExecutionError) in
                try builder.transpose(try site.input(), [0] + permute.order)
            },
            LoweringRule(RepeatVector.self) { repeated, site, builder throws(ExecutionError) in
                let input = try site.input()
                let shape = builder.shape(input)
                guard shape.count == 2 else { throw ExecutionError(.shape, "takes vectors") }
                return try builder.repeatElements(
                    try builder.reshape(input, [shape[0], 1, shape[1]]),
                    counts: [1, repeated.count, 1])
            },
            LoweringRule(UpSampling.self, upSampling),
        ]
    }

    private static func upSampling(
        _ definition: UpSampling, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.format)
        let shape = builder.shape(input)
        guard shape.count == definition.rank + 2 else {
            throw ExecutionError(.shape, "takes a tensor of rank \(definition.rank + 2)")
        }
        guard !definition.keepsAspectRatio else {
            throw ExecutionError(.unsupported, "keeps the aspect ratio, which is not run here")
        }
        let lengths = Array(shape[1..<(shape.count - 1)])
        let sizes =
            switch definition.target {
            case .factors(let factors): zip(lengths, factors).map { $0.saturatingTimes($1) }
            case .sizes(let sizes): sizes
            }
        let isWhole = zip(lengths, sizes).allSatisfy { $1.isMultiple(of: $0) }
        let output: Value
        switch definition.interpolation {
        case "nearest" where isWhole:
            output = try builder.repeatElements(
                input, counts: [1] + zip(lengths, sizes).map { $1 / $0 } + [1])
        case "bilinear":
            output = try builder.append(
                ResamplingOperation(), [input], [shape[0]] + sizes + [shape[shape.count - 1]])
        default:
            throw ExecutionError(
                .unsupported,
                "interpolates '\(definition.interpolation)' to \(sizes), which is not run here")
        }
        return try builder.stored(output, definition.format)
    }
}

extension SpatialMargins {
    /// The margins of every axis of a tensor.
    fileprivate func all(
        rank tensorRank: Int
    ) throws(ExecutionError) -> (before: [Int], after: [Int]) {
        guard tensorRank == rank + 2 else {
            throw ExecutionError(.shape, "takes a tensor of rank \(rank + 2)")
        }
        var before = Array(repeating: 0, count: tensorRank)
        var after = before
        for (index, axis) in format.spatialAxes(rank: tensorRank).enumerated() {
            before[axis] = self.before[index]
            after[axis] = self.after[index]
        }
        return (before, after)
    }
}
