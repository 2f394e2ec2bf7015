import OrderedJSON

/// `Pad`, values put around a tensor.
package struct PadOperation: LayerDefinition {
    package static let classNames = ["operation:Pad"]

    package var settings: OperationSettings

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        settings = OperationSettings(configuration: configuration.json)
    }

    /// For each axis, how much is put before and behind it.
    package func margins(of call: LayerCall) throws(GraphError) -> [(before: Int, after: Int)] {
        let rank = try call.firstInput().rank
        let fault = GraphError(.configuration, "its margins must be two sizes for each axis")
        guard
            let stored = settings.value(["pad_width", "paddings"], position: 1, in: call)?.array
        else { throw fault }
        // One pair stands for all axes.
        let pairs = stored.first?.array == nil ? [JSON.array(stored)] : stored
        var margins: [(before: Int, after: Int)] = []
        for pair in pairs {
            guard let before = pair[0]?.integer, let after = pair[1]?.integer,
                (0...LayerConfiguration.largest).contains(before),
                (0...LayerConfiguration.largest).contains(after)
            else { throw fault }
            margins.append((before, after))
        }
        if margins.count == 1 { return Array(repeating: margins[0], count: rank) }
        guard margins.count == rank else { throw fault }
        return margins
    }

    /// The value that is put there; nil for other ways to pad.
    package func value(_ call: LayerCall) -> Double? {
        let mode = settings.value(["mode"], in: call)?.string ?? "constant"
        guard mode.lowercased() == "constant" else { return nil }
        return settings.value(["constant_values"], in: call)?.double ?? 0
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.firstInput()
        for (axis, margin) in try margins(of: call).enumerated() {
            output[axis] = output[axis].map { $0 + margin.before + margin.after }
        }
        return [output]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let margins = try? margins(of: channels.call) else {
            return channels.protect(input: 0, .reshaped)
        }
        channels.passThrough(
            axes: margins.indices.filter { margins[$0] == (0, 0) }, otherwise: .reshaped)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let value = value(call.call) else { return call.passing { $1 } }
        return call.passing { _, emission in
            guard case .constant(let inner, let edge) = emission else { return emission }
            return .constant(inner, edge: max(edge, abs(inner - Float(value))))
        }
    }
}
