import OrderedJSON

/// `x + y` and its kind, written into a graph without a layer; one operand may be a constant.
///
/// Axes line up from the end, as in numpy.
package struct ArithmeticOperation: LayerDefinition {
    package static let classNames = arithmetics.keys.sorted() + others

    private static let arithmetics: [String: Arithmetic] = [
        "operation:Add": .add, "operation:Subtract": .subtract, "operation:Multiply": .multiply,
        "operation:Divide": .divide, "operation:TrueDivide": .divide,
        "operation:Maximum": .maximum, "operation:Minimum": .minimum,
    ]

    /// Operations on two operands through which constants are not followed.
    private static let others = [
        "Power", "Mod", "FloorDivide", "Arctan2", "Equal", "NotEqual", "Greater", "GreaterEqual",
        "Less", "LessEqual",
    ].map { "operation:" + $0 }

    /// Keras's name of the operation: `Add`.
    package var name: String
    package var arithmetic: Arithmetic?

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        name = String(configuration.className.dropFirst("operation:".count))
        arithmetic = Self.arithmetics[configuration.className]
    }

    /// Both operands, in the order of the operation.
    package func operands(of call: LayerCall) throws(GraphError) -> [Operand] {
        guard let first = call.operand(0, ["x1", "x", "a"]),
            let second = call.operand(1, ["x2", "y", "b"])
        else { throw GraphError(.unsupported, "its operands are not understood") }
        return [first, second]
    }

    private func broadcasting(_ call: LayerCall, _ operands: [Operand]) -> Broadcasting {
        Broadcasting(
            .trailing,
            operands.map { operand in
                switch operand {
                case .input(let index): call.inputs[index]
                case .constant(let array): Shape(array.shape)
                }
            })
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try broadcasting(call, try operands(of: call)).output()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        guard let operands = try? operands(of: channels.call) else { return }
        channels.broadcast(
            broadcasting(channels.call, operands), inputs: operands.map(\.inputIndex))
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let operands = try? operands(of: call.call) else { return call.unknown }
        var constants: [Int: Float] = [:]
        for (index, operand) in operands.enumerated() {
            if case .constant(let array) = operand, let value = array.uniform {
                constants[index] = Float(value)
            }
        }
        return call.combining(
            broadcasting(call.call, operands), inputs: operands.map(\.inputIndex),
            constants: constants
        ) { values in
            if let arithmetic { return arithmetic.combine(values) }
            guard name == "Power", case .constant(let base, edge: 0) = values[0],
                case .constant(let exponent, _) = values[1]
            else { return .unknown }
            return Emission.constant(power(base, exponent)).checked
        }
    }
}

extension Operand {
    var inputIndex: Int? {
        if case .input(let index) = self { return index }
        return nil
    }
}
