extension Program {
    /// Makes the program faster without changing what it computes, but for rounding.
    ///
    /// The order matters: what is fused needs no place of its own, only what is left runs in place.
    ///
    /// - Parameter usesWinograd: whether 3×3 convolutions go Winograd's way where that is faster.
    mutating func optimize(usesWinograd: Bool = true) throws(ExecutionError) {
        var fusion = OperationFusion(self)
        self = try fusion.fused()
        widenNarrowOperands()
        runInPlace()
        if usesWinograd, Engine.hasBlockedKernels { self = LayoutAssignment(self).assigned() }
    }

    /// Lets operations write over an input that nobody needs afterwards.
    mutating func runInPlace() {
        var lastUse = MemoryPlan.lives(self).map { $0?.upperBound ?? Int.max }
        for (index, step) in steps.enumerated() {
            guard let output = step.outputs.first, values[output.index].alias == nil else {
                continue
            }
            for position in step.operation.inPlaceInputs {
                let owner = root(step.inputs[position])
                let others = step.inputs.enumerated().filter { $0.offset != position }
                guard lastUse[owner.index] == index, values[owner.index].constant == nil,
                    shape(owner).reduce(1, *) == shape(output).reduce(1, *),
                    !others.contains(where: { root($0.element) == owner })
                else { continue }
                values[output.index].alias = owner
                lastUse[owner.index] = lastUse[output.index]
                break
            }
        }
    }
}
