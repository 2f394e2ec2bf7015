/// Decides where images stand in blocks of channels, which Winograd convolutions need.
///
/// Before: `convolution 3×3 → convolution 1×1 → convolution 3×3`, all channels last.
/// After: `layout → Winograd → convolution 1×1 → Winograd → layout`, the images between in blocks.
///
/// From two starts, all in blocks or only those that gain, steps change sides as long as the estimated time falls;
/// ties keep what is there, so the result depends on the program alone. A step that writes over an input in
/// the other layout writes over that input's copy instead.
struct LayoutAssignment {
    private let program: Program
    /// The step that makes each value; none for inputs, constants and views of other values, whose channels are last.
    private var makers: [Int: Int] = [:]
    /// Readers of each image: steps, or nil for the caller.
    private var readers: [Int: [Int?]] = [:]
    private var canBlock: [Bool]
    /// Microseconds that each step gains by blocks.
    private var gains: [Double]

    init(_ program: Program) {
        self.program = program
        canBlock = []
        gains = []
        for (index, step) in program.steps.enumerated() {
            for output in step.outputs { makers[output.index] = index }
            let shapes = program.shapes(of: step)
            let operand = step.operation as? any LayoutOperand
            let allows = step.outputs.count == 1 && operand?.allowsBlocks(shapes) == true
            canBlock.append(allows)
            gains.append(allows ? operand?.gain(shapes) ?? 0 : 0)
        }
        for (index, step) in program.steps.enumerated() {
            for value in Set(step.inputs.map(original)) {
                readers[value.index, default: []].append(index)
            }
        }
        for value in program.outputs + program.captures {
            readers[original(value).index, default: []].append(nil)
        }
        // What is seen under another shape, too, keeps its channels last.
        for index in program.values.indices {
            var seen = Value(index: index)
            while makers[seen.index] == nil, let alias = program.values[seen.index].alias {
                seen = alias
            }
            guard let maker = makers[seen.index],
                program.values[index].shape != program.shape(seen)
            else { continue }
            if !isSame(program.shape(seen)) { canBlock[maker] = false }
        }
    }

    /// The program with layouts assigned, and changes of layout where they are needed.
    func assigned() -> Program {
        guard zip(canBlock, gains).contains(where: { $0 && $1 > 0 }) else { return program }
        let ends = [zip(canBlock, gains).map { $0 && $1 > 0 }, canBlock].map(improved)
        let best = cost(ends[0]) <= cost(ends[1]) ? ends[0] : ends[1]
        guard cost(best) < 0 else { return program }
        return rewritten(best)
    }

    /// The value that another one only gives a second name; what has a shape of its own stands for itself.
    private func original(_ value: Value) -> Value {
        var value = value
        while makers[value.index] == nil, let alias = program.values[value.index].alias,
            program.shape(alias) == program.shape(value)
        {
            value = alias
        }
        return value
    }

    /// Whether both layouts of an image are the same: one position, or one channel.
    private func isSame(_ shape: [Int]) -> Bool {
        shape.count != 4 || shape[1] * shape[2] == 1 || shape[3] == 1
    }

    // MARK: Search

    /// Microseconds to bring an image into the other layout.
    private func price(_ value: Int) -> Double {
        let shape = program.values[value].shape
        guard program.values[value].constant == nil, !isSame(shape) else { return 0 }
        // Read and written at 8 GB/s, and a call.
        return 1 + Double(shape.reduce(8, *)) / 8000
    }

    /// Microseconds more than with all channels last.
    private func cost(_ blocked: [Bool]) -> Double {
        var total = 0.0
        // In a fixed order: sums of numbers depend on it.
        for value in program.values.indices {
            guard let users = readers[value] else { continue }
            let home = makers[value].map { blocked[$0] } ?? false
            if users.contains(where: { ($0.map { blocked[$0] } ?? false) != home }) {
                total += price(value)
            }
        }
        for step in blocked.indices where blocked[step] { total -= gains[step] }
        return total
    }

    private func improved(_ start: [Bool]) -> [Bool] {
        var blocked = start
        var lowest = cost(blocked)
        for _ in 0..<8 {
            var changed = false
            for index in blocked.indices where canBlock[index] {
                blocked[index].toggle()
                let new = cost(blocked)
                if new < lowest - 1e-9 {
                    (lowest, changed) = (new, true)
                } else {
                    blocked[index].toggle()
                }
            }
            if !changed { break }
        }
        return blocked
    }

    // MARK: Rewriting

    private func rewritten(_ blocked: [Bool]) -> Program {
        var result = program
        result.steps = []
        var copies: [Int: Value] = [:]

        /// The value in a layout; itself if it stands in that already.
        func value(_ value: Value, inBlocks: Bool, for nodes: [Int]) -> Value {
            let seen = original(value)
            let home = makers[seen.index].map { blocked[$0] } ?? false
            guard home != inBlocks, price(seen.index) > 0 else { return value }
            if let known = copies[seen.index] { return known }
            let copy = result.add(ValueDescription(shape: program.shape(seen)))
            let layouts: [TensorLayout] =
                home ? [.blocked, .channelsLast] : [.channelsLast, .blocked]
            result.steps.append(
                Step(
                    operation: LayoutOperation(from: layouts[0], to: layouts[1]), inputs: [seen],
                    outputs: [copy], nodes: nodes))
            copies[seen.index] = copy
            return copy
        }
        for (index, step) in program.steps.enumerated() {
            var step = step
            let inputs = step.inputs
            step.inputs = inputs.map { value($0, inBlocks: blocked[index], for: step.nodes) }
            if let output = step.outputs.first, program.values[output.index].alias != nil,
                let over = inputs.firstIndex(where: { program.root($0) == program.root(output) })
            {
                // What it writes over may be a copy now.
                result.values[output.index].alias = step.inputs[over]
            }
            if blocked[index], var operand = step.operation as? any LayoutOperand {
                operand.layout = .blocked
                step.operation = operand
            }
            result.steps.append(step)
        }
        let last = program.steps.last?.nodes ?? []
        result.outputs = program.outputs.map { value($0, inBlocks: false, for: last) }
        result.captures = program.captures.map { value($0, inBlocks: false, for: last) }
        return result
    }
}
