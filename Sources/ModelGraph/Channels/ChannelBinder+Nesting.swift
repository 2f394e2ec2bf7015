extension ChannelBinder {
    /// Lets a wrapped layer class state its rule, for weights whose roles start with `prefix`.
    ///
    /// - Returns: the channels of the wrapped layer's outputs.
    mutating func nested(
        prefix: String = "", call: LayerCall, outputShapes: [Shape], inputs: [TensorChannels],
        _ bind: (inout ChannelBinder) -> Void
    ) -> [TensorChannels] {
        var inner = ChannelBinder(
            call: call, outputShapes: outputShapes, inputs: inputs, layer: layer,
            layerName: layerName, map: ChannelMap())
        swap(&inner.map, &map)
        inner.rolePrefix = rolePrefix + prefix
        bind(&inner)
        swap(&inner.map, &map)
        return inner.outputs
    }

    /// Channels of the first input stay along the given axes; those along all others must stay.
    mutating func protectOthers(than axes: [Int], _ reason: Protection.Reason, input: Int = 0) {
        for (axis, labels) in inputs[input].axes.sorted(by: { $0.key < $1.key })
        where !axes.contains(axis) {
            protect(labels, reason)
        }
    }

    /// Every output has the channels of the first input along the given axes, which keep their
    /// sizes; channels along other axes must stay.
    mutating func passThrough(axes: [Int], otherwise reason: Protection.Reason) {
        guard let first = inputs.first else { return }
        protectOthers(than: axes, reason)
        let kept = TensorChannels(first.axes.filter { axes.contains($0.key) })
        outputs = outputs.map { _ in kept }
    }

    /// Every output has the channels of the first input, rearranged; those of an input that cannot
    /// be rearranged by whole channels must stay.
    mutating func rearrange(_ move: (TensorChannels) -> TensorChannels?) {
        guard let first = inputs.first else { return }
        guard let moved = move(first) else { return protect(input: 0, .reshaped) }
        outputs = outputs.map { _ in moved }
    }
}
