import ModelGraph

/// Layers with a state that runs along the time axis.
enum RecurrenceRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(several: Recurrence.self) {
                definition, site, builder throws(ExecutionError) in
                guard let input = site.inputs.first else {
                    throw ExecutionError(.shape, "takes a sequence, has none")
                }
                let run = try builder.recurrence(
                    definition, site, prefix: "", input: input,
                    states: Array(site.inputs.dropFirst()))
                let output = definition.returnsSequences ? run.sequence : run.states[0]
                if definition.returnsSequences, !definition.goesBackwards {
                    builder.masks[output] = builder.masks[input]
                }
                return [output] + (definition.returnsState ? run.states : [])
            },
            LoweringRule(several: Bidirectional.self, bidirectional),
        ]
    }

    private static func bidirectional(
        _ definition: Bidirectional, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> [Value] {
        guard let input = site.inputs.first else {
            throw ExecutionError(.shape, "takes a sequence, has none")
        }
        let states = Array(site.inputs.dropFirst())
        let forward = try builder.recurrence(
            definition.forward, site, prefix: Bidirectional.forwardPrefix, input: input,
            states: Array(states.prefix(states.count / 2)))
        let backward = try builder.recurrence(
            definition.backward, site, prefix: Bidirectional.backwardPrefix, input: input,
            states: Array(states.suffix(states.count / 2)))
        var (first, second) = (forward.states[0], backward.states[0])
        if definition.forward.returnsSequences {
            first = forward.sequence
            // What the second gives last belongs to the first step.
            second = try builder.reverse(backward.sequence, axis: 1)
        }
        let rest = definition.forward.returnsState ? forward.states + backward.states : []
        let output: Value
        switch definition.merging {
        case nil: return [first, second] + rest
        case .concatenate:
            output = try builder.concatenate(
                [first, second], axis: builder.shape(first).count - 1)
        case .sum: output = try builder.combine(.add, [first, second])
        case .product: output = try builder.combine(.multiply, [first, second])
        case .average: output = try builder.combine(.average, [first, second])
        }
        if definition.forward.returnsSequences { builder.masks[output] = builder.masks[input] }
        return [output] + rest
    }
}

extension ProgramBuilder {
    /// Runs a recurrent layer over a sequence.
    ///
    /// - Parameters:
    ///   - prefix: what stands before the roles of its weights.
    ///   - states: those to begin with; zeros if there are none.
    /// - Returns: the outputs of all steps in the order in which they were made, and the last states.
    mutating func recurrence(
        _ definition: Recurrence, _ site: LayerSite, prefix: String, input: Value, states: [Value]
    ) throws(ExecutionError) -> (sequence: Value, states: [Value]) {
        let shape = self.shape(input)
        guard shape.count == 3 else { throw ExecutionError(.shape, "takes sequences") }
        let (units, width) = (definition.units, definition.units * definition.gateCount)
        let (batch, steps) = (shape[0], shape[1])
        let kernel = try site.weight(prefix + "kernel", shape: [shape[2], width])
        let recurrent = try site.weight(prefix + "recurrent_kernel", shape: [units, width])
        var inputBias: Constant?
        var recurrentBias: [Float]?
        if definition.usesBias {
            let bias = try site.weight(prefix + "bias")
            let numbers = bias.floats()
            if bias.elementCount == 2 * width {
                inputBias = Constant(Array(numbers.prefix(width)), shape: [width])
                recurrentBias = Array(numbers.suffix(width))
            } else {
                inputBias = try site.weight(prefix + "bias", shape: [width])
            }
        }
        let mask = masks[input]
        let ordered = definition.goesBackwards ? try reverse(input, axis: 1) : input
        let projected = try product(ordered, kernel: kernel, bias: inputBias)
        var inputs = [projected, constant(recurrent)]
        if let mask {
            inputs.append(
                definition.goesBackwards
                    ? try reverse(try reshape(mask, [batch, steps, 1]), axis: 1) : mask)
        }
        guard states.isEmpty || states.count == definition.stateCount,
            states.allSatisfy({ self.shape($0) == [batch, units] })
        else { throw ExecutionError(.shape, "its initial states do not fit") }
        let operation = RecurrenceOperation(
            cell: definition.cell, units: units, steps: steps, batch: batch,
            activation: definition.activation, recurrentActivation: definition.recurrentActivation,
            resetsAfter: definition.resetsAfter, recurrentBias: recurrentBias,
            isMasked: mask != nil, hasStates: !states.isEmpty)
        let outputs = try append(
            operation, inputs + states,
            outputs: [[batch, steps, units]]
                + Array(repeating: [batch, units], count: definition.stateCount))
        return (outputs[0], Array(outputs.dropFirst()))
    }
}
