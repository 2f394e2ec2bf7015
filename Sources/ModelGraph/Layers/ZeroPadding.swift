/// `ZeroPadding1D`, `ZeroPadding2D`, `ZeroPadding3D`, zeros around the spatial axes.
package struct ZeroPadding: LayerDefinition {
    package static let classNames = ["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"]

    package var margins: SpatialMargins

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        margins = try SpatialMargins(configuration, key: "padding")
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [
            try margins.resizing(try call.firstInput()) { length, before, after in
                length + before + after
            }
        ]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.passThrough(axes: [margins.channelAxis], otherwise: .reshaped)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.passing(along: margins.channelAxis) { _, emission in
            margins.isEmpty ? emission : emission.amongZeros
        }
    }
}
