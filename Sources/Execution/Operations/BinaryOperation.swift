import COneDNN

/// An element-wise function of two tensors.
enum BinaryFunction: Sendable, Hashable {
    case add, subtract, multiply, divide, maximum, minimum, equal, less, greaterOrEqual

    var algorithm: dnnl_alg_kind_t {
        switch self {
        case .add: dnnl_binary_add
        case .subtract: dnnl_binary_sub
        case .multiply: dnnl_binary_mul
        case .divide: dnnl_binary_div
        case .maximum: dnnl_binary_max
        case .minimum: dnnl_binary_min
        case .equal: dnnl_binary_eq
        case .less: dnnl_binary_lt
        case .greaterOrEqual: dnnl_binary_ge
        }
    }

    var isCommutative: Bool {
        switch self {
        case .add, .multiply, .maximum, .minimum, .equal: true
        case .subtract, .divide, .less, .greaterOrEqual: false
        }
    }

    func callAsFunction(_ a: Float, _ b: Float) -> Float {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .maximum: max(a, b)
        case .minimum: min(a, b)
        case .equal: a == b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        }
    }
}

/// Two tensors combined element by element, with numpy's broadcasting.
struct BinaryOperation: FusingOperation {
    let label = "binary"
    var function: BinaryFunction
    var fused: [FusedOperation] = []
    var layout = TensorLayout.channelsLast

    init(_ function: BinaryFunction) { self.function = function }

    // oneDNN allows the first operand only.
    var inPlaceInputs: [Int] { [0] }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let broadcast = try Broadcast(shapes.inputs, to: shapes.outputs[0])
        let whole = broadcast.present.map { $0.allSatisfy { $0 } }
        // oneDNN broadcasts the second operand only.
        let first: Int? =
            whole[0] ? 0 : whole[1] && function.isCommutative && shapes.inputs.count >= 2 ? 1 : nil
        guard let first else { return try general(broadcast, shapes) }
        // An axis that stands outside of a pattern that oneDNN knows becomes a loop.
        let others = broadcast.present.indices.filter { $0 != first }
        let loops =
            broadcast.output.count > 2
            && !others.allSatisfy {
                !broadcast.present[$0][0] && !broadcast.present[$0][2...].contains(true)
            }
        let inner = loops ? 1 : 0
        let count = loops ? broadcast.output[0] : 1
        func description(_ dimensions: [Int]) throws(ExecutionError) -> MemoryDescription {
            let kept = Array(dimensions[inner...])
            return try MemoryDescription(
                kept.count == 1 || needsChannelFirst(broadcast, others, inner) ? [1] + kept : kept)
        }
        func stride(_ operand: Int) -> Int {
            guard loops, broadcast.present[operand][0] else { return 0 }
            return broadcast.shape(operand)[1...].reduce(1, *) * 4
        }
        let source = try description(broadcast.shape(first))
        let other = try description(broadcast.shape(1 - first))
        let target = try description(broadcast.output)
        var operation = dnnl_binary_desc_t()
        try Engine.check(
            dnnl_binary_desc_init(
                &operation, function.algorithm, [source.raw], [other.raw], [target.raw]),
            "combining \(shapes.inputs[0]) and \(shapes.inputs[1])")
        var (post, extra) = try postOperations(shapes) { input throws(ExecutionError) in
            try description(broadcast.shape(input))
        }
        for index in extra.indices {
            if case .input(let input) = extra[index].source { extra[index].stride = stride(input) }
        }
        let primitive = try PrimitiveDescription(
            operation, try Attributes(post),
            "combining \(shapes.inputs[0]) and \(shapes.inputs[1])")
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, source, .input(first), stride: stride(first)),
                KernelArgument(
                    espalier_dnnl_src_1, other, .input(1 - first), stride: stride(1 - first)),
                KernelArgument(
                    espalier_dnnl_dst, target, .output(0),
                    stride: loops ? broadcast.output[1...].reduce(1, *) * 4 : 0),
            ] + extra, repetitions: count)
    }

    /// Whether the axis that the other operands have is the first one: oneDNN wants it second, as channels.
    private func needsChannelFirst(_ broadcast: Broadcast, _ others: [Int], _ inner: Int) -> Bool {
        others.contains { operand in
            let present = broadcast.present[operand][inner...]
            return present.count == 2 && present.first == true && present.last == false
        }
    }

    /// Any broadcast, one element after the other.
    private func general(
        _ broadcast: Broadcast, _ shapes: OperationShapes
    ) throws(ExecutionError) -> any Kernel {
        guard fused.isEmpty else {
            throw ExecutionError(.unsupported, "a fused operation on a two-sided broadcast")
        }
        let rank = broadcast.output.count
        let count = broadcast.output.reduce(1, *)
        let strides = (0..<2).map { operand in
            let shape = broadcast.shape(operand)
            return zip(MemoryDescription.rowMajorStrides(shape), broadcast.present[operand])
                .map { $1 ? $0 : 0 }
        }
        let function = function
        return SwiftKernel { addresses throws(ExecutionError) in
            let first = try addresses.input(0, count: broadcast.shape(0).reduce(1, *))
            let second = try addresses.input(1, count: broadcast.shape(1).reduce(1, *))
            let output = try addresses.output(0, count: count)
            var index = Array(repeating: 0, count: rank)
            for position in 0..<count {
                var (a, b) = (0, 0)
                for axis in 0..<rank {
                    a += index[axis] * strides[0][axis]
                    b += index[axis] * strides[1][axis]
                }
                output[position] = function(first[a], second[b])
                var axis = rank - 1
                while axis >= 0 {
                    index[axis] += 1
                    if index[axis] < broadcast.output[axis] { break }
                    index[axis] = 0
                    axis -= 1
                }
            }
        }
    }
}
