extension ModelGraph {
    /// The graph as text, one line for each node in their order.
    ///
    /// The same graph gives the same text, whatever machine and run:
    ///
    ///     model 'tiny': 3 layers, 85 parameters
    ///     image: InputLayer() -> 8×8×1
    ///     conv: Conv2D(image) -> 6×6×4, 40 parameters
    ///     pool: GlobalAveragePooling2D(conv) -> 4
    ///     outputs: pool
    ///
    /// Later calls of a shared layer have a number (`conv@2`), later outputs of a node too (`lstm:1`).
    package func printed(shapes: TensorShapes) -> String {
        let names = nodeNames
        func text(_ reference: TensorReference) -> String {
            guard names.indices.contains(reference.node) else { return "?" }
            return reference.output == 0
                ? names[reference.node] : "\(names[reference.node]):\(reference.output)"
        }
        var lines = ["model '\(name)': \(layers.count) layers, \(parameterCount) parameters"]
        var isFirst = Set(layers.indices)
        for (index, node) in nodes.enumerated() {
            guard layers.indices.contains(node.layer), shapes.nodes.indices.contains(index) else {
                continue
            }
            let layer = layers[node.layer]
            let inputs = node.inputs.map(text).joined(separator: ", ")
            let outputs = shapes.nodes[index].map(\.description).joined(separator: ", ")
            var line = "\(names[index]): \(layer.className)(\(inputs)) -> \(outputs)"
            if isFirst.remove(node.layer) != nil, !layer.weights.isEmpty {
                line += ", \(layer.parameterCount) parameters"
            }
            lines.append(line)
        }
        lines.append("outputs: " + outputs.map(text).joined(separator: ", "))
        return lines.joined(separator: "\n") + "\n"
    }

    /// A name for each node: its layer's, with a number from the second call on.
    package var nodeNames: [String] {
        var calls: [Int: Int] = [:]
        return nodes.map { node in
            let call = calls[node.layer, default: 0] + 1
            calls[node.layer] = call
            let name = layers.indices.contains(node.layer) ? layers[node.layer].name : "?"
            return call == 1 ? name : "\(name)@\(call)"
        }
    }
}

extension Layer {
    /// Elements of all weights, the non-trainable ones too.
    package var parameterCount: Int {
        weights.reduce(0) { $0.saturatingPlus($1.elementCount) }
    }
}
