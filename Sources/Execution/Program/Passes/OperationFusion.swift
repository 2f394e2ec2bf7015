import COneDNN

/// Merges operations with the one that makes their input.
///
/// Before: `padding → convolution → × scale → + shift → relu`, or `convolution → + residual → relu`.
/// After: one convolution with other weights and a larger border, which applies the function, and adds to what
/// stands where it writes.
///
/// A merged operation stands where the later one stood, so that all its inputs are made before it.
struct OperationFusion {
    var program: Program
    private var steps: [Step?]
    /// The step that makes each value.
    private var makers: [Int?]
    private var useCounts: [Int]
    private var lastUses: [Int]
    /// The steps that write over the memory of each value that owns some.
    private var overwriters: [Int: Set<Int>] = [:]

    init(_ program: Program) {
        self.program = program
        steps = program.steps
        makers = Array(repeating: nil, count: program.values.count)
        for (index, step) in program.steps.enumerated() {
            for output in step.outputs { makers[output.index] = index }
        }
        useCounts = OperationFusion.useCounts(program)
        lastUses = MemoryPlan.lives(program).map { $0?.upperBound ?? Int.max }
    }

    mutating func fused() throws(ExecutionError) -> Program {
        for index in program.steps.indices {
            try absorbPadding(at: index)
            if try fold(at: index) { continue }
            if try foldLine(at: index) { continue }
            if fuseFunction(at: index) { continue }
            if fuseConstant(at: index) { continue }
            fuseSum(at: index)
        }
        program.steps = steps.compactMap(\.self)
        return program
    }

    /// How often each value is read, under any shape; outputs and captures count as one more.
    private static func useCounts(_ program: Program) -> [Int] {
        var counts = Array(repeating: 0, count: program.values.count)
        for step in program.steps {
            for input in step.inputs { counts[input.index] += 1 }
        }
        for value in program.outputs + program.captures { counts[value.index] += 1 }
        // An alias is one more reader of what it stands for, which stands before it.
        for index in program.values.indices.reversed() where counts[index] > 0 {
            if let alias = program.values[index].alias { counts[alias.index] += 1 }
        }
        return counts
    }

    /// The step that makes a value for one reader only, if it can be run as late as `index`.
    private func maker(of value: Value, before index: Int) -> (index: Int, step: Step)? {
        guard useCounts[value.index] == 1, let maker = makers[value.index],
            let step = steps[maker], step.outputs.count == 1
        else { return nil }
        for input in step.inputs {
            let writers = overwriters[program.root(input).index] ?? []
            if writers.contains(where: { $0 > maker && $0 < index }) { return nil }
        }
        return (maker, step)
    }

    /// Puts a merged step in place of two.
    private mutating func merge(
        _ maker: Int, into index: Int, _ operation: any Operation,
        inputs: [Value]
    ) {
        guard let first = steps[maker], let second = steps[index] else { return }
        steps[index] = Step(
            operation: operation, inputs: inputs, outputs: second.outputs,
            nodes: first.nodes + second.nodes.filter { !first.nodes.contains($0) })
        steps[maker] = nil
        if let place = program.values[first.outputs[0].index].alias {
            // What adds to a tensor in place goes on doing so.
            let (owner, output) = (program.root(place).index, second.outputs[0])
            program.values[output.index].alias = place
            lastUses[owner] = max(lastUses[owner], lastUses[output.index])
            overwriters[owner]?.remove(maker)
            overwriters[owner, default: []].insert(index)
        }
        for input in inputs {
            let root = program.root(input).index
            if lastUses[root] < index { lastUses[root] = index }
        }
    }

