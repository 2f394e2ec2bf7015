extension Program {
    /// Lets combinations with a few numbers for the last axis see sixteen positions at a time.
    ///
    /// Before: `224 × 224 × 3 with 3 numbers`, one number after the other.
    /// After: `3136 × 48 with 48 numbers`, in vectors. Pixels are scaled like that.
    mutating func widenNarrowOperands() {
        for index in steps.indices {
            guard let binary = steps[index].operation as? BinaryOperation,
                let wide = wideShape(of: steps[index])
            else { continue }
            let step = steps[index]
            let width = wide[1]
            var inputs: [Value] = []
            for input in step.inputs {
                guard let constant = values[input.index].constant else {
                    inputs.append(add(ValueDescription(shape: wide, alias: input)))
                    continue
                }
                guard constant.elementCount > 1 else {
                    inputs.append(input)
                    continue
                }
                let numbers = constant.floats()
                let tiled = (0..<width).map { numbers[$0 % numbers.count] }
                inputs.append(
                    add(
                        ValueDescription(
                            shape: [width], constant: Constant(tiled, shape: [width]))))
            }
            let output = add(ValueDescription(shape: wide))
            values[step.outputs[0].index].alias = output
            steps[index] = Step(
                operation: binary, inputs: inputs, outputs: [output], nodes: step.nodes)
        }
    }

    /// Rows of sixteen positions, if the step combines one tensor with numbers for a narrow last axis.
    private func wideShape(of step: Step) -> [Int]? {
        let shape = shape(step.outputs[0])
        guard let channels = shape.last, (2..<16).contains(channels),
            values[step.outputs[0].index].alias == nil,
            step.inputs.filter({ values[$0.index].constant == nil }).count == 1,
            step.inputs.contains(where: { (values[$0.index].constant?.elementCount ?? 0) > 1 })
        else { return nil }
        for input in step.inputs {
            if let constant = values[input.index].constant {
                guard
                    constant.elementCount == 1
                        || constant.shape.last == channels
                            && constant.elementCount == channels
                else { return nil }
            } else if self.shape(input) != shape {
                return nil
            }
        }
        let count = shape.reduce(1, *)
        let width = 16 * channels
        return count > 0 && count % width == 0 ? [count / width, width] : nil
    }
}
