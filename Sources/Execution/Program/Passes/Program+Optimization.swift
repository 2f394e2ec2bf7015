extension Program {
    /// Makes the program faster without changing what it computes, but for rounding.
    ///
    /// The order matters: padding and normalisation disappear into convolutions before their activations
    /// are fused, and only what is then left runs in place.
    mutating func optimize() throws(ExecutionError) {
        runInPlace()
    }

    /// How often each value is read; outputs and captures count as one more.
    func useCounts() -> [Int] {
        var counts = Array(repeating: 0, count: values.count)
        for step in steps {
            for input in step.inputs { counts[input.index] += 1 }
        }
        for value in outputs + captures { counts[value.index] += 1 }
        // Whoever reads an alias reads the value behind it.
        for value in values.indices where counts[value] > 0 {
            var root = values[value].alias
            while let next = root {
                counts[next.index] += 1
                root = values[next.index].alias
            }
        }
        return counts
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
