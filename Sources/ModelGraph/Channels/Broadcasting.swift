/// How the axes of operands line up when they are combined element by element.
package struct Broadcasting: Hashable, Sendable {
    package enum Rule: Hashable, Sendable {
        /// Keras's merge layers: the batch stays in front, missing axes are behind it.
        case batchFirst
        /// Array operations: axes line up from the end, missing ones are in front.
        case trailing
    }

    package var rule: Rule
    package var operands: [Shape]

    package init(_ rule: Rule, _ operands: [Shape]) {
        self.rule = rule
        self.operands = operands
    }

    var rank: Int { operands.map(\.rank).max() ?? 0 }

    /// The operand's axis that stands at `axis` of the output; nil where it has none.
    func axis(of operand: Int, at axis: Int) -> Int? {
        let own = axis - (rank - operands[operand].rank)
        guard rule == .batchFirst else { return own >= 0 ? own : nil }
        return axis == 0 ? 0 : own > 0 ? own : nil
    }

    /// The operand's size at `axis` of the output: 1 where it has no such axis; nil if unknown.
    func size(of operand: Int, at axis: Int) -> Int? {
        guard let own = self.axis(of: operand, at: axis) else { return 1 }
        return operands[operand][own]
    }

    /// The shape of the result.
    ///
    /// An unknown size makes the result's unknown, as Keras has it, but for the batch.
    package func output() throws(GraphError) -> Shape {
        guard let first = operands.first else {
            throw GraphError(.connection, "takes inputs, has none")
        }
        if rule == .batchFirst, operands.contains(where: { $0.rank == 0 }) {
            throw GraphError(.shape, "takes batches, is given a scalar")
        }
        var output = Shape(Array(repeating: 1, count: rank))
        for axis in 0..<rank {
            let sizes = operands.indices.map { size(of: $0, at: axis) }
            let known = Set(sizes.compactMap { $0 == 1 ? nil : $0 })
            guard known.count <= 1 else {
                let others = operands.dropFirst().map(\.dimensionsText).joined(separator: " and ")
                throw GraphError(.shape, "cannot join \(first.dimensionsText) with \(others)")
            }
            if axis == 0, rule == .batchFirst {
                output[0] = known.first ?? (sizes.contains(nil) ? nil : 1)
            } else {
                output[axis] = sizes.contains(nil) ? nil : known.first ?? 1
            }
        }
        return output
    }
}

extension ChannelBinder {
    /// Operands that are combined element by element: channels at the same place go together.
    ///
    /// A channel that is spread over many others must stay.
    ///
    /// - Parameter inputs: which inputs are combined, in the order of the operands; nil is a constant.
    mutating func broadcast(_ broadcasting: Broadcasting, inputs operands: [Int?]) {
        var result = TensorChannels()
        for axis in outputShapes[0].dimensions.indices.dropFirst() {
            let count = outputShapes[0][axis]
            var meeting: ChannelLabels?
            var meetsFixed = false
            for (operand, input) in operands.enumerated() {
                let size = broadcasting.size(of: operand, at: axis)
                if size == 1, count != 1 {
                    if let labels = labels(of: input, in: broadcasting, operand, axis) {
                        protect(labels, .fixedPartner)
                    }
                } else if let labels = labels(of: input, in: broadcasting, operand, axis) {
                    if let meeting { join(meeting, labels) } else { meeting = labels }
                } else if size != 1 || input != nil {
                    meetsFixed = true
                }
            }
            guard let meeting else { continue }
            if meetsFixed { protect(meeting, .fixedPartner) }
            result.axes[axis] = meeting
        }
        outputs[0] = result
    }

    private func labels(
        of input: Int?, in broadcasting: Broadcasting, _ operand: Int, _ axis: Int
    ) -> ChannelLabels? {
        guard let input, let own = broadcasting.axis(of: operand, at: axis) else { return nil }
        return inputs[input].axes[own]
    }
}

extension EmissionCall {
    /// What operands that are combined element by element make of their constants.
    ///
    /// - Parameters:
    ///   - operands: which inputs are combined, in the order of the operands; nil is a constant.
    ///   - constants: the constant operands' values, by operand, where each is one number.
    func combining(
        _ broadcasting: Broadcasting, inputs operands: [Int?], constants: [Int: Float] = [:],
        _ combine: ([Emission]) -> Emission
    ) -> [TensorEmission] {
        guard let output = removedOutputs.first ?? nil else { return unknown }
        return emitting(axis: output.axis) { channel in
            combine(
                operands.enumerated().map { operand, input in
                    guard let input else {
                        return constants[operand].map { .constant($0) } ?? .live
                    }
                    let emission = inputs[input]
                    guard let own = broadcasting.axis(of: operand, at: output.axis),
                        own == emission.axis, emission.channels.indices.contains(channel),
                        emission.channels.count == output.removed.count
                    else { return .live }
                    return emission.channels[channel]
                })
        }
    }
}
