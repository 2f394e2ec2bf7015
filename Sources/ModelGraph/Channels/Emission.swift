/// What one channel carries when the weights that make it are zero.
package enum Emission: Hashable, Sendable {
    /// It is not removed.
    case live
    /// The same value everywhere, but for places near the border, which are at most `edge` away.
    case constant(Float, edge: Float = 0)
    /// It is removed, but what it would still carry is not one value.
    case unknown
}

/// What the channels of a tensor carry along its channel axis.
package struct TensorEmission: Hashable, Sendable {
    /// The axis whose channels are listed; nil if no channel of the tensor is removed.
    package var axis: Int?
    package var channels: [Emission]

    package init(axis: Int? = nil, channels: [Emission] = []) {
        self.axis = axis
        self.channels = channels
    }

    /// The same axis with each channel changed.
    package func map(_ change: (Int, Emission) -> Emission) -> TensorEmission {
        TensorEmission(axis: axis, channels: channels.enumerated().map { change($0, $1) })
    }

    /// A scalar function applied to every constant; the border moves by at most `slope` times as much.
    package func applying(slope: Float = 1, _ function: (Float) -> Float) -> TensorEmission {
        map { _, emission in
            guard case .constant(let value, let edge) = emission else { return emission }
            return .constant(function(value), edge: edge * slope)
        }
    }
}

/// What a layer adds to its outputs because removed input channels carried constants.
package struct Folding: Hashable, Sendable {
    /// The weight that takes the shift, usually `bias`.
    package var role: String
    /// First element of the weight that is shifted.
    package var offset: Int
    /// Added to the weight, element by element from `offset`.
    package var shift: [Float]
    /// How far the true output may be from the shifted one near the border, per element.
    package var edge: [Float]

    package init(role: String = "bias", offset: Int = 0, shift: [Float], edge: [Float]) {
        self.role = role
        self.offset = offset
        self.shift = shift
        self.edge = edge
    }
}

/// One call of a layer while constants are followed through the graph.
package struct EmissionCall: Sendable {
    package var call: LayerCall
    package var outputShapes: [Shape]
    package var inputs: [TensorEmission]
    /// For each output, the channel axis and which of its channels are removed; nil if none.
    package var removedOutputs: [(axis: Int, removed: [Bool])?]
    /// The layer's weights before any cut.
    package var weights: [Weight]

    package init(
        call: LayerCall, outputShapes: [Shape], inputs: [TensorEmission],
        removedOutputs: [(axis: Int, removed: [Bool])?], weights: [Weight]
    ) {
        self.call = call
        self.outputShapes = outputShapes
        self.inputs = inputs
        self.removedOutputs = removedOutputs
        self.weights = weights
    }

    /// The values of a weight; nil if the layer has none of that role.
    package func floats(_ role: String) -> [Float]? {
        weights.first { $0.role == role }?.floats()
    }

    /// Nothing is known of the removed channels.
    package var unknown: [TensorEmission] {
        removedOutputs.map { output in
            guard let (axis, removed) = output else { return TensorEmission() }
            return TensorEmission(axis: axis, channels: removed.map { $0 ? .unknown : .live })
        }
    }

    /// Every output carries what the first input carries.
    package var unchanged: [TensorEmission] {
        outputShapes.map { _ in inputs.first ?? TensorEmission() }
    }
}
