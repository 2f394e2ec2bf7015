extension PreparedModel {
    /// Predicts any number of samples, of a network with one input and one output.
    ///
    /// They are run in batches of the size that the network was prepared for; the last one is filled up with zeros,
    /// whose results are dropped.
    ///
    /// - Parameter samples: float32 values, sample after sample, row-major.
    /// - Returns: the outputs, sample after sample.
    /// - Throws: ``ExecutionError`` for values that are no whole number of samples, and for networks with several
    ///   inputs or outputs.
    public func predict(_ samples: [Float]) throws(ExecutionError) -> [Float] {
        guard inputShapes.count == 1, outputShapes.count == 1, let batch = inputShapes[0].first,
            outputShapes[0].first == batch
        else {
            throw ExecutionError(
                .shape, "the network has several inputs or outputs; use run(_:) for it")
        }
        let size = inputShapes[0].dropFirst().reduce(1, *)
        let outputSize = outputShapes[0].dropFirst().reduce(1, *)
        guard size > 0, samples.count.isMultiple(of: size) else {
            throw ExecutionError(
                .shape, "\(samples.count) values are no whole number of samples of \(size)")
        }
        let count = samples.count / size
        var results: [Float] = []
        results.reserveCapacity(count * outputSize)
        for start in stride(from: 0, to: count, by: batch) {
            let end = min(start + batch, count)
            var values = Array(samples[start * size..<end * size])
            values += repeatElement(0, count: (batch - (end - start)) * size)
            let outputs = try run([Tensor(shape: inputShapes[0], values: values)])
            results += outputs[0].values.prefix((end - start) * outputSize)
        }
        return results
    }
}
