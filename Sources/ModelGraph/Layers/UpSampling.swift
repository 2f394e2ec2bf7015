/// `UpSampling1D`, `UpSampling2D`, `UpSampling3D` and `Resizing`, images of another size.
package struct UpSampling: LayerDefinition {
    package static let classNames = ["UpSampling1D", "UpSampling2D", "UpSampling3D", "Resizing"]

    package enum Target: Hashable, Sendable {
        /// Times larger, along each spatial axis.
        case factors([Int])
        /// The sizes themselves.
        case sizes([Int])
    }

    package var target: Target
    package var format: DataFormat
    /// Keras's name: `nearest`, `bilinear`.
    package var interpolation: String
    /// Whether a `Resizing` may put a border of one colour around the image, or cut some of it off.
    package var keepsAspectRatio: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
        if configuration.className == "Resizing" {
            target = .sizes([
                try configuration.integer("height"), try configuration.integer("width"),
            ])
            interpolation = try configuration.string("interpolation", default: "bilinear")
            keepsAspectRatio =
                try configuration.bool("pad_to_aspect_ratio", default: false)
        } else {
            let rank = Window.rank(of: configuration.className)
            target = .factors(
                try configuration.integers(
                    "size", count: rank, default: Array(repeating: 2, count: rank)))
            interpolation = try configuration.string("interpolation", default: "nearest")
            keepsAspectRatio = false
        }
    }

    /// Number of spatial axes.
    package var rank: Int {
        switch target {
        case .factors(let numbers), .sizes(let numbers): numbers.count
        }
    }

    private var channelAxis: Int { format.channelAxis(rank: rank + 2) }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.firstInput()
        guard output.rank == rank + 2 else {
            throw GraphError(
                .shape, "takes a tensor of rank \(rank + 2), is given \(output.dimensionsText)")
        }
        for (index, axis) in format.spatialAxes(rank: rank + 2).enumerated() {
            switch target {
            case .factors(let factors):
                output[axis] = output[axis]?.saturatingTimes(factors[index])
            case .sizes(let sizes): output[axis] = sizes[index]
            }
        }
        return [output]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.passThrough(axes: [channelAxis], otherwise: .mixedChannels)
    }

    /// The weights of every interpolation sum up to 1; those of some go below 0, so that edges can overshoot.
    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let overshoots = !["nearest", "bilinear", "area"].contains(interpolation)
        return call.passing(along: channelAxis) { _, emission in
            guard !keepsAspectRatio, case .constant(let value, let edge) = emission else {
                return .unknown
            }
            return .constant(value, edge: overshoots ? edge * 4 : edge)
        }
    }
}
