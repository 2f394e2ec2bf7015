/// `Cropping1D`, `Cropping2D`, `Cropping3D`, margins cut off the spatial axes.
package struct Cropping: LayerDefinition {
    package static let classNames = ["Cropping1D", "Cropping2D", "Cropping3D"]

    package var margins: SpatialMargins

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        margins = try SpatialMargins(configuration, key: "cropping")
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        let output = try margins.resizing(input) { length, before, after in
            length - before - after
        }
        guard output.dimensions.allSatisfy({ $0.map { $0 > 0 } ?? true }) else {
            throw GraphError(.shape, "crops more than there is of \(input)")
        }
        return [output]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.passThrough(axes: [margins.channelAxis], otherwise: .reshaped)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.passing(along: margins.channelAxis) { $1 }
    }
}
