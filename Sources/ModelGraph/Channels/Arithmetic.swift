/// Arithmetic on several operands, element by element.
package enum Arithmetic: String, Hashable, Sendable {
    case add, subtract, multiply, divide, average, maximum, minimum

    /// What the operation makes of what one channel carries in each operand.
    ///
    /// A channel that is live in one operand stays unknown, but for a product with exactly zero.
    func combine(_ operands: [Emission]) -> Emission {
        var values: [(value: Float, edge: Float)] = []
        for operand in operands {
            if case .constant(let value, let edge) = operand { values.append((value, edge)) }
        }
        if self == .multiply, values.contains(where: { $0.value == 0 && $0.edge == 0 }) {
            return .constant(0)
        }
        guard values.count == operands.count, var result = values.first else { return .unknown }
        for operand in values.dropFirst() {
            guard let next = pair(result, operand) else { return .unknown }
            result = next
        }
        if self == .average {
            let count = Float(values.count)
            result = (result.value / count, result.edge / count)
        }
        return Emission.constant(result.value, edge: result.edge).checked
    }

    private func pair(
        _ a: (value: Float, edge: Float), _ b: (value: Float, edge: Float)
    ) -> (value: Float, edge: Float)? {
        switch self {
        case .add, .average: return (a.value + b.value, a.edge + b.edge)
        case .subtract: return (a.value - b.value, a.edge + b.edge)
        case .multiply:
            return (
                a.value * b.value, abs(a.value) * b.edge + abs(b.value) * a.edge + a.edge * b.edge
            )
        case .divide:
            guard b.edge == 0, b.value != 0 else { return nil }
            return (a.value / b.value, a.edge / abs(b.value))
        case .maximum: return (max(a.value, b.value), max(a.edge, b.edge))
        case .minimum: return (min(a.value, b.value), max(a.edge, b.edge))
        }
    }
}
