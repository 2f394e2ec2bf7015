/// How several tensors are broadcast to one shape, with axes merged as far as possible.
struct Broadcast {
    /// The merged output.
    var output: [Int]
    /// For each operand, whether it has each axis of ``output`` (else it is 1 there).
    var present: [[Bool]]

    /// - Throws: ``ExecutionError`` if an operand does not broadcast to `output`.
    init(_ operands: [[Int]], to shape: [Int]) throws(ExecutionError) {
        output = []
        present = operands.map { _ in [] }
        var last: [Bool]?
        for axis in shape.indices {
            var has: [Bool] = []
            for operand in operands {
                let position = axis - (shape.count - operand.count)
                guard operand.count <= shape.count,
                    position < 0 || operand[position] == shape[axis] || operand[position] == 1
                else { throw ExecutionError(.shape, "\(operand) does not broadcast to \(shape)") }
                has.append(position >= 0 && operand[position] == shape[axis])
            }
            if shape[axis] == 1 { continue }
            if has == last {
                output[output.count - 1] *= shape[axis]
            } else {
                output.append(shape[axis])
                for operand in operands.indices { present[operand].append(has[operand]) }
                last = has
            }
        }
        if output.isEmpty {
            output = [1]
            present = operands.map { _ in [true] }
        }
    }

    /// The merged shape of an operand.
    func shape(_ operand: Int) -> [Int] {
        zip(output, present[operand]).map { $1 ? $0 : 1 }
    }

    /// The shape of two tensors broadcast against each other, as numpy does it.
    static func shape(_ first: [Int], _ second: [Int]) throws(ExecutionError) -> [Int] {
        let rank = max(first.count, second.count)
        let first = Array(repeating: 1, count: rank - first.count) + first
        let second = Array(repeating: 1, count: rank - second.count) + second
        var shape: [Int] = []
        for (one, other) in zip(first, second) {
            guard one == other || one == 1 || other == 1 else {
                throw ExecutionError(.shape, "\(first) and \(second) do not broadcast")
            }
            shape.append(one == 1 ? other : one)
        }
        return shape
    }
}