    /// The other operand's numbers, if the step combines a tensor with numbers for its last axis.
    private func constantOperand(_ step: Step) -> (input: Value, numbers: [Float], constant: Value)?
    {
        guard let binary = step.operation as? BinaryOperation, binary.fused.isEmpty,
            step.inputs.count == 2
        else { return nil }
        var pairs = [(step.inputs[0], step.inputs[1])]
        if binary.function.isCommutative { pairs.append((step.inputs[1], step.inputs[0])) }
        for (input, operand) in pairs {
            let shape = program.shape(input)
            guard let constant = program.values[operand.index].constant,
                shape == program.shape(step.outputs[0]), constant.shape.count <= shape.count,
                constant.elementCount == 1
                    || constant.elementCount == shape.last && constant.shape.last == shape.last
            else { continue }
            return (input, constant.floats(), operand)
        }
        return nil
    }
}

// MARK: Kinds of merging

extension OperationFusion {
    /// Lets a convolution see the zeros that a padding puts around its input, in place of making them.
    private mutating func absorbPadding(at index: Int) throws(ExecutionError) {
        guard let step = steps[index], let input = step.inputs.first,
            let (maker, padding) = maker(of: input, before: index),
            let margins = (padding.operation as? AssemblyOperation)?.zeroMargins
        else { return }
        let rank = margins.before.count
        guard rank > 2, margins.before[0] + margins.after[0] == 0,
            margins.before[rank - 1] + margins.after[rank - 1] == 0
        else { return }
        let before = Array(margins.before[1..<(rank - 1)])
        let after = Array(margins.after[1..<(rank - 1)])
        let inputs = padding.inputs + step.inputs.dropFirst()
        if var convolution = step.operation as? ConvolutionOperation {
            convolution.window.widen(before: before, after: after)
            // oneDNN's kernels expect that every window touches the tensor.
            guard convolution.window.touchesTensor else { return }
            merge(maker, into: index, convolution, inputs: inputs)
        } else if var pooling = step.operation as? PoolingOperation, pooling.kind == .maximum,
            isNotNegative(padding.inputs[0])
        {
            // Where nothing is negative, zeros change a maximum as little as nothing.
            pooling.window.widen(before: before, after: after)
            guard pooling.window.touchesTensor else { return }
            merge(maker, into: index, pooling, inputs: inputs)
        }
    }

    private func isNotNegative(_ value: Value) -> Bool {
        guard let maker = makers[value.index], let operation = steps[maker]?.operation else {
            return false
        }
        if let function = operation as? FunctionOperation {
            return function.function.isNotNegative
        }
        if case .function(let function) = (operation as? any FusingOperation)?.fused.last {
            return function.isNotNegative
        }
        return false
    }

    /// Multiplies a scale into the weights of the operation before, or adds a shift to its bias.
    private mutating func fold(at index: Int) throws(ExecutionError) -> Bool {
        guard let step = steps[index], let binary = step.operation as? BinaryOperation,
            let (input, numbers, _) = constantOperand(step),
            let (maker, before) = maker(of: input, before: index),
            var linear = before.operation as? any LinearOperation, linear.fused.isEmpty,
            linear.outputChannels == program.shape(input).last
        else { return false }
        switch binary.function {
        case .multiply: linear.scale(by: numbers)
        case .divide: linear.scale(by: numbers.map { 1 / $0 })
        case .add: linear.shift(by: numbers)
        case .subtract: linear.shift(by: numbers.map { -$0 })
        default: return false
        }
        merge(maker, into: index, linear, inputs: before.inputs)
        return true
    }

    /// The same with one number each for all outputs.
    private mutating func foldLine(at index: Int) throws(ExecutionError) -> Bool {
        guard let step = steps[index],
            let function = (step.operation as? FunctionOperation)?.function,
            function.algorithm == dnnl_eltwise_linear,
            let (maker, before) = maker(of: step.inputs[0], before: index),
            var linear = before.operation as? any LinearOperation, linear.fused.isEmpty
        else { return false }
        if function.alpha != 1 { linear.scale(by: [function.alpha]) }
        if function.beta != 0 { linear.shift(by: [function.beta]) }
        merge(maker, into: index, linear, inputs: before.inputs)
        return true
    }

