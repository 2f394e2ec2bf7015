/// Measured latencies of layers on one device.
///
/// For every kind of layer (operation, window, stride, positions, groups) one or more grids over both
/// widths. Between measured widths the latency is interpolated; a runtime's rounding of widths is kept.
///
/// The same shape costs differently in other company: what is fused with it, what the caches hold. So a
/// grid may say at which layer it was measured, and that layer asks it before it asks the others.
package struct LatencyTable: Sendable, Equatable {
    /// What must be equal for two layers to be on the same grid.
    struct Key: Sendable, Hashable {
        let operation: LayerWorkload.Operation
        let kernel: Window
        let stride: Window
        let positions: Int
        let groups: Int
    }

    /// A grid, and where it was measured.
    struct Series: Sendable, Equatable {
        /// The network and the layer; empty where the table does not tell.
        let network: String
        let layer: String
        let grid: LatencyGrid
    }

    /// How a value was found.
    package enum Quality: Int, Sendable, Equatable {
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

    /// For each kind of layer its grids, in the order of the file.
    let grids: [Key: [Series]]

    init(grids: [Key: [Series]]) {
        self.grids = grids
    }

    /// Number of measurements.
    package var count: Int {
        grids.values.reduce(0) { sum, series in series.reduce(sum) { $0 + $1.grid.count } }
    }

    /// The latency of a layer at given widths; `nil` if no layer of its kind was measured.
    ///
    /// A width between two measured ones costs as much as the next channel multiple, or the next
    /// measured width, whichever comes first. Of several grids the layer's own counts, by its name; one that
    /// would have to be left counts only where none has both widths.
    ///
    /// - Complexity: O(grids · log widths); allocates nothing.
    package func latency(
        of layer: LayerWorkload, inputChannels: Int, outputChannels: Int, channelMultiple: Int
    ) -> Value? {
        let hasOneWidth = Self.hasOneWidth(layer.operation)
        let key = Key(
            operation: layer.operation, kernel: layer.kernel, stride: layer.stride,
            positions: layer.positions, groups: hasOneWidth ? 1 : layer.groups)
        guard let candidates = grids[key] else { return nil }
        var best: (rank: Int, value: Value)?
        for series in candidates {
            let value = series.grid.value(
                inputs: inputChannels, outputs: outputChannels, hasOneWidth: hasOneWidth,
                multiple: max(1, channelMultiple))
            let isOwn = !series.layer.isEmpty && series.layer == layer.name
            let rank = Self.rank(value.quality, isOwn: isOwn)
            if rank < best?.rank ?? .max { best = (rank, value) }
            if rank == 0 { break }
        }
        // Without an axis of its own the input width follows the output width.
        return hasOneWidth
            ? best?.value.withInputs(inputChannels, follow: outputChannels) : best?.value
    }

    /// The order in which grids are believed.
    private static func rank(_ quality: Quality, isOwn: Bool) -> Int {
        switch (quality, isOwn) {
        case (.measured, true): 0
        case (.interpolated, true): 1
        case (.measured, false): 2
        case (.interpolated, false): 3
        case (.extrapolated, true): 4
        case (.extrapolated, false): 5
        }
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
