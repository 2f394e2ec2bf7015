/// Hands a layer class the channels of its inputs and takes its answer: how weights and outputs go
/// with them.
///
/// A layer class states its rule once, per call; calls of a shared layer meet in the labels of its weights.
package struct ChannelBinder {
    package let call: LayerCall
    package let outputShapes: [Shape]
    /// The channels of the inputs.
    package let inputs: [TensorChannels]
    /// The channels of the outputs, to be set by the layer class; empty means fixed.
    package var outputs: [TensorChannels]

    let layer: Int
    package let layerName: String
    var map: ChannelMap
    /// Stands before every role: the part of a wrapper that is being bound.
    var rolePrefix = ""

    init(
        call: LayerCall, outputShapes: [Shape], inputs: [TensorChannels], layer: Int,
        layerName: String, map: consuming ChannelMap
    ) {
        self.call = call
        self.outputShapes = outputShapes
        self.inputs = inputs
        self.outputs = Array(repeating: TensorChannels(), count: outputShapes.count)
        self.layer = layer
        self.layerName = layerName
        self.map = map
    }

    /// Gives the map back, with what the layer class added.
    consuming func takeMap() -> ChannelMap { map }

    /// The labels along an axis of an input; all fixed where it has none.
    package func labels(input: Int, axis: Int) -> ChannelLabels {
        inputs[input].axes[axis] ?? .fixed(call.inputs[input][axis] ?? 0)
    }

    /// New channels, made by the slices of a weight along `axis`; a shared layer's are the same at every call.
    package mutating func produce(_ role: String, axis: Int, count: Int) -> ChannelLabels {
        let key = WeightAxis(layer: layer, role: rolePrefix + role, axis: axis)
        if let known = map.weights[key] { return known.labels }
        let labels = map.makeLabels(count)
        map.bind(key, .produces, labels)
        return labels
    }

    /// The slices of a weight along `axis` read or accompany channels that exist already.
    package mutating func attach(
        _ role: String, axis: Int, _ use: WeightAxisUse, _ labels: ChannelLabels
    ) {
        let key = WeightAxis(layer: layer, role: rolePrefix + role, axis: axis)
        if let known = map.weights[key] {
            join(known.labels, labels)
        } else {
            map.bind(key, use, labels)
        }
    }

    /// Index by index, these channels must go together.
    package mutating func join(_ first: ChannelLabels, _ second: ChannelLabels) {
        for (a, b) in zip(first, second) { map.join(a, b, at: layerName) }
    }

    /// All of these channels must go together.
    package mutating func joinAll(_ labels: some Collection<Int32>) {
        guard let first = labels.first else { return }
        for label in labels.dropFirst() { map.join(first, label, at: layerName) }
    }

    /// These channels must stay.
    package mutating func protect(_ labels: some Sequence<Int32>, _ reason: Protection.Reason) {
        for label in labels { map.protect(label, Protection(reason, layer: layerName)) }
    }

    /// All channels of an input must stay.
    package mutating func protect(input: Int, _ reason: Protection.Reason) {
        for axis in inputs[input].axes.keys.sorted() {
            protect(inputs[input].axes[axis, default: []], reason)
        }
    }

    /// Every output has the channels of the first input.
    package mutating func passThrough() {
        guard let first = inputs.first else { return }
        outputs = outputs.map { _ in first }
    }
}
