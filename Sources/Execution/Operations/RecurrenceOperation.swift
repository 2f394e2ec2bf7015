import COneDNN
import ModelGraph

/// A state that runs along time.
///
/// Inputs: the sequence times the kernel, `batch × steps × (gates · units)`; the recurrent kernel, `units ×
/// (gates · units)`; if there is one, the mask, `batch × steps`; then, if there are any, the initial states.
/// Outputs: the sequence of outputs, and the last states.
/// Source: the equations in Keras's documentation of `LSTM`, `GRU` and `SimpleRNN`.
struct RecurrenceOperation: Operation {
    let label = "recurrence"
    var cell: Recurrence.Cell
    var units: Int
    var steps: Int
    var batch: Int
    var activation: ActivationFunction
    var recurrentActivation: ActivationFunction
    var resetsAfter: Bool
    var recurrentBias: [Float]?
    var isMasked: Bool
    var hasStates: Bool

    private var gates: Int {
        switch cell {
        case .lstm: 4
        case .gru: 3
        case .simple: 1
        }
    }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let operation = self
        return SwiftKernel { addresses throws(ExecutionError) in
            try operation.run(addresses)
        }
    }

    private func run(_ addresses: KernelAddresses) throws(ExecutionError) {
        let width = gates * units
        let sequence = try addresses.input(0, count: batch * steps * width)
        let kernel = try addresses.input(1, count: units * width)
        let mask = isMasked ? try addresses.input(2, count: batch * steps) : nil
        let output = try addresses.output(0, count: batch * steps * units)
        let stateCount = cell == .lstm ? 2 : 1
        var states: [[Float]] = []
        for index in 0..<stateCount {
            if hasStates {
                let given = try addresses.input(
                    (isMasked ? 3 : 2) + index, count: batch * units)
                states.append(Array(given))
            } else {
                states.append(Array(repeating: 0, count: batch * units))
            }
        }
        var products = Array(repeating: Float(0), count: batch * width)
        for step in 0..<steps {
            try multiply(states[0], kernel, columns: 0..<width, into: &products)
            for sample in 0..<batch {
                let place = (sample * steps + step) * units
                if let mask, mask[sample * steps + step] == 0 {
                    // A masked step keeps the state, and gives what the one before it gave.
                    for unit in 0..<units {
                        output[place + unit] = step == 0 ? 0 : output[place - units + unit]
                    }
                    continue
                }
                let given = UnsafeBufferPointer(
                    rebasing: sequence[
                        (sample * steps + step) * width..<(sample * steps + step + 1) * width])
                try advance(sample, given, products, kernel, &states)
                for unit in 0..<units { output[place + unit] = states[0][sample * units + unit] }
            }
        }
        for (index, state) in states.enumerated() {
            let target = try addresses.output(index + 1, count: batch * units)
            _ = target.update(fromContentsOf: state)
        }
    }

    /// The state times some columns of the recurrent kernel, for all samples.
    private func multiply(
        _ state: [Float], _ kernel: UnsafeBufferPointer<Float>, columns: Range<Int>,
        rows: Int? = nil, into products: inout [Float]
    ) throws(ExecutionError) {
        guard let kernel = kernel.baseAddress else { return }
        let width = Int64(gates * units)
        let status = dnnl_sgemm(
            CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "N")), Int64(rows ?? batch),
            Int64(columns.count), Int64(units), 1, state, Int64(units),
            kernel + columns.lowerBound, width, 0, &products, Int64(columns.count))
        try Engine.check(status, "a step of a recurrence")
    }

    /// One step of one sample.
    private func advance(
        _ sample: Int, _ given: UnsafeBufferPointer<Float>, _ products: [Float],
        _ kernel: UnsafeBufferPointer<Float>, _ states: inout [[Float]]
    ) throws(ExecutionError) {
        let row = sample * gates * units
        let own = sample * units
        switch cell {
        case .simple:
            for unit in 0..<units {
                states[0][own + unit] = activation(given[unit] + products[row + unit])
            }
        case .lstm:
            for unit in 0..<units {
                func gate(_ index: Int) -> Float {
                    given[index * units + unit] + products[row + index * units + unit]
                }
                let carried =
                    recurrentActivation(gate(1)) * states[1][own + unit]
                    + recurrentActivation(gate(0)) * activation(gate(2))
                states[1][own + unit] = carried
                states[0][own + unit] = recurrentActivation(gate(3)) * activation(carried)
            }
        case .gru: try advanceGRU(sample, given, products, kernel, &states[0])
        }
    }

    private func advanceGRU(
        _ sample: Int, _ given: UnsafeBufferPointer<Float>, _ products: [Float],
        _ kernel: UnsafeBufferPointer<Float>, _ state: inout [Float]
    ) throws(ExecutionError) {
        let row = sample * 3 * units
        let own = sample * units
        func part(_ index: Int, _ unit: Int) -> Float {
            products[row + index * units + unit] + (recurrentBias?[index * units + unit] ?? 0)
        }
        let update = (0..<units).map { recurrentActivation(given[$0] + part(0, $0)) }
        let reset = (0..<units).map { recurrentActivation(given[units + $0] + part(1, $0)) }
        var candidate: [Float]
        if resetsAfter {
            candidate = (0..<units).map {
                activation(given[2 * units + $0] + reset[$0] * part(2, $0))
            }
        } else {
            candidate = Array(repeating: 0, count: units)
            let masked = (0..<units).map { reset[$0] * state[own + $0] }
            try multiply(
                masked, kernel, columns: 2 * units..<3 * units, rows: 1, into: &candidate)
            for unit in 0..<units {
                candidate[unit] = activation(given[2 * units + unit] + candidate[unit])
            }
        }
        for unit in 0..<units {
            state[own + unit] =
                update[unit] * state[own + unit] + (1 - update[unit]) * candidate[unit]
        }
    }
}
