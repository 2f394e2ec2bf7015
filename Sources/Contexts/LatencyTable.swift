/// Measured latencies of layers on one device.
///
/// For every kind of layer (operation, window, stride, positions, groups) a grid over both widths.
/// Between measured widths the latency is interpolated; a runtime's rounding of widths is kept.
package struct LatencyTable: Sendable, Equatable {
    /// What must be equal for two layers to be on the same grid.
    struct Key: Sendable, Hashable {
        let operation: LayerWorkload.Operation
        let kernel: Window
        let stride: Window
        let positions: Int
        let groups: Int
    }

    /// How a value was found.
    package enum Quality: Sendable, Equatable {
        case measured, interpolated, extrapolated
    }

    /// A latency and how it was found.
    package struct Value: Sendable, Equatable {
        package let microseconds: Double
        package let quality: Quality
        /// The widths that the value stands for: those asked for, moved onto the grid.
        package let inputChannels: Int
        package let outputChannels: Int
    }

    let grids: [Key: LatencyGrid]

    init(grids: [Key: LatencyGrid]) {
        self.grids = grids
    }

    /// Number of measurements.
    package var count: Int { grids.values.reduce(0) { $0 + $1.count } }

    /// The latency of a layer at given widths; `nil` if no layer of its kind was measured.
    ///
    /// A width between two measured ones costs as much as the next channel multiple, or the next
    /// measured width, whichever comes first.
    ///
    /// - Complexity: O(log widths); allocates nothing.
    package func latency(
        of layer: LayerWorkload, inputChannels: Int, outputChannels: Int, channelMultiple: Int
    ) -> Value? {
        let hasOneWidth = Self.hasOneWidth(layer.operation)
        let key = Key(
            operation: layer.operation, kernel: layer.kernel, stride: layer.stride,
            positions: layer.positions, groups: hasOneWidth ? 1 : layer.groups)
        guard let grid = grids[key] else { return nil }
        let value = grid.value(
            inputs: inputChannels, outputs: outputChannels, hasOneWidth: hasOneWidth,
            multiple: max(1, channelMultiple))
        // Without an axis of its own the input width follows the output width.
        return hasOneWidth
            ? value.withInputs(inputChannels, follow: outputChannels) : value
    }

    /// Operations that see the same channels on both sides.
    static func hasOneWidth(_ operation: LayerWorkload.Operation) -> Bool {
        switch operation {
        case .convolution, .dense, .recurrent, .attention: false
        case .depthwiseConvolution, .pooling, .normalization, .elementWise, .dataMovement, .other:
            true
        }
    }
}

extension LatencyTable.Value {
    fileprivate func withInputs(_ inputs: Int, follow outputs: Int) -> Self {
        let scaled = Double(inputs) * Double(outputChannels) / Double(max(1, outputs))
        return Self(
            microseconds: microseconds, quality: quality,
            inputChannels: Int(exactly: scaled.rounded()) ?? inputs,
            outputChannels: outputChannels)
    }
}
