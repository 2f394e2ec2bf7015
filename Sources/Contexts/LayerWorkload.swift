/// What one layer makes a device do, for one inference: all that the cost model needs to know of it.
///
/// Values come from files (a variant's manifest) as well as from graphs, so nothing here is trusted to
/// be small: the cost model computes in `Double`.
package struct LayerWorkload: Sendable, Equatable {
    /// The kind of work, which decides how it grows with the widths.
    package enum Operation: String, Sendable, Codable, CaseIterable {
        /// Grows with the product of both widths; also transposed and grouped convolutions.
        case convolution
        /// Grows with the channels.
        case depthwiseConvolution = "depthwise-convolution"
        /// Grows with the product of both widths.
        case dense
        case pooling
        case normalization
        /// Activations, additions, multiplications.
        case elementWise = "element-wise"
        /// Input and recurrent kernels: grows with (inputs + outputs) × outputs.
        case recurrent
        /// Projections: grows with the product of both widths.
        case attention
        /// Concatenations, paddings, crops, copies.
        case dataMovement = "data-movement"
        case other
    }

    /// The layer's name, for breakdowns.
    package var name: String
    package var operation: Operation
    /// Kernel or pooling window; empty for layers without one.
    package var kernel: Window
    package var stride: Window
    /// Output positions (pixels, time steps), times how often a shared layer runs.
    package var positions: Int
    /// Multiply-adds per pair of input and output channel at one position; the window's size.
    package var taps: Int
    package var inputChannels: Int
    package var outputChannels: Int
    /// Groups of a convolution; 1 for everything else.
    package var groups: Int
    package var multiplyAdds: Int
    package var parameterBytes: Int
    package var inputBytes: Int
    package var outputBytes: Int
    /// Whether the runtime does this layer's work inside its producer (a normalisation or activation
    /// right after a convolution, a reshape that moves nothing): it then costs nothing of its own.
    package var isFused: Bool

    package init(
        name: String, operation: Operation, kernel: Window = Window(), stride: Window = Window(),
        positions: Int = 1, taps: Int = 1, inputChannels: Int, outputChannels: Int,
        groups: Int = 1, multiplyAdds: Int = 0, parameterBytes: Int = 0, inputBytes: Int = 0,
        outputBytes: Int = 0, isFused: Bool = false
    ) {
        self.name = name
        self.operation = operation
        self.kernel = kernel
        self.stride = stride
        self.positions = positions
        self.taps = taps
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.groups = groups
        self.multiplyAdds = multiplyAdds
        self.parameterBytes = parameterBytes
        self.inputBytes = inputBytes
        self.outputBytes = outputBytes
        self.isFused = isFused
    }
}

extension LayerWorkload: Codable {
    enum CodingKeys: String, CodingKey {
        case name, operation, kernel, stride, positions, taps, groups
        case inputChannels = "input-channels"
        case outputChannels = "output-channels"
        case multiplyAdds = "multiply-adds"
        case parameterBytes = "parameter-bytes"
        case inputBytes = "input-bytes"
        case outputBytes = "output-bytes"
        case isFused = "fused"
    }

    /// - Throws: `DecodingError` for missing keys and for negative numbers.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        operation = try container.decode(Operation.self, forKey: .operation)
        kernel = try container.decode(Window.self, forKey: .kernel)
        stride = try container.decode(Window.self, forKey: .stride)
        positions = try container.decodeCount(forKey: .positions)
        taps = try container.decodeCount(forKey: .taps)
        inputChannels = try container.decodeCount(forKey: .inputChannels)
        outputChannels = try container.decodeCount(forKey: .outputChannels)
        groups = try container.decodeCount(forKey: .groups)
        multiplyAdds = try container.decodeCount(forKey: .multiplyAdds)
        parameterBytes = try container.decodeCount(forKey: .parameterBytes)
        inputBytes = try container.decodeCount(forKey: .inputBytes)
        outputBytes = try container.decodeCount(forKey: .outputBytes)
        isFused = try container.decode(Bool.self, forKey: .isFused)
    }
}

extension KeyedDecodingContainer {
    /// An integer that counts something, so at least zero.
    func decodeCount(forKey key: Key) throws -> Int {
        let value = try decode(Int.self, forKey: key)
        guard value >= 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "\(key.stringValue) is negative: \(value)")
        }
        return value
    }
}
