/// How long a network takes, as a whole and operation by operation.
package struct NetworkLatency: Sendable {
    /// One operation of the engine.
    package struct Operation: Sendable {
        /// The nodes of the graph whose work it does.
        package var nodes: [Int]
        /// The operation in a word: `convolution`.
        package var label: String
        package var latency: LatencyStatistics
    }

    /// Whole runs, copying inputs in and outputs out included.
    package var whole: LatencyStatistics
    package var operations: [Operation]

    /// By how much the operations' medians must be multiplied to add up to the median of a whole run.
    ///
    /// What lies between operations is little; it is spread over them.
    package var scale: Double {
        let sum = operations.reduce(0) { $0 + $1.latency.median }
        return sum > 0 ? whole.median / sum : 1
    }
}

extension PreparedModel {
    /// Measures whole runs and single operations in turn, so that both see the machine in the same state.
    ///
    /// Every operation is measured where it stands, between its neighbours: with the caches as they leave them.
    ///
    /// - Parameters:
    ///   - inputs: as for ``run(_:)``.
    ///   - policy: how often; the time that it sets is for both together.
    package func profile(
        _ inputs: [Tensor], policy: RepetitionPolicy
    ) throws(ExecutionError) -> NetworkLatency {
        var samples: [[Double]] = Array(repeating: [], count: program.steps.count)
        let clock = ContinuousClock()
        let whole = try policy.repeating { () throws(ExecutionError) in
            let start = clock.now
            _ = try run(inputs)
            let elapsed = start.duration(to: clock.now).microseconds
            try sample(inputs, into: &samples)
            return elapsed
        }
        let operations = program.steps.indices.map { index in
            NetworkLatency.Operation(
                nodes: program.steps[index].nodes, label: program.steps[index].operation.label,
                latency: LatencyStatistics(Array(samples[index].dropFirst(policy.warmUps))))
        }
        return NetworkLatency(whole: whole, operations: operations)
    }

    /// Runs once and appends how long each operation took, in microseconds.
    private func sample(
        _ inputs: [Tensor], into samples: inout [[Double]]
    ) throws(ExecutionError) {
        try locked { () throws(ExecutionError) in
            let clock = ContinuousClock()
            try write(inputs)
            Engine.use(threads: options.threads)
            var last = clock.now
            for (index, step) in program.steps.enumerated() {
                try run(kernels[index], step)
                let now = clock.now
                samples[index].append(last.duration(to: now).microseconds)
                last = now
            }
        }
    }
}
