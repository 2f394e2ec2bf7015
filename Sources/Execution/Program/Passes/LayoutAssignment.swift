/// Decides where images stand in blocks of channels, which Winograd convolutions need.
///
/// Before: `convolution 3×3 → convolution 1×1 → convolution 3×3`, all channels last.
/// After: `layout → Winograd → convolution 1×1 → Winograd → layout`, the images between in blocks.
///
/// Steps that write to the same memory change together. From two starts, all in blocks or only those that gain
/// most, clusters of steps change sides as long as the estimated time falls; ties keep what is there, so the
/// result depends on the program alone.
struct LayoutAssignment {
    private var program: Program
    /// The steps that write to the same memory, by the value that owns it.
    private var clusters: [Cluster] = []
    /// The cluster of each step; nil for steps that know no blocks.
    private var clusterOfStep: [Int?]
    /// Readers of each value: steps, or nil for the caller.
    private var readers: [Int: [Int?]] = [:]

    private struct Cluster {
        var steps: [Int] = []
        var canBlock = true
        /// Microseconds gained by blocks.
        var gain = 0.0
    }

    init(_ program: Program) {
        self.program = program
        clusterOfStep = Array(repeating: nil, count: program.steps.count)
        findClusters()
        for (index, step) in program.steps.enumerated() {
            for value in Set(step.inputs) where program.values[value.index].constant == nil {
                readers[value.index, default: []].append(index)
            }
        }
        for value in program.outputs + program.captures {
            readers[value.index, default: []].append(nil)
        }
    }

    /// The program with layouts assigned, and changes of layout where they are needed.
    func assigned() -> Program {
        guard clusters.contains(where: { $0.canBlock && $0.gain > 0 }) else { return program }
        let starts = [
            clusters.map { $0.canBlock && $0.gain > 0 }, clusters.map(\.canBlock),
        ]
        let ends = starts.map(improved)
        let best = cost(ends[0]) <= cost(ends[1]) ? ends[0] : ends[1]
        guard cost(best) < cost(clusters.map { _ in false }) else { return program }
        return rewritten(best)
    }

    // MARK: Clusters

    private mutating func findClusters() {
        var owners: [Int: Int] = [:]
        for (index, step) in program.steps.enumerated() {
            guard let output = step.outputs.first else { continue }
            let root = program.root(output).index
            let place = owners[root] ?? clusters.count
            if place == clusters.count {
                clusters.append(Cluster())
                owners[root] = place
            }
            clusters[place].steps.append(index)
            clusterOfStep[index] = place
            let shapes = program.shapes(of: step)
            guard let operand = step.operation as? any LayoutOperand, step.outputs.count == 1,
                operand.allowsBlocks(shapes)
            else {
                clusters[place].canBlock = false
                continue
            }
            clusters[place].gain += operand.gain(shapes)
        }
        // What stands under another shape, too, or comes from the caller, keeps its channels last.
        for index in program.values.indices {
            let root = program.root(Value(index: index)).index
            let shape = program.values[root].shape
            guard let place = owners[root], program.values[index].shape != shape else { continue }
            if !isPoint(shape) { clusters[place].canBlock = false }
        }
        for input in program.inputs {
            if let place = owners[program.root(input).index] { clusters[place].canBlock = false }
        }
    }

    /// Whether an image has one position only: both layouts are then the same.
    private func isPoint(_ shape: [Int]) -> Bool { shape.count == 4 && shape[1] * shape[2] == 1 }

    private func isSame(_ shape: [Int]) -> Bool { isPoint(shape) || shape.last == 1 }

    // MARK: Search

    /// Microseconds to bring an image into the other layout.
    private func price(_ shape: [Int]) -> Double {
        // Read and written at 8 GB/s, and a call.
        isSame(shape) ? 0 : 1 + Double(shape.reduce(8, *)) / 8000
    }

    private func layout(_ step: Int?, _ blocked: [Bool]) -> Bool {
        guard let step, let cluster = clusterOfStep[step] else { return false }
        return blocked[cluster]
    }

    private func cost(_ blocked: [Bool]) -> Double {
        var total = 0.0
        var makers: [Int: Int] = [:]
        for (index, step) in program.steps.enumerated() {
            for output in step.outputs { makers[output.index] = index }
        }
        for (value, users) in readers {
            let home = layout(makers[value], blocked)
            if users.contains(where: { layout($0, blocked) != home }) {
                total += price(program.values[value].shape)
            }
        }
        for (index, cluster) in clusters.enumerated() where blocked[index] { total -= cluster.gain }
        return total
    }

    private func improved(_ start: [Bool]) -> [Bool] {
        var blocked = start
        var lowest = cost(blocked)
        for _ in 0..<8 {
            var changed = false
            for index in clusters.indices where clusters[index].canBlock {
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
        /// The layout in which each value was made; what no step made has its channels last.
        var made: [Int: TensorLayout] = [:]
        var converted: [Int: Value] = [:]

        func value(_ value: Value, _ wanted: TensorLayout, for nodes: [Int]) -> Value {
            let shape = program.shape(value)
            guard shape.count == 4, program.values[value.index].constant == nil, !isSame(shape),
                let home = made[value.index] ?? .some(.channelsLast), home != wanted
            else { return value }
            if let known = converted[value.index] { return known }
            let copy = result.add(ValueDescription(shape: shape))
            result.steps.append(
                Step(
                    operation: LayoutOperation(from: home, to: wanted), inputs: [value],
                    outputs: [copy], nodes: nodes))
            converted[value.index] = copy
            return copy
        }
        for (index, step) in program.steps.enumerated() {
            var step = step
            let wanted: TensorLayout = layout(index, blocked) ? .blocked : .channelsLast
            let written = step.outputs.first.map { program.root($0) }
            step.inputs = step.inputs.map { input in
                // What a step writes over stands where it writes.
                program.root(input) == written ? input : value(input, wanted, for: step.nodes)
            }
            if wanted == .blocked, var operand = step.operation as? any LayoutOperand {
                operand.layout = .blocked
                step.operation = operand
            }
            for output in step.outputs { made[output.index] = wanted }
            result.steps.append(step)
        }
        let last = program.steps.last?.nodes ?? []
        result.outputs = program.outputs.map { value($0, .channelsLast, for: last) }
        result.captures = program.captures.map { value($0, .channelsLast, for: last) }
        return result
    }
}
