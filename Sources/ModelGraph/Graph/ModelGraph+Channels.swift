extension ModelGraph {
    /// Finds which channels belong together, from the graph alone.
    ///
    /// The channels of model outputs and inputs are protected.
    /// - Complexity: linear in the number of channels over all tensors.
    package func channelMap(shapes: TensorShapes) -> ChannelMap {
        var map = ChannelMap()
        for (index, node) in nodes.enumerated() {
            let layer = layers[node.layer]
            let call = shapes.call(of: node)
            var binder = ChannelBinder(
                call: call, outputShapes: shapes.nodes[index],
                inputs: node.inputs.map { map.tensors[$0] ?? TensorChannels() },
                layer: node.layer, layerName: layer.name, map: consume map)
            layer.definition.bind(&binder)
            let outputs = binder.outputs
            map = binder.takeMap()
            for (output, channels) in outputs.enumerated() where !channels.axes.isEmpty {
                map.tensors[TensorReference(node: index, output: output)] = channels
            }
        }
        for output in outputs {
            let name = layers[nodes[output.node].layer].name
            for (_, labels) in (map.tensors[output]?.axes ?? [:]).sorted(by: { $0.key < $1.key }) {
                for label in labels { map.protect(label, Protection(.modelOutput, layer: name)) }
            }
        }
        return map
    }
}
