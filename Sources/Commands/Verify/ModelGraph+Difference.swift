import ModelGraph

extension ModelGraph {
    /// The first thing in which another network differs from this one in layers, shapes or connections; nil if nothing does.
    ///
    /// Values of weights do not count.
    func firstDifference(from other: ModelGraph) -> String? {
        guard layers.count == other.layers.count else {
            return "\(other.layers.count) layers instead of \(layers.count)"
        }
        for (layer, found) in zip(layers, other.layers) {
            guard layer.path == found.path, layer.className == found.className else {
                return "layer '\(found.name)' stands where '\(layer.name)' should"
            }
            guard layer.weights.map(\.role) == found.weights.map(\.role) else {
                return "layer '\(layer.name)' has other weights"
            }
            for (weight, actual) in zip(layer.weights, found.weights) {
                guard weight.shape == actual.shape, weight.elementType == actual.elementType else {
                    return
                        "\(weight.role) of layer '\(layer.name)' is \(actual.elementType.rawValue) "
                        + "\(actual.shape) instead of \(weight.elementType.rawValue) \(weight.shape)"
                }
            }
        }
        guard nodes.map(\.layer) == other.nodes.map(\.layer),
            nodes.map(\.inputs) == other.nodes.map(\.inputs), inputs == other.inputs,
            outputs == other.outputs
        else { return "its layers are connected otherwise" }
        guard let shapes = try? inferShapes(), let found = try? other.inferShapes() else {
            return "its shapes do not fit together"
        }
        for (index, node) in nodes.enumerated() where shapes.nodes[index] != found.nodes[index] {
            let (due, actual) = (shapes.nodes[index], found.nodes[index])
            return "layer '\(layers[node.layer].name)' gives \(actual) instead of \(due)"
        }
        return nil
    }

    /// Bytes of the tensors that are alive at once for one sample; 0 where sizes are open.
    func peakActivationByteCount(shapes: TensorShapes) -> Int {
        (try? GraphCosts(self, shapes: shapes))?.peakActivationBytes ?? 0
    }
}