    /// Lets the operation before apply an element-wise function.
    private mutating func fuseFunction(at index: Int) -> Bool {
        guard let step = steps[index], let function = step.operation as? FunctionOperation,
            let (maker, before) = maker(of: step.inputs[0], before: index),
            var fusing = before.operation as? any FusingOperation,
            fusing.accepts(.function(function.function)), isWhole(before),
            program.shape(step.inputs[0]) == program.shape(step.outputs[0])
        else { return false }
        fusing.fused.append(.function(function.function))
        merge(maker, into: index, fusing, inputs: before.inputs)
        return true
    }

    /// Lets a combination with numbers for the last axis apply a second one: scale and shift.
    private mutating func fuseConstant(at index: Int) -> Bool {
        guard let step = steps[index], let second = step.operation as? BinaryOperation,
            let (input, _, constant) = constantOperand(step),
            let (maker, before) = maker(of: input, before: index),
            var first = before.operation as? BinaryOperation, isWhole(before),
            let (_, _, other) = constantOperand(
                Step(
                    operation: BinaryOperation(first.function),
                    inputs: Array(before.inputs.prefix(2)), outputs: before.outputs, nodes: [])),
            program.shape(other) == program.shape(constant), second.function.isCommutative
        else { return false }
        first.fused.append(.binary(second.function, input: before.inputs.count))
        merge(maker, into: index, first, inputs: before.inputs + [constant])
        return true
    }

    /// Whether the first operand of a combination has the shape of the result.
    private func isWhole(_ step: Step) -> Bool {
        guard let binary = step.operation as? BinaryOperation else { return true }
        let count = program.shape(step.outputs[0]).reduce(1, *)
        return step.inputs.prefix(binary.function.isCommutative ? 2 : 1)
            .contains { program.shape($0).reduce(1, *) == count }
    }

    /// Lets a convolution add its result to a tensor that nobody needs afterwards.
    private mutating func fuseSum(at index: Int) {
        guard let step = steps[index], let add = step.operation as? BinaryOperation,
            add.function == .add, add.fused.isEmpty, step.inputs.count == 2,
            program.shape(step.inputs[0]) == program.shape(step.inputs[1])
        else { return }
        let pairs = [(step.inputs[0], step.inputs[1]), (step.inputs[1], step.inputs[0])]
        // The later of two is merged, so that fewer tensors wait.
        let order = pairs.sorted { (makers[$0.0.index] ?? -1) > (makers[$1.0.index] ?? -1) }
        for (input, residual) in order {
            let owner = program.root(residual)
            guard let (maker, before) = maker(of: input, before: index),
                var fusing = before.operation as? ConvolutionOperation,
                fusing.accepts(.sum(input: before.inputs.count)),
                lastUses[owner.index] == index,
                program.values[owner.index].constant == nil,
                !before.inputs.contains(where: { program.root($0) == owner })
            else { continue }
            fusing.fused.append(.sum(input: before.inputs.count))
            merge(maker, into: index, fusing, inputs: before.inputs + [residual])
            let output = step.outputs[0]
            program.values[output.index].alias = residual
            lastUses[owner.index] = max(lastUses[output.index], index)
            overwriters[owner.index, default: []].insert(index)
            return
        }
    }
}

extension SlidingWindow {
    /// Puts more border around the tensor.
    fileprivate mutating func widen(before: [Int], after: [Int]) {
        for axis in size.indices {
            self.before[axis] += before[axis]
            self.after[axis] += after[axis]
        }
    }

    /// Whether no window lies in the border altogether.
    fileprivate var touchesTensor: Bool {
        size.indices.allSatisfy { before[$0] < reach($0) && after[$0] < reach($0) }
    }
}

extension ElementwiseFunction {
    /// Whether its values are never negative.
    fileprivate var isNotNegative: Bool {
        algorithm == dnnl_eltwise_relu && alpha == 0 || algorithm == dnnl_eltwise_logistic
            || algorithm == dnnl_eltwise_clip && alpha >= 0
    }
}
