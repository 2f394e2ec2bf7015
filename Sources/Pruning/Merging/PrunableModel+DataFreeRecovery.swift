import ModelGraph

extension PrunableModel {
    /// Gives the layers that read removed channels their new kernels, and the batch normalisations behind them the
    /// variances that are left.
    ///
    ///     conv (64) → batch norm → relu → conv → batch norm                         32 units removed
    ///     conv (64) → batch norm → relu → conv (slices of 32 added to the others) → batch norm (less variance)
    ///
    /// - Returns: what was done, in the order of layers.
    func recover(
        _ recoveries: [Int: LayerRecovery], in graph: inout ModelGraph
    ) -> [DataFreeReport] {
        recoveries.sorted { $0.key < $1.key }.map { layer, recovery in
            var report = recovery.report
            if let kernel = recovery.kernel {
                graph.layers[layer].replace("kernel", values: kernel)
            }
            if let node = self.graph.nodes.firstIndex(where: { $0.layer == layer }),
                let next = normalization(behind: node),
                let variances = graph.layers[next].weight("moving_variance"),
                variances.elementCount == recovery.variances.count
            {
                graph.layers[next].replace(
                    "moving_variance",
                    values: zip(variances.floats(), recovery.variances).map { $0 * $1 })
                report.normalization = graph.layers[next].name
            }
            return report
        }
    }
}

extension Layer {
    fileprivate mutating func replace(_ role: String, values: [Float]) {
        guard let index = weights.firstIndex(where: { $0.role == role }),
            weights[index].elementType.isFloatingPoint
        else { return }
        weights[index] = weights[index].replacing(values: values)
    }
}
