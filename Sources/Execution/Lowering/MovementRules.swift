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
        ]
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
